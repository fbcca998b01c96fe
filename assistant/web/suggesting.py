"""Questions to ask: only such as the served articles are known to answer."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest
from typing import Protocol

from assistant.articles import Articles
from assistant.errors import AssistantError
from assistant.types import Answer, AnswerKind

AT_FIRST = 4
AFTER_A_REPLY = 3
_REMEMBERED = 2000


class Asked(Protocol):
    """What is needed of an assistant to know what it answers."""

    @property
    def articles(self) -> Articles | None:
        """The articles served now."""

    def ask(self, question: str, about: Sequence[str] = ()) -> Answer:
        """The reply to one question."""


class Suggestions:
    """Offers a question only after asking it and finding it answered from the very article that offers it.

    What was found is remembered for as long as the same articles are served.
    """

    def __init__(self, assistant: Asked) -> None:
        self._assistant = assistant
        self._of: Articles | None = None
        self._first_passage: dict[tuple[str, str], str] = {}

    def at_first(self) -> tuple[str, ...]:
        """Questions for a visitor who has asked nothing yet, one of each article by turns."""
        articles = self._assistant.articles
        if articles is None:
            return ()
        by_article = [[(doc_id, q) for q in record.examples] for doc_id, record in articles.records.items()]
        in_turn = (pair for pair in chain(*zip_longest(*by_article)) if pair)
        known = (question for doc_id, question in in_turn if self._passage(articles, doc_id, question))
        return tuple(islice(dict.fromkeys(known), AT_FIRST))

    def after(self, answer: Answer, asked: Iterable[str]) -> tuple[str, ...]:
        """Questions that lead on from a reply: first those that another passage than the ones shown answers.

        None after an urgent card: whom to call is all that matters then.
        """
        articles = self._assistant.articles
        if articles is None or answer.kind is AnswerKind.URGENT:
            return ()
        if not answer.hits:
            return self._not_yet(self.at_first(), asked)[:AFTER_A_REPLY]
        shown = {hit.passage.passage_id for hit in answer.hits}
        new: list[str] = []
        again: list[str] = []
        for question, passage_id in self._known(articles, answer, asked):
            (again if passage_id in shown else new).append(question)
            if len(new) == AFTER_A_REPLY:
                break
        return tuple([*new, *again][:AFTER_A_REPLY])

    def _known(self, articles: Articles, answer: Answer, asked: Iterable[str]) -> Iterator[tuple[str, str]]:
        asked = tuple(asked)
        for doc_id in dict.fromkeys(hit.passage.doc_id for hit in answer.hits):
            record = articles.records.get(doc_id)
            candidates = [*record.examples, *articles.headings(doc_id)] if record else []
            for question in self._not_yet(candidates, asked):
                if passage_id := self._passage(articles, doc_id, question):
                    yield question, passage_id

    def _not_yet(self, questions: Iterable[str], asked: Iterable[str]) -> tuple[str, ...]:
        known = {_plain(question) for question in asked}
        return tuple(question for question in questions if _plain(question) not in known)

    def _passage(self, articles: Articles, doc_id: str, question: str) -> str:
        """The passage of this article that answers first; empty if the question is not so answered."""
        if articles is not self._of or len(self._first_passage) >= _REMEMBERED:
            self._of, self._first_passage = articles, {}
        remembered, key = self._first_passage, (doc_id, question)
        if key not in remembered:
            remembered[key] = self._ask(doc_id, question)
        return remembered[key]

    def _ask(self, doc_id: str, question: str) -> str:
        try:
            answer = self._assistant.ask(question)
        except AssistantError:
            return ""
        found = answer.kind is AnswerKind.FOUND and answer.hits[0].passage.doc_id == doc_id
        return answer.hits[0].passage.passage_id if found else ""


def _plain(question: str) -> str:
    return " ".join(question.casefold().split()).rstrip("?. ")
