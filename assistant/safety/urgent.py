"""Replies that need no index: the fixed card for a crisis or a poisoning comes before any search."""

from collections.abc import Sequence

from assistant.errors import AssistantError
from assistant.questions import clean_question
from assistant.safety.cards import card
from assistant.safety.triage import Triage, triage
from assistant.types import Answer, AnswerKind, Notice

WITHOUT_PASSAGES = ("crisis", "poisoning")


def card_notice(card_id: str, region: str) -> Notice:
    """The card as the notice that every surface shows."""
    shown = card(card_id, region)
    contacts = tuple((contact.label, contact.number) for contact in shown.contacts)
    return Notice(shown.id, shown.plain, shown.heading, contacts)


def urgent_answer(question: str, found: Triage, region: str) -> Answer | None:
    """The whole reply to a crisis or a poisoning; None if the articles may be asked.

    The same card follows every time, whatever was asked before.
    """
    if found.urgent not in WITHOUT_PASSAGES:
        return None
    return Answer(question, AnswerKind.URGENT, (card_notice(found.urgent, region),))


class UrgentOnly:
    """Stands in for an assistant whose index cannot be opened: the cards still work, all else says why."""

    examples: tuple[str, ...] = ()

    def __init__(self, error: AssistantError, region: str) -> None:
        self._error = error
        self._region = region

    def ask(self, question: str, about: Sequence[str] = ()) -> Answer:
        """The card if the question is urgent, an emergency too; otherwise the error is raised."""
        question = clean_question(question)
        found = triage(question)
        if not found.urgent:
            raise self._error
        return Answer(question, AnswerKind.URGENT, (card_notice(found.urgent, self._region),))
