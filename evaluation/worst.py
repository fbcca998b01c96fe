"""The questions that went most wrong, with what was shown and why."""

from dataclasses import dataclass

from assistant.corpus import Corpus
from evaluation.interface import Ranked
from evaluation.judgements import Role
from evaluation.runner import Outcome, Run

MOST = 20
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that went wrong: what happened, the first sentence shown and the sentences wanted."""

    outcome: Outcome
    what: str
    shown: str
    wanted: tuple[str, ...]


def worst(run: Run, most: int = MOST) -> list[Failure]:
    """The worst failures of our own set, wrong answers before missed ones, the surest first.

    From the last part reported, which is for tuning: to learn from the test half's failures would spoil it.
    """
    failed = [outcome for outcome in run.of(run.question_set.parts[-1]) if _severity(outcome)]
    failed.sort(key=lambda each: (-_severity(each), -_error(each), each.question.question_id))
    return [_failure(run, outcome) for outcome in failed[:most]]


def _severity(outcome: Outcome) -> int:
    """2: something wrong is shown as an answer. 1: an answer is missed. 0: neither."""
    if outcome.found:
        return 0 if outcome.right_first else 2
    return 1 if outcome.question.role is Role.ANSWERABLE else 0


def _error(outcome: Outcome) -> float:
    """How far the probability is from what happened."""
    return abs(outcome.reply.probability - outcome.right_first)


def _failure(run: Run, outcome: Outcome) -> Failure:
    shown = _sentence(outcome.reply.ranked[0]) if outcome.reply.ranked else ""
    return Failure(outcome, _what(outcome), shown, _wanted(run, outcome))


def _what(outcome: Outcome) -> str:
    if not outcome.relevant:
        return "answered, though the articles do not"
    place = (
        f"right passage at rank {outcome.first_right}" if outcome.first_right else "right passage not found"
    )
    return f"{'wrong passage shown as the answer' if outcome.found else 'missed'}; {place}"


def _sentence(ranked: Ranked) -> str:
    passage, (start, end) = ranked.passage, ranked.highlight
    return passage.text[start - passage.start : end - passage.start][:_LONGEST]


def _wanted(run: Run, outcome: Outcome) -> tuple[str, ...]:
    collection = run.question_set.collections[outcome.question.group]
    if not isinstance(collection, Corpus):
        return ()
    texts = {document.doc_id: document.text for document in collection.documents}
    return tuple(texts[gold.doc_id][gold.start : gold.end][:_LONGEST] for gold in outcome.question.gold)
