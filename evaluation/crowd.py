"""People who ask a served application at once, and what becomes of every question.

A question gets an answer or is told that the server is busy; otherwise it is lost, and how is told apart.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np

ANSWERED, BUSY = "answered", "busy"
SECONDS_TO_WAIT = 60


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one question, how many seconds it took, and at which second of the whole it was known."""

    outcome: str
    seconds: float
    at: float


@dataclass(frozen=True, slots=True)
class Crowd:
    """What so many people were told, who asked for so many seconds."""

    people: int
    seconds: float
    replies: tuple[Reply, ...]

    @classmethod
    def together(cls, crowds: Sequence["Crowd"]) -> "Crowd":
        """Crowds of like size, one after the other, as one."""
        replies = tuple(reply for crowd in crowds for reply in crowd.replies)
        return cls(crowds[0].people, sum(crowd.seconds for crowd in crowds), replies)

    @property
    def outcomes(self) -> dict[str, int]:
        """How often each outcome came."""
        return dict(Counter(reply.outcome for reply in self.replies))

    @property
    def lost(self) -> int:
        """Questions without an answer that were not told to come again either."""
        return sum(reply.outcome not in (ANSWERED, BUSY) for reply in self.replies)

    @property
    def a_second(self) -> float:
        """Answers a second, without those that came when nobody new was asking any more."""
        answers = [reply for reply in self.replies if reply.outcome == ANSWERED and reply.at <= self.seconds]
        return len(answers) / self.seconds

    def milliseconds(self, share: float, outcome: str = ANSWERED) -> float:
        """What that share of the replies took at most; 0 if there is none."""
        taken = [reply.seconds for reply in self.replies if reply.outcome == outcome]
        return 1000 * float(np.quantile(taken, share)) if taken else 0.0

    def figures(self) -> dict[str, Any]:
        """All of it as numbers, times in milliseconds."""
        times = {
            outcome: {
                f"p{round(100 * share)}": round(self.milliseconds(share, outcome)) for share in (0.5, 0.95, 1)
            }
            for outcome in (ANSWERED, BUSY)
        }
        told = {"people": self.people, "seconds": round(self.seconds, 1), "a_second": round(self.a_second, 1)}
        return {**told, "outcomes": self.outcomes, "milliseconds": times}


def ask_together(
    address: str, questions: Iterator[str], people: int, seconds: float, patience: float = SECONDS_TO_WAIT
) -> Crowd:
    """Lets people ask, each the next question as soon as there is a reply, until there is none or time is over.

    Questions that were sent are waited for, each up to `patience` seconds. A person who is told to come again does.
    """
    return asyncio.run(_ask_together(address, questions, people, seconds, patience))


async def _ask_together(
    address: str, questions: Iterator[str], people: int, seconds: float, patience: float
) -> Crowd:
    replies: list[Reply] = []
    began = time.perf_counter()

    def passed() -> float:
        return time.perf_counter() - began

    async def person(client: httpx.AsyncClient) -> None:
        while passed() < seconds and (question := next(questions, None)) is not None:
            sent = passed()
            outcome, again = await _ask(client, question)
            replies.append(Reply(outcome, passed() - sent, passed()))
            await asyncio.sleep(max(0, min(again, seconds - passed())))

    limits = httpx.Limits(max_connections=people, max_keepalive_connections=people)
    async with httpx.AsyncClient(base_url=address, timeout=patience, limits=limits) as client:
        await asyncio.gather(*(person(client) for _ in range(people)))
    return Crowd(people, min(seconds, passed()), tuple(replies))


async def _ask(client: httpx.AsyncClient, question: str) -> tuple[str, float]:
    """The outcome, and in how many seconds to ask again."""
    opened = False

    async def trace(event: str, _: object) -> None:
        nonlocal opened
        opened = opened or event == "connection.connect_tcp.started"

    try:
        reply = await client.post("/api/ask", json={"question": question}, extensions={"trace": trace})
    except httpx.ConnectError:
        return "lost: no connection", 0
    except httpx.TimeoutException as error:
        return f"lost: {type(error).__name__}", 0
    except httpx.TransportError as error:
        # A server may close an idle connection just as the next question is sent on it.
        return f"lost: {type(error).__name__} on a {'new' if opened else 'reused'} connection", 0
    if reply.status_code == httpx.codes.OK:
        return ANSWERED, 0
    if reply.status_code == httpx.codes.SERVICE_UNAVAILABLE and reply.json()["code"] == BUSY:
        return BUSY, float(reply.headers["retry-after"])
    return f"lost: status {reply.status_code}", 0
