"""What a text's words say of its topic: words, word pairs and pieces of words, weighted by rarity."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"[a-z0-9']+")
_PIECE_LENGTHS = (3, 4, 5)
_WORDS_KEPT = 4096

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
    return [piece for word in _words(text) for piece in _pieces_of(word)]


def _pieces_of(word: str) -> list[str]:
    edged = f" {word} "
    return [
        "#" + edged[start : start + length]
        for length in _PIECE_LENGTHS
        for start in range(max(1, len(edged) - length + 1))
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
        self._places_in = lru_cache(_WORDS_KEPT)(self._places_of_pieces)

    def weigh(self, text: str) -> tuple[Places, Weights]:
        """Where the text's known terms stand in `terms`, and their weights.

        A term's weight is (1 + ln count) x rarity; the words' weights have length 1 together, so do
        the pieces', so that neither a long text nor a long word outweighs the rest.
        """
        places = self._places
        of_words = [places[term] for term in words_and_pairs(text) if term in places]
        of_pieces = chain.from_iterable(map(self._places_in, _words(text)))
        found = [self._weigh(of_words), self._weigh(of_pieces)]
        return np.concatenate([places for places, _ in found]), np.concatenate([w for _, w in found])

    def _weigh(self, known: Iterable[int]) -> tuple[Places, Weights]:
        counts = Counter(known)
        places = np.array(list(counts), dtype=np.intp)
        often = [1.0 if count == 1 else 1 + math.log(count) for count in counts.values()]
        weights = np.array(often, dtype=np.float32)
        weights *= self.rarity[places]
        return places, weights / (np.sqrt(weights @ weights) or np.float32(1))

    def _places_of_pieces(self, word: str) -> list[int]:
        return [self._places[piece] for piece in _pieces_of(word) if piece in self._places]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {term: place for place, term in enumerate(self.terms)}
