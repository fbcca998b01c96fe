"""What a text's words say of its topic: words, word pairs and pieces of words, weighted by rarity."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"[a-z0-9']+")
_PIECE_LENGTHS = (3, 4, 5)

Places = NDArray[np.intp]
Weights = NDArray[np.float32]


def words_and_pairs(text: str) -> list[str]:
    """Every word in lower case, then every two neighbours joined by a space."""
    words = _words(text)
    return words + [f"{first} {second}" for first, second in zip(words, words[1:], strict=False)]


def pieces(text: str) -> list[str]:
    """Every run of 3 to 5 characters of every word, marked `#`; a space stands for the word's edge.

    A misspelt word keeps most of its pieces.
    """
    edged = [f" {word} " for word in _words(text)]
    return [
        "#" + word[start : start + length]
        for word in edged
        for length in _PIECE_LENGTHS
        for start in range(max(1, len(word) - length + 1))
    ]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("’", "'"))


class TopicVocabulary:
    """The terms that count, in the order of the weights, and each one's rarity (smoothed idf)."""

    def __init__(self, terms: Sequence[str], rarity: Weights) -> None:
        if len(terms) != len(rarity):
            raise ValueError(f"{len(terms)} terms but {len(rarity)} rarities")
        self.terms = tuple(terms)
        self.rarity = rarity

    def weigh(self, text: str) -> tuple[Places, Weights]:
        """Where the text's known terms stand in `terms`, and their weights.

        A term's weight is (1 + ln count) x rarity; the words' weights have length 1 together, so do
        the pieces', so that neither a long text nor a long word outweighs the rest.
        """
        found = [self._weigh(terms) for terms in (words_and_pairs(text), pieces(text))]
        return np.concatenate([places for places, _ in found]), np.concatenate([w for _, w in found])

    def _weigh(self, terms: Iterable[str]) -> tuple[Places, Weights]:
        counts = Counter(self._places[term] for term in terms if term in self._places)
        places = np.array(list(counts), dtype=np.intp)
        weights = np.array([1 + math.log(count) for count in counts.values()], dtype=np.float32)
        weights *= self.rarity[places]
        return places, weights / (np.linalg.norm(weights) or np.float32(1))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {term: place for place, term in enumerate(self.terms)}
