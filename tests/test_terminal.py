"""What a person in a terminal sees and is asked, on a real one; and that a script is never asked."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import IO

import pytest

from assistant.corpus import read_corpus
from assistant.settings import ROOT
from tests.conftest import ARTICLE, write_corpus
from tests.test_cli import run

_LONGEST_WAIT = 120
# The terminal becomes the process's own, so that Ctrl+C reaches it.
TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
GLUED = (
    "Pills for you\n\n"
    "Uses and MoreSertraline is used for low mood. Sertraline is sold as Zoloft. Sertraline helps.\n"
)


@pytest.fixture(scope="module", autouse=True)
def interrupts_are_heard() -> Iterator[None]:
    """What a script starts in the background ignores Ctrl+C, and so does all that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def places(folder: Path) -> dict[str, str]:
    return {"ASSISTANT_CORPUS_DIR": str(folder / "corpus"), "ASSISTANT_INDEX_DIR": str(folder / "index")}


def in_terminal(
    arguments: Sequence[str], folder: Path, answers: Sequence[tuple[str, str]] = ()
) -> tuple[int, str]:
    """Exit status and screen of a command in a terminal; each answer is typed once its prompt is seen."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    command = [sys.executable, "-c", TAKE_TERMINAL, sys.executable, "-m", "assistant", *arguments]
    environment = {**os.environ, **places(folder), "TERM": "xterm"}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        screen, left = "", list(answers)
        while True:
            try:
                read = os.read(ours, 4096)
            except OSError:
                # Linux says so when the other end is closed.
                break
            screen += read.decode(errors="replace")
            if left and left[0][0] in screen.rpartition("\n")[2]:
                os.write(ours, left.pop(0)[1].encode())
        os.close(ours)
    assert left == [], f"never asked: {left}\n{screen}"
    return process.returncode, screen.replace("\r\n", "\n")


class TestAdding:
    @pytest.fixture
    def pills(self, tmp_path: Path) -> str:
        (tmp_path / "pills.txt").write_text(GLUED)
        return str(tmp_path / "pills.txt")

    def test_a_person_is_asked_for_title_subjects_and_each_skip(self, tmp_path: Path, pills: str) -> None:
        answers = [
            ("Title [Pills for you]:", "Our pills\n"),
            ("About (", "Zoloft, low mood\n"),
            ("[Y/n]:", "y\n"),
        ]
        status, screen = in_terminal(["add", pills], tmp_path, answers)
        assert status == 0
        assert "Looks like a caption glued to a sentence: 'Uses and More'. Never show it? [Y/n]:" in screen
        [document] = read_corpus(tmp_path / "corpus").documents
        assert (document.title, document.subjects) == ("Our pills", ("Zoloft", "low mood"))
        assert [document.text[span.start : span.end] for span in document.skipped] == ["Uses and More"]

    def test_what_is_proposed_is_taken_by_pressing_enter_and_no_is_no(
        self, tmp_path: Path, pills: str
    ) -> None:
        status, _ = in_terminal(
            ["add", pills], tmp_path, [("Title", "\n"), ("About", "\n"), ("[Y/n]", "n\n")]
        )
        assert status == 0
        [document] = read_corpus(tmp_path / "corpus").documents
        assert (document.title, document.subjects) == ("Pills for you", ("sertraline", "Zoloft"))
        assert document.skipped == ()

    def test_who_stops_at_a_question_has_changed_nothing(self, tmp_path: Path, pills: str) -> None:
        status, screen = in_terminal(["add", pills], tmp_path, [("Title", "\x03")])
        assert (status, "Aborted!" in screen) == (1, True)
        assert not (tmp_path / "corpus/sources.toml").exists()
        assert list((tmp_path / "corpus/articles").iterdir()) == []

    @pytest.mark.parametrize("option", ["--yes", "--json", "--accept-skips"])
    def test_options_that_answer_for_a_person(self, tmp_path: Path, pills: str, option: str) -> None:
        status, screen = in_terminal(["add", pills, option], tmp_path)
        assert (status, "[Y/n]" in screen) == (0, False)
        assert len(read_corpus(tmp_path / "corpus").documents[0].skipped) == (option == "--accept-skips")

    def test_a_folder_asks_nothing(self, tmp_path: Path, pills: str) -> None:
        (tmp_path / "folder").mkdir()
        Path(pills).rename(tmp_path / "folder/pills.txt")
        assert in_terminal(["add", str(tmp_path / "folder")], tmp_path)[0] == 0

    def test_without_a_terminal_nothing_is_asked(self, tmp_path: Path, pills: str) -> None:
        """A question would read from the empty input and fail."""
        result = run("add", pills, given=b"", **places(tmp_path))
        assert (result.returncode, result.stderr) == (0, b"")
        assert b"Title" not in result.stdout
        assert b'[[article.skipped]]\n    text = "Uses and More"\n' in result.stdout

    def test_a_terminal_for_the_output_alone_is_none(self, tmp_path: Path, pills: str) -> None:
        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "assistant", "add", pills]
        environment = {**os.environ, **places(tmp_path)}
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=theirs
        ) as process:
            os.close(theirs)
        os.close(ours)
        assert process.returncode == 0


@pytest.mark.parametrize(("answer", "status", "left"), [("y", 0, {"one"}), ("n", 1, {"one", "two"})])
def test_remove_asks_first(tmp_path: Path, answer: str, status: int, left: set[str]) -> None:
    write_corpus(tmp_path / "corpus", {"one": ARTICLE, "two": ARTICLE.replace("Little", "Other")})
    prompt = "Delete the text and the questions of two? [y/N]:"
    assert in_terminal(["remove", "two"], tmp_path, [(prompt, f"{answer}\n")])[0] == status
    assert {document.doc_id for document in read_corpus(tmp_path / "corpus").documents} == left


def test_a_report_of_failures_for_scripts(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(GLUED)
    (tmp_path / "page.txt").write_text("<!doctype html><p>Words</p>")
    (tmp_path / "twin.txt").write_text(GLUED)
    given = [str(tmp_path / name) for name in ("good.txt", "page.txt", "lost.txt", "twin.txt")]
    result = run("add", *given, "--json", **places(tmp_path))
    report = json.loads(result.stdout)
    assert (result.returncode, result.stderr) == (1, b"")
    assert report["counts"] == {"added": 1, "replaced": 0, "unchanged": 1, "refused": 2}
    assert [[each[key] for key in ("file", "status", "reason", "message")] for each in report["files"]] == [
        ["good.txt", "added", "", ""],
        [
            "page.txt",
            "refused",
            "wrong name",
            "it is not what its name says (it is HTML: name it .html)",
        ],
        ["lost.txt", "refused", "unreadable", "it cannot be read (No such file or directory)"],
        ["twin.txt", "unchanged", "", "already in the corpus as good"],
    ]
    assert report["files"][0]["proposed_skips"] == [
        {"text": "Uses and More", "why": "looks like a caption glued to a sentence"}
    ]
    assert run("add", given[1], given[2], "--json", **places(tmp_path)).returncode == 2
    assert run("add", given[0], given[3], "--json", **places(tmp_path)).returncode == 0


def test_a_build_shows_how_far_it_is_and_how_fast_in_a_terminal_only(tmp_path: Path) -> None:
    write_corpus(tmp_path / "corpus", {"little": ARTICLE})
    status, screen = in_terminal(["build"], tmp_path)
    assert status == 0
    # Done, of all; time taken, time left, passages a second.
    assert re.search(r"Building the index:   0%\|.*\| 0/2 \[00:00<\?, \? passages/s\]", screen)
    assert re.search(
        r"Building the index: 100%\|.*\| 2/2 \[\d\d:\d\d<00:00, +[\d.]+ ?(passages/s|s/ passages)\]", screen
    )
    write_corpus(tmp_path / "corpus", {"little": ARTICLE + "More words here.\n"})
    assert run("build", **places(tmp_path)).stderr == b""


COMPARE = """
import sys
from pathlib import Path
from assistant.cli import main
from evaluation import comparing
comparing.SETS_DIR = Path(sys.argv[1])
main(["build", "--compare"])
"""


def test_a_build_lists_the_questions_that_get_another_answer(tmp_path: Path) -> None:
    """The command itself, with the real encoder, over two questions instead of a thousand."""
    pills = "Sertraline\n\nUses\n\nSertraline is used for depression and for panic attacks in grown people.\n"
    sets = tmp_path / "sets/small"
    sets.mkdir(parents=True)
    asked = ["What is sertraline used for?", "What is warfarin used for?"]
    rows = [json.dumps({"id": f"a{number}", "q": text}) for number, text in enumerate(asked)]
    (sets / "answerable.jsonl").write_text("\n".join(rows))

    def compare() -> list[str]:
        command = [sys.executable, "-c", COMPARE, str(tmp_path / "sets")]
        environment = {**os.environ, **places(tmp_path)}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout.splitlines()

    write_corpus(tmp_path / "corpus", {"pills": pills}, subjects=["sertraline"])
    assert compare()[-2] == "  answers: there is no other index to compare with"
    other = pills.replace("depression and for panic attacks", "panic attacks and for depression")
    write_corpus(tmp_path / "corpus", {"pills": other}, subjects=["sertraline"])
    assert compare()[-3:-1] == [
        "  small/a0 'What is sertraline used for?': other passages after the first",
        "  answers: 1 of 2 questions get another answer",
    ]
    assert compare()[-2] == "  answers: there is no other index to compare with"


class Lines:
    """The lines that a process prints, as they come."""

    def __init__(self, stream: IO[str]) -> None:
        self._queue: Queue[str] = Queue()
        threading.Thread(target=lambda: [self._queue.put(line) for line in stream], daemon=True).start()

    def until(self, words: str) -> list[str]:
        """All lines up to the first that has these words."""
        lines, end = list[str](), time.monotonic() + _LONGEST_WAIT
        while not lines or words not in lines[-1]:
            try:
                lines.append(self._queue.get(timeout=max(0.1, end - time.monotonic())).rstrip("\n"))
            except Empty:
                raise AssertionError(f"{words!r} was never said, but: {lines}") from None
        return lines


@contextmanager
def watching(folder: Path) -> Iterator[tuple[subprocess.Popen[str], Lines]]:
    command = [sys.executable, "-m", "assistant", "build", "--watch"]
    environment = {**os.environ, **places(folder), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process, Lines(process.stdout)
        finally:
            process.kill()


HOLD = """
import sys
from pathlib import Path
from assistant.storage.locking import lock
with lock(Path(sys.argv[1])):
    print("holding", flush=True)
    sys.stdin.read()
