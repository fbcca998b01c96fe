"""A text and what was found in it; marks are bit masks: bit i stands for word i."""

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.safety.normalise import Words

NEGATION, NOT_A_NEGATION = "negation", "not_a_negation"
_NEGATION_REACH = 3

Found = tuple[int, int, frozenset[str]]
"""A phrase: its length in words, a mask of where it begins, and the groups that it is a phrase of."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words, their sentences and clauses, and the phrases found in them. `names` are all groups found."""

    count: int
    starts: int
    clauses: int
    found: tuple[Found, ...]
    negations: int
    names: frozenset[str]

    @classmethod
    def of(cls, words: Words, found: tuple[Found, ...]) -> "Text":
        """The text of these words."""
        end = 1 << len(words.words)
        names: frozenset[str] = frozenset().union(*(groups for _, _, groups in found))
        return cls(
            len(words.words), words.sentences | end, words.clauses | end, found, _negations(found), names
        )

    def places(self, group: str) -> list[tuple[int, int]]:
        """The lengths in words of a group's phrases, each with a mask of where they begin."""
        return [(length, mask) for length, mask, groups in self.found if group in groups]

    def negated(self) -> int:
        """Words with a negation among the three before them in the same clause."""
        reached = step = self.negations
        for _ in range(_NEGATION_REACH):
            step = (step << 1) & ~self.clauses
            reached |= step
        return reached & ~self.negations

    def sentences_of(self, marks: int) -> int:
        """All words of the sentences in which a marked word lies."""
        found, begin = 0, 0
        for end in range(1, self.count + 1):
            if end == self.count or self.starts >> end & 1:
                sentence = (1 << end) - (1 << begin)
                found |= sentence if marks & sentence else 0
                begin = end
        return found


def _negations(found: Iterable[Found]) -> int:
    negations = denied = 0
    for length, mask, groups in found:
        if length == 1 and NEGATION in groups:
            negations |= mask
        if NOT_A_NEGATION in groups:
            for offset in range(length):
                denied |= mask << offset
    return negations & ~denied
