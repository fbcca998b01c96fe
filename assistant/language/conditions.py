"""Medical conditions a question names and the articles never do. A signal, not a gate."""

from collections.abc import Iterable
from functools import cache

from assistant.language.english import data_lines
from assistant.language.entities import Entity
from assistant.language.phrasebook import Phrasebook
from assistant.language.tokens import key, words

CONDITION = "condition"


class Conditions:
    """`spoken_of`: the conditions that the articles name."""

    def __init__(self, spoken_of: frozenset[str]) -> None:
        self._spoken_of = spoken_of

    def foreign(self, question: str) -> tuple[Entity, ...]:
        """Conditions named in the question and in no article, each once, in its order."""
        foreign: dict[str, Entity] = {}
        for match in _phrasebook().find(question):
            if match.value not in self._spoken_of:
                name = question[match.span.start : match.span.end]
                foreign.setdefault(match.value, Entity(name, match.value, CONDITION, match.span, match.value))
        return tuple(foreign.values())


def conditions_in(texts: Iterable[str]) -> frozenset[str]:
    """Every condition that any of the texts names."""
    found: set[str] = set()
    for text in texts:
        # Most texts of many name none that was not found yet.
        if not found.issuperset(_phrasebook().possible(words(text))):
            found.update(match.value for match in _phrasebook().find(text))
    return frozenset(found)


def foreign_conditions(question: str, texts: Iterable[str]) -> tuple[Entity, ...]:
    """`Conditions(conditions_in(texts)).foreign(question)`, for a single question."""
    return Conditions(conditions_in(texts)).foreign(question)


def names_condition(text: str) -> bool:
    """Whether a text names a medical condition."""
    return any(True for _ in _phrasebook().find(text))


@cache
def _phrasebook() -> Phrasebook[str]:
    lines = [line.split("|") for line in data_lines("conditions.txt")]
    return Phrasebook({key(name): shown for shown, *others in lines for name in (shown, *others)})
