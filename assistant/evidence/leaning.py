"""Whether a question leans to curated questions that its article answers, or to those that it does not.

Every curated question pulls, the more the nearer it is, and how hard is learnt by the build so that the curated
questions themselves are told apart: one that stands alone among others of the other kind pulls hardest. This is kernel
ridge regression (Saunders, Gammerman and Vovk 1998) on 1 for answered and -1 for not.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.encoder import Vectors
from assistant.storage.records import QuestionRecord

Numbers = NDArray[np.float64]

MOST = 4_000
"""Curated questions of an article: of more nothing is learnt, for it takes time by their cube."""
_SHARPNESS = 3
_RIDGE = 0.1


def closeness(cosines: NDArray[np.float32]) -> Numbers:
    """By cosine, how much of its pull a curated question has: all of it at a cosine of 1."""
    close: Numbers = np.exp(_SHARPNESS * (cosines.astype(np.float64) - 1))
    return close


def pulls_of(questions: Sequence[QuestionRecord], vectors: Vectors) -> NDArray[np.float32]:
    """How hard each question pulls, towards answered where it is more than 0; shape [questions].

    `vectors` are those of the questions, [questions, dim]. All 0 in an article that has one kind only, or more than
    `MOST` of them.
    """
    pulls = np.zeros(len(questions), np.float32)
    answered = np.array([question.row is not None for question in questions], bool)
    for own in places_by(np.array([question.doc_id for question in questions], str)).values():
        if 0 < answered[own].sum() < len(own) <= MOST:
            pulls[own] = _solved(vectors[own], np.where(answered[own], 1.0, -1.0))
    return pulls


def places_by(names: NDArray[Any]) -> dict[Any, NDArray[np.intp]]:
    """Of each name or number, in which places it stands, in order."""
    if not len(names):
        return {}
    known, starts = np.unique(np.sort(names), return_index=True)
    return dict(zip(known.tolist(), np.split(np.argsort(names, kind="stable"), starts[1:]), strict=True))


def _solved(vectors: Vectors, kinds: Numbers) -> NDArray[np.float32]:
    close = closeness(vectors @ vectors.T)
    close[np.diag_indices_from(close)] += _RIDGE
    return np.linalg.solve(close, kinds).astype(np.float32)
