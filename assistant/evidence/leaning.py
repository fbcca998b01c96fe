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

MOST = 8_000
"""Curated questions of an article that are learnt from: it takes memory by their square and time by their cube."""
_SHARPNESS = 3
_RIDGE = 0.1


def closeness(cosines: NDArray[np.float32]) -> Numbers:
    """By cosine, how much of its pull a curated question has: all of it at a cosine of 1."""
    close: Numbers = cosines.astype(np.float64)
    # In place: of a build's questions, one such array fills hundreds of megabytes.
    close -= 1
    close *= _SHARPNESS
    return np.exp(close, out=close)


def pulls_of(questions: Sequence[QuestionRecord], vectors: Vectors) -> NDArray[np.float32]:
    """How hard each question pulls, towards answered where it is more than 0; shape [questions].

    `vectors` are those of the questions, [questions, dim]. All 0 in an article that has one kind only; of more than
    `MOST`, so many pull, evenly spread over them.
    """
    pulls = np.zeros(len(questions), np.float32)
    answered = np.array([question.row is not None for question in questions], bool)
    for own in places_by(np.array([question.doc_id for question in questions], str)).values():
        learnt = own if len(own) <= MOST else own[np.linspace(0, len(own) - 1, MOST).astype(int)]
        if 0 < answered[learnt].sum() < len(learnt):
            pulls[learnt] = _solved(vectors[learnt], np.where(answered[learnt], 1.0, -1.0))
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
