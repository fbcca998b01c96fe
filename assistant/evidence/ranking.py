"""Evidence for a question: every candidate passage on one scale, and the signals a judge needs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assistant.encoder import Encoder, Vectors
from assistant.evidence.curated import CuratedQuestions, Likeness
from assistant.evidence.lexical import Alternative, LexicalIndex, Unit, terms
from assistant.evidence.query import Query, QueryReader
from assistant.evidence.ranked import Ranked
from assistant.evidence.reading import PassageReading, ReadsPassages
from assistant.evidence.topical import Asked, QuestionTopics
from assistant.index import PassageIndex
from assistant.language.conditions import Conditions
from assistant.types import Passage

Scores = NDArray[np.float32]

_CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class Blend:
    """How much each kind of evidence counts, tuned on the tune half of the first article's questions and on
    public development sets.

    A weight of 0 switches that kind off. Where a passage has no curated questions, or its article no topics,
    their weight is shared out among the others. `reader` is what the reader's word adds, where passages are read.
    `lay_words` off searches for the person's own words only.
    """

    dense: float = 0.15
    sentence: float = 0.3
    lexical: float = 0.2
    topic: float = 0.06
    curated: float = 0.65
    reader: float = 0.1
    lay_words: bool = True


@dataclass(frozen=True, slots=True)
class Evidence:
    """Candidates best first (ties in the order of the articles), and what tells whether they answer.

    `answered` and `unanswered` tell how like the question curated questions are that the articles answer and
    do not answer; None where there are none. `asked` are the topics it may be about, `spoken_of` is the
    probability that it is one that any candidate speaks of, `silent` are topics asked about that none does, in
    words that can be shown. `covered` is the share of the question's idf mass that the best passage has,
    `known` the share of its parts that any passage has. `missing` are things asked about that the articles
    nowhere mention, in words that can be shown.
    """

    query: Query
    ranked: tuple[Ranked, ...]
    answered: Likeness | None = None
    unanswered: Likeness | None = None
    covered: float = 0.0
    known: float = 0.0
    missing: tuple[str, ...] = ()
    asked: Asked | None = None
    spoken_of: float | None = None
    silent: tuple[str, ...] = ()
    vector: Vectors = field(default_factory=lambda: np.empty(0, np.float32), repr=False, compare=False)


class Ranker:
    """Ranks the passages of one index for a question."""

    def __init__(
        self,
        index: PassageIndex,
        encoder: Encoder,
        blend: Blend | None = None,
        reader: ReadsPassages | None = None,
    ) -> None:
        self._index = index
        self._encoder = encoder
        self._blend = blend or Blend()
        weight = self._blend.reader
        self._reading = PassageReading(index, reader, weight) if reader and weight else None
        self.queries = QueryReader(index.documents.values(), index.wording)
        self._lexical = LexicalIndex(index.postings)
        self._questions = CuratedQuestions(index)
        self._topics = QuestionTopics(index, encoder)
        self._conditions = Conditions(index.wording.conditions)

    def rank(self, query: Query) -> Evidence:
        """The evidence for a query, from the articles it names, or from all if it names none."""
        [vector] = self._encoder.encode_queries([query.neutral])
        lexical = self._lexical.scores(self._units(query))
        cosines = self._questions.cosines(vector)
        rows = self._candidates(query, vector, lexical, cosines)
        curated = self._questions.likeness(cosines, rows)
        passages = [self._index.passages[row] for row in rows]
        asked = self._topics.asked(query.neutral, vector, passages)
        dense = self._index.passage_scores(vector, rows)
        best = self._index.best_sentences(vector, rows)
        scored = self._blended(
            passages,
            dense,
            best,
            lexical[rows].tolist(),
            asked.matches(passages) if asked else None,
            [curated.get(row) for row in rows],
        )
        order = sorted(range(len(rows)), key=lambda place: -scored[place].score)
        answered, unanswered = self._questions.likenesses(cosines, query.gate.doc_ids)
        # Where editors have said what the articles do not answer, the reader's word adds nothing: measured.
        first = scored[order[0]] if order else None
        if self._reading and unanswered is None and first and self._reading.is_asked(query.text, first):
            scored = self._reading.read(query.text, scored, order)
            order.sort(key=lambda place: -scored[place].score)
        ranked = tuple(scored[place] for place in order)
        return Evidence(
            query,
            ranked,
            answered,
            unanswered,
            covered=self._lexical.coverage(query.units, rows[order[0]]) if ranked else 0.0,
            known=self._known(query),
            missing=self._missing(query),
            asked=asked,
            spoken_of=asked.spoken_of(passages) if asked else None,
            silent=self._topics.named(asked.silent(passages)) if asked else (),
            vector=vector,
        )

    def _known(self, query: Query) -> float:
        found = [self._lexical.known(unit) for unit in query.units]
        return sum(found) / len(found) if found else 0.0

    def _missing(self, query: Query) -> tuple[str, ...]:
        """Substances asked about together with the medicine, and conditions, that no passage mentions."""
        named = [*query.gate.topics, *(entity.shown for entity in self._conditions.foreign(query.text))]
        return tuple(dict.fromkeys(name for name in named if not self._lexical.known(_unit(name))))

    def _units(self, query: Query) -> Sequence[Unit]:
        return query.units if self._blend.lay_words else [unit[:1] for unit in query.units]

    def _candidates(self, query: Query, vector: Vectors, lexical: Scores, cosines: Scores) -> list[int]:
        if query.gate.doc_ids:
            return [row for doc_id in query.gate.doc_ids for row in self._index.rows_of(doc_id)]
        if not self._index.is_searched_for(_CANDIDATES):
            return list(range(len(self._index.passages)))
        _, [dense] = self._index.store.search(vector[np.newaxis], _CANDIDATES)
        found = {*map(int, dense), *highest(lexical, _CANDIDATES), *self._questions.rows_near(cosines)}
        return sorted(found)

    def _blended(
        self,
        passages: Sequence[Passage],
        dense: Sequence[float],
        sentences: Sequence[tuple[float, int]],
        lexical: Sequence[float],
        topic: Sequence[float] | None,
        curated: Sequence[float | None],
    ) -> list[Ranked]:
        """The mean of what evidence there is of each passage, by the weights of the blend.

        `sentences` are the cosine of each passage's best sentence and which it is.
        """
        blend = self._blend
        topics: Sequence[float | None] = topic or [None] * len(passages)
        weight = blend.dense + blend.sentence + blend.lexical + (0.0 if topic is None else blend.topic)
        scored = []
        for passage, near, (best, which), shared, about, asked in zip(
            passages, dense, sentences, lexical, topics, curated, strict=True
        ):
            score, whole = blend.dense * near + blend.sentence * best + blend.lexical * shared, weight
            if about is not None:
                score += blend.topic * about
            if asked is not None:
                score, whole = score + blend.curated * asked, weight + blend.curated
            highlight = passage.sentences[which]
            scored.append(Ranked(passage, score / whole, near, best, shared, about, asked, highlight))
        return scored


def highest(scores: Scores, count: int) -> list[int]:
    """The rows of the highest scores, none below 0, highest first, ties by row: `argsort` of only a few."""
    if count >= len(scores):
        rows = np.argsort(-scores, kind="stable")
    else:
        # Most are 0, and partitioning so many that are equal takes ten times as long.
        positive = scores[scores > 0]
        least = np.partition(positive, -count)[-count] if count <= len(positive) else 0
        above, level = np.flatnonzero(scores > least), np.flatnonzero(scores == least)
        above = above[np.argsort(-scores[above], kind="stable")]
        rows = np.concatenate([above, level[: count - len(above)]])
    found: list[int] = rows.tolist()
    return found


def _unit(name: str) -> Unit:
    return (Alternative(terms(name), 1.0),)
