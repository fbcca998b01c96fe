"""Repairs the spelling of a question's words, only where there is one thing they can have meant."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from assistant.language.drug_names import CLASS, names
from assistant.language.english import misspellings, word_ranks
from assistant.language.lay_words import lay_vocabulary
from assistant.language.shelf import Shelf, sound_cost
from assistant.language.tokens import Token, tokens
from assistant.types import Span

_SHORTEST = 5
_MOST_UNKNOWN = 12
_TWO_SLIPS_FROM = 8
_COMMON = 30_000
"""A word that the articles lack is only repaired into one of this many commonest English words."""


_ABOUT_AS_NEAR = 0.5
_MUCH_RARER = 20
_RANK_IN_ARTICLES, _TOP = 2_000, 100


class Change(NamedTuple):
    """`wrong` is `text[span.start:span.end]` of the text as it was given."""

    wrong: str
    right: str
    span: Span


@dataclass(frozen=True, slots=True)
class Repaired:
    """`text` with every change made; without changes, the text as it was given."""

    text: str
    changes: tuple[Change, ...] = ()


class Speller:
    """`vocabulary`: the words of the articles, in lower case."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._vocabulary = frozenset(vocabulary)

    def repair(self, text: str) -> Repaired:
        """Known words, names of medicines and words with an apostrophe or digit are left as they are.

        A misspelt medicine becomes that medicine; nothing else ever becomes the name of one. A text with more
        than a dozen unknown words is in another language or none, and only listed misspellings are repaired.
        """
        words = [token for token in tokens(text) if _stands_alone(text, token)]
        unknown = {token.word for token in words if self._unknown(token.word)}
        if sum(token.word in unknown for token in words) > _MOST_UNKNOWN:
            unknown.clear()
        changes = [
            Change(text[token.span.start : token.span.end], right, token.span)
            for token in words
            if (right := self._guessed(text, token) if token.word in unknown else self._listed(token.word))
        ]
        return Repaired(_replaced(text, changes), tuple(changes))

    def _listed(self, word: str) -> str | None:
        return None if word in self._vocabulary or word in names().exact else misspellings().get(word)

    def _unknown(self, word: str) -> bool:
        if len(word) < _SHORTEST or word in self._vocabulary or word in word_ranks():
            return False
        if word in names().exact or word in misspellings():
            return False
        # Gathered late: most questions are spelled right and do without.
        return word not in _other_words()

    def _guessed(self, text: str, token: Token) -> str | None:
        return _medicine(token.word) or (None if _is_name(text, token) else self._nearest(token.word))

    def _nearest(self, word: str) -> str | None:
        """The nearest word, if no other is about as near; much rarer words do not count."""
        furthest = 1 if len(word) < _TWO_SLIPS_FROM else 2
        distance, near = self._targets.nearest(word, furthest)
        if not near or names().targets.within(word, distance):
            return None
        costs = {other: sound_cost(word, other) for other in near}
        likely = [other for other in near if costs[other] <= min(costs.values()) + _ABOUT_AS_NEAR]
        commonest = min(map(self._rank, likely))
        likely = [other for other in likely if self._rank(other) <= _MUCH_RARER * commonest]
        return likely[0] if len(likely) == 1 else None

    def _rank(self, word: str) -> int:
        """Of a word of the articles as if it were common; never below a rank where ratios say nothing."""
        rank = word_ranks().get(word, _COMMON)
        return max(min(rank, _RANK_IN_ARTICLES) if word in self._vocabulary else rank, _TOP)

    @cached_property
    def _targets(self) -> Shelf:
        common = {word for word, rank in word_ranks().items() if rank < _COMMON and len(word) >= _SHORTEST}
        words = (self._vocabulary | common) - names().exact.keys()
        return Shelf(sorted(word for word in words if word.isalpha()))


def _medicine(word: str) -> str | None:
    """The medicine as people know it: never slang or another misspelling of it."""
    name = names().misspelt(word)
    if name is None:
        return None
    known = names().exact[name]
    return name if known.kind == CLASS or name in known.shown.casefold() else known.canonical


@cache
def _other_words() -> frozenset[str]:
    """Words of the lists that are in no dictionary but are no misspellings."""
    return lay_vocabulary() | {word for name in names().exact for word in name.split()}


def _stands_alone(text: str, token: Token) -> bool:
    around = text[token.span.start - 1 : token.span.start] + text[token.span.end : token.span.end + 1]
    return token.word.isalpha() and not any(mark.isdigit() or mark in "'\u2019@/_" for mark in around)


def _is_name(text: str, token: Token) -> bool:
    """A capital letter inside a sentence, unless all is in capitals."""
    before = text[: token.span.start].rstrip()
    begins = not before or before.endswith((".", "!", "?"))
    return text[token.span.start].isupper() and not begins and not text.isupper()


def _replaced(text: str, changes: Iterable[Change]) -> str:
    pieces, start = [], 0
    for wrong, right, span in changes:
        pieces += [text[start : span.start], right.capitalize() if wrong[:1].isupper() else right]
        start = span.end
    return "".join([*pieces, text[start:]])
