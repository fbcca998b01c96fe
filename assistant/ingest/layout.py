"""Lines of printed pages, and those that are no part of the article: running heads and page numbers."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.ingest.types import Dropped

_MOST_AT_EDGE = 2
_GAP = 1.8
"""Times the size of the type: more than any line of a paragraph is from the next."""

_LEAST_PAGES = 3
_NUMBER = re.compile(
    r"\W*(?P<word>page|p\.|pg\.?)?\s*(?P<number>\d{1,4})(\s*(of|/)\s*\d{1,4})?\W*", re.IGNORECASE
)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line, or a stretch of one; distances in points from the lower left corner of the page.

    A line that is `in_table` is a whole row.
    """

    text: str
    left: float
    right: float
    baseline: float
    size: float
    in_table: bool = False


@dataclass(frozen=True, slots=True)
class PageLines:
    """The lines of one page, in order; pages count from 1."""

    number: int
    lines: tuple[Line, ...]


def without_running_lines(pages: Sequence[PageLines]) -> tuple[list[PageLines], list[Dropped]]:
    """The pages without lines that stand at the same place of most pages, and without page numbers.

    Only a line with a gap to the text can be either: the last row of a table can be a number too.
    """
    repeated, offset = _repeated(pages), _page_offset(pages)
    kept, dropped = [], []
    for page in pages:
        lost: dict[Line, str] = {}
        for line in _edges(page):
            number = _NUMBER.fullmatch(line.text)
            if number and (number["word"] or int(number["number"]) - page.number == offset):
                lost[line] = "page number"
            elif _key(line) in repeated:
                lost[line] = "running head"
        kept.append(replace(page, lines=tuple(line for line in page.lines if line not in lost)))
        dropped += [Dropped(lost[line], line.text) for line in page.lines if line in lost]
    if not any(page.lines for page in kept):
        return list(pages), []
    return kept, dropped


def _edges(page: PageLines) -> list[Line]:
    """The lines at the top and at the foot of a page, each with a gap to the text."""
    return [*_apart(page.lines), *_apart(page.lines[::-1])]


def _apart(lines: Sequence[Line]) -> Sequence[Line]:
    for count in range(min(_MOST_AT_EDGE, len(lines) - 1), 0, -1):
        last, text = lines[count - 1], lines[count]
        if abs(last.baseline - text.baseline) > _GAP * max(last.size, text.size):
            return lines[:count]
    return ()


def _repeated(pages: Sequence[PageLines]) -> set[tuple[str, int]]:
    counts = Counter(key for page in pages for key in {_key(line) for line in _edges(page)})
    return {
        key
        for key, count in counts.items()
        if count >= max(_LEAST_PAGES, len(pages) / 2) and any(character.isalpha() for character in key[0])
    }


def _key(line: Line) -> tuple[str, int]:
    return _DIGITS.sub("#", line.text.casefold()), round(line.baseline)


def _page_offset(pages: Sequence[PageLines]) -> int | None:
    """By how much printed page numbers differ from the count; None if the pages are not numbered so."""
    offsets: Counter[int] = Counter()
    for page in pages:
        found = (_NUMBER.fullmatch(line.text) for line in _edges(page))
        offsets.update({int(match["number"]) - page.number for match in found if match})
    if not offsets:
        return None
    [(offset, count)] = offsets.most_common(1)
    return offset if count >= len(pages) / 2 and (len(pages) > 1 or offset == 0) else None
