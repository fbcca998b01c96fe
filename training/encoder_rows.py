"""What the encoder is trained on: for each of its losses, rows of three texts, drawn once and the same every time.

`ANSWERS`: a question, the passage that answers it (at times only the sentence), and another passage of its page.
`ALIKE`: two questions that ask the same, or that the same words answer, and one of their page that asks otherwise.
`APART`: a passage, a question that it answers, and one that it does not.
Every row says its page, so that no two of a page need to stand in one batch: what answers one question might answer
another of the same page too, and would be taken for wrong.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from training.reader_steps import Material
from training.reading_examples import SENTENCE_END, Asked, ReadPassage, questions_of

ANSWERS, ALIKE, APART = "answers", "alike", "apart"
SENTENCE_SHARE = 0.35


class TextRow(NamedTuple):
    """Three texts of one page: `positive` is to come nearer to `anchor` than `negative` does."""

    page: str
    anchor: str
    positive: str
    negative: str


def answer_rows(material: Material, chance: random.Random) -> list[TextRow]:
    """Every answered question once, against one of the passages of its page that look most like an answer.

    A question whose page has no other passage is left out.
    """
    passages = material.passages
    right = defaultdict[tuple[str, str], list[ReadPassage]](list)
    wrong = defaultdict[tuple[str, str], list[ReadPassage]](list)
    for passage in passages:
        for asked in passage.asked:
            if asked.label:
                right[passage.article, asked.question].append(passage)
        for asked in material.neighbours.get(passage.passage_id, ()):
            wrong[passage.article, asked.question].append(passage)
    return [
        TextRow(
            page,
            asked.question,
            _read_of(asked, own, right[key], chance),
            _encoded(chance.choice(wrong[key])),
        )
        for page, questions in questions_of(passages).items()
        for asked, own in questions
        if asked.label and wrong[key := (page, asked.question)]
    ]


def alike_rows(passages: Iterable[ReadPassage]) -> list[TextRow]:
    """Two questions of a passage whose answers overlap, against each near miss of the passage."""
    rows = []
    for passage in passages:
        answered = [asked for asked in passage.asked if asked.label and asked.mine]
        missed = [asked for asked in passage.asked if not asked.label]
        rows += [
            TextRow(passage.article, one.question, other.question, each.question)
            for one in answered
            for other in answered
            for each in missed
            if one is not other and _overlap(one, other)
        ]
    return rows


def apart_rows(passages: Iterable[ReadPassage]) -> list[TextRow]:
    """Every near miss with every question that its passage answers."""
    return [
        TextRow(passage.article, _encoded(passage), answered.question, missed.question)
        for passage in passages
        for answered in passage.asked
        if answered.label
        for missed in passage.asked
        if not missed.label
    ]


def drawn(rows: Sequence[TextRow], count: int, chance: random.Random) -> list[TextRow]:
    """So many of the rows, each negative once before one comes a second time."""
    return [row for row, _ in zip(_in_turns(rows, chance), range(count), strict=False)]


def _in_turns(rows: Sequence[TextRow], chance: random.Random) -> Iterator[TextRow]:
    by_negative = defaultdict[str, list[TextRow]](list)
    for row in rows:
        by_negative[row.negative].append(row)
    negatives = list(by_negative)
    while negatives:
        chance.shuffle(negatives)
        for negative in negatives:
            yield chance.choice(by_negative[negative])


def _encoded(passage: ReadPassage) -> str:
    return passage.before + passage.text


def _read_of(asked: Asked, own: ReadPassage, right: Sequence[ReadPassage], chance: random.Random) -> str:
    """A passage that answers, or the sentence in which the answer stands."""
    passage = chance.choice(right)
    if passage is own and asked.span and chance.random() < SENTENCE_SHARE:
        answer = own.text[slice(*asked.span)]
        return next((each for each in SENTENCE_END.split(own.text) if answer in each), _encoded(own))
    return _encoded(passage)


def _overlap(one: Asked, other: Asked) -> bool:
    """Whether one answer lies within the other."""
    if not one.span or not other.span:
        return False
    first, last = sorted((one.span, other.span), key=lambda span: (span[0], -span[1]))
    return last[1] <= first[1]
