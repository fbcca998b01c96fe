"""Which words of a near miss the passage does not bear out.

Many near misses differ from a question that the passage answers in a word or two: those words are what is wrong with
them, and the reader is told which they are.
"""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

from training.reading_examples import Asked, Span

_WORD = re.compile(r"[\w'’.%-]*\w%?")
_MOST_WRONG, _LEAST_ALIKE = 3, 4
"""Words: a question that differs in more of them, or is the same in fewer, is another question."""


def wrong_words(asked: Asked, answered: Iterable[str]) -> tuple[Span, ...]:
    """Where in a question that is not answered the words stand that make it so: those that were marked, or those that
    differ from the most alike of the `answered` ones; nothing if no such question is near."""
    if asked.label or asked.wrong:
        return asked.wrong
    found = (_different(asked.question, other) for other in answered)
    return min(filter(None, found), key=lambda spans: sum(end - start for start, end in spans), default=())


@lru_cache(maxsize=1 << 20)
def _different(question: str, other: str) -> tuple[Span, ...]:
    own, others = list(_WORD.finditer(question)), [word.casefold() for word in _WORD.findall(other)]
    words = [word.group().casefold() for word in own]
    if len(set(words) & set(others)) < _LEAST_ALIKE:
        return ()
    blocks = [
        (first, last)
        for kind, _, _, first, last in SequenceMatcher(None, others, words, autojunk=False).get_opcodes()
        if kind != "equal" and last > first
    ]
    if not 0 < sum(last - first for first, last in blocks) <= _MOST_WRONG:
        return ()
    return tuple((own[first].start(), own[last - 1].end()) for first, last in blocks)
