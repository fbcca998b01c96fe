"""The command line as a person meets it: output, one-line errors, exit status."""

import json
import os
import subprocess
import sys

import pytest

from assistant.messages import DISCLAIMER
from assistant.settings import ROOT
from tests.conftest import ARTICLE, write_corpus

KEYS = ["question", "kind", "notices", "hits", "disclaimer", "build_id", "version"]
HIT_KEYS = ["rank", "score", "doc_id", "title", "heading", "start", "end", "text", "highlight", "source"]


def run(*arguments, given=None, **environment):
    return subprocess.run(
        [sys.executable, "-m", "assistant", *arguments],
        cwd=ROOT,
        input=given,
        env={**os.environ, **{key: str(value) for key, value in environment.items()}},
        capture_output=True,
        check=False,
    )


@pytest.fixture
def asked(real_index_dir):
    def ask(*arguments, given=None):
        return run("ask", *arguments, given=given, ASSISTANT_INDEX_DIR=real_index_dir)

    return ask


def test_ask_prints_the_exact_passage_and_the_disclaimer_once(asked, real_assistant):
    result = asked("What is clonazepam used for?")
    text = result.stdout.decode()
    assert result.returncode == 0
    assert "primarily used to treat certain seizure disorders and panic disorders" in text
    for hit in real_assistant.ask("What is clonazepam used for?").hits:
        assert f"\n\n{hit.passage.text}\n\n" in text
    assert text.count(DISCLAIMER) == 1
    assert "Publisher: not stated" in text


def test_json_contract(asked):
    printed = asked("side effects", "--json").stdout.decode()
    answer = json.loads(printed)
    assert printed.count(DISCLAIMER) == 1
    article = (ROOT / "corpus/articles/clonazepam-2mg.txt").read_text(encoding="utf-8")
    assert list(answer) == KEYS
    assert answer["disclaimer"] == DISCLAIMER
    assert [hit["rank"] for hit in answer["hits"]] == [1, 2, 3]
    for hit in answer["hits"]:
        assert list(hit) == HIT_KEYS
        assert article[hit["start"] : hit["end"]] == hit["text"]
        assert hit["start"] <= hit["highlight"]["start"] < hit["highlight"]["end"] <= hit["end"]
        assert list(hit["source"]) == ["publisher", "url", "licence", "reviewed", "sha256"]
    assert "drowsiness, ataxia, and fatigue" in answer["hits"][0]["text"]


def test_equal_json_from_two_processes(asked):
    first, second = (asked("how does it work in the brain", "--json").stdout for _ in range(2))
    assert first == second
    assert b"GABA" in first


def test_batch(asked):
    lines = 'side effects\n\n{"q": "side effects", "id": 7, "tags": ["a"]}\n{"q": 5, "id": 8}\n[1]\n'
    result = asked("--batch", "-", given=lines.encode())
    plain, tagged, wrong, listed = map(json.loads, result.stdout.decode().splitlines())
    assert result.returncode == 2
    assert list(plain) == KEYS
    assert tagged == {"q": "side effects", "id": 7, "tags": ["a"], **plain}
    assert wrong == {"q": 5, "id": 8, "error": "A question must be text, not int."}
    assert listed["question"] == "[1]"
    assert result.stderr.decode().splitlines() == [
        "Error: 1 question(s) could not be answered; see their error fields."
    ]


def test_batch_of_text_that_is_not_utf8(asked):
    result = asked("--batch", "-", given=b"caf\xe9\n")
    assert json.loads(result.stdout) == {"error": "The question is not valid Unicode text. Type it again."}
    assert result.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask", " "], "Error: The question is empty. Type a question."),
        (["ask", "x" * 1001], "Error: The question has 1,001 characters; at most 1,000 can be read."),
        (["ask"], "Error: Give either a QUESTION or --batch FILE."),
        (["ask", "why", "--batch", "-"], "Error: Give either a QUESTION or --batch FILE."),
        (["tell"], "Error: No such command 'tell'."),
        (["serve", "--port", "0"], "Error: Settings cannot be used: ASSISTANT_PORT: "),
    ],
)
def test_expected_errors_are_one_line_and_exit_2(real_index_dir, arguments, words):
    result = run(*arguments, ASSISTANT_INDEX_DIR=real_index_dir)
    assert result.returncode == 2
    assert result.stdout == b""
    assert result.stderr.decode().splitlines()[-1].startswith(words)
    assert "Traceback" not in result.stderr.decode()


def test_no_index(tmp_path):
    result = run("ask", "why", ASSISTANT_INDEX_DIR=tmp_path / "none")
    assert result.returncode == 2
    assert result.stderr.decode().startswith("Error: There is no index in ")
    assert "python -m assistant build" in result.stderr.decode()


def test_help_reads_well():
    text = run("--help").stdout.decode()
    assert "Ask trusted articles a question and get their own words, word for word." in text
    assert all(command in text for command in ["ask ", "build ", "check ", "serve "])


def test_build_check_change_check(tmp_path):
    corpus = write_corpus(tmp_path / "corpus", {"little": ARTICLE})
    places = {"ASSISTANT_CORPUS_DIR": corpus, "ASSISTANT_INDEX_DIR": tmp_path / "index"}

    built = run("build", **places)
    assert built.returncode == 0
    assert built.stdout.decode().splitlines()[0].endswith(": 1 article(s), 2 passages.")
    assert built.stdout.decode().splitlines()[1:] == [
        "  articles: 1 added, 0 changed, 0 removed, 0 unchanged",
        "  passages: 2 added, 0 changed, 0 removed, 0 unchanged",
        "  vectors: 7 made anew, 0 taken over",
        "  topics: 0 passages read anew, 0 taken over",
        "0 of 2 passages have topics; build --topics lists them.",
    ]
    # The progress bar is for terminals.
    assert built.stderr == b""
    assert run("build", **places).stdout.decode().startswith("Nothing changed")

    checked = run("check", **places)
    assert (checked.returncode, checked.stdout) == (0, b"All 2 passages of 1 article(s) are exact.\n")

    article = corpus / "articles/little.txt"
    article.write_text(ARTICLE.replace("given for fits", "given for FITS"))
    checked = run("check", **places)
    assert checked.returncode == 1
    assert "little:22-" in checked.stderr.decode()
    assert "+It is given for FITS." in checked.stderr.decode()

    asked = run("ask", "fits", **places)
    assert asked.returncode == 2
    assert "is not the text that was accepted" in asked.stderr.decode()

    write_corpus(corpus, {"little": article.read_text()})
    asked = run("ask", "fits", **places)
    assert asked.returncode == 2
    assert "The index is stale" in asked.stderr.decode()
