"""Patterns over words, matched with bit masks: bit i stands for word i, so time is linear in the words.

A pattern is words in order:

    word  word*  *word     itself, any word that begins so, any word that ends so
    a|b_c|<group>          any one of these; `_` joins the words of a phrase
    [the|a]                may be there or not
    #                      a number
    ..  ...                up to 3, up to 8 other words of the same sentence, none of them a negation
    ~                      any words of the same sentence
    >>                     anything, across sentences too
    ^  $                   the beginning, the end of a sentence
    &                      both sides, anywhere and in any order
    !                      and not, in the same sentence, what follows
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from assistant.safety.lexicon import Lexicon
from assistant.safety.text import Text

_GAPS = {"..": 3, "...": 8}
_OPTIONAL = re.compile(r"\[([^\[\]]+)\]")
_ALTERNATIVES = re.compile(r"[^\[\]$^&~>|][^\[\]$^&~]*")


@dataclass(frozen=True, slots=True)
class _Step:
    kind: str
    group: str = ""
    reach: int = 0


_Steps = tuple[tuple[_Step, ...], ...]


class Pattern:
    """A pattern; see the top of this file for how one is written."""

    def __init__(self, source: str, lexicon: Lexicon) -> None:
        """It is read when it is first asked for; `compile` reads it at once."""
        self.source = source
        self._lexicon = lexicon

    @classmethod
    def compile(cls, source: str, lexicon: Lexicon) -> "Pattern":
        """Raises `ValueError` for a pattern that names an unknown group or has nothing to find."""
        pattern = cls(source, lexicon)
        _ = pattern.needed
        return pattern

    @cached_property
    def needed(self) -> frozenset[str]:
        """The groups it cannot do without."""
        parts, _ = self._steps
        return frozenset(step.group for part in parts for step in part if step.kind == "word")

    @cached_property
    def _steps(self) -> tuple[_Steps, _Steps]:
        """Those of what is wanted and of what is not."""
        wanted, *excluded = self.source.split(" ! ")
        return _parts(wanted.split(" & "), self._lexicon), _parts(excluded, self._lexicon)

    def ends(self, text: Text, allowed: int = -1) -> int:
        """A mask of the last words of its matches that begin at an `allowed` word; 0 if there is none.

        With `&`, the matches of the first part, if the others match anywhere.
        """
        if not self.needed <= text.names:
            return 0
        parts, excluded = self._steps
        found = _follow(parts[0], text, allowed) >> 1
        if not found or not all(_follow(part, text, -1) for part in parts[1:]):
            return 0
        for steps in excluded:
            if unwanted := _follow(steps, text, -1) >> 1:
                found &= ~text.sentences_of(unwanted)
        return found


def _parts(sources: list[str], lexicon: Lexicon) -> _Steps:
    parts = tuple(tuple(_steps(source.split(), lexicon)) for source in sources)
    if not all(any(step.kind == "word" for step in part) for part in parts):
        raise ValueError(f"nothing to find in {sources}")
    return parts


def _steps(elements: list[str], lexicon: Lexicon) -> Iterable[_Step]:
    glued = False
    for element in elements:
        if element in ("^", "$", ">>", "~"):
            yield _Step(element)
            glued = element == "~"
        elif optional := _OPTIONAL.fullmatch(element):
            yield _Step("maybe", lexicon.group(optional[1]), int(glued))
        else:
            if glued:
                yield _Step("within")
            glued = True
            if element in _GAPS:
                yield _Step("gap", reach=_GAPS[element])
            elif _ALTERNATIVES.fullmatch(element):
                yield _Step("word", lexicon.group(element))
            else:
                raise ValueError(f"not an element of a pattern: {element!r}")


def _follow(steps: tuple[_Step, ...], text: Text, allowed: int) -> int:
    """Where a match of `steps` can have ended: bit i means just before word i."""
    every = (1 << text.count) - 1
    at = every & allowed
    for step in steps:
        if step.kind == "word":
            at = _after(at, text, step.group)
        elif step.kind == "within":
            at &= ~text.starts
        elif step.kind == "gap":
            at = _skip(at, text, step.reach)
        elif step.kind == "maybe":
            at |= _after(at & ~text.starts if step.reach else at, text, step.group)
        elif step.kind == "~":
            at = _to_sentence_end(at, text)
        elif step.kind == ">>":
            at = every & ~((at & -at) - 1) if at else 0
        else:
            at &= text.starts if step.kind in "^$" else 0
        if not at:
            return 0
    return at


def _after(at: int, text: Text, group: str) -> int:
    found = 0
    for length, mask in text.places(group):
        found |= (at & mask) << length
    return found


def _skip(at: int, text: Text, reach: int) -> int:
    passable = ~text.negations
    step = at
    for _ in range(reach):
        step = ((step & passable) << 1) & ~text.starts
        at |= step
    return at


def _to_sentence_end(at: int, text: Text) -> int:
    at &= ~text.starts
    enterable, shift = ~text.starts & ((1 << text.count) - 1), 1
    while shift <= text.count:
        at |= enterable & (at << shift)
        enterable &= enterable << shift
        shift *= 2
    return at
