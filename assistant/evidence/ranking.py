"""Evidence for a question: every candidate passage on one scale, and the signals a judge needs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assistant.encoder import Encoder, Vectors
from assistant.evidence.lexical import Alternative, LexicalIndex, Unit, terms
from assistant.evidence.query import Query, QueryReader
from assistant.index import PassageIndex
from assistant.language.conditions import Conditions
from assistant.types import Passage, Span

Scores = NDArray[np.float32]

_CANDIDATES = 200
_NEAREST_QUESTIONS = 3


@dataclass(frozen=True, slots=True)
class Blend:
    """How much each kind of evidence counts, tuned on the tune half of the first article's questions.

    A weight of 0 switches that kind off. `curated` is shared out among the others for an article that has
    no curated questions. `lay_words` off searches for the person's own words only.
    """

    dense: float = 0.15
    sentence: float = 0.25
    lexical: float = 0.2
    curated: float = 0.4
    lay_words: bool = True


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage and its evidence: the cosines, the lexical score, and their blend as `score`."""

    passage: Passage
    score: float
    dense: float
    sentence: float
    lexical: float
    curated: float | None
    highlight: Span


@dataclass(frozen=True, slots=True)
class Evidence:
    """Candidates best first (ties in the order of the articles), and what tells whether they answer.

    `answered` and `unanswered` are the likeness (cosine) of the question to the nearest curated questions
    that the articles answer and do not answer; None where there are none. `covered` is the share of the
    question's idf mass that the best passage has, `known` the share of its parts that any passage has.
    `missing` are things asked about that the articles nowhere mention, in words that can be shown.
    """

    query: Query
    ranked: tuple[Ranked, ...]
    answered: float | None = None
    unanswered: float | None = None
    covered: float = 0.0
    known: float = 0.0
    missing: tuple[str, ...] = ()
    vector: Vectors = field(default_factory=lambda: np.empty(0, np.float32), repr=False, compare=False)


class Ranker:
    """Ranks the passages of one index for a question."""

    def __init__(self, index: PassageIndex, encoder: Encoder, blend: Blend | None = None) -> None:
        self._index = index
        self._encoder = encoder
        self._blend = blend or Blend()
        self.reader = QueryReader(tuple(index.documents.values()), index.passages)
        self._lexical = LexicalIndex([f"{passage.heading}\n{passage.text}" for passage in index.passages])
        self._questions = _CuratedQuestions(index)
        self._rows = {passage.passage_id: row for row, passage in enumerate(index.passages)}
        self._conditions = Conditions(
            [f"{passage.heading}\n{passage.text}" for passage in index.passages]
            + [record.title for record in index.documents.values()]
        )

    def rank(self, query: Query) -> Evidence:
        """The evidence for a query, from the articles it names, or from all if it names none."""
        [vector] = self._encoder.encode_queries([query.neutral])
        lexical = self._lexical.scores(self._units(query))
        rows = self._candidates(query, vector, lexical)
        curated = self._questions.likeness(vector, rows)
        ranked = [self._ranked(vector, row, float(lexical[row]), curated.get(row)) for row in rows]
        ranked.sort(key=lambda one: -one.score)
        answered, unanswered = self._questions.nearest(vector, query.gate.doc_ids)
        return Evidence(
            query,
            tuple(ranked),
            answered,
            unanswered,
            covered=self._lexical.coverage(query.units, self._row(ranked[0])) if ranked else 0.0,
            known=self._known(query),
            missing=self._missing(query),
            vector=vector,
        )

    def _known(self, query: Query) -> float:
        found = [self._lexical.known(unit) for unit in query.units]
        return sum(found) / len(found) if found else 0.0

    def _missing(self, query: Query) -> tuple[str, ...]:
        """Substances asked about together with the medicine, and conditions, that no passage mentions."""
        named = [*query.gate.topics, *(entity.shown for entity in self._conditions.foreign(query.text))]
        return tuple(dict.fromkeys(name for name in named if not self._lexical.known(_unit(name))))

    def _row(self, ranked: Ranked) -> int:
        return self._rows[ranked.passage.passage_id]

    def _units(self, query: Query) -> Sequence[Unit]:
        return query.units if self._blend.lay_words else [unit[:1] for unit in query.units]

    def _candidates(self, query: Query, vector: Vectors, lexical: Scores) -> list[int]:
        if query.gate.doc_ids:
            return [row for doc_id in query.gate.doc_ids for row in self._index.rows_of(doc_id)]
        _, [dense] = self._index.store.search(vector[np.newaxis], _CANDIDATES)
        words = np.argsort(-lexical, kind="stable")[:_CANDIDATES]
        found = {*map(int, dense), *map(int, words), *self._questions.rows_near(vector)}
        return sorted(found)

    def _ranked(self, vector: Vectors, row: int, lexical: float, curated: float | None) -> Ranked:
        passage, blend = self._index.passages[row], self._blend
        sentences = self._index.sentence_scores(vector, row)
        dense, sentence = self._index.passage_score(vector, row), max(sentences)
        prose = blend.dense * dense + blend.sentence * sentence + blend.lexical * lexical
        weight = blend.dense + blend.sentence + blend.lexical
        if curated is not None:
            prose, weight = prose + blend.curated * curated, weight + blend.curated
        highlight = passage.sentences[sentences.index(sentence)]
        return Ranked(passage, prose / weight, dense, sentence, lexical, curated, highlight)


class _CuratedQuestions:
    """A question is far more like another question than like prose."""

    def __init__(self, index: PassageIndex) -> None:
        self._vectors = index.question_vectors
        self._row = np.array([-1 if record.row is None else record.row for record in index.questions], int)
        self._doc = np.array([record.doc_id for record in index.questions], str)

    def likeness(self, vector: Vectors, rows: Sequence[int]) -> dict[int, float]:
        """Per passage row with curated questions of its own, how like them the question is."""
        cosines = self._vectors @ vector
        result: dict[int, float] = {}
        for row in rows:
            if len(own := cosines[self._row == row]):
                result[row] = _nearest_mean(own)
        return result

    def rows_near(self, vector: Vectors) -> set[int]:
        """The passages of the nearest curated questions."""
        nearest = np.argsort(-(self._vectors @ vector), kind="stable")[:_CANDIDATES]
        return {int(self._row[number]) for number in nearest} - {-1}

    def nearest(self, vector: Vectors, doc_ids: Sequence[str]) -> tuple[float | None, float | None]:
        """The likeness to the answered and to the unanswered questions of these articles (of all if none)."""
        cosines = self._vectors @ vector
        asked = np.isin(self._doc, doc_ids) if doc_ids else np.ones(len(self._doc), bool)
        answered, unanswered = asked & (self._row >= 0), asked & (self._row < 0)
        return (
            _nearest_mean(cosines[answered]) if answered.any() else None,
            _nearest_mean(cosines[unanswered]) if unanswered.any() else None,
        )


def _unit(name: str) -> Unit:
    return (Alternative(terms(name), 1.0),)


def _nearest_mean(cosines: Scores) -> float:
    """Half the nearest, half the mean of the nearest three: one odd question alone does not decide."""
    nearest = np.sort(cosines)[::-1][:_NEAREST_QUESTIONS]
    return float(nearest[0] + nearest.mean()) / 2
