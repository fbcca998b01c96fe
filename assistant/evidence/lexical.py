"""Words shared by a question and a passage: BM25 divided by the question's idf mass.

The division bounds the score and makes it comparable between questions and corpora.
"""

import math
import threading
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
import Stemmer
from numpy.typing import NDArray

from assistant.language.stop_words import stop_words
from assistant.language.tokens import words
from assistant.storage.postings import Postings, Rows

Scores = NDArray[np.float32]

_WORDS_KEPT = 8192
_STOPWORDS = stop_words() | {"would", "could", "also", "get", "got", "im", "ive", "please"}


class Alternative(NamedTuple):
    """A way to say part of a question. `weight` from 0 to 1: how surely it means the same."""

    words: tuple[str, ...]
    weight: float


Unit = tuple[Alternative, ...]
"""One part of a question, in the person's words first; it counts once, by its best alternative."""


class _Own(threading.local):
    """A stemmer serves one thread at a time."""

    def __init__(self) -> None:
        self.stemmer = Stemmer.Stemmer("english")


_own = _Own()


def terms(text: str) -> tuple[str, ...]:
    """The stems of a text's content words, in order."""
    return tuple(_own.stemmer.stemWords([word for word in words(text) if word not in _STOPWORDS]))


@lru_cache(_WORDS_KEPT)
def terms_of_word(word: str) -> tuple[str, ...]:
    """`terms` of a single word: none of a stop word."""
    return terms(word)


class LexicalIndex:
    """BM25 over passages; row i is passage i."""

    def __init__(self, postings: Postings) -> None:
        """The postings are those of the passages' `terms`."""
        self._postings = postings
        self.idf = lru_cache(_WORDS_KEPT)(partial(_idf, postings))

    def scores(self, units: Sequence[Unit]) -> Scores:
        """One score a passage, shape [passages]: 0 where no word is shared."""
        total = np.zeros(self._postings.size, np.float32)
        masses = [self._unit_mass(unit) for unit in units]
        mass = sum(masses)
        if not mass:
            return total
        best, own = np.zeros_like(total), np.zeros_like(total)
        for unit, most in zip(units, masses, strict=True):
            if len(unit) == 1 and len(unit[0].words) == 1:
                # Most units: there is nothing to choose from.
                rows, weights = self._postings.of(unit[0].words[0])
                total[rows] += weights * np.float32(unit[0].weight)
                continue
            touched = [self._raise(best, own, most, other) for other in unit]
            # Only the passages that have a word are visited: of a million, few do.
            rows = np.concatenate(touched)
            total[rows] += best[rows]
            best[rows] = 0
        return total / np.float32(mass)

    def found(self, unit: Unit, row: int) -> bool:
        """Whether passage `row` has every word of one of the unit's alternatives."""
        return any(other.words and all(self._has(row, word) for word in other.words) for other in unit)

    def known(self, unit: Unit) -> bool:
        """Whether any passage has every word of one of the unit's alternatives."""
        return any(other.words and self._together(other.words) for other in unit)

    def coverage(self, units: Sequence[Unit], row: int) -> float:
        """The share of the question's idf mass that passage `row` has, from 0 to 1; 0 without content words."""
        masses = [self._unit_mass(unit) for unit in units]
        found = sum(mass for mass, unit in zip(masses, units, strict=True) if self.found(unit, row))
        return found / sum(masses) if sum(masses) else 0.0

    def _raise(self, best: Scores, own: Scores, most: float, other: Alternative) -> Rows:
        """Raises `best` to the alternative's scores, and gives the rows that it visited.

        They are scaled so that a rarer way to say it counts no more than what was asked. `own` is all 0.
        """
        known = [self._postings.of(word) for word in other.words]
        if not known:
            return np.empty(0, np.int32)
        scale = np.float32(other.weight * min(1.0, most / self._mass(other.words)))
        if len(known) == 1:
            [(rows, weights)] = known
            best[rows] = np.maximum(best[rows], weights * scale)
            return rows
        for rows, weights in known:
            own[rows] += weights
        visited = np.concatenate([rows for rows, _ in known])
        best[visited] = np.maximum(best[visited], own[visited] * scale)
        own[visited] = 0
        return visited

    def _has(self, row: int, word: str) -> bool:
        rows, _ = self._postings.of(word)
        place = int(rows.searchsorted(row))
        return place < len(rows) and int(rows[place]) == row

    def _together(self, words: Sequence[str]) -> bool:
        """Whether any passage has all of these words."""
        if len(words) == 1:
            return self._postings.count(words[0]) > 0
        first, *others = (self._postings.of(word)[0] for word in words)
        for rows in others:
            first = np.intersect1d(first, rows, assume_unique=True)
        return len(first) > 0

    def _unit_mass(self, unit: Unit) -> float:
        """The idf of what was asked, or of its likeliest meaning if it was asked in stop words alone."""
        return next((mass for other in unit if (mass := self._mass(other.words))), 0.0)

    def _mass(self, words: Sequence[str]) -> float:
        return sum(map(self.idf, words))


def _idf(postings: Postings, term: str) -> float:
    """Rarity of a term: ln(1 + (N - n + 0.5) / (n + 0.5)), greatest for one that no passage has."""
    count = postings.count(term)
    return math.log(1 + (postings.size - count + 0.5) / (count + 0.5))
