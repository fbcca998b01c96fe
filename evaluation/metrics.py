"""How well the right passage is found. Computed by ir_measures (trec_eval's definitions).

success@k: 1 if any right passage is among the first k, else 0.
MRR@10: 1 / rank of the first right passage, 0 if it is not among the first 10.
nDCG@10: gain = the judged grade (linear, not 2^grade - 1), discount = 1 / log2(rank + 1), divided by the best
that all right passages of the collection could give (Järvelin and Kekäläinen 2002).

Each is a mean over all judged questions: one with no result, or whose answer no passage holds, counts 0.
"""

from collections.abc import Iterator, Sequence

import ir_measures
import numpy as np
from ir_measures import RR, Qrel, ScoredDoc, Success, nDCG
from numpy.typing import NDArray

from evaluation.runner import Outcome

Values = NDArray[np.float64]

_DEPTH = 10
_MEASURES = {"success@1": Success @ 1, "success@3": Success @ 3, "mrr@10": RR @ 10, "ndcg@10": nDCG @ 10}

RANKING_NAMES = tuple(_MEASURES)


def ranking_values(outcomes: Sequence[Outcome]) -> dict[str, Values]:
    """By name of the metric, its value for each question in order."""
    row_of = {outcome.question.question_id: row for row, outcome in enumerate(outcomes)}
    name_of = {str(measure): name for name, measure in _MEASURES.items()}
    values = {name: np.zeros(len(outcomes)) for name in _MEASURES}
    for metric in ir_measures.iter_calc(_MEASURES.values(), list(_qrels(outcomes)), list(_run(outcomes))):
        values[name_of[str(metric.measure)]][row_of[metric.query_id]] = metric.value
    return values


def _qrels(outcomes: Sequence[Outcome]) -> Iterator[Qrel]:
    for outcome in outcomes:
        for passage_id, grade in outcome.relevant.items():
            yield Qrel(outcome.question.question_id, passage_id, grade)


def _run(outcomes: Sequence[Outcome]) -> Iterator[ScoredDoc]:
    for outcome in outcomes:
        for rank, passage_id in enumerate(outcome.ranked_ids[:_DEPTH], 1):
            # The rank, not the engine's score: trec_eval would reorder equal scores by id.
            yield ScoredDoc(outcome.question.question_id, passage_id, -float(rank))
