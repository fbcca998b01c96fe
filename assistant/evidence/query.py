"""A question made ready for search: spelling repaired, subjects recognised, lay words widened."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.evidence.coverage import Coverage, Gate
from assistant.evidence.lexical import Alternative, Unit, terms, terms_of_word
from assistant.language.drug_names import names
from assistant.language.entities import Entity
from assistant.language.lay_words import Expansion, expand
from assistant.language.repair import Change, Speller
from assistant.language.tokens import tokens
from assistant.storage.records import DocumentRecord
from assistant.storage.wording import Wording
from assistant.types import Span

_THE_SUBJECT = "this medicine"


@dataclass(frozen=True, slots=True)
class Query:
    """`text` is the question with its spelling repaired; `neutral` names no subject of the articles.

    `units` are the parts that lexical search looks for; `expansions` the lay words among them.
    """

    text: str
    neutral: str
    gate: Gate
    changes: tuple[Change, ...]
    expansions: tuple[Expansion, ...]
    units: tuple[Unit, ...]
    carried: bool = False
    """The subject was not named but kept from the question before."""

    @property
    def about(self) -> tuple[str, ...]:
        """Canonical names of what is asked about, covered or not."""
        return (*self.gate.covered, *(entity.canonical for entity in self.gate.uncovered))


class QueryReader:
    """Reads questions for one set of articles."""

    def __init__(self, documents: Iterable[DocumentRecord], wording: Wording) -> None:
        """`wording` is that of the articles."""
        self._coverage = Coverage(documents, wording)
        self._speller = Speller(self._coverage.vocabulary)

    @property
    def subjects(self) -> frozenset[str]:
        """Canonical names of what the articles are about."""
        return self._coverage.subjects

    def read(self, question: str, about: Sequence[str] = ()) -> Query:
        """The query for one question; `about` are the subjects it keeps if it names none."""
        repaired = self._speller.repair(question)
        entities = self._coverage.entities(repaired.text)
        subjects = self._subjects_among(entities)
        gate = self._gate(repaired.text, entities)
        carried = bool(about) and not (gate.covered or gate.uncovered)
        expansions = expand(repaired.text, self._coverage.vocabulary)
        return Query(
            text=repaired.text,
            neutral=neutral(repaired.text, subjects),
            gate=self._carried(", ".join(about)) if carried else gate,
            changes=repaired.changes,
            expansions=expansions,
            units=tuple(_units(repaired.text, expansions, [entity.span for entity in subjects])),
            carried=carried,
        )

    def neutral(self, question: str) -> str:
        """The question with its spelling repaired and without the names of the articles' subjects, as `read` has it."""
        repaired = self._speller.repair(question).text
        return neutral(repaired, self._subjects_among(self._coverage.entities(repaired)))

    def _gate(self, text: str, entities: Sequence[Entity]) -> Gate:
        # Articles without subjects, as in public question sets, have nothing to be gated by.
        return self._coverage.gate_of(text, entities) if self.subjects else Gate()

    def _carried(self, about: str) -> Gate:
        return self._gate(about, self._coverage.entities(about))

    def _subjects_among(self, entities: Iterable[Entity]) -> list[Entity]:
        subjects = self.subjects
        return [entity for entity in entities if entity.canonical in subjects]


def neutral(text: str, subjects: Iterable[Entity]) -> str:
    """`text` with each medicine's name replaced: within its own articles it tells no passage from another."""
    pieces, start = [], 0
    for entity in subjects:
        if entity.canonical in names().exact:
            pieces += [text[start : entity.span.start], _THE_SUBJECT]
            start = entity.span.end
    return "".join([*pieces, text[start:]])


def _units(text: str, expansions: Iterable[Expansion], subjects: Sequence[Span]) -> Iterator[Unit]:
    """The lay phrases with their clinical forms, and every other content word."""
    taken = list(subjects)
    for expansion in expansions:
        if not _overlaps(expansion.span, subjects):
            taken.append(expansion.span)
            asked = Alternative(terms(text[expansion.span.start : expansion.span.end]), 1.0)
            clinical = (Alternative(terms(form), expansion.weight) for form in expansion.clinical)
            yield (asked, *clinical)
    for token in tokens(text):
        if (words := terms_of_word(token.word)) and not _overlaps(token.span, taken):
            yield (Alternative(words, 1.0),)


def _overlaps(span: Span, others: Iterable[Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)
