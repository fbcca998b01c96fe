"""The tool for other assistants, over a real client that starts the command."""

import asyncio
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp.types import CallToolResult, Tool

from assistant.answering import Assistant
from assistant.contract import answer_as_dict
from assistant.messages import DISCLAIMER, MCP
from assistant.plain_text import answer_as_text
from assistant.settings import ROOT
from tests.conftest import ARTICLE, write_corpus

QUESTIONS = ["What is clonazepam used for?", "How much ibuprofen may I take?", "I want to kill myself"]
REFUSED = [" ", "x" * 1001]


def talk(
    index_dir: Path, corpus_dir: Path, questions: list[str]
) -> tuple[list[Tool], list[CallToolResult], str]:
    """Starts the command, lists its tools, asks, and returns also what it wrote to stderr."""

    async def whole() -> tuple[list[Tool], list[CallToolResult], str]:
        with (index_dir.parent / "stderr.txt").open("w+") as said:
            server = StdioServerParameters(
                command=sys.executable,
                args=["-m", "assistant", "mcp"],
                cwd=ROOT,
                env={
                    **os.environ,
                    "ASSISTANT_INDEX_DIR": str(index_dir),
                    "ASSISTANT_CORPUS_DIR": str(corpus_dir),
                },
            )
            async with AsyncExitStack() as stack:
                client = await stack.enter_async_context(Client(stdio_client(server, errlog=said)))
                tools = (await client.list_tools()).tools
                replies = [await client.call_tool("ask_articles", {"question": each}) for each in questions]
            said.seek(0)
            return tools, replies, said.read()

    # In a thread of its own: the browser tests leave an event loop running in this one.
    with ThreadPoolExecutor() as pool:
        return pool.submit(asyncio.run, whole()).result()


@pytest.fixture(scope="module")
def talked(real_index_dir: Path):
    return talk(real_index_dir, ROOT / "corpus", [*QUESTIONS, *REFUSED])


def test_there_is_one_tool_and_it_says_how_to_quote(talked) -> None:
    [tool] = talked[0]
    assert (tool.name, tool.description) == ("ask_articles", MCP["tool"])
    assert list(tool.input_schema["properties"]) == ["question"]
    assert list(tool.output_schema["properties"]) == [
        "question", "kind", "notices", "hits", "disclaimer", "build_id", "version"
    ]  # fmt: skip


@pytest.mark.parametrize("place", range(len(QUESTIONS)))
def test_the_reply_is_the_one_answer_as_text_and_as_data(
    talked, real_assistant: Assistant, place: int
) -> None:
    reply, answer = talked[1][place], real_assistant.ask(QUESTIONS[place])
    assert not reply.is_error
    assert [block.text for block in reply.content] == [answer_as_text(answer)]
    assert reply.content[0].text.count(DISCLAIMER) == 1
    assert reply.structured_content == answer_as_dict(answer)
    assert json.dumps(reply.structured_content).count(DISCLAIMER) == 1


def test_a_question_that_cannot_be_asked_is_an_error_in_the_engines_words(talked) -> None:
    blank, long = talked[1][len(QUESTIONS) :]
    assert blank.is_error
    assert long.is_error
    assert "The question is empty. Type a question." in blank.content[0].text
    assert "at most 1,000 can be read" in long.content[0].text


def test_no_question_is_written_down(talked) -> None:
    assert "ibuprofen" not in talked[2]


def test_cards_come_though_there_is_no_index(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", {"little": ARTICLE}, sha256="0" * 64)
    _, replies, said = talk(tmp_path / "index", corpus, ["I want to kill myself", "fits"])
    assert replies[0].structured_content["kind"] == "URGENT"
    assert replies[1].is_error
    assert "The articles cannot be searched at the moment." in replies[1].content[0].text
    assert str(tmp_path) not in replies[1].content[0].text
    assert "Until then only the emergency cards are served." in said


def test_without_the_package_it_says_what_to_install() -> None:
    code = "import sys; sys.modules['mcp'] = None; from assistant.cli import main; main(['mcp'])"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert result.returncode == 2
    assert result.stderr.decode().strip() == f"Error: {MCP['not_installed']}"
