"""Asks an engine every question of a set and keeps what came back."""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import click

from assistant.errors import QuestionError
from assistant.types import AnswerKind, Passage
from evaluation.interface import Engine, Reply, Responder, open_responder
from evaluation.judgements import Part, Question, QuestionSet, Role


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question, the reply, and the ids and grades of all passages that would have been right."""

    question: Question
    reply: Reply
    relevant: Mapping[str, int]

    @property
    def ranked_ids(self) -> list[str]:
        """The passages replied, best first."""
        return [ranked.passage.passage_id for ranked in self.reply.ranked]

    @property
    def first_right(self) -> int | None:
        """The rank of the first right passage, from 1; None if none was among the candidates."""
        ranks = (rank for rank, passage_id in enumerate(self.ranked_ids, 1) if passage_id in self.relevant)
        return next(ranks, None)

    @property
    def right_first(self) -> bool:
        """Whether the best passage answers the question."""
        return self.first_right == 1

    @property
    def found(self) -> bool:
        """Whether the reply claims to answer."""
        return self.reply.kind is AnswerKind.FOUND


@dataclass(frozen=True, slots=True)
class Run:
    """All outcomes of one engine on one set, in the set's order, and what they belong to."""

    question_set: QuestionSet
    outcomes: tuple[Outcome, ...]
    build_id: str
    facts: Mapping[str, object]

    def of(self, part: Part, *roles: Role) -> list[Outcome]:
        """The outcomes of one part, of these roles or of all."""
        return [
            outcome
            for outcome in self.outcomes
            if outcome.question.part == part and (not roles or outcome.question.role in roles)
        ]

    @property
    def unreachable(self) -> int:
        """Questions whose gold span no passage holds half of; they count as not found."""
        return sum(bool(outcome.question.gold) and not outcome.relevant for outcome in self.outcomes)


def run(engine: Engine, question_set: QuestionSet) -> Run:
    """The run of `engine` on `question_set`; the same input gives the same run. Progress goes to stderr."""
    asked: dict[str, Outcome] = {}
    build_ids: list[str] = []
    by_group = _by_group(question_set.questions)
    total = len(question_set.questions)
    with click.progressbar(length=total, label=f"Asking {question_set.name}", file=sys.stderr) as bar:
        for group, questions in by_group.items():
            responder = open_responder(engine, question_set.collections[group])
            build_ids.append(responder.build_id)
            for question in questions:
                asked[question.question_id] = _ask(responder, question)
                bar.update(1)
    outcomes = tuple(asked[question.question_id] for question in question_set.questions)
    return Run(question_set, outcomes, _joined(build_ids), engine.facts)


def _ask(responder: Responder, question: Question) -> Outcome:
    try:
        reply = responder.reply(question.text, question.history)
    except QuestionError as error:
        # A question that is refused is still judged: it was not answered.
        reply = Reply((), 0.0, AnswerKind.NOT_FOUND, {"refused": str(error)})
    return Outcome(question, reply, _relevant(question, responder.passages))


def _relevant(question: Question, passages: Sequence[Passage]) -> dict[str, int]:
    return question.relevant(passages) if question.gold else {}


def _by_group(questions: Sequence[Question]) -> dict[str, list[Question]]:
    groups: dict[str, list[Question]] = {}
    for question in questions:
        groups.setdefault(question.group, []).append(question)
    return groups


def _joined(build_ids: Sequence[str]) -> str:
    if len(build_ids) == 1:
        return build_ids[0]
    return hashlib.sha256("\n".join(build_ids).encode()).hexdigest()[:16]
