"""Questions and what is right for them.

Judgements are spans of articles, so that splitting them anew keeps the judgements valid.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from assistant.corpus import Corpus
from assistant.types import Passage
from evaluation.splits import Half

Part = Half | Literal["all"]
"""Which part of a set a question is in; sets that are not split have the one part `all`."""


class Role(str, Enum):
    """What kind of question it is."""

    ANSWERABLE = "answerable"
    UNANSWERABLE = "unanswerable"
    OTHER_SUBJECT = "other_subject"
    FALSE_PREMISE = "false_premise"
    FOLLOWUP = "followup"


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """`text[start:end]` of an article answers the question; a higher `grade` is a better answer."""

    doc_id: str
    start: int
    end: int
    grade: int = 1

    def is_in(self, passage: Passage) -> bool:
        """Whether the passage holds at least half of the span."""
        if passage.doc_id != self.doc_id:
            return False
        shared = min(self.end, passage.end) - max(self.start, passage.start)
        return 2 * shared >= self.end - self.start


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a set. `group` names the collection to search; `history` holds the turns before it.

    `about` tells what the set says of the question besides (its style, what is missing, …).
    """

    question_id: str
    text: str
    role: Role
    part: Part = "all"
    group: str = ""
    gold: tuple[GoldSpan, ...] = ()
    history: tuple[str, ...] = ()
    about: Mapping[str, str] | None = None

    def relevant(self, passages: Iterable[Passage]) -> dict[str, int]:
        """The ids of the passages that answer it, each with its best grade."""
        grades: dict[str, int] = {}
        for passage in passages:
            found = [span.grade for span in self.gold if span.is_in(passage)]
            if found:
                grades[passage.passage_id] = max(found)
        return grades


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage of a set that comes ready cut: a document of its own, `domain` as in `Document`."""

    doc_id: str
    title: str
    text: str
    domain: str = ""


Collection = Corpus | Sequence[Entry]
"""What a question is asked of: articles that the engine splits itself, or passages ready cut."""


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions and the closed collections they are asked of, by group.

    `parts` are in the order reported; figures are quoted for the first. `sha256` is over the set's files.
    Only an `own` set's words may appear in reports. `unjudged` questions of the files were left out.
    """

    name: str
    questions: tuple[Question, ...]
    collections: Mapping[str, Collection]
    parts: tuple[Part, ...]
    own: bool
    sha256: str
    unjudged: int = 0
