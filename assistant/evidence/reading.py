"""The best passages are read together with the question: their order, their words, how likely they answer."""

import math
import re
from collections.abc import Sequence
from typing import Protocol

from assistant.evidence.ranked import Ranked
from assistant.index import PassageIndex
from assistant.reader import Reading, before
from assistant.types import Passage, Span

MOST_READ = 6
_SPOKEN_OF = 0.8
"""From this probability on, that a passage speaks of what is asked about is taken for sure."""
_DETAIL = re.compile(
    r"\b(?:why|whom?|whose|when|where|which|not|no|never|without|nor|than|more|less|most|least|only|below|above|over|under"
    r"|before|after|during|until|since|how (?:many|much|long|often|far|old|big|soon|fast))\b|n['’]t\b|\d",
    re.IGNORECASE,
)
"""Asks for a detail, or turns a thing round, in words that lexical search passes over."""
_ENDS = re.compile(r"""[.!:;]["')\]”’]*(\s|$)""")


class ReadsPassages(Protocol):
    """What reads: the reader."""

    def reads_whole(self, question: str) -> bool:
        """Whether all of a question is read."""

    def read(self, question: str, passages: Sequence[str]) -> Sequence[Reading]:
        """One reading a passage, each given with title and heading before it."""


def is_any_read(index: PassageIndex) -> bool:
    """Whether there is an article of which no editor has said what it does not answer: only there passages are read."""
    told = {record.doc_id for record in index.questions if record.row is None}
    return any(doc_id not in told for doc_id in index.documents)


class PassageReading:
    """Reads passages of one index. `weight` is how much the reader's word counts beside the blend.

    Where the articles say what is asked, with a sentence whose cosine is `said` or more, nothing is read (`is_asked`).
    """

    def __init__(self, index: PassageIndex, reader: ReadsPassages, weight: float, said: float) -> None:
        self._index, self._reader, self._weight, self._said = index, reader, weight, said

    def is_asked(self, question: str, best: Ranked, nearest: float, whole: bool) -> bool:
        """Whether the reader's word is wanted.

        Not of a question that it would not read whole, nor where the best passage has questions of its own, as in a
        FAQ: likeness to those tells more, which was measured. Nor where it states nothing: the reader has learnt from
        prose. Nor where some sentence is as near as `nearest` and either the best passage speaks of the very topic that
        is asked about, or it has the question as a `whole` and no detail is asked for: there the reader hardly ever
        says no, which was measured too.
        """
        if nearest >= self._said and (self._is_spoken_of(best) or (whole and not _DETAIL.search(question))):
            return False
        return best.curated is None and states(best.passage) and self._reader.reads_whole(question)

    @staticmethod
    def _is_spoken_of(best: Ranked) -> bool:
        return best.topic is not None and best.topic >= _SPOKEN_OF

    def read(self, question: str, scored: Sequence[Ranked], order: Sequence[int]) -> list[Ranked]:
        """All of `scored`, those in the first `MOST_READ` places of `order` (best first by the blend) read.

        To each that is read the score gains `weight` times the probability that it answers, so that none which is not
        read comes before one that is.
        """
        best = order[:MOST_READ]
        texts = [self._before(scored[place]) + scored[place].passage.text for place in best]
        readings = dict(zip(best, self._reader.read(question, texts), strict=True))
        return [
            self._with(one, readings[place]) if place in readings else one for place, one in enumerate(scored)
        ]

    def _with(self, one: Ranked, reading: Reading) -> Ranked:
        probability = 1 / (1 + math.exp(-reading.logit))
        highlight = one.highlight
        if reading.logit > 0 and reading.span:
            highlight = sentence_of(one, reading.span, len(self._before(one)))
        return one._replace(
            score=one.score + self._weight * probability, reads=reading.logit, highlight=highlight
        )

    def _before(self, one: Ranked) -> str:
        return before(self._index.documents[one.passage.doc_id].title, one.passage.heading)


def states(passage: Passage) -> bool:
    """Whether a passage is prose or a list: no question, and no single phrase, such as one request of many."""
    stated = [text for text in passage.sentence_texts() if not text.rstrip().endswith("?")]
    return len(stated) > 1 or any(map(_ENDS.search, stated))


def sentence_of(one: Ranked, span: Span, ahead: int) -> Span:
    """The sentence that holds most of what is pointed at; the best sentence as it was if that lies in the title.

    The span counts from `ahead` characters before the passage.
    """
    start, end = (one.passage.start - ahead + place for place in span)

    def shared(sentence: Span) -> int:
        return min(end, sentence.end) - max(start, sentence.start)

    best = max(one.passage.sentences, key=shared)
    return best if shared(best) > 0 else one.highlight
