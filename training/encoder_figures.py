"""How well passages answer by their cosine alone, in articles that were kept apart."""

from dataclasses import dataclass

import numpy as np

from assistant.corpus import Corpus
from assistant.encoder import Vectors
from evaluation.abstention import auroc
from evaluation.errors import EvaluationError
from evaluation.judgements import QuestionSet, Role
from training.reader_steps import Encode


@dataclass(frozen=True, slots=True)
class EncoderFigures:
    """`first`, `third`: the share of answerable questions with a right passage first, or among three; `near`: AUROC of
    the best passage's cosine, answerable questions against near misses."""

    first: float
    third: float
    near: float
    answerable: int
    missed: int

    def __str__(self) -> str:
        return (
            f"success@1 {self.first:.3f}, success@3 {self.third:.3f}, AUROC {self.near:.3f} "
            f"({self.answerable} answerable, {self.missed} near misses)"
        )


def encoder_figures(encode: Encode, articles: QuestionSet) -> EncoderFigures:
    """`encode` gives unit rows; the set's passages are ready cut."""
    ranks, answerable, missed = list[int](), list[float](), list[float]()
    for group, entries in articles.collections.items():
        if isinstance(entries, Corpus):
            raise EvaluationError(f"{articles.name} is not cut into passages.")
        passages = list(entries)
        vectors = encode([f"{passage.title}. {passage.text}" for passage in passages])
        for question in articles.questions:
            if question.group != group:
                continue
            cosines = vectors @ encode([question.text])[0]
            if question.role is Role.ANSWERABLE:
                gold = {span.doc_id for span in question.gold}
                ranks.append(_rank([passage.doc_id in gold for passage in passages], cosines))
                answerable.append(float(cosines.max()))
            elif question.role is Role.UNANSWERABLE:
                missed.append(float(cosines.max()))
    first, third = (float(np.mean(np.array(ranks) < most)) for most in (1, 3))
    near = auroc(np.array(answerable), np.array(missed))
    return EncoderFigures(first, third, near, len(answerable), len(missed))


def _rank(right: list[bool], cosines: Vectors) -> int:
    """The place of the first right passage, from 0."""
    return int(np.argmax(np.array(right)[np.argsort(-cosines, kind="stable")]))
