"""The frozen types that pass between the parts.

All offsets are half-open and count Python characters (Unicode code points) of the article's file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from assistant.messages import DISCLAIMER


class Span(NamedTuple):
    """`text[start:end]` of an article."""

    start: int
    end: int


class AnswerKind(str, Enum):
    """What a reply is; the values are part of the JSON contract."""

    FOUND = "FOUND"
    RELATED = "RELATED"
    NOT_COVERED = "NOT_COVERED"
    NOT_FOUND = "NOT_FOUND"
    URGENT = "URGENT"


@dataclass(frozen=True, slots=True)
class Source:
    """Where an article comes from; what is not known is the word `unknown`."""

    publisher: str
    url: str
    licence: str
    reviewed: str
    sha256: str


@dataclass(frozen=True, slots=True)
class CuratedQuestion:
    """A question that an editor has judged: answered by `quote` of the article, or not at all (None).

    `missing` says in a few words what the article does not say; empty if it is answered.
    """

    text: str
    quote: Span | None
    missing: str = ""

    def __post_init__(self) -> None:
        if not self.text or (self.quote is None) != bool(self.missing):
            raise ValueError(f"a curated question has either a quote or what is missing: {self.text!r}")


@dataclass(frozen=True, slots=True)
class TopicLabels:
    """An editor's word on the topics of the passage that holds `quote`; it overrules what is recognised."""

    quote: Span
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One trusted article: its text exactly as given, and what is known of it."""

    doc_id: str
    title: str
    text: str
    source: Source
    subjects: tuple[str, ...] = ()
    skipped: tuple[Span, ...] = ()
    examples: tuple[str, ...] = ()
    """Questions that the article is known to answer, to show to visitors."""
    curated: tuple[CuratedQuestion, ...] = ()
    domain: str = ""
    """`medicine` or `condition`: whose topics are looked for. Empty: told from subjects and title."""
    labels: tuple[TopicLabels, ...] = ()

    def __post_init__(self) -> None:
        if not self.doc_id or not self.title:
            raise ValueError("a document needs an id and a title")
        last = 0
        for start, end in self.skipped:
            if not last <= start < end <= len(self.text):
                raise ValueError(f"skipped spans must be in order and inside the text: {self.skipped}")
            last = end


@dataclass(frozen=True, slots=True)
class Passage:
    """An exact slice of an article: `document.text[start:end] == text`.

    `heading` (empty if none) helps the encoder and the reader's eye; it is never part of `text`.
    `sentences` are in order, do not overlap, and lie inside the passage. `topics` are the ids of what it
    speaks of, known once it is indexed.
    """

    doc_id: str
    start: int
    end: int
    text: str
    heading: str
    sentences: tuple[Span, ...]
    topics: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or self.end - self.start != len(self.text):
            raise ValueError(f"{self.passage_id}: offsets do not fit a text of {len(self.text)} characters")
        last = self.start
        for start, end in self.sentences:
            if not last <= start < end <= self.end:
                raise ValueError(f"{self.passage_id}: sentence {start}-{end} is out of place")
            last = end
        if not self.sentences:
            raise ValueError(f"{self.passage_id}: a passage has at least one sentence")

    @property
    def passage_id(self) -> str:
        """`doc_id:start-end`."""
        return f"{self.doc_id}:{self.start}-{self.end}"

    def sentence_texts(self) -> list[str]:
        """The words of each sentence."""
        return [self.text[start - self.start : end - self.start] for start, end in self.sentences]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage shown for a question. `rank` counts from 1; a larger `score` is stronger evidence.

    `highlight` is the best sentence: offsets in the article, inside the passage.
    """

    passage: Passage
    title: str
    source: Source
    score: float
    rank: int
    highlight: Span

    def __post_init__(self) -> None:
        if not self.passage.start <= self.highlight.start < self.highlight.end <= self.passage.end:
            raise ValueError(f"{self.passage.passage_id}: the highlight lies outside the passage")


@dataclass(frozen=True, slots=True)
class Notice:
    """Fixed words shown before the passages.

    `text` says everything. For an urgent card its first line is `heading` and its last lines are the
    `contacts`, one each: (label, number), the number empty where only the reader can know it.
    """

    id: str
    text: str
    heading: str = ""
    contacts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply to one question. The disclaimer is no argument: nobody can drop or alter it.

    `build_id` names the one index generation the reply came from (empty if none was needed).
    `about` are the subjects asked about; given back with the next question, they are kept if it names none.
    `why` gives the `signals`; most replies are shown without them.
    """

    question: str
    kind: AnswerKind
    notices: tuple[Notice, ...] = ()
    hits: tuple[Hit, ...] = ()
    build_id: str = ""
    about: tuple[str, ...] = ()
    why: Callable[[], Mapping[str, object]] = field(default=dict, compare=False, repr=False)

    @property
    def disclaimer(self) -> str:
        """The fixed medical disclaimer, the same in every reply."""
        return DISCLAIMER

    @property
    def signals(self) -> Mapping[str, object]:
        """Why the reply is what it is, for scripts and `ask --explain`; not part of the JSON contract."""
        return self.why()
