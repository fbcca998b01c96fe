"""Questions take turns: few at once, in order, and whoever is one too many is told so."""

import threading
from collections.abc import Sequence

import pytest

from assistant.errors import BusyError, IndexMissingError, UnavailableError
from assistant.messages import SERVER
from assistant.settings import Settings
from assistant.types import Answer, AnswerKind
from assistant.web.application import build_application
from assistant.web.turns import TakingTurns
from tests.web.asking import Client


class Waiting:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.let = threading.Event()
        self.most = self.now = 0
        self._lock = threading.Lock()

    def ask(self, question: str, about: Sequence[str] = ()) -> Answer:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.begun.release()
        self.let.wait(20)
        with self._lock:
            self.now -= 1
        return Answer(question, AnswerKind.NOT_FOUND)


class Named:
    """Says nothing but that it has an example."""

    examples = ("An example?",)

    def ask(self, question: str, about: Sequence[str] = ()) -> Answer:
        raise NotImplementedError


def await_in_line(turns: TakingTurns, people: int) -> None:
    for _ in range(400):
        if len(turns._line._waiting) == people:
            return
        threading.Event().wait(0.05)
    raise AssertionError(f"{people} never stood in line")


class TestTurns:
    @pytest.fixture
    def full(self):
        """One question being answered, one waiting, and no place for another."""
        engine = Waiting()
        turns = TakingTurns(engine, "US", at_once=1, waiting=1)
        replies: list[Answer] = []
        threads = [threading.Thread(target=lambda: replies.append(turns.ask("fits"))) for _ in range(2)]
        for thread in threads:
            thread.start()
        assert engine.begun.acquire(timeout=20)
        await_in_line(turns, 1)
        yield turns, engine, replies
        engine.let.set()
        for thread in threads:
            thread.join(20)

    def test_one_too_many_is_told_at_once(self, full) -> None:
        turns, engine, _ = full
        with pytest.raises(BusyError, match="Many people are asking at this moment"):
            turns.ask("fits")
        assert engine.most == 1

    def test_an_emergency_never_waits(self, full) -> None:
        answer = full[0].ask("she has stopped breathing")
        assert (answer.kind, answer.notices[0].id) == (AnswerKind.URGENT, "emergency")
        assert "911" in answer.notices[0].text

    def test_who_waits_is_answered_and_the_places_come_back(self, full) -> None:
        turns, engine, replies = full
        engine.let.set()
        for _ in range(400):
            if len(replies) == 2:
                break
            threading.Event().wait(0.05)
        assert [answer.kind for answer in replies] == [AnswerKind.NOT_FOUND] * 2
        assert turns.ask("fits").kind is AnswerKind.NOT_FOUND

    def test_nobody_passes_who_came_before(self) -> None:
        """Whoever asks again at once, as a program does, stands behind those who waited meanwhile."""
        engine, order = Waiting(), list[str]()
        turns = TakingTurns(engine, at_once=1, waiting=3)

        def ask(*questions: str) -> None:
            order.extend(turns.ask(question).question for question in questions)

        again = threading.Thread(target=ask, args=("first", "fourth"))
        again.start()
        assert engine.begun.acquire(timeout=20)
        others = [threading.Thread(target=ask, args=(question,)) for question in ("second", "third")]
        for place, other in enumerate(others, start=1):
            other.start()
            await_in_line(turns, place)
        engine.let.set()
        for thread in (again, *others):
            thread.join(20)
        assert order == ["first", "second", "third", "fourth"]
        assert engine.most == 1

    @pytest.mark.parametrize("at_once", [1, 2, 3])
    def test_no_more_than_so_many_at_once(self, at_once) -> None:
        engine = Waiting()
        turns = TakingTurns(engine, at_once=at_once, waiting=10)
        threads = [threading.Thread(target=turns.ask, args=("fits",)) for _ in range(at_once + 10)]
        for thread in threads:
            thread.start()
        await_in_line(turns, 10)
        engine.let.set()
        for thread in threads:
            thread.join(20)
        assert engine.most == at_once
        assert turns._line._free == at_once

    def test_over_http_it_says_when_to_come_again(self, full) -> None:
        reply = Client(_app_over(full[0])).post("/api/ask", json={"question": "fits"})
        assert (reply.status_code, reply.headers["retry-after"]) == (503, "2")
        assert reply.json()["code"] == "busy"
        assert reply.json()["detail"] == SERVER["busy"]

    def test_a_place_is_given_back_after_an_error(self) -> None:
        class Failing:
            def ask(self, question: str, about: Sequence[str] = ()) -> Answer:
                raise IndexMissingError("There is no index in /secret/place.")

        turns = TakingTurns(Failing(), at_once=1, waiting=0)
        for _ in range(3):
            with pytest.raises(UnavailableError, match="^The articles cannot be searched at the moment"):
                turns.ask("fits")

    def test_the_rest_is_the_assistants_own(self) -> None:
        assert TakingTurns(Named()).examples == ("An example?",)


def _app_over(turns: TakingTurns):
    return build_application(turns, Settings()).app
