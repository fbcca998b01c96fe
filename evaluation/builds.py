"""Indexes built one after the other by a process of low priority, for benchmarks of what else runs meanwhile."""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.settings import ROOT

_SECONDS_BETWEEN_LOOKS = 0.1


@contextmanager
def building() -> Iterator[None]:
    """Builds the articles of the settings from nothing, each time into a folder of its own, as the README says to
    beside a server.

    Raises `SystemExit` if a build fails.
    """
    over, failed = threading.Event(), threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        thread = threading.Thread(target=_build_on, args=(Path(folder), over, failed))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
    if failed.is_set():
        raise SystemExit("The index cannot be built: try python -m assistant build.")


def _build_on(folder: Path, over: threading.Event, failed: threading.Event) -> None:
    build = _start(folder)
    while not over.wait(_SECONDS_BETWEEN_LOOKS):
        if build.poll() is None:
            continue
        if build.returncode:
            failed.set()
            return
        build = _start(folder)
    build.terminate()
    build.wait()


def _start(folder: Path) -> subprocess.Popen[bytes]:
    place = Path(tempfile.mkdtemp(dir=folder)) / "index"
    return subprocess.Popen(
        ["nice", "-n", "19", sys.executable, "-m", "assistant", "build"],
        cwd=ROOT,
        env={**os.environ, "ASSISTANT_INDEX_DIR": str(place)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
