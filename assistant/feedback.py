"""What visitors say of replies: kept in one file, a JSON object a line, only where the operator wants it."""

import hashlib
import json
import os
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from enum import Enum
from pathlib import Path

from assistant.types import Answer

MOST_BYTES = 20_000_000
"""A larger file takes no more: nobody reads so much, and a visitor must not be able to fill the disk."""


class Verdict(str, Enum):
    """What can be said of a reply; the values are those in the file."""

    HELPED = "helped"
    WRONG_PASSAGE = "wrong_passage"
    NOT_ANSWERED = "not_answered"


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a reply is kept: the question, its kind and the ids of the passages shown, best first."""

    question: str
    kind: str
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Feedback:
    """One thing said of one reply. `time` is UTC, to the second. There is no field for who said it."""

    question: str
    kind: str
    passages: tuple[str, ...]
    verdict: Verdict
    time: str

    @property
    def feedback_id(self) -> str:
        """The same for the same words at the same time."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:12]


class FeedbackFile:
    """Feedback as it comes, oldest first. Lines are only ever added."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def add(self, shown: Shown, verdict: Verdict) -> bool:
        """Adds what was said at this moment; whether there was room. Raises `OSError`."""
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        line = json.dumps({**asdict(shown), "verdict": verdict.value, "time": now}) + "\n"
        with self._lock:
            # Questions are private: only this user may read them.
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "a", encoding="ascii") as file:
                if file.tell() + len(line) > MOST_BYTES:
                    return False
                file.write(line)
                return True

    def read(self) -> Sequence[Feedback]:
        """Everything said so far; a line that a full disk cut off is passed over."""
        if not self._path.exists():
            return []
        return [entry for line in self._path.read_text("ascii").splitlines() if (entry := _entry(line))]


def shown_of(answer: Answer) -> Shown:
    """What of a reply is kept."""
    return Shown(answer.question, answer.kind.value, tuple(hit.passage.passage_id for hit in answer.hits))


def _entry(line: str) -> Feedback | None:
    try:
        row = json.loads(line)
        verdict = Verdict(row["verdict"])
        return Feedback(row["question"], row["kind"], tuple(row["passages"]), verdict, row["time"])
    except (ValueError, KeyError, TypeError):
        return None
