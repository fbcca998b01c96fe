"""Replies that need no index: the fixed card for a crisis or a poisoning comes before any search."""

from collections.abc import Sequence
from copy import copy

from assistant.errors import AssistantError
from assistant.questions import clean_question
from assistant.safety.cards import CARD_IDS, Card, cards
from assistant.safety.triage import Triage, triage
from assistant.types import Answer, AnswerKind, Notice

WITHOUT_PASSAGES = ("crisis", "poisoning")


def card_notices(found: Triage, region: str) -> tuple[Notice, ...]:
    """The card of every urgent outcome as every surface shows it: crisis, then poisoning, then emergency.

    Each names only whom no card above it names.
    """
    wanted = (outcome for outcome in found.outcomes if outcome in CARD_IDS)
    return tuple(map(_notice, cards(wanted, region)))


def _notice(shown: Card) -> Notice:
    contacts = tuple((contact.label, contact.number) for contact in shown.contacts)
    return Notice(shown.id, shown.plain, shown.heading, contacts)


def urgent_answer(question: str, found: Triage, region: str) -> Answer | None:
    """The whole reply to a crisis or a poisoning; None if the articles may be asked.

    The same cards follow every time, whatever was asked before.
    """
    if found.urgent not in WITHOUT_PASSAGES:
        return None
    return Answer(question, AnswerKind.URGENT, card_notices(found, region))


class UrgentOnly:
    """Stands in for an assistant whose index cannot be opened: the cards still work, all else says why."""

    examples: tuple[str, ...] = ()

    def __init__(self, error: AssistantError, region: str) -> None:
        self._error = error
        self._region = region

    def ask(self, question: str, about: Sequence[str] = ()) -> Answer:
        """The cards if the question is urgent, an emergency too; otherwise the error is raised."""
        question = clean_question(question)
        found = triage(question)
        if not found.urgent:
            # A copy: raised again and again, one error would hold on to all who raised it, and to their questions.
            raise copy(self._error)
        return Answer(question, AnswerKind.URGENT, card_notices(found, self._region))
