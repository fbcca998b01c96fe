"""Words that a typesetter parted at the end of a line, put together again: only where that is certain."""

import re
from collections.abc import Iterable

from assistant.ingest.types import Dropped
from assistant.language.drug_names import names
from assistant.language.english import word_ranks

_HYPHEN = re.compile(r"\w[-\u2010]$")
_PARTED = re.compile(r"([^\W\d_]+)[-\u2010]$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")


class Joiner:
    """Joins lines. A hyphen goes if the word without it is in the document, a word list or a medicine's name,
    and the word with it is not in the document; else the hyphen stays: `low-` and `dose` make `low-dose`."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.joined: list[Dropped] = []
        self._words = {word.casefold() for line in lines for word in _WORD.findall(line)}

    def join(self, before: str, line: str) -> str:
        """The two lines as one."""
        if not _HYPHEN.search(before):
            return f"{before} {line}"
        parted, first = _PARTED.search(before), _FIRST_WORD.match(line)
        if not parted or not first or not first[0][0].islower():
            return before + line
        whole, kept = parted[1] + first[0], f"{parted[1]}-{first[0]}"
        if kept.casefold() in self._words or not self._is_word(whole.casefold()):
            return before + line
        self.joined.append(Dropped("hyphen", kept, whole))
        return before[: parted.end(1)] + line

    def _is_word(self, word: str) -> bool:
        return word in self._words or known_word(word)


def known_word(word: str) -> bool:
    """Whether it is in the word list or the name of a medicine, whatever its case."""
    return word.casefold() in word_ranks() or word.casefold() in names().exact
