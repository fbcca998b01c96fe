"""Plain text: kept as it is. Only line ends, and blanks at the ends of lines, become ordinary."""

from assistant.ingest.decoding import decode
from assistant.ingest.types import Canonical

_LONGEST_TITLE = 150


def read_text(raw: bytes, encoding: str = "") -> Canonical:
    """The text, its first line the title if a blank line follows it. Raises `DocumentRefusedError`."""
    lines = [line.rstrip(" \t") for line in decode(raw, encoding).split("\n")]
    text = "\n".join(lines).strip("\n") + "\n"
    first, _, rest = text.partition("\n")
    is_title = len(first) <= _LONGEST_TITLE and rest.startswith("\n")
    return Canonical(text, first.strip() if is_title else "")
