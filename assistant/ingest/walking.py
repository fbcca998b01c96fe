"""Turns the elements of a page, met in their order, into pieces of text."""

import re
from collections import Counter

from assistant.ingest.pieces import CELL_MARK, Piece, one_line, raised
from assistant.ingest.types import Dropped

_TAGS = (
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol option p pre search section "
    "summary table caption thead tbody tfoot tr td th ul"
)
_BLOCKS = frozenset(_TAGS.split())
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_RUNS = ("ul", "ol", "menu", "dir", "dl")
_CELLS = ("td", "th")
_BLANK = re.compile(r"[\t\n\r\f\v]")
_PICTURES = {"img": "picture", "svg": "picture", "math": "formula", "video": "video"}


class Writer:
    """Collects text between the edges of blocks; a dropped part's text is collected apart."""

    def __init__(self) -> None:
        self.dropped: list[Dropped] = []
        self._pieces: list[Piece] = []
        self._text: list[str] = []
        self._lost: list[str] | None = None
        self._lost_as = ""
        self._raised: list[str] | None = None
        self._lists: list[list[int | str]] = []
        self._tables: list[bool] = []
        self._mark = ""
        self._heading = 0
        self._cells = 0
        self._as_is = 0
        self._joined = False
        self._pictures: Counter[str] = Counter()

    def finish(self) -> list[Piece]:
        """All pieces; to be called once, at the end."""
        self._flush()
        for name, count in sorted(self._pictures.items()):
            self.dropped.append(Dropped(name, f"{count} without words"))
        return self._pieces

    def start_dropping(self, kind: str, tag: str) -> None:
        """From here on text belongs to a part that is dropped."""
        if tag in _BLOCKS and not self._in_row(tag):
            self._flush()
        self._lost, self._lost_as = [], kind

    def stop_dropping(self) -> None:
        """The dropped part ends."""
        if words := one_line("".join(self._lost or ())):
            self.dropped.append(Dropped(self._lost_as, words))
        self._lost = None

    def text(self, text: str) -> None:
        """Words of the page."""
        if self._lost is not None:
            self._lost.append(text)
        elif self._raised is not None:
            self._raised.append(text)
        else:
            # Outside <pre> only <br> breaks a line.
            self._text.append(text if self._as_is else _BLANK.sub(" ", text))

    def picture(self, tag: str, told: str = "") -> None:
        """Something that holds no words; `told` is what stands in its place where it cannot be seen."""
        if self._lost is None and one_line(told):
            self.dropped.append(Dropped(_PICTURES[tag], one_line(told)))
        elif self._lost is None:
            self._pictures[_PICTURES[tag]] += 1

    def enter(self, tag: str, layout: bool = False, number: str = "") -> None:
        """An element begins; `layout` tells a table that only arranges the page, `number` is what a list or an
        item of it is numbered from."""
        if self._lost is not None:
            self._lost.append(" " if tag in _BLOCKS or tag == "br" else "")
        elif tag == "sup":
            self._raised = self._raised or []
        elif tag == "br":
            self._text.append("\n")
        elif tag in _BLOCKS and not self._in_row(tag):
            self._flush()
            self._open(tag, layout, number)

    def leave(self, tag: str) -> None:
        """An element ends."""
        if self._lost is not None:
            return
        if tag == "sup" and self._raised is not None:
            self._text.append(raised("".join(self._raised)))
            self._raised = None
        elif tag in _BLOCKS and not self._in_row(tag):
            self._flush()
            self._close(tag)

    def _in_row(self, tag: str) -> bool:
        """Whether the edge of this block lies inside a table row, which is one line."""
        if not self._cells or tag == "tr":
            return False
        if tag in _CELLS:
            self._cells += 1
        self._text.append(CELL_MARK if tag in _CELLS and self._cells % 2 == 0 and self._cells > 2 else " ")
        return True

    def _open(self, tag: str, layout: bool, number: str) -> None:
        if tag in _RUNS:
            self._joined &= bool(self._lists)
            self._lists.append([tag, int(number or 1) - 1])
        elif tag == "li" and self._lists:
            self._lists[-1][1] = int(number or int(self._lists[-1][1]) + 1)
            self._mark = f"{self._lists[-1][1]}. " if self._lists[-1][0] == "ol" else "- "
        elif tag in _HEADINGS:
            self._heading = _HEADINGS[tag]
        elif tag == "table":
            self._tables.append(layout)
            self._joined = False
        elif tag == "tr" and self._tables and not self._tables[-1]:
            self._cells = 1
        elif tag == "pre":
            self._as_is += 1
            self._joined = False

    def _close(self, tag: str) -> None:
        if tag in _RUNS and self._lists:
            self._lists.pop()
        elif tag == "li":
            self._mark = ""
        elif tag in _HEADINGS:
            self._heading = 0
        elif tag == "table" and self._tables:
            self._tables.pop()
        elif tag == "tr":
            self._cells = 0
        elif tag == "pre" and self._as_is:
            self._as_is -= 1

    def _flush(self) -> None:
        lines, self._text = "".join(self._text).split("\n"), []
        if self._cells:
            lines = [" ".join(lines).strip(" |")]
        if self._heading:
            lines = [" ".join(lines)]
        in_table = bool(self._tables) and not self._tables[-1]
        in_run = bool(self._lists or in_table or self._as_is)
        joined = in_run and self._joined
        for line in lines:
            words = line.rstrip() if self._as_is else one_line(line)
            if words.strip():
                self._pieces.append(Piece(self._mark + words, self._heading, joined))
                self._mark = " " * len(self._mark)
                joined = True
            elif not in_run:
                # Two line breaks in a row part paragraphs.
                joined = False
        self._joined = in_run and (joined or self._joined)