"""


def test_a_watch_builds_whenever_the_articles_change_and_outlives_a_bad_one(tmp_path: Path) -> None:
    write_corpus(tmp_path / "corpus", {"little": ARTICLE})
    with watching(tmp_path) as (process, lines):
        first = lines.until("Watching")
        assert first[1] == "  articles: 1 added, 0 changed, 0 removed, 0 unchanged"

        (tmp_path / "second.txt").write_text(GLUED)
        assert run("add", str(tmp_path / "second.txt"), **places(tmp_path)).returncode == 0
        assert "  articles: 1 added, 0 changed, 0 removed, 1 unchanged" in lines.until("Watching")

        article = tmp_path / "corpus/articles/little.txt"
        article.write_text(ARTICLE.replace("fits", "FITS"))
        [error, _] = lines.until("Watching")
        assert error.startswith("Error: ")
        assert "is not the text that was accepted" in error

        article.write_text(ARTICLE)
        assert lines.until("Watching")[0].startswith("Nothing changed; the index is still ")

        hold = [sys.executable, "-c", HOLD, str(tmp_path / "index")]
        with subprocess.Popen(hold, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"holding\n"
            assert run("remove", "second", "--yes", **places(tmp_path)).returncode == 0
            assert "Another build is running" in lines.until("Another build")[-1]
        # Nothing changes any more, and yet it is built: three passages of which one goes needs --force.
        assert "1 of 3 passages would vanish" in lines.until("Watching")[-2]

        process.send_signal(signal.SIGINT)
        assert process.wait(_LONGEST_WAIT) in (0, 1, 130)
