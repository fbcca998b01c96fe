"""What visitors say is kept line by line, listed, and made into evaluation questions by a person."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from assistant import feedback
from assistant.cli import main
from assistant.feedback import FeedbackFile, Shown, Verdict
from tests.conftest import ARTICLE

GOOD = Shown("what is it for?", "FOUND", ("little:22-43",))
BAD = Shown("how do I \u202estore it\n", "RELATED", ())


@pytest.fixture
def kept(tmp_path: Path, corpus_dir: Path, monkeypatch: pytest.MonkeyPatch) -> FeedbackFile:
    path = tmp_path / "feedback.jsonl"
    monkeypatch.setenv("ASSISTANT_FEEDBACK_FILE", str(path))
    monkeypatch.setenv("ASSISTANT_CORPUS_DIR", str(corpus_dir))
    return FeedbackFile(path)


def run(*arguments: str, typed: str = "") -> str:
    result = CliRunner().invoke(main, ["feedback", *arguments], input=typed)
    assert result.exit_code == 0, result.output
    return result.output


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_what_is_added_is_read_back_and_only_its_owner_may(kept: FeedbackFile, tmp_path: Path) -> None:
    assert kept.read() == []
    assert kept.add(GOOD, Verdict.HELPED)
    assert kept.add(BAD, Verdict.NOT_ANSWERED)
    first, second = kept.read()
    assert (first.question, first.kind, first.passages, first.verdict) == (*vars_of(GOOD), Verdict.HELPED)
    assert (second.question, second.passages) == (BAD.question, ())
    assert (tmp_path / "feedback.jsonl").stat().st_mode & 0o777 == 0o600


def vars_of(shown: Shown) -> tuple[str, str, tuple[str, ...]]:
    return shown.question, shown.kind, shown.passages


def test_a_full_file_takes_no_more(kept: FeedbackFile, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.add(GOOD, Verdict.HELPED)
    monkeypatch.setattr(feedback, "MOST_BYTES", 300)
    assert kept.add(GOOD, Verdict.HELPED)
    assert not kept.add(GOOD, Verdict.HELPED)
    assert len(kept.read()) == 2


@pytest.mark.parametrize("line", ["", "{", "[]", "null", '{"question": "x"}', '{"verdict": "nonsense"}'])
def test_a_damaged_line_is_passed_over(kept: FeedbackFile, tmp_path: Path, line: str) -> None:
    kept.add(GOOD, Verdict.HELPED)
    with (tmp_path / "feedback.jsonl").open("a") as file:
        file.write(line + "\n")
    kept.add(BAD, Verdict.NOT_ANSWERED)
    assert len(kept.read()) == 2


def test_it_is_listed(kept: FeedbackFile) -> None:
    kept.add(GOOD, Verdict.HELPED)
    output = run()
    assert "helped  FOUND  little:22-43\n    what is it for?\n" in output


def test_a_person_accepts_or_rejects_each_and_is_asked_once(kept: FeedbackFile, tmp_path: Path) -> None:
    for shown, verdict in ((GOOD, Verdict.HELPED), (BAD, Verdict.NOT_ANSWERED), (BAD, Verdict.WRONG_PASSAGE)):
        kept.add(shown, verdict)
    folder = tmp_path / "set"
    # Accept the passage shown; accept with words that are in no article, then none; reject.
    output = run("--review", "--set", str(folder), typed="y\n\ny\nnot there\n\nstorage\nn\n")
    assert "Not in any article" in output
    [answerable] = rows(folder / "answerable.jsonl")
    assert answerable["q"] == GOOD.question
    assert answerable["gold"] == [ARTICLE[22:43]]
    [unanswerable] = rows(folder / "unanswerable.jsonl")
    assert (unanswerable["q"], unanswerable["missing"]) == (BAD.question, "storage")
    assert run("--review", "--set", str(folder)) == ""
