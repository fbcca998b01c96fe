"""Real passages and sentences with their real vectors: what larger collections are drawn near."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from assistant.corpus import read_corpus
from assistant.encoder import Encoder, Vectors
from assistant.encoding import split_corpus
from assistant.evidence.context import PassageContext
from evaluation.speed.texts import Texts, generated, texts_of, write_corpus

_FILE = "pool.npz"
_AT_ONCE = 256
_MOST, _GENERATED = 5_000, 400


@dataclass(frozen=True, slots=True)
class Pool:
    """Row i of `vectors` is passage i, made of `sentences[i]`; row j of `sentence_vectors` is the j-th of all
    sentences in order. `questions` are what people ask of them, encoded as questions."""

    sentences: Sequence[Sequence[str]]
    vectors: Vectors
    sentence_vectors: Vectors
    questions: Vectors


def texts_for(folder: str) -> Texts:
    """The texts and questions of a folder in the evaluation's layout, or generated ones if it has no name."""
    return texts_of(Path(folder), _MOST) if folder else generated(_GENERATED)


def pool_of(texts: Texts, encoder: Encoder, folder: Path) -> Pool:
    """The pool of these texts, encoded once and kept in the folder."""
    passages = _sentences_in_context(texts, encoder)
    path = folder / _FILE
    if not path.exists():
        whole, single = ([text for text, _ in passages], [text for _, own in passages for text, _ in own])
        np.savez(
            path,
            vectors=_encoded(encoder, whole),
            sentence_vectors=_encoded(encoder, single),
            questions=encoder.encode_queries(texts.questions),
        )
    with np.load(path, allow_pickle=False) as kept:
        rows = [kept[name] for name in ("vectors", "sentence_vectors", "questions")]
    return Pool([[" ".join(sentence.split()) for _, sentence in own] for _, own in passages], *rows)


def _encoded(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    return np.concatenate(
        [encoder.encode_passages(texts[at : at + _AT_ONCE]) for at in range(0, len(texts), _AT_ONCE)]
    )


def _sentences_in_context(texts: Texts, encoder: Encoder) -> list[tuple[str, list[tuple[str, str]]]]:
    """Of each passage what is encoded of it and of each of its sentences, and the sentence itself."""
    with TemporaryDirectory() as folder:
        write_corpus(texts, Path(folder) / "corpus")
        corpus = read_corpus(Path(folder) / "corpus")
    contexts = {each.doc_id: PassageContext(encoder, each.title) for each in corpus.documents}
    found = []
    for passage in split_corpus(corpus, encoder):
        context, heading = contexts[passage.doc_id], passage.heading
        own = [(context.text(heading, text), text) for text in passage.sentence_texts()]
        found.append((context.text(heading, passage.text), own))
    return found
