"""Whether the articles are about the medicine a question names, mention it in passing, or do not cover it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.language.drug_names import CLASS, TOPIC, names
from assistant.language.entities import Entity, canonical_name, find_entities
from assistant.language.phrasebook import Phrasebook
from assistant.language.tokens import key
from assistant.storage.records import DocumentRecord
from assistant.storage.wording import Wording
from assistant.types import Document, Span

SUBJECT = "subject"
"""The kind of an entity that is the subject of an article and no known medicine, such as a condition."""

_IT = r"(it|this|that|these|those|they|this stuff|the tablets|the pills)"
_A = r"(an?|another|one of the|((an?|the) )?(type|kind|sort|form|family|class) of( an?)?)"
# "Is it an opioid?", "since it's classed as a strong sedative": about the medicine, not about the class.
_WHAT_IT_IS = re.compile(
    r"\b((is|are|was|be|isn'?t|it'?s|not|(?<!well )as|called|considered|class(ed|ified) as) "
    rf"([\w'-]+ ){{0,2}}?{_A} |(is|are) {_IT} |{_IT} are )([\w-]+ ){{0,2}}$",
    re.IGNORECASE,
)
# "Can I take it with antihistamines?": the class is asked about together with what was talked of before.
_REFERS_BACK = re.compile(r"\b(it|its|this|these|they|them|that|those)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Gate:
    """What a question names, each substance once, in its order.

    `covered`: canonical names the articles are about, and `doc_ids` the articles about them (empty if none
    is named). `mentioned`: named in an article in passing, or the class of a covered medicine. `uncovered`:
    neither; their `shown` is for people. `topics`: asked about a medicine and not gated, such as alcohol.
    `implied`: no medicine is named, only a class, beside a word like "it" that stands for one.
    """

    covered: tuple[str, ...] = ()
    doc_ids: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()
    uncovered: tuple[Entity, ...] = ()
    topics: tuple[str, ...] = ()
    implied: bool = False

    @property
    def mixed(self) -> bool:
        """Part of the question can be answered and part cannot."""
        return bool(self.uncovered) and (bool(self.covered) or self.implied)

    @property
    def closed(self) -> bool:
        """The question is only about what no article covers."""
        return bool(self.uncovered) and not self.mixed


class Coverage:
    """What the articles are about and what they mention, known before any question comes."""

    def __init__(self, documents: Iterable[Document | DocumentRecord], wording: Wording) -> None:
        """`wording` is that of the documents."""
        self._doc_ids: dict[str, list[str]] = {}
        phrases: dict[str, str] = {}
        for document in documents:
            for subject in document.subjects:
                self._add_subject(subject, document.doc_id, phrases)
        self._phrasebook = Phrasebook(phrases)
        self.vocabulary = wording.vocabulary
        self.subjects = frozenset(self._doc_ids)
        """Canonical names of what the articles are about."""
        self.mentioned = (wording.mentioned | _classes_of(self._doc_ids)) - self._doc_ids.keys()

    def gate(self, question: str) -> Gate:
        """Sorts the substances named in a question."""
        return self.gate_of(question, self.entities(question))

    def gate_of(self, question: str, entities: Sequence[Entity]) -> Gate:
        """The same, where the question's `entities` are known."""
        covered = [entity.canonical for entity in entities if entity.canonical in self._doc_ids]
        others = [entity for entity in entities if entity.canonical not in self._doc_ids]
        gated = [e for e in others if e.kind != TOPIC and e.canonical not in self.mentioned]
        uncovered: dict[str, Entity] = {}
        for entity in gated:
            if not _says_what_it_is(question, entity):
                uncovered.setdefault(entity.canonical, entity)
        return Gate(
            covered=_once(covered),
            doc_ids=_once(doc_id for name in covered for doc_id in self._doc_ids[name]),
            mentioned=_once(entity.canonical for entity in others if entity.canonical in self.mentioned),
            uncovered=tuple(uncovered.values()),
            topics=_once(entity.canonical for entity in others if entity.kind == TOPIC),
            implied=bool(uncovered) and all(_beside_it(question, entity) for entity in uncovered.values()),
        )

    def entities(self, text: str) -> tuple[Entity, ...]:
        """Substances named in a text, and subjects of the articles that are no known substance."""
        found = find_entities(text, self.vocabulary)
        subjects = tuple(self._subjects_in(text))
        others = (entity for entity in found if not any(_overlap(entity.span, s.span) for s in subjects))
        return tuple(sorted((*others, *subjects), key=lambda entity: entity.span))

    def _add_subject(self, subject: str, doc_id: str, phrases: dict[str, str]) -> None:
        canonical = canonical_name(subject)
        if canonical == subject.casefold():
            phrases.setdefault(key(subject), canonical)
        doc_ids = self._doc_ids.setdefault(canonical, [])
        if doc_id not in doc_ids:
            doc_ids.append(doc_id)

    def _subjects_in(self, text: str) -> Iterator[Entity]:
        for match in self._phrasebook.find(text):
            name = text[match.span.start : match.span.end]
            yield Entity(name, match.value, SUBJECT, match.span, match.value)


def readable(document: Document) -> str:
    """Title and text without the skipped spans."""
    pieces, start = [document.title], 0
    for skipped in document.skipped:
        pieces.append(document.text[start : skipped.start])
        start = skipped.end
    return "\n".join([*pieces, document.text[start:]])


def _classes_of(subjects: Iterable[str]) -> set[str]:
    covered = set(subjects)
    return {drug_class for drug_class, members in names().members.items() if members & covered}


def _says_what_it_is(question: str, entity: Entity) -> bool:
    return entity.kind == CLASS and _WHAT_IT_IS.search(question, 0, entity.span.start) is not None


def _beside_it(question: str, entity: Entity) -> bool:
    return entity.kind == CLASS and _REFERS_BACK.search(question, 0, entity.span.start) is not None


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _once(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))
