"""A passage and the evidence that it answers a question."""

from typing import NamedTuple

from assistant.types import Passage, Span


class Ranked(NamedTuple):
    """A passage and its evidence, and their blend as `score`.

    `dense` and `sentence` are the question's cosines with the passage and with its best sentence; `topic` is
    the probability that the passage speaks of what is asked about; `curated` its likeness to the passage's
    own questions; `reads` the reader's logit that it answers, None if it was not read.
    """

    passage: Passage
    score: float
    dense: float
    sentence: float
    lexical: float
    topic: float | None
    curated: float | None
    highlight: Span
    reads: float | None = None
