"""What of a Word document does not become text: deletions, comments, hidden words, formulas, page heads."""

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from xml.etree import ElementTree

from assistant.ingest.pieces import one_line
from assistant.ingest.types import Dropped

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_BODIES = re.compile(r"word/(document|footnotes|endnotes)\.xml")
_ASIDE = (
    (re.compile(r"word/comments\.xml"), "comment", f"{_WORD}comment"),
    (re.compile(r"word/header\d*\.xml"), "page header", f"{_WORD}hdr"),
    (re.compile(r"word/footer\d*\.xml"), "page footer", f"{_WORD}ftr"),
)
_OFF = ("0", "false", "off")


def without_hidden_words(raw: bytes) -> tuple[bytes, list[Dropped]]:
    """The document without the words that Word does not show, and what else of it will not be read.

    Raises `zipfile.BadZipFile` or `ElementTree.ParseError`.
    """
    dropped: list[Dropped] = []
    changed: dict[str, bytes] = {}
    with zipfile.ZipFile(BytesIO(raw)) as package:
        for name in package.namelist():
            if _BODIES.fullmatch(name):
                tree = ElementTree.fromstring(package.read(name))
                dropped += _unread(tree)
                if hidden := list(_take_hidden(tree)):
                    dropped += [Dropped("hidden", words) for words in hidden]
                    changed[name] = ElementTree.tostring(tree, "utf-8", xml_declaration=True)
            for pattern, kind, tag in _ASIDE:
                if pattern.fullmatch(name):
                    parts = ElementTree.fromstring(package.read(name)).iter(tag)
                    dropped += [
                        Dropped(kind, words) for part in parts if (words := _words(part, f"{_WORD}t"))
                    ]
        # The same words often stand above every section.
        return _with(package, changed) if changed else raw, list(dict.fromkeys(dropped))


def _unread(tree: ElementTree.Element) -> Iterator[Dropped]:
    for paragraph in tree.iter(f"{_WORD}p"):
        if deleted := _words(paragraph, f"{_WORD}delText"):
            yield Dropped("deleted by a tracked change", deleted)
    for formula in tree.iter(f"{_MATH}oMath"):
        yield Dropped("formula", _words(formula, f"{_MATH}t"))
    for _ in tree.iter(f"{_WORD}altChunk"):
        yield Dropped("document within the document", "it is not read: give it by itself")


def _take_hidden(tree: ElementTree.Element) -> Iterator[str]:
    """Takes the text out of every hidden run, and says it."""
    for run in tree.iter(f"{_WORD}r"):
        mark = run.find(f"{_WORD}rPr/{_WORD}vanish")
        if mark is None or mark.get(f"{_WORD}val", "") in _OFF:
            continue
        words = _words(run, f"{_WORD}t")
        for child in list(run):
            run.remove(child)
        if words:
            yield words


def _words(part: ElementTree.Element, tag: str) -> str:
    """The text of all elements of that kind; paragraphs are parted by a blank."""
    paragraphs = list(part.iter(f"{_WORD}p")) or [part]
    return one_line(" ".join("".join(each.text or "" for each in own.iter(tag)) for own in paragraphs))


def _with(package: zipfile.ZipFile, changed: dict[str, bytes]) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in package.namelist():
            copy.writestr(name, changed.get(name) or package.read(name))
    return packed.getvalue()
