"""Gathers what the words of the articles tell."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from assistant.evidence.coverage import readable
from assistant.language.conditions import conditions_in
from assistant.language.english import DATA
from assistant.language.entities import find_entities, possible_entities
from assistant.language.tokens import words
from assistant.rows import Layout
from assistant.storage.records import DocumentRecord
from assistant.storage.wording import Wording
from assistant.types import Document, Passage

_GATHERING = "wording-1"
"""To be changed with the way of gathering, so that none gathered otherwise is taken for the same."""
_LISTS = ("conditions.txt", "drug_names.tsv.gz", "english_words.txt.gz", "entities.tsv", "informal_words.txt")


def gathering() -> str:
    """Names the way in which wording is gathered and the lists it is gathered by."""
    lists = hashlib.sha256(b"".join((DATA / name).read_bytes() for name in _LISTS))
    return f"{_GATHERING} {lists.hexdigest()}"


def wording_of(documents: Iterable[Document], texts: Iterable[str]) -> Wording:
    """The wording of documents, skipped spans left out; `texts` are those that conditions are looked for in."""
    vocabulary: set[str] = set()
    mentioned: set[str] = set()
    for document in documents:
        read = readable(document)
        own = words(read)
        vocabulary.update(own)
        # Most articles of many name nothing that was not found yet.
        if not mentioned.issuperset(possible_entities(own)):
            mentioned.update(entity.canonical for entity in find_entities(read, vocabulary))
    return Wording(frozenset(vocabulary), frozenset(mentioned), conditions_in(texts))


def wording_of_passages(
    documents: Sequence[DocumentRecord], passages: Sequence[Passage], layout: Layout
) -> Wording:
    """The wording of articles as they are indexed: their titles, headings and passages."""

    def texts(number: int) -> Iterator[str]:
        own = (passages[row] for row in layout.rows(number))
        return (f"{passage.heading}\n{passage.text}" for passage in own)

    return wording_of(
        (
            Document(record.doc_id, record.title, "\n".join(texts(number)), record.source, record.subjects)
            for number, record in enumerate(documents)
        ),
        (text for number, record in enumerate(documents) for text in (*texts(number), record.title)),
    )
