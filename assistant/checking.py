"""Proof that an index still quotes its articles exactly, and is what a server searches."""

import difflib
from collections.abc import Iterator
from pathlib import Path

from assistant.corpus import article_path
from assistant.corpus_files import read_text
from assistant.errors import CorpusError, SearchUnavailableError
from assistant.index import PassageIndex
from assistant.storage.copies import Copies
from assistant.storage.files import REMEDY
from assistant.types import Passage


def differences(index: PassageIndex, corpus_dir: Path) -> Iterator[str]:
    """Re-reads every article from its file and yields one account for each thing that is not as indexed."""
    for doc_id, record in index.documents.items():
        passages = [index.passages[row] for row in index.rows_of(doc_id)]
        try:
            text, sha256 = read_text(article_path(corpus_dir, doc_id))
        except CorpusError as error:
            yield str(error)
            continue
        if sha256 != record.source.sha256:
            yield f"{doc_id}: the file's SHA-256 is {sha256}, but {record.source.sha256} was indexed."
        for passage in passages:
            if text[passage.start : passage.end] != passage.text:
                yield _difference(passage, text[passage.start : passage.end])


def astray(copies: Copies | None, generation: Path) -> Iterator[str]:
    """Says so if the server's copy of the generation in that folder is not as it should be, or cannot be seen."""
    try:
        if copies and not copies.are_settled(generation):
            yield f"The server does not name {generation.name} as current, or has no whole copy of it. {REMEDY}"
    except SearchUnavailableError as error:
        yield f"The server's copy of {generation.name} could not be checked. {error}"


def _difference(passage: Passage, found: str) -> str:
    lines = difflib.unified_diff(
        passage.text.splitlines(), found.splitlines(), "indexed", "in the file", lineterm="", n=0
    )
    return "\n".join([f"{passage.passage_id} is not the exact slice of its file:", *lines])
