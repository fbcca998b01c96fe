"""Evidence for a question: every candidate passage on one scale, and the signals a judge needs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from assistant.encoder import Encoder, Vectors
from assistant.evidence.curated import CuratedQuestions, Likeness
from assistant.evidence.lexical import Alternative, LexicalIndex, Unit, terms
from assistant.evidence.query import Query, QueryReader
from assistant.evidence.ranked import Ranked
from assistant.evidence.reading import PassageReading, ReadsPassages
from assistant.evidence.topical import Asked, QuestionTopics, Spoken
from assistant.index import PassageIndex
from assistant.language.conditions import Conditions
from assistant.types import Passage

Scores = NDArray[np.float32]

_CANDIDATES = 200
_MARKED = 40
"""So many of the best: more than are ever shown."""
_KEPT = 8
"""Sets of candidates: in a small index the same are candidates for every question."""
_FEW_PARTS = 4


@dataclass(frozen=True, slots=True)
class Blend:
    """How much each kind of evidence counts, tuned on the tune half of the first article's questions and on
    public development sets.

    A weight of 0 switches that kind off. Where a passage has no curated questions, or its article no topics,
    their weight is shared out among the others. `reader` is what the reader's word adds, where passages are read: not
    where the articles say what is asked, with a sentence from the cosine `said` on (above 1: always read).
    `lay_words` off searches for the person's own words only.
    """

    dense: float = 0.15
    sentence: float = 0.3
    lexical: float = 0.2
    topic: float = 0.06
    curated: float = 0.65
    reader: float = 0.1
    said: float = 0.55
    lay_words: bool = True


@dataclass(frozen=True, slots=True)
class Evidence:
    """Candidates best first (ties in the order of the articles), and what tells whether they answer.

    `answered` and `unanswered` tell how like the question curated questions are that the best passage's article answers
    and does not answer, `leaning` with which of the two it is; None where there are none. `verdict` is whether the best
    passage answers it by what editors have said of the very question, None if they have not. `asked` are the topics it
    may be about, `spoken_of` is the probability that it is one that any candidate speaks of, `silent` are topics asked
    about that none does, in words that can be shown. `covered` is the share of the question's idf mass that the best
    passage has, `known` the share of its parts that any passage has. `missing` are things asked about that the
    articles nowhere mention, in words that can be shown: none where editors have answered the very question.
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
    leaning: float | None = None
    verdict: bool | None = None
    vector: Vectors = field(default_factory=lambda: np.empty(0, np.float32), repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Passages that may answer, in the order of their `rows`, and what does not depend on the question."""

    rows: NDArray[np.intp]
    passages: Sequence[Passage]
    spoken: Spoken
    domains: Sequence[str]


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
        self._reading = PassageReading(index, reader, weight, self._blend.said) if reader and weight else None
        self.queries = QueryReader(index.documents.values(), index.wording)
        self._lexical = LexicalIndex(index.postings)
        self._questions = CuratedQuestions(index)
        self._topics = QuestionTopics(index, encoder)
        self._conditions = Conditions(index.wording.conditions)
        self._rows_named = lru_cache(_KEPT)(partial(_rows_of, index))
        self._candidates = lru_cache(_KEPT)(partial(_candidates_of, index, self._topics))

    def rank(self, query: Query) -> Evidence:
        """The evidence for a query, from the articles it names, or from all if it names none."""
        [vector] = self._encoder.encode_queries([query.neutral])
        lexical = self._lexical.scores(self._units(query))
        cosines = self._questions.cosines(vector)
        rows = self._rows(query, vector, lexical, cosines)
        candidates = self._candidates(rows)
        curated = self._questions.likeness(cosines, rows)
        asked = self._topics.asked(query.neutral, vector, candidates.domains)
        scored = self._blended(
            candidates.passages,
            self._index.passage_scores(vector, rows),
            self._index.best_sentences(vector, rows),
            lexical[candidates.rows],
            asked.matches(candidates.spoken) if asked else None,
            [curated.get(row) for row in rows] if curated else [None] * len(rows),
        )
        order = sorted(range(len(rows)), key=lambda place: -scored[place].score)
        first = scored[order[0]] if order else None
        covered = self._lexical.coverage(query.units, rows[order[0]]) if order else 0.0
        # What the editors of other articles have said tells nothing of this one.
        about = first.passage.doc_id if first else ""
        said = self._questions.verdict(cosines, about)
        # Where an editor has said that a passage answers the very question, nothing of it is missing.
        missing = self._missing(query) if said is None or said < 0 else ()
        answered, unanswered = self._questions.likenesses(cosines, about)
        # Where its editors have said what it does not answer, the reader's word adds nothing: measured.
        if self._reading and unanswered is None and first and not is_settled(query, missing):
            nearest = max(one.sentence for one in scored)
            # The more parts a question has, the more often one of them is turned round though all are there: measured.
            whole = not query.units or (covered >= 1 and len(query.units) <= _FEW_PARTS)
            if self._reading.is_asked(query.text, first, nearest, whole):
                scored = self._reading.read(query.text, scored, order)
                order.sort(key=lambda place: -scored[place].score)
                covered = self._lexical.coverage(query.units, rows[order[0]])
        for place in order[:_MARKED]:
            scored[place] = self._marked(scored[place], rows[place], cosines)
        ranked = tuple(scored[place] for place in order)
        return Evidence(
            query,
            ranked,
            answered,
            unanswered,
            covered=covered,
            known=self._known(query),
            missing=missing,
            asked=asked,
            spoken_of=asked.spoken_of(candidates.spoken) if asked else None,
            silent=self._topics.named(asked.silent(candidates.spoken)) if asked else (),
            leaning=self._questions.leaning(cosines, about),
            verdict=None if said is None else bool(ranked) and said == rows[order[0]],
            vector=vector,
        )

    def _marked(self, one: Ranked, row: int, cosines: Scores) -> Ranked:
        """The same with the sentence marked by which, as editors have said, it answers a question like this one."""
        at = self._questions.answer_at(cosines, row) if one.curated is not None else None
        if at is None:
            return one
        marked = (sentence for sentence in one.passage.sentences if sentence.start <= at < sentence.end)
        return one._replace(highlight=next(marked, one.highlight))

    def _known(self, query: Query) -> float:
        found = [self._lexical.known(unit) for unit in query.units]
        return sum(found) / len(found) if found else 0.0

    def _missing(self, query: Query) -> tuple[str, ...]:
        """Substances asked about together with the medicine, and conditions, that no passage mentions."""
        named = [*query.gate.topics, *(entity.shown for entity in self._conditions.foreign(query.text))]
        return tuple(dict.fromkeys(name for name in named if not self._lexical.known(_unit(name))))

    def _units(self, query: Query) -> Sequence[Unit]:
        return query.units if self._blend.lay_words else [unit[:1] for unit in query.units]

    def _rows(self, query: Query, vector: Vectors, lexical: Scores, cosines: Scores) -> Sequence[int]:
        """Those of the candidates: a range or a tuple, so that what is known of them is found by it."""
        if query.gate.doc_ids:
            return self._rows_named(query.gate.doc_ids)
        if not self._index.is_searched_for(_CANDIDATES):
            return range(len(self._index.passages))
        _, [dense] = self._index.store.search(vector[np.newaxis], _CANDIDATES)
        found = {*map(int, dense), *highest(lexical, _CANDIDATES), *self._questions.rows_near(cosines)}
        return tuple(sorted(found))

    def _blended(
        self,
        passages: Sequence[Passage],
        dense: Scores,
        sentences: tuple[Scores, NDArray[np.intp]],
        lexical: Scores,
        topic: NDArray[np.float64] | None,
        curated: Sequence[float | None],
    ) -> list[Ranked]:
        """The mean of what evidence there is of each passage, by the weights of the blend.

        `sentences` are the cosine of each passage's best sentence and which it is.
        """
        blend, (best, which) = self._blend, sentences
        score = blend.dense * dense.astype(np.float64)
        score += blend.sentence * best.astype(np.float64)
        score += blend.lexical * lexical.astype(np.float64)
        weight = np.full(len(passages), blend.dense + blend.sentence + blend.lexical)
        topics: Sequence[float | None] = [None] * len(passages)
        if topic is not None:
            score += blend.topic * topic
            weight += blend.topic
            topics = topic.tolist()
        for place, asked in enumerate(curated):
            if asked is not None:
                score[place] += blend.curated * asked
                weight[place] += blend.curated
        known = score / weight, dense, best, lexical
        highlights = [
            passage.sentences[place] for passage, place in zip(passages, which.tolist(), strict=True)
        ]
        columns = (*(each.tolist() for each in known), topics, curated, highlights, [None] * len(passages))
        return list(map(Ranked._make, zip(passages, *columns, strict=True)))


def is_settled(query: Query, missing: Sequence[str]) -> bool:
    """Whether nothing can be an answer, however near a passage is: what is asked about is not covered, or is nowhere
    mentioned (`Evidence.missing`)."""
    return query.gate.closed or bool(missing and not query.gate.covered)


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


# A cache of a method would hold what it belongs to, and an index that was replaced would stay open.
def _rows_of(index: PassageIndex, doc_ids: Sequence[str]) -> tuple[int, ...]:
    return tuple(row for doc_id in doc_ids for row in index.rows_of(doc_id))


def _candidates_of(index: PassageIndex, topics: QuestionTopics, rows: Sequence[int]) -> _Candidates:
    passages = [index.passages[row] for row in rows]
    return _Candidates(np.array(rows, np.intp), passages, Spoken.by(passages), topics.domains(passages))


def _unit(name: str) -> Unit:
    return (Alternative(terms(name), 1.0),)
