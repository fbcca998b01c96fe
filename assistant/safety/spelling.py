"""Brings the words of a question to the words the rules know: contractions, disguises, slips of the finger."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice, product
from typing import Any

from assistant.safety.normalise import Words

_LEET = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "!": "i", "|": "il",
}  # fmt: skip
_MOST_READINGS = 16
_SHORTEST_CORRECTED = 5
_LONGEST_WORD = 20
_FEWEST_LETTERS, _MOST_LETTERS = 3, 120
_ONE_LETTER_WORDS = "ia2"
_WORDS_KEPT = 4096
_REPEATS = re.compile(r"(.)\1{2,}")


class Spelling:
    """Rewrites words. Only what becomes a known word is changed; all else is left as it was typed."""

    def __init__(
        self,
        known: Callable[[str], bool],
        targets: Iterable[str],
        real: Iterable[str],
        rewrites: Mapping[str, str],
    ) -> None:
        """`known` says whether rules know a word; a slip of the finger is mended only towards `targets`.

        `real` words are never taken for a slip.
        """
        self._known = known
        self._targets = sorted(set(targets))
        self._real = frozenset(real)
        self._written = dict(rewrites)
        self._rewrites = {written: meant.split() for written, meant in rewrites.items()}
        self.expand = lru_cache(_WORDS_KEPT)(self._expand)
        self._near: dict[str, list[str]] = {}
        self._by_shape: dict[tuple[int, str], list[str]] = {}
        for word in self._targets:
            self._by_shape.setdefault((len(word), word[0]), []).append(word)
            if len(word) >= _SHORTEST_CORRECTED:
                for shorter in (word, *_one_letter_less(word)):
                    self._near.setdefault(shorter, []).append(word)

    def packed(self) -> dict[str, Any]:
        """All but `known`, as plain data."""
        return {"targets": self._targets, "real": sorted(self._real), "rewrites": self._written}

    def correct(self, text: Words) -> Words:
        """The same text in known words; sentences and clauses keep their beginnings."""
        words: list[str] = []
        sentences = clauses = 0
        for position, spelled in self._joined(text):
            bit = 1 << len(words)
            sentences |= bit if text.sentences >> position & 1 else 0
            clauses |= bit if text.clauses >> position & 1 else 0
            words += self.expand(spelled)
        # A mark after the last word closes the last sentence.
        end = 1 << len(words)
        return Words(tuple(words), sentences | end, clauses | end)

    def _expand(self, word: str) -> Sequence[str]:
        """The known word or words that `word` stands for, or itself."""
        bare = word.replace("'", "")
        if meant := self._rewrites.get(word) or self._rewrites.get(bare):
            return meant
        if "'" in word and bare.endswith("s") and not self._known(bare):
            word = word.rpartition("'")[0] + "s"
        word = word.replace("'", "")
        if self._known(word) or word in self._real:
            return [word]
        better = self._undisguised(word) or self._unrepeated(word) or self._nearest(word)
        return self._rewrites.get(better, [better]) if better else [word]

    def _joined(self, text: Words) -> Iterator[tuple[int, str]]:
        """Words with their position; letters typed one by one become one word."""
        position, count = 0, len(text.words)
        while position < count:
            end = position + 1
            while (
                end < count
                and len(text.words[end]) == len(text.words[position]) == 1
                and not text.sentences >> end & 1
            ):
                end += 1
            typed = text.words[position:end]
            spelled = self._pieces("".join(typed)) if _FEWEST_LETTERS <= len(typed) <= _MOST_LETTERS else []
            yield from ((position, word) for word in spelled or typed)
            position = end

    def _pieces(self, letters: str) -> list[str]:
        """`letters` cut into the fewest known words; nothing if that cannot be done."""
        fewest: list[tuple[int, int] | None] = [(0, 0)]
        for end in range(1, len(letters) + 1):
            ways = [
                (before[0] + 1, start)
                for start in range(max(0, end - _LONGEST_WORD), end)
                if (before := fewest[start]) and self._is_piece(letters[start:end])
            ]
            fewest.append(min(ways, default=None))
        pieces: list[str] = []
        end = len(letters)
        while end and (way := fewest[end]):
            pieces.insert(0, letters[way[1] : end])
            end = way[1]
        return pieces if any(len(piece) > 1 for piece in pieces) else []

    def _is_piece(self, letters: str) -> bool:
        known = self._known(letters) or bool(self._undisguised(letters))
        return known and (len(letters) > 1 or letters in _ONE_LETTER_WORDS)

    def _undisguised(self, word: str) -> str | None:
        if word.isalpha() or word.isdigit() or len(word) > _LONGEST_WORD:
            return None
        if "*" in word:
            return self._unmasked(word)
        readings = product(*(_LEET.get(char, char) for char in word))
        return next(
            (reading for reading in map("".join, islice(readings, _MOST_READINGS)) if self._known(reading)),
            None,
        )

    def _unmasked(self, word: str) -> str | None:
        candidates = self._by_shape.get((len(word), word[0]), []) if word[0] != "*" and len(word) > 2 else []
        return next((target for target in candidates if _fits_mask(word, target)), None)

    def _unrepeated(self, word: str) -> str | None:
        for kept in (r"\1\1", r"\1"):
            shorter = _REPEATS.sub(kept, word)
            if shorter != word and (self._known(shorter) or shorter in self._rewrites):
                return shorter
        return None

    def _nearest(self, word: str) -> str | None:
        if not word.isalpha() or not _SHORTEST_CORRECTED <= len(word) <= _LONGEST_WORD:
            return None
        for shorter in (word, *_one_letter_less(word)):
            for target in self._near.get(shorter, ()):
                if target[0] == word[0] and _one_slip(word, target):
                    return target
        return None


def _one_letter_less(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


def _fits_mask(masked: str, target: str) -> bool:
    return all(mark in ("*", letter) for mark, letter in zip(masked, target, strict=True))


def _one_slip(written: str, meant: str) -> bool:
    """Whether one letter was added, left out, changed, or swapped with its neighbour."""
    if abs(len(written) - len(meant)) > 1:
        return False
    same = next((at for at, (a, b) in enumerate(zip(written, meant, strict=False)) if a != b), None)
    if same is None:
        return True
    a, b = written[same:], meant[same:]
    if len(a) != len(b):
        return a[1:] == b or a == b[1:]
    return a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
