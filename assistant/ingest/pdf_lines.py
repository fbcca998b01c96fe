"""The printed lines of one page of a PDF file, each in the stretches that wide gaps part it into."""

from collections import Counter
from collections.abc import Iterator, Sequence
from ctypes import byref, c_double
from dataclasses import dataclass

import pypdfium2 as pdfium
from pypdfium2 import raw as pdfium_raw

from assistant.ingest.columns import WIDE, Row
from assistant.ingest.layout import Line
from assistant.ingest.pieces import one_line, raised

# PDFium's marks for a hyphen at the end of a line, after which it leaves out the line's end.
_HYPHEN_MARKS = ("\x02", "\ufffe")
_SMALLER, _HIGHER, _LOWER = 0.8, 0.15, 0.9
_FIGURES = frozenset("0123456789+-−=(),")
_LONGEST_MARKER = 3
"""Characters of a bullet or a number, which a gap does not part from its item."""


@dataclass(frozen=True, slots=True)
class _Character:
    """`at` is its place in PDFium's text of the page; `size` in points."""

    at: int
    text: str
    size: float


class PageText:
    """Reads one page. `raised` collects how raised figures were printed and what they became."""

    def __init__(self, page: pdfium.PdfPage, raised_figures: list[tuple[str, str]]) -> None:
        self._page = page.get_textpage()
        self._raised = raised_figures

    def rows(self) -> list[Row]:
        """The lines in the file's order."""
        rows = [tuple(self._stretches(part)) for line in self._lines() for part in self._level(line)]
        self._page.close()
        return [row for row in rows if row]

    def _lines(self) -> Iterator[list[_Character]]:
        found: list[_Character] = []
        size, known = 0.0, False
        for at in range(self._page.count_chars()):
            text = chr(pdfium_raw.FPDFText_GetUnicode(self._page, at))
            if text.isspace():
                known = False
            elif not known or text in _FIGURES:
                # Asking costs as much as reading: within a word only figures can be raised.
                size = pdfium_raw.FPDFText_GetFontSize(self._page, at)
                known = text not in _FIGURES
            if text not in "\r\n":
                shown = "-" if text in _HYPHEN_MARKS else text
                found.append(_Character(at, shown, 0.0 if text.isspace() else size))
            if found and (text in "\r\n" or text in _HYPHEN_MARKS):
                yield found
                found = []
        yield found

    def _level(self, line: Sequence[_Character]) -> Iterator[Sequence[_Character]]:
        """The parts of what PDFium takes for one line, though a word stands below the one before."""
        start = 0
        for before, place in _word_starts(line):
            size = max(line[before].size, line[place].size)
            if self._baseline(line[before].at) - self._baseline(line[place].at) > _LOWER * size:
                yield line[start:place]
                start = place
        yield line[start:]

    def _stretches(self, line: Sequence[_Character]) -> Iterator[Line]:
        start = 0
        for before, place in _word_starts(line):
            marker = before - start < _LONGEST_MARKER
            if not marker and self._is_wide(line[before], line[place]):
                yield from self._stretch(line[start:place])
                start = place
        yield from self._stretch(line[start:])

    def _is_wide(self, before: _Character, after: _Character) -> bool:
        right, left = self._box(before.at)[2], self._box(after.at)[0]
        return left - right > WIDE * max(before.size, after.size)

    def _stretch(self, found: Sequence[_Character]) -> Iterator[Line]:
        seen = [character for character in found if not character.text.isspace()]
        if not seen:
            return
        sizes = Counter(round(character.size, 1) for character in seen)
        size = max(sizes, key=lambda each: (sizes[each], each))
        main = next(character for character in seen if round(character.size, 1) == size)
        baseline = self._baseline(main.at)
        text = one_line(self._with_raised(found, size, baseline))
        if text:
            left, right = self._box(seen[0].at)[0], self._box(seen[-1].at)[2]
            yield Line(text, left, right, baseline, size)

    def _with_raised(self, found: Sequence[_Character], size: float, baseline: float) -> str:
        """The text, with raised figures as such: 10 and a small raised 6 must not become 106."""
        words, small = "", ""
        for character in found:
            if self._is_raised(character, size, baseline):
                small += character.text
                continue
            if small:
                words, small = words + self._raise(words, small), ""
            words += character.text
        return words + self._raise(words, small)

    def _is_raised(self, character: _Character, size: float, baseline: float) -> bool:
        if not character.size or character.size > _SMALLER * size:
            return False
        return self._baseline(character.at) > baseline + _HIGHER * size

    def _raise(self, words: str, small: str) -> str:
        if (now := raised(small)) != small:
            word = words[words.rfind(" ") + 1 :]
            self._raised.append((word + small, word + now))
        return now

    def _box(self, at: int) -> tuple[float, float, float, float]:
        left, bottom, right, top = self._page.get_charbox(at)
        return left, bottom, right, top

    def _baseline(self, at: int) -> float:
        x, y = c_double(), c_double()
        found = pdfium_raw.FPDFText_GetCharOrigin(self._page, at, byref(x), byref(y))
        return y.value if found else self._box(at)[1]


def _word_starts(line: Sequence[_Character]) -> Iterator[tuple[int, int]]:
    """The places of the last character of each word and of the first one of the next."""
    before = None
    for place, character in enumerate(line):
        if character.text.isspace():
            continue
        if before is not None and place - before > 1:
            yield before, place
        before = place
