"""Words filed so that those a misspelling can stand for are found fast, and how far off each sounds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from rapidfuzz import process
from rapidfuzz.distance import OSA, Levenshtein

_SOUND_ALIKE = ("ckq", "xzs", "sc", "fpv", "gj", "aeiouy", "td", "mn", "bp")
_File = dict[tuple[str, int], list[str]]


class Shelf:
    """Edit distance counts letters added, dropped, changed, or swapped with their neighbour.

    To be fast, a word is only looked at if its first letter is the misspelling's first, one that sounds like
    it, or its second; or if its second letter is the misspelling's first or second.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._by_first: _File = defaultdict(list)
        self._by_second: _File = defaultdict(list)
        for word in words:
            self._by_first[word[0], len(word)].append(word)
            self._by_second[word[1:2], len(word)].append(word)

    def nearest(self, word: str, furthest: int) -> tuple[int, list[str]]:
        """The smallest distance at which there are words, and those words; `furthest` and none if too far."""
        near = self.within(word, furthest)
        best = min(near.values(), default=furthest)
        return best, sorted(other for other, distance in near.items() if distance == best)

    def within(self, word: str, furthest: int) -> dict[str, int]:
        """Every word up to `furthest` away and its distance."""
        near: dict[str, int] = {}
        for length in range(len(word) - furthest, len(word) + furthest + 1):
            shelves = [self._by_first.get((initial, length), []) for initial in _initials(word)]
            shelves += [self._by_second.get((letter, length), []) for letter in sorted(set(word[:2]))]
            for shelf in shelves:
                near.update(_near(word, shelf, furthest))
        return near


def _near(word: str, others: list[str], furthest: int) -> Iterator[tuple[str, int]]:
    """Plain edit distance, which is fast and counts a swap as two, chooses those worth an exact look."""
    scorer = Levenshtein.distance
    for other, _, _ in process.extract(word, others, scorer=scorer, score_cutoff=furthest + 1, limit=None):
        distance = OSA.distance(word, other, score_cutoff=furthest)
        if distance <= furthest:
            yield other, distance


def _initials(word: str) -> list[str]:
    alike = "".join(group for group in _SOUND_ALIKE if word[0] in group)
    return sorted({word[0], word[1:2], *alike} - {""})


def sound_cost(written: str, meant: str) -> float:
    """Edit distance in which a slip that hardly changes the sound counts half.

    That is one vowel for another, c for k and the like, and a vowel or one of two equal letters more or less.
    """
    before: list[float] = []
    above = [0.0]
    for at in range(len(meant)):
        above.append(above[-1] + _gap_cost(meant, at))
    for row, letter in enumerate(written):
        here = [above[0] + _gap_cost(written, row)]
        for column, other in enumerate(meant):
            cost = min(
                above[column] + _swap_cost(letter, other),
                above[column + 1] + _gap_cost(written, row),
                here[column] + _gap_cost(meant, column),
            )
            if row and column and letter == meant[column - 1] and other == written[row - 1]:
                cost = min(cost, before[column - 1] + 1)
            here.append(cost)
        before, above = above, here
    return above[-1]


def _swap_cost(letter: str, other: str) -> float:
    if letter == other:
        return 0.0
    return 0.5 if any(letter in group and other in group for group in _SOUND_ALIKE) else 1.0


def _gap_cost(word: str, at: int) -> float:
    return 0.5 if word[at] in "aeiouy" or (at and word[at] == word[at - 1]) else 1.0
