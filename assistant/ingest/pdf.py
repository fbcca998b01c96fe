"""PDF files with text in them: lines as they were set, put together to paragraphs again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pypdfium2 as pdfium
from pypdfium2 import raw as pdfium_raw

from assistant.ingest.columns import read_across_or_down
from assistant.ingest.hyphens import Joiner
from assistant.ingest.layout import Line, PageLines, without_running_lines
from assistant.ingest.pdf_lines import PageText
from assistant.ingest.pieces import Piece, canonical_text, title_of
from assistant.ingest.refusals import refused
from assistant.ingest.types import Canonical, Dropped

_MOST_PAGES = 2_000
_LIGATURES = {
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}
_AS_WRITTEN = frozenset(map(chr, _LIGATURES))
_BULLETS = ("•", "◦", "▪", "‣", "\uf0b7", "\uf0a7", "●", "○", "–", "*")
_LARGER, _SAME = 1.15, 1.05
_HEADING_WORDS = 20
_WIDER_GAP = 1.35
_FULL_LINE = 0.85
_ENDS = (".", "!", "?", ":", "…", ".”", '."', ".)")


def read_pdf(raw: bytes, encoding: str = "") -> Canonical:
    """The text of every page. Raises `DocumentRefusedError`, also if the pages are pictures."""
    document = _open(raw)
    if len(document) > _MOST_PAGES:
        raise refused("too large", f"{len(document):,} pages; at most {_MOST_PAGES:,}")
    pages, dropped, raised = [], [], list[tuple[str, str]]()
    for number, page in enumerate(document, start=1):
        lines, guesses = read_across_or_down(PageText(page, raised).rows())
        dropped += [replace(guess, kind=f"{guess.kind}, look at page {number}") for guess in guesses]
        if not lines and _has_picture(page):
            dropped.append(Dropped("page without text", f"page {number} is a picture"))
        pages.append(PageLines(number, tuple(lines)))
        page.close()
    if not any(page.lines for page in pages):
        raise refused("scanned") if dropped else refused("empty")
    pages, running = without_running_lines(pages)
    joiner = Joiner(line.text for page in pages for line in page.lines)
    pieces = _pieces([line for page in pages for line in page.lines], joiner)
    text = canonical_text(pieces)
    if ligatures := sum(character in _AS_WRITTEN for character in text):
        dropped.append(Dropped("ligatures", f"{ligatures} such as ﬁ", "written out: fi"))
    if raised:
        dropped.append(Dropped("raised figures", f"{len(raised)} such as {raised[0][0]}", raised[0][1]))
    return Canonical(text.translate(_LIGATURES), title_of(pieces), True, (*dropped, *running, *joiner.joined))


def _open(raw: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(raw)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise refused("encrypted") from error
        raise refused("broken", str(error)) from error


def _has_picture(page: pdfium.PdfPage) -> bool:
    return any(True for _ in page.get_objects([pdfium_raw.FPDF_PAGEOBJ_IMAGE], max_depth=3))


def _pieces(lines: Sequence[Line], joiner: Joiner) -> list[Piece]:
    body = _body_size(lines)
    levels = {size: level for level, size in enumerate(_heading_sizes(lines, body), start=1)}
    leading = _leading(lines, body)
    right = max((line.right for line in lines), default=0.0)
    pieces: list[Piece] = []
    before: Line | None = None
    for line in lines:
        level = min(levels.get(line.size, 0), 6)
        bullet = line.text.startswith(_BULLETS)
        if line.in_table:
            pieces.append(Piece(line.text, 0, before is not None and before.in_table))
        elif before is None or bullet or before.in_table or _parted(before, line, leading, right):
            in_list = bullet and before is not None and bool(pieces) and pieces[-1].text.startswith("- ")
            text = "- " + line.text[1:].lstrip() if bullet else line.text
            pieces.append(Piece(text, level, in_list and not level))
        else:
            last = pieces[-1]
            pieces[-1] = Piece(joiner.join(last.text, line.text), last.level, last.joined)
        before = line
    return pieces


def _parted(before: Line, line: Line, leading: float, right: float) -> bool:
    """Whether a new paragraph begins here."""
    if max(before.size, line.size) > _SAME * min(before.size, line.size):
        return True
    down = before.baseline - line.baseline
    ended = before.text.endswith(_ENDS)
    if down <= 0 or down > 4 * leading:
        # A new column or page: a sentence may go on there.
        return ended or not line.text[0].islower()
    if down > _WIDER_GAP * leading:
        return True
    indented = line.left - before.left > 0.8 * line.size
    return ended and (indented or before.right < _FULL_LINE * right)


def _body_size(lines: Sequence[Line]) -> float:
    characters: dict[float, int] = {}
    for line in lines:
        characters[line.size] = characters.get(line.size, 0) + len(line.text)
    return max(characters, key=lambda size: (characters[size], -size))


def _heading_sizes(lines: Sequence[Line], body: float) -> list[float]:
    large = {line.size for line in lines if line.size >= _LARGER * body}
    return sorted(
        {line.size for line in lines if line.size in large and len(line.text.split()) <= _HEADING_WORDS},
        reverse=True,
    )


def _leading(lines: Sequence[Line], body: float) -> float:
    """The usual distance between the lines of a paragraph, in points: the commonest, of equals the least."""
    steps = Counter(
        round(before.baseline - line.baseline)
        for before, line in pairwise(lines)
        if before.size == line.size == body and 0 < before.baseline - line.baseline < 3 * body
    )
    return float(min(steps, key=lambda step: (-steps[step], step))) if steps else 1.2 * body
