"""Proof that an index still quotes its articles exactly."""

import difflib
from collections.abc import Iterator
from pathlib import Path

from assistant.corpus import article_path
from assistant.corpus_files import read_text
from assistant.errors import CorpusError
from assistant.index import PassageIndex
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


def _difference(passage: Passage, found: str) -> str:
    lines = difflib.unified_diff(
        passage.text.splitlines(), found.splitlines(), "indexed", "in the file", lineterm="", n=0
    )
    return "\n".join([f"{passage.passage_id} is not the exact slice of its file:", *lines])
