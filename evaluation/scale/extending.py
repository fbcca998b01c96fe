"""A collection of any size drawn near real passages, none of them twice, and the vectors that belong to it.

A passage takes sentences of a real one and of one or two of its nearest neighbours. Its vector is the mean of
theirs, by sentences taken, moved at random within the span of the differences to the neighbours (the local
covariance); that of a sentence is its real one, moved likewise. So it lies where real texts lie.
"""

import hashlib
import random
from collections.abc import Iterator, Sequence

import numpy as np

from assistant.encoder import Encoder, Progress, Vectors
from assistant.types import Document, Passage, Source, Span
from evaluation.scale.pool import Pool

NEIGHBOURS = 8
_PASSAGES_PER_ARTICLE = 25
_SEED = 20261129
_SPREAD = 0.8
"""How far a vector moves, chosen so that the tenth neighbours are as far as real ones; `closeness` shows it."""
_UNKNOWN = "unknown"


def articles(pool: Pool, count: int) -> Iterator[tuple[Document, list[Passage]]]:
    """Articles with `count` passages in all, the same every time."""
    chance, seen = random.Random(_SEED), set[bytes]()
    near = nearest(pool.vectors, NEIGHBOURS)
    for number in range(-(-count // _PASSAGES_PER_ARTICLE)):
        length = min(_PASSAGES_PER_ARTICLE, count - number * _PASSAGES_PER_ARTICLE)
        paragraphs: list[list[str]] = []
        while len(paragraphs) < length:
            sentences = _drawn(pool.sentences, near, chance)
            digest = hashlib.sha256("\n".join(sentences).encode()).digest()[:12]
            if digest not in seen:
                seen.add(digest)
                paragraphs.append(sentences)
        yield _article(number, paragraphs)


def _drawn(real: Sequence[Sequence[str]], near: np.ndarray, chance: random.Random) -> list[str]:
    first = chance.randrange(len(real))
    second, third = (int(near[first, chance.randrange(NEIGHBOURS)]) for _ in range(2))
    taken = [
        *chance.sample(real[first], min(len(real[first]), chance.randint(2, 3))),
        chance.choice(real[second]),
        *chance.sample(real[third], min(len(real[third]), chance.randint(0, 1))),
    ]
    chance.shuffle(taken)
    return list(dict.fromkeys(taken))


def _article(number: int, paragraphs: Sequence[Sequence[str]]) -> tuple[Document, list[Passage]]:
    doc_id, at = f"article-{number}", 0
    passages: list[Passage] = []
    for sentences in paragraphs:
        text, spans, start = "\n".join(sentences), [], at
        for sentence in sentences:
            spans.append(Span(start, start + len(sentence)))
            start += len(sentence) + 1
        passages.append(Passage(doc_id, at, at + len(text), text, "", tuple(spans)))
        at += len(text) + 2
    text = "\n\n".join(passage.text for passage in passages)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return Document(
        doc_id, f"Article {number}", text, Source(_UNKNOWN, _UNKNOWN, _UNKNOWN, _UNKNOWN, sha256)
    ), passages


class DrawnEncoder:
    """Stands in for the encoder that the pool was encoded with, for the texts of `articles` alone."""

    def __init__(self, encoder: Encoder, pool: Pool) -> None:
        self.name, self.revision, self.precision = encoder.name, encoder.revision, encoder.precision
        self.dim, self.max_tokens = encoder.dim, encoder.max_tokens
        self._encoder, self._pool = encoder, pool
        near = nearest(pool.vectors, NEIGHBOURS)
        self._around = pool.vectors[near] - pool.vectors[:, None]
        self._owner: dict[str, tuple[int, int]] = {}
        row = 0
        for passage, sentences in enumerate(pool.sentences):
            for sentence in sentences:
                self._owner.setdefault(sentence, (passage, row))
                row += 1

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, special tokens counted."""
        return self._encoder.count_tokens(text)

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """One row a query, real ones."""
        return self._encoder.encode_queries(queries)

    def encode_passages(self, passages: Sequence[str], progress: Progress | None = None) -> Vectors:
        """One row a passage or sentence; the same texts together get the same rows."""
        if not passages:
            return np.empty((0, self.dim), np.float32)
        chance = np.random.default_rng(list(hashlib.sha256("\0".join(passages).encode()).digest()))
        taken = [self._taken(text) for text in passages]
        base = np.stack([self._base(own) for own in taken])
        around = self._around[[own[0][0] for own in taken]]
        return normalised(base + spread_around(around, chance))

    def _taken(self, text: str) -> list[tuple[int, int]]:
        # The title comes first: "Article 7. ".
        return [self._owner[line] for line in text.split(". ", 1)[1].split("\n")]

    def _base(self, taken: Sequence[tuple[int, int]]) -> Vectors:
        if len(taken) == 1:
            alone: Vectors = self._pool.sentence_vectors[taken[0][1]]
            return alone
        mean: Vectors = self._pool.vectors[[passage for passage, _ in taken]].mean(axis=0)
        return mean


def spread_around(differences: np.ndarray, chance: np.random.Generator) -> Vectors:
    """A random move for each row of `differences` to its neighbours, `[n, neighbours, dim]`."""
    moved = chance.normal(scale=_SPREAD / differences.shape[1] ** 0.5, size=differences.shape[:2])
    spread: Vectors = np.einsum("ij,ijk->ik", moved.astype(np.float32), differences)
    return spread


def normalised(rows: np.ndarray) -> Vectors:
    """The rows at length 1."""
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def nearest(vectors: Vectors, count: int) -> np.ndarray:
    """The rows nearest to each, itself left out, `[n, count]`."""
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    return np.argsort(-cosines, axis=1, kind="stable")[:, :count]


def closeness(vectors: Vectors) -> list[float]:
    """Cosines with the tenth neighbour: deciles of their distribution."""
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    tenth = -np.sort(-cosines, axis=1)[:, 9]
    return [round(float(each), 3) for each in np.percentile(tenth, range(10, 100, 10))]
