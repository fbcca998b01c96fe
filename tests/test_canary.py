"""A question is never written down: whatever is asked, no log and no file of ours has its words."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant.settings import ROOT

CANARY = "quuxbramble"
ORDINARY = f"what is clonazepam used for, {CANARY}?"
URGENT = f"i want to kill myself {CANARY}"
TOO_LONG = f"{CANARY} " * 300
FAILING = f"break {CANARY}"
COMMANDS = """
import logging, sys
logging.basicConfig(level=logging.DEBUG)
logging.getLogger("any").debug("whatever is logged is seen")
from assistant.cli import main
main(sys.argv[1:], prog_name="assistant")
"""
SERVER = """
import logging
logging.basicConfig(level=logging.DEBUG)
from assistant.serving import open_live
from assistant.settings import read_settings
from assistant.web.server import serve
from assistant.web.turns import Around

class Breaking(Around):
    def ask(self, question, about=()):
        if "break" in question:
            raise RuntimeError(f"cannot answer {question}")
        return self._assistant.ask(question, about)

settings = read_settings()
live = open_live(settings, None, print)
serve(Breaking(live), settings, live.health, live)
"""
SECONDS_TO_START = 120
ASKING = 3
"""The number of the event that asks, after the three that start the page."""


@pytest.fixture
def folder(tmp_path: Path, real_index_dir: Path) -> Path:
    """Everything that a child process can write to: index, temporary files, home and working directory."""
    shutil.copytree(real_index_dir, tmp_path / "index")
    for name in ("temporary", "home", "working"):
        (tmp_path / name).mkdir()
    return tmp_path


def surroundings(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GRADIO", "XDG"))}
    temporary = str(folder / "temporary")
    return {
        **kept,
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), temporary),
        "HOME": str(folder / "home"),
        "PYTHONPATH": str(ROOT),
        "ASSISTANT_INDEX_DIR": str(folder / "index"),
        **more,
    }


def with_canary(folder: Path) -> list[Path]:
    """The files under `folder` whose name or content has the canary."""
    return [
        path
        for path in folder.rglob("*")
        if CANARY in path.name or (path.is_file() and CANARY.encode() in path.read_bytes())
    ]


def ask(folder: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", COMMANDS, "ask", *arguments],
        cwd=folder / "working",
        env=surroundings(folder),
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_search_for_the_canary_finds_it(tmp_path: Path) -> None:
    assert with_canary(tmp_path) == []
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "log.txt").write_bytes(b"\x00asked: " + CANARY.encode())
    (tmp_path / f"{CANARY}.txt").touch()
    assert len(with_canary(tmp_path)) == 2


def test_the_command_line_writes_no_question_down(folder: Path) -> None:
    done = ask(folder, "--batch", "-", typed="\n".join([ORDINARY, URGENT, TOO_LONG, FAILING]))
    assert done.returncode == 2
    assert "DEBUG" in done.stderr
    assert CANARY not in done.stderr
    replies = [json.loads(line) for line in done.stdout.splitlines()]
    assert [reply.get("kind", "error") for reply in replies][1:3] == ["URGENT", "error"]
    for reply in replies:
        # A reply may say the question back to who asked it, and what the articles do not mention.
        reply.pop("question", None)
        reply["notices"] = [each for each in reply.get("notices", ()) if each["id"] != "missing"]
        assert CANARY not in json.dumps(reply)
    assert with_canary(folder) == []


@pytest.mark.parametrize(("question", "status"), [(URGENT, 0), (ORDINARY, 2)])
def test_a_card_and_an_error_do_not_quote_the_question(folder: Path, question: str, status: int) -> None:
    (folder / "index" / "CURRENT").write_text("nowhere")
    done = ask(folder, question)
    assert done.returncode == status
    assert CANARY not in done.stdout + done.stderr
    assert with_canary(folder) == []


def test_the_web_chat_writes_no_question_down(folder: Path) -> None:
    for url in served(folder):
        assert "You asked" in web_reply(url, ORDINARY)
        assert "card" in web_reply(url, URGENT)
        assert "at most 1,000 can be read" in web_reply(url, TOO_LONG)
        assert "went wrong on our side" in web_reply(url, FAILING)
    output = (folder / "output.txt").read_text(encoding="utf-8")
    assert "RuntimeError while answering" in output
    assert "DEBUG" in output
    assert with_canary(folder) == []


def served(folder: Path) -> Iterator[str]:
    """The address of the chat while it is served; what it prints goes to `output.txt`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = surroundings(folder, ASSISTANT_PORT=str(port))
    with (folder / "output.txt").open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            cwd=folder / "working",
            env=environment,
            stdout=output,
            stderr=output,
        )
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}/", process)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_until_healthy(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"{url}healthz").raise_for_status()
            return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail("the chat did not start")


def web_reply(url: str, question: str) -> str:
    """What the page gets back when the question is sent from its box, as its script asks for it."""
    session = {"session_hash": f"s{abs(hash(question))}"}
    call = {"data": [question, None, ""], "fn_index": ASKING, "trigger_id": None, **session}
    httpx.post(f"{url}gradio_api/queue/join", json=call).raise_for_status()
    return httpx.get(f"{url}gradio_api/queue/data", params=session, timeout=60).text
