"""Parses one document in a child process that can be killed, and tells what came of it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from assistant.errors import DocumentRefusedError
from assistant.ingest import limits
from assistant.ingest.child import OUT_OF_MEMORY
from assistant.ingest.kinds import check_kind
from assistant.ingest.refusals import refused
from assistant.ingest.types import Canonical, Dropped

_ROOT = Path(__file__).resolve().parents[2]


def parse(kind: str, raw: bytes, encoding: str = "") -> Canonical:
    """The canonical text of a document of this kind. Raises `DocumentRefusedError`."""
    if len(raw) > limits.MOST_BYTES:
        raise refused("too large", f"more than {limits.MOST_BYTES // limits.MIB} MiB")
    check_kind(kind, raw)
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(raw)
        given.seek(0)
        status = _run(kind, encoding, given, said)
        said.seek(0)
        return _understand(status, said.read(limits.MOST_OUTPUT))


def _run(kind: str, encoding: str, given: IO[bytes], said: IO[bytes]) -> int | None:
    """The exit status; None if it had to be killed for taking too long."""
    command = [sys.executable, "-m", "assistant.ingest.child", kind, encoding]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        command,
        stdin=given,
        stdout=said,
        stderr=subprocess.DEVNULL,
        env=environment,
        # Else Python would look for its modules among the documents first.
        cwd=_ROOT,
        start_new_session=True,
    ) as child:
        try:
            return child.wait(limits.WALL_SECONDS)
        except subprocess.TimeoutExpired:
            return None
        finally:
            child.kill()


def _understand(status: int | None, said: bytes) -> Canonical:
    if status is None:
        raise refused("costly", f"more than {limits.WALL_SECONDS} seconds")
    if status == OUT_OF_MEMORY:
        raise refused("costly", f"more than {limits.MEMORY // limits.MIB} MiB of memory")
    if status in (-signal.SIGKILL, -signal.SIGXCPU):
        raise refused("costly", f"more than {limits.CPU_SECONDS} seconds of computing")
    if status:
        raise refused("costly", f"its reader was stopped, status {status}")
    answer = json.loads(said)
    if "refused" in answer:
        raise DocumentRefusedError(answer["message"], answer["refused"])
    answer["dropped"] = tuple(Dropped(**each) for each in answer["dropped"])
    return Canonical(**answer)
