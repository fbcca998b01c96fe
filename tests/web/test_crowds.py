"""The served application, the real engine behind it, and more people at once than it can answer."""

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, repeat
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from assistant.answering import Assistant
from assistant.contract import answer_as_dict
from assistant.messages import SERVER
from assistant.web.turns import AT_ONCE, WAITING
from evaluation.crowd import ANSWERED, BUSY, ask_together
from evaluation.served import served_app

QUESTIONS = (
    "What is clonazepam used for?",
    "Can it make me sleepy?",
    "How long does it take to work?",
    "What if I miss a dose?",
    "Is aspirin good for a headache?",
    "¿Puedo tomar clonazepam con alcohol?",
)
CROWD = 60

T = TypeVar("T")


@pytest.fixture(scope="module")
def address(real_index_dir: Path) -> Iterator[str]:
    with served_app(ASSISTANT_INDEX_DIR=str(real_index_dir)) as (address, _):
        yield address


def apart(work: Awaitable[T]) -> T:
    """In a thread of its own: the browser tests leave an event loop running in this one."""

    async def run() -> T:
        return await work

    with ThreadPoolExecutor() as pool:
        return pool.submit(asyncio.run, run()).result()


async def all_at_once(address: str, questions: Sequence[str]) -> list[httpx.Response]:
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=httpx.Limits()) as client:
        return await asyncio.gather(*(client.post("/api/ask", json={"question": each}) for each in questions))


def test_each_is_told_just_what_they_would_be_told_alone_or_that_it_is_busy(
    address: str, real_assistant: Assistant
) -> None:
    asked = [QUESTIONS[number % len(QUESTIONS)] for number in range(CROWD)]
    replies = apart(all_at_once(address, asked))
    alone = {question: answer_as_dict(real_assistant.ask(question)) for question in QUESTIONS}
    answered = [
        (question, reply.json()) for question, reply in zip(asked, replies, strict=True) if reply.is_success
    ]
    assert len(answered) >= AT_ONCE + WAITING
    assert [body for _, body in answered] == [alone[question] for question, _ in answered]
    refused = [reply for reply in replies if not reply.is_success]
    assert {(reply.status_code, reply.json()["detail"]) for reply in refused} <= {(503, SERVER["busy"])}
    assert all(int(reply.headers["retry-after"]) > 0 for reply in refused)


def test_in_an_emergency_nobody_is_told_that_it_is_busy(address: str) -> None:
    replies = apart(all_at_once(address, ["she has stopped breathing"] * CROWD))
    assert {(reply.status_code, reply.json()["kind"]) for reply in replies} == {(200, "URGENT")}
    assert len({reply.json()["notices"][0]["text"] for reply in replies}) == 1


def test_nobody_is_lost_who_asks_again_and_again(address: str) -> None:
    questions = chain.from_iterable(repeat(QUESTIONS, 20))

    async def crowd() -> dict[str, int]:
        crowd = await asyncio.to_thread(ask_together, address, questions, CROWD, 60)
        return crowd.outcomes

    outcomes = apart(crowd())
    assert outcomes.keys() <= {ANSWERED, BUSY}
    assert sum(outcomes.values()) == 20 * len(QUESTIONS)


def test_a_connection_is_kept_longer_than_a_program_lets_it_rest(address: str) -> None:
    """httpx rests one for up to 5 seconds: closed by the server then, the next question on it would be lost."""

    async def ask_rest_and_ask() -> tuple[bytes, bytes]:
        reader, writer = await asyncio.open_connection(*address.removeprefix("http://").split(":"))

        async def status() -> bytes:
            writer.write(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
            line = await reader.readline()
            await reader.readuntil(b'"}')
            return line

        first = await status()
        await asyncio.sleep(6)
        second = await status()
        writer.close()
        return first, second

    assert apart(ask_rest_and_ask()) == (b"HTTP/1.1 200 OK\r\n",) * 2
