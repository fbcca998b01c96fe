"""Which medicines and other substances a text names, whatever the case, brand or spelling. Offline."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from assistant.language.drug_names import Name, Names, names
from assistant.language.english import word_ranks
from assistant.language.tokens import Token, tokens
from assistant.types import Span

_SHORTEST_PLURAL = 5


@dataclass(frozen=True, slots=True)
class Entity:
    """A substance named in a text.

    `name` is as written, `text[span.start:span.end]`; `canonical` is the same for all names of one substance;
    `kind` is drug, class, supplement, recreational or topic; `shown` is for people: `alprazolam (Xanax)`.
    """

    name: str
    canonical: str
    kind: str
    span: Span
    shown: str


def find_entities(text: str, known: Set[str] = frozenset()) -> tuple[Entity, ...]:
    """In the order of the text, not overlapping, longest name first.

    `known` are words (lower case) that are right as they stand, such as those of the articles: an exact name
    is still found among them, but none is taken for a misspelt one.
    """
    table, words = names(), tokens(text)
    return tuple(
        Entity(text[span.start : span.end], found.canonical, found.kind, span, found.shown)
        for span, found in _found(text, words, table, known)
    )


def possible_entities(words: Sequence[str]) -> Iterator[str]:
    """At least the canonical names that `find_entities` finds in a text of these words, if it knows them all."""
    table = names()
    yield from (name.canonical for name in table.phrasebook.possible(words))
    yield from (name.canonical for word in words if word[-1] == "s" and (name := _singular(word, table)))


def canonical_name(name: str) -> str:
    """The canonical name of a medicine or class given by any of its names; another name, in lower case."""
    found = find_entities(name)
    whole = len(found) == 1 and found[0].span == Span(0, len(name))
    return found[0].canonical if whole else name.casefold()


def _found(text: str, words: Sequence[Token], table: Names, known: Set[str]) -> Iterator[tuple[Span, Name]]:
    at = 0
    while at < len(words):
        word, span = words[at]
        begins = table.phrasebook.begins(word)
        match = next(table.phrasebook.matches_at(text, words, at), None) if begins else None
        if match:
            yield match.span, match.value
        elif found := _singular(word, table) or (None if word in known else _misspelt(word, table)):
            yield span, found
        at += match.words if match else 1


def _singular(word: str, table: Names) -> Name | None:
    if not word.endswith("s") or len(word) < _SHORTEST_PLURAL or word in word_ranks():
        return None
    return table.exact.get(word[:-1]) or (table.exact.get(word[:-2]) if word.endswith("es") else None)


def _misspelt(word: str, table: Names) -> Name | None:
    name = table.misspelt(word)
    return table.exact[name] if name else None
