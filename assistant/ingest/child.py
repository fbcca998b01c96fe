"""The child process that parses one document: bytes on stdin, JSON on stdout, and no more than its limits."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict

from assistant.errors import DocumentRefusedError
from assistant.ingest import limits
from assistant.ingest.finishing import finish
from assistant.ingest.types import Canonical

OUT_OF_MEMORY = 3


def main(kind: str, encoding: str) -> None:
    """Reads, parses, answers."""
    _limit()
    raw = sys.stdin.buffer.read()
    try:
        answer = asdict(finish(_reader(kind)(raw, encoding)))
    except DocumentRefusedError as error:
        answer = {"refused": error.reason, "message": str(error)}
    except MemoryError:
        # Nothing that needs memory may follow.
        sys.exit(OUT_OF_MEMORY)
    except Exception as error:  # noqa: BLE001
        # A parser that trips over a bad file is the file's fault as far as a person can tell.
        answer = {"refused": "broken", "message": f"it is damaged ({type(error).__name__}: {error})"[:500]}
    sys.stdout.write(json.dumps(answer, ensure_ascii=True))


def _reader(kind: str) -> Callable[[bytes, str], Canonical]:
    if kind == "text":
        from assistant.ingest.plain import read_text as read
    elif kind == "markdown":
        from assistant.ingest.markdown import read_markdown as read
    elif kind == "html":
        from assistant.ingest.html import read_html as read
    elif kind == "docx":
        from assistant.ingest.docx import read_docx as read
    else:
        from assistant.ingest.pdf import read_pdf as read
    return read


def _limit() -> None:
    try:
        import resource
    except ImportError:
        # Windows has no such limits; the time limit of the parent still holds.
        return
    for which, amount in (
        (resource.RLIMIT_AS, limits.MEMORY),
        (resource.RLIMIT_CPU, limits.CPU_SECONDS),
        (resource.RLIMIT_FSIZE, limits.MOST_OUTPUT),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(which, (amount, amount))


if __name__ == "__main__":
    main(*sys.argv[1:])
