"""The pieces of a document, and the canonical text they make.

Headings are marked `## Uses`, list items `- ` or `1. `, and the cells of a table row are parted by ` | `:
marks that show the layout and are no words. A piece is one line, so that blank lines part paragraphs only.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

CELL_MARK = " | "
_RAISED_FROM, _RAISED = "0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ"
_RAISABLE = re.compile(r"[0-9+\-−=()n]+([, ]+[0-9+\-−=()n]+)*")
_LETTERS = dict(zip("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True))
_BLANKS = re.compile(r"[ \t\n\r\f\v]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """One line of the article; `level` is 1 to 6 for a heading, else 0.

    One that is `joined`, as the second item of a list is, stays in a paragraph with the line before it.
    """

    text: str
    level: int = 0
    joined: bool = False


def one_line(text: str) -> str:
    """The text with each run of ordinary blanks as one space; no-break spaces stay."""
    return _BLANKS.sub(" ", text).strip(" ")


def raised(text: str) -> str:
    """Figures, and the one letter of a note, as raised ones, any other text as it is.

    10 with a raised 6 must not become 106, nor mg with a note a become mga.
    """
    if text.strip() in _LETTERS:
        return _LETTERS[text.strip()]
    if not _RAISABLE.fullmatch(text.strip()):
        return text
    return text.strip().translate(str.maketrans(_RAISED_FROM, _RAISED))


def canonical_text(pieces: Iterable[Piece]) -> str:
    """The pieces as text that ends in one line end."""
    lines: list[str] = []
    for piece in pieces:
        if lines and not piece.joined:
            lines.append("")
        lines.append("#" * piece.level + " " * bool(piece.level) + piece.text)
    return "\n".join(lines) + "\n" if lines else ""


def title_of(pieces: Iterable[Piece]) -> str:
    """The first heading of the highest level; empty if there is no heading."""
    headings = [piece for piece in pieces if piece.level]
    return min(headings, key=lambda piece: piece.level).text if headings else ""
