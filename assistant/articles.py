"""The articles of one index generation as a reader sees them: whole, each re-read from its file."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.corpus import article_path, parse_sources, read_document
from assistant.corpus_files import SOURCES as SOURCES_FILE
from assistant.corpus_files import read_text
from assistant.errors import ArticleError, CorpusError
from assistant.index import PassageIndex
from assistant.messages import READER
from assistant.outline import outline
from assistant.storage.records import DocumentRecord
from assistant.types import Document, Passage, Span

_KEPT = 32


@dataclass(frozen=True, slots=True)
class Piece:
    """`text[span.start:span.end]` of an article, the blank lines after it included.

    `words` are a heading's own, without Markdown marks. A piece that is `left_out` has no text to show.
    """

    span: Span
    text: str
    words: str = ""
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """An article to read. If it is `whole`, its pieces are in order and hold every character of it.

    If not, its file cannot be read or is another one than was indexed, and the pieces are the passages that
    the index holds.
    """

    record: DocumentRecord
    pieces: tuple[Piece, ...]
    whole: bool = True

    def holds(self, span: Span) -> bool:
        """Whether the span is not empty and every character of it is shown."""
        at = span.start
        for piece in self.pieces:
            if not piece.left_out and piece.span.start <= at < piece.span.end:
                at = piece.span.end
        return span.start < span.end <= at


@dataclass(frozen=True, slots=True)
class QuoteCheck:
    """What `text[start:end]` of an article's file is at this moment.

    `indexed` is whether the file is, byte for byte, the one that was indexed; hashes are SHA-256 in hex.
    """

    span: Span
    file_name: str
    quote: str
    quote_sha256: str
    file_sha256: str
    indexed: bool


class Articles:
    """The articles of one generation. Nothing of a file is believed unless its hash is the index's."""

    def __init__(self, index: PassageIndex, corpus_dir: Path) -> None:
        """`corpus_dir` may be missing: an index can be served without its corpus."""
        self.index = index
        self._corpus_dir = corpus_dir
        self._read: dict[str, Article] = {}

    @property
    def records(self) -> Mapping[str, DocumentRecord]:
        """What is known of each article, by id, in the order of the corpus."""
        return self.index.documents

    def headings(self, doc_id: str) -> tuple[str, ...]:
        """The headings that passages stand under, each once, in order."""
        rows = self.index.rows_of(doc_id)
        return tuple(dict.fromkeys(h for row in rows if (h := self.index.passages[row].heading)))

    def read(self, doc_id: str) -> Article:
        """One article to read. Raises `ArticleError` if the index has none of that id."""
        record = self._record(doc_id)
        if article := self._read.get(doc_id):
            return article
        try:
            article = Article(record, tuple(pieces_of(self._document(record))))
        except CorpusError:
            own = [self.index.passages[row] for row in self.index.rows_of(doc_id)]
            return Article(record, tuple(_piece_of(passage) for passage in own), whole=False)
        while len(self._read) >= _KEPT:
            self._read.pop(next(iter(self._read)), None)
        self._read[doc_id] = article
        return article

    def check(self, doc_id: str, span: Span) -> QuoteCheck:
        """Reads the article's file anew and takes the slice out of it. Raises `ArticleError`."""
        record = self._record(doc_id)
        try:
            path = article_path(self._corpus_dir, doc_id)
            text, sha256 = read_text(path)
        except CorpusError as error:
            raise ArticleError(READER["unreadable"]) from error
        if not 0 <= span.start < span.end <= len(text):
            raise ArticleError(READER["no_such_place"])
        quote = text[span.start : span.end]
        quote_sha256 = hashlib.sha256(quote.encode()).hexdigest()
        return QuoteCheck(span, path.name, quote, quote_sha256, sha256, sha256 == record.source.sha256)

    def _record(self, doc_id: str) -> DocumentRecord:
        if doc_id not in self.records:
            raise ArticleError(READER["no_such_article"])
        return self.records[doc_id]

    def _document(self, record: DocumentRecord) -> Document:
        """Raises `CorpusError` if the file is not the one that was indexed."""
        sources, _ = read_text(self._corpus_dir / SOURCES_FILE)
        for entry in parse_sources(self._corpus_dir, sources):
            if entry.id == record.doc_id:
                document = read_document(self._corpus_dir, entry)
                if document.source.sha256 == record.source.sha256:
                    return document
        raise CorpusError(f"The file of {record.doc_id} is not the one that was indexed.")


def _piece_of(passage: Passage) -> Piece:
    return Piece(Span(passage.start, passage.end), passage.text)


def pieces_of(document: Document) -> Iterator[Piece]:
    """The outline's blocks, each with the blank lines up to the next, and what is left out between them."""
    blocks = outline(document)
    if not blocks:
        return
    starts = [0, *(block.span.start for block in blocks[1:])]
    ends = [*starts[1:], len(document.text)]
    for block, start, end in zip(blocks, starts, ends, strict=True):
        words = block.words
        for span, left_out in _around(Span(start, end), document.skipped):
            yield Piece(span, "" if left_out else document.text[slice(*span)], words, left_out)
            words = ""


def _around(span: Span, skipped: Sequence[Span]) -> Iterator[tuple[Span, bool]]:
    """The span cut at what is skipped: parts in order, and whether each is left out."""
    at = span.start
    for start, end in skipped:
        if start >= span.end or end <= span.start:
            continue
        if at < start:
            yield Span(at, start), False
        yield Span(max(start, span.start), min(end, span.end)), True
        at = min(end, span.end)
    if at < span.end:
        yield Span(at, span.end), False
