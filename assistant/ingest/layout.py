"""Lines of printed pages, and those that are no part of the article: running heads and page numbers."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.ingest.types import Dropped

_EDGE = 2
_LEAST_PAGES = 3
_NUMBER = re.compile(
    r"\W*(?P<word>page|p\.|pg\.?)?\s*(?P<number>\d{1,4})(\s*(of|/)\s*\d{1,4})?\W*", re.IGNORECASE
)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line; distances in points from the lower left corner of the page."""

    text: str
    left: float
    right: float
    baseline: float
    size: float


@dataclass(frozen=True, slots=True)
class PageLines:
    """The lines of one page, in order; pages count from 1."""

    number: int
    lines: tuple[Line, ...]


def without_running_lines(pages: Sequence[PageLines]) -> tuple[list[PageLines], list[Dropped]]:
    """The pages without lines that stand at the edge of most pages, and without page numbers."""
    repeated = _repeated(pages)
    offset = _page_offset(pages)
    kept, dropped = [], []
    for page in pages:
        edges = {*page.lines[:_EDGE], *page.lines[-_EDGE:]}
        lost: dict[Line, str] = {}
        for line in edges:
            number = _NUMBER.fullmatch(line.text)
            if number and (
                number["word"] or (offset is not None and int(number["number"]) - page.number == offset)
            ):
                lost[line] = "page number"
            elif _key(line) in repeated:
                lost[line] = "running head"
        kept.append(replace(page, lines=tuple(line for line in page.lines if line not in lost)))
        dropped += [Dropped(lost[line], line.text) for line in page.lines if line in lost]
    return kept, dropped


def _repeated(pages: Sequence[PageLines]) -> set[str]:
    counts = Counter(
        key for page in pages for key in {_key(line) for line in (*page.lines[:_EDGE], *page.lines[-_EDGE:])}
    )
    return {key for key, count in counts.items() if count >= max(_LEAST_PAGES, len(pages) / 2)}


def _key(line: Line) -> str:
    return _DIGITS.sub("#", line.text.casefold())


def _page_offset(pages: Sequence[PageLines]) -> int | None:
    """By how much printed page numbers differ from the count; None if the pages are not numbered so."""
    offsets: Counter[int] = Counter()
    for page in pages:
        numbers = {
            int(match["number"]) - page.number
            for line in (*page.lines[:1], *page.lines[-1:])
            if (match := _NUMBER.fullmatch(line.text))
        }
        offsets.update(numbers)
    if not offsets:
        return None
    [(offset, count)] = offsets.most_common(1)
    return offset if count >= len(pages) / 2 and (len(pages) > 1 or offset == 0) else None
