"""Questions put to articles that have nothing to do with them."""

import random
from dataclasses import replace

from evaluation.judgements import QuestionSet, Role

EACH = 20
_SEED = 7


def strangers(question_set: QuestionSet, each: int = EACH) -> QuestionSet:
    """`each` of the set's answerable questions put to every collection, written for others; the same every time."""
    chance = random.Random(_SEED)
    answerable = [question for question in question_set.questions if question.role is Role.ANSWERABLE]
    strange = []
    for group in question_set.collections:
        others = [question for question in answerable if question.group != group]
        strange += [
            replace(
                question,
                question_id=f"{group}<{question.question_id}",
                role=Role.OTHER_SUBJECT,
                group=group,
                gold=(),
            )
            for question in chance.sample(others, min(each, len(others)))
        ]
    return replace(question_set, questions=tuple(strange))
