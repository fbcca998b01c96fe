"""Articles into passages that are exact slices: whole sentences, whole paragraphs where they fit."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from assistant.outline import Block, BlockKind, outline
from assistant.sentences import sentence_spans
from assistant.types import Document, Passage, Span

Fits = Callable[[str, str], bool]
"""`fits(heading, text)`: does the encoder read all of it?"""

_SOFT_BREAKS = ("\n", "; ", ", ", " ")


@dataclass(frozen=True, slots=True)
class PassageLength:
    """The length of a passage to aim at, in words. One sentence alone may be longer or shorter."""

    least: int = 50
    most: int = 150

    def __str__(self) -> str:
        return f"paragraphs, {self.least}-{self.most} words"


_Group = list[Span]
"""Neighbouring sentences that may share a passage."""


def split(document: Document, fits: Fits, length: PassageLength | None = None) -> list[Passage]:
    """The passages of an article, in order and without overlap.

    Every non-blank character is in a passage, a heading, the title or a skipped span. A sentence is
    cut only if the encoder could not read it whole even alone.
    """
    length = length or PassageLength()
    passages: list[Passage] = []
    for heading, paragraphs in _sections(outline(document)):
        packer = _Packer(document, heading, fits, length)
        passages += [packer.passage(group) for group in packer.pack(paragraphs)]
    return passages


def _sections(blocks: Iterable[Block]) -> Iterator[tuple[str, list[Span]]]:
    heading, paragraphs = "", list[Span]()
    for block in blocks:
        if block.kind is BlockKind.PARAGRAPH:
            paragraphs.append(block.span)
            continue
        if paragraphs:
            yield heading, paragraphs
        heading, paragraphs = block.words if block.kind is BlockKind.HEADING else "", []
    if paragraphs:
        yield heading, paragraphs


@dataclass(frozen=True, slots=True)
class _Packer:
    """Packs the paragraphs of one section."""

    document: Document
    heading: str
    fits: Fits
    length: PassageLength

    def pack(self, paragraphs: Iterable[Span]) -> list[_Group]:
        groups: list[_Group] = []
        for paragraph in paragraphs:
            for group in self._pieces(paragraph):
                if groups and self._is_short(groups[-1], group) and self._may_join(groups[-1], group):
                    groups[-1] = groups[-1] + group
                else:
                    groups.append(group)
        return groups

    def passage(self, group: _Group) -> Passage:
        start, end = group[0].start, group[-1].end
        text = self.document.text[start:end]
        return Passage(self.document.doc_id, start, end, text, self.heading, tuple(group))

    def _pieces(self, paragraph: Span) -> list[_Group]:
        """The paragraph whole, else in as few parts as fit, as even as sentence ends allow."""
        sentences = [part for span in self._sentences(paragraph) for part in self._readable(span)]
        if not sentences:
            return []
        words = sum(self._words(span) for span in sentences)
        parts = -(-words // self.length.most)
        while True:
            pieces = self._even_parts(sentences, words / parts)
            if all(self._acceptable(piece) for piece in pieces):
                return pieces
            if parts >= len(sentences):
                return [[sentence] for sentence in sentences]
            parts += 1

    def _even_parts(self, sentences: list[Span], words_each: float) -> list[_Group]:
        pieces: list[_Group] = [[]]
        done = 0.0
        for sentence in sentences:
            middle = done + self._words(sentence) / 2
            if pieces[-1] and middle > words_each * len(pieces):
                pieces.append([])
            pieces[-1].append(sentence)
            done += self._words(sentence)
        return pieces

    def _acceptable(self, group: _Group) -> bool:
        short_enough = len(group) == 1 or sum(self._words(span) for span in group) <= self.length.most
        return short_enough and self._readable_whole(group)

    def _is_short(self, first: _Group, second: _Group) -> bool:
        return any(sum(map(self._words, group)) < self.length.least for group in (first, second))

    def _may_join(self, first: _Group, second: _Group) -> bool:
        between = Span(first[-1].end, second[0].start)
        parted = any(between.start <= skip.start < between.end for skip in self.document.skipped)
        return not parted and self._acceptable(first + second)

    def _readable_whole(self, group: _Group) -> bool:
        return self.fits(self.heading, self.document.text[group[0].start : group[-1].end])

    def _sentences(self, paragraph: Span) -> list[Span]:
        return sentence_spans(self.document.text, *paragraph)

    def _words(self, span: Span) -> int:
        return len(self.document.text[span.start : span.end].split())

    def _readable(self, sentence: Span) -> Iterator[Span]:
        """The sentence, or pieces of one that the encoder could not read whole."""
        text = self.document.text
        start = sentence.start
        while start < sentence.end:
            end = self._readable_end(start, sentence.end)
            piece = text[start:end].rstrip()
            yield Span(start, start + len(piece))
            start = end
            while start < sentence.end and text[start].isspace():
                start += 1

    def _readable_end(self, start: int, end: int) -> int:
        text = self.document.text
        if self.fits(self.heading, text[start:end]):
            return end
        low, high = start + 1, end
        while low + 1 < high:
            middle = (low + high) // 2
            low, high = (middle, high) if self.fits(self.heading, text[start:middle]) else (low, middle)
        for soft in _SOFT_BREAKS:
            cut = text.rfind(soft, start + (low - start) // 2, low)
            if cut > start:
                return cut + len(soft)
        return low


def uncovered(document: Document, passages: Iterable[Passage]) -> list[Span]:
    """Non-blank stretches of the article that are in no passage, heading, title or skipped span.

    Always empty for the passages of `split`; `check` uses it to prove so.
    """
    headings = [block.span for block in outline(document) if block.kind is not BlockKind.PARAGRAPH]
    marks = [Span(0, 1)] if document.text.startswith("\ufeff") else []
    spans = [Span(passage.start, passage.end) for passage in passages]
    covered = sorted([*headings, *marks, *spans, *document.skipped])
    edges = [Span(0, 0), *covered, Span(len(document.text), len(document.text))]
    gaps = [Span(before.end, after.start) for before, after in pairwise(edges)]
    return [gap for gap in gaps if document.text[gap.start : gap.end].strip()]
