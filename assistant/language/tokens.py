"""Words of a text with their places, as names and lay words are looked up: runs of letters or of digits."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from assistant.types import Span

_RUN = re.compile(r"[^\W\d_]+|\d+")
_KEPT = 8
"""Texts: what reads a question does so one part after another."""
_GAP = re.compile(r"[\s\-\u2010-\u2015'\u2019.]{0,3}")


class Token(NamedTuple):
    """`word` is `text[span.start:span.end]`, case-folded."""

    word: str
    span: Span


@lru_cache(_KEPT)
def tokens(text: str) -> Sequence[Token]:
    """In order; `k-pin's` is k, pin, s and `2mg` is 2, mg."""
    return tuple([Token(run[0].casefold(), Span(*run.span())) for run in _RUN.finditer(text)])


def words(text: str) -> list[str]:
    """The words of `tokens`, without their places: several times quicker."""
    return [run.casefold() for run in _RUN.findall(text)]


def key(name: str) -> str:
    """What a name or phrase is filed under: its words joined by one space."""
    return " ".join(words(name))


def joined(text: str, before: Token, after: Token) -> bool:
    """Whether two words can be of one name: only space, hyphen, dot or apostrophe between."""
    return _GAP.fullmatch(text, before.span.end, after.span.start) is not None
