"""What the words of all articles tell, gathered once when an index is built."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

_FILE = "wording.json"


@dataclass(frozen=True, slots=True)
class Wording:
    """`vocabulary`: every word, case-folded; `mentioned`: canonical names of every substance named;
    `conditions`: every medical condition named."""

    vocabulary: frozenset[str]
    mentioned: frozenset[str]
    conditions: frozenset[str]


def write_wording(folder: Path, wording: Wording) -> None:
    """Writes it as one file; raises `OSError`."""
    body = {name: sorted(words) for name, words in asdict(wording).items()}
    (folder / _FILE).write_text(json.dumps(body, indent=0) + "\n", encoding="ascii")


def read_wording(folder: Path) -> Wording:
    """What `write_wording` wrote. Raises `OSError`, or `ValueError` or `TypeError` if it is not that."""
    body = json.loads((folder / _FILE).read_text(encoding="ascii"))
    return Wording(**{name: frozenset(words) for name, words in body.items()})
