"""The outline of an article: its title, headings and paragraphs as exact spans.

Markdown headings (`## Heading`, or underlined with `===` or `---`) are read as such. In plain text a
heading is a short line that stands alone, does not end like a sentence, and has a paragraph below it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from assistant.sentences import trimmed
from assistant.types import Document, Span

_MARKED_HEADING = re.compile(r"[ ]{0,3}#{1,6}[ \t]+(?P<words>.*?)[ \t]*#*\s*$")
_UNDERLINE = re.compile(r"[ ]{0,3}(?:={2,}|-{2,})\s*$")
_FENCE = re.compile(r"[ ]{0,3}(?:```|~~~)")
_HEADING_WORDS = 12
_HEADING_CHARACTERS = 100
_LIST_LENGTH = 3
"""So many heading-like lines in a row are a list, not headings."""


class BlockKind(Enum):
    """What a block of an article is."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of an article; together the blocks hold every non-blank character that is not skipped."""

    kind: BlockKind
    span: Span
    words: str
    """The heading's or title's own words, without Markdown marks; empty for a paragraph."""


def outline(document: Document) -> list[Block]:
    """The blocks of an article in order."""
    blocks = [block for region in _regions(document) for block in _blocks(document.text, region)]
    blocks = _with_bare_headings(document.text, blocks)
    return _with_title(document, blocks)


def _regions(document: Document) -> Iterator[Span]:
    """The text between the skipped spans; a byte order mark is no text."""
    start = 1 if document.text.startswith("\ufeff") else 0
    for skipped in document.skipped:
        yield Span(start, max(start, skipped.start))
        start = max(start, skipped.end)
    yield Span(start, len(document.text))


def _blocks(text: str, region: Span) -> Iterator[Block]:
    """Paragraphs (runs of lines that are not blank) and marked headings."""
    paragraph: list[Span] = []
    fenced = False
    for line in _lines(text, region):
        words = text[line.start : line.end]
        fenced ^= bool(_FENCE.match(words))
        marked = None if fenced else _MARKED_HEADING.match(words)
        underlined = len(paragraph) == 1 and not fenced and _UNDERLINE.match(words)
        if underlined:
            title = trimmed(text, *paragraph.pop())
            yield Block(
                BlockKind.HEADING, Span(title.start, trimmed(text, *line).end), text[title.start : title.end]
            )
        elif marked or not words.strip():
            yield from _paragraph(text, paragraph)
            paragraph = []
            if marked:
                yield Block(BlockKind.HEADING, trimmed(text, *line), marked["words"])
        else:
            paragraph.append(line)
    yield from _paragraph(text, paragraph)


def _lines(text: str, region: Span) -> Iterator[Span]:
    position = region.start
    for line in text[region.start : region.end].splitlines(keepends=True):
        yield Span(position, position + len(line))
        position += len(line)


def _paragraph(text: str, lines: list[Span]) -> Iterator[Block]:
    if lines:
        yield Block(BlockKind.PARAGRAPH, trimmed(text, lines[0].start, lines[-1].end), "")


def _with_bare_headings(text: str, blocks: list[Block]) -> list[Block]:
    """Turns lone heading-like lines into headings, unless so many follow each other that they are a list."""
    result = list(blocks)
    position = 0
    while position < len(blocks):
        run = position
        while run < len(blocks) and _looks_like_heading(text, blocks[run]):
            run += 1
        leads_on = run < len(blocks) and blocks[run].kind is BlockKind.PARAGRAPH
        if leads_on and run - position < _LIST_LENGTH:
            result[position:run] = [_as_heading(text, block) for block in blocks[position:run]]
        position = run + 1
    return result


def _looks_like_heading(text: str, block: Block) -> bool:
    words = text[block.span.start : block.span.end]
    return (
        block.kind is BlockKind.PARAGRAPH
        and len(words.splitlines()) == 1
        and len(words) <= _HEADING_CHARACTERS
        and len(words.split()) <= _HEADING_WORDS
        and (words[0].isupper() or words[0].isdigit())
        and (words[-1].isalnum() or words[-1] in "?)")
    )


def _as_heading(text: str, block: Block) -> Block:
    return Block(BlockKind.HEADING, block.span, text[block.span.start : block.span.end])


def _with_title(document: Document, blocks: list[Block]) -> list[Block]:
    """The first block is the title if it says the same words as `document.title`."""
    if not blocks:
        return blocks
    first = blocks[0]
    words = first.words or document.text[first.span.start : first.span.end]
    if words.casefold().split() != document.title.casefold().split():
        return blocks
    return [Block(BlockKind.TITLE, first.span, words), *blocks[1:]]
