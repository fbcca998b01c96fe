"""The server is killed, hangs, or loses what it had: a clear word in place of passages, and cards all the same."""

import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import (
    IndexDamagedError,
    PublishError,
    SearchUnavailableError,
    SettingsError,
    UnavailableError,
)
from assistant.messages import SERVER
from assistant.milvus_settings import MilvusAddress
from assistant.safety.triage import triage
from assistant.safety.urgent import card_notices
from assistant.serving import OK, LiveAssistant, open_live
from assistant.settings import ROOT
from assistant.stores.milvus_server import MilvusServer
from assistant.types import AnswerKind
from assistant.web.application import build_application
from assistant.web.turns import TakingTurns
from tests.milvus.conftest import Builder
from tests.milvus.lite_server import Client, LiteServer
from tests.web.asking import Client as Browser

QUESTION = "is it for panic"
EMERGENCY = "chest pain, cannot breathe"
NAMING = "is little for panic"
"""Of the passages of one article each is looked at: none need be searched for."""
CRISIS = "I want to kill myself"
GONE = "Search is unavailable: Milvus at {uri} cannot be reached. See that it runs, then try again."
HANGS = "Search is unavailable: Milvus at {uri} did not answer within 2 seconds. See that it runs, then try again."


@pytest.fixture
def running(milvus: LiteServer) -> Iterator[LiteServer]:
    """The server, which runs again when the test is over."""
    yield milvus
    milvus.start()


def rested() -> None:
    """After a failure nobody asks for a second, so that not everyone waits."""
    time.sleep(1)


def test_a_server_started_again_between_questions_is_not_noticed(
    builder: Builder, running: LiteServer
) -> None:
    builder.build()
    assistant = builder.open()
    expected = assistant.ask(QUESTION)
    running.kill()
    running.start()
    assert assistant.ask(QUESTION) == expected


def test_without_the_server_a_question_gets_the_reason_and_an_emergency_its_card(
    builder: Builder, running: LiteServer
) -> None:
    builder.build()
    assistant = builder.open()
    expected = assistant.ask(QUESTION)
    passages = assistant.ask(EMERGENCY).hits
    running.kill()
    for _ in range(2):
        with pytest.raises(SearchUnavailableError) as refusal:
            assistant.ask(QUESTION)
        assert str(refusal.value) == GONE.format(uri=running.address.uri)
    assert assistant.ask(NAMING) == builder.local().ask(NAMING)
    answer = assistant.ask(EMERGENCY)
    assert (answer.kind, answer.hits) == (AnswerKind.URGENT, ())
    assert answer.notices == card_notices(triage(EMERGENCY), "neutral")
    assert assistant.ask(CRISIS).kind is AnswerKind.URGENT
    running.start()
    rested()
    assert assistant.ask(QUESTION) == expected
    assert assistant.ask(EMERGENCY).hits == passages


def test_a_server_that_hangs_is_given_up_and_found_again(builder: Builder, running: LiteServer) -> None:
    builder.build()
    assistant = builder.open()
    expected = assistant.ask(QUESTION)
    running.hang()
    with pytest.raises(SearchUnavailableError) as refusal:
        assistant.ask(QUESTION)
    assert str(refusal.value) == HANGS.format(uri=running.address.uri)
    assert assistant.ask(CRISIS).kind is AnswerKind.URGENT
    running.go_on()
    rested()
    assert assistant.ask(QUESTION) == expected


def test_a_server_that_hangs_from_the_start_is_given_up(builder: Builder, running: LiteServer) -> None:
    builder.build()
    builder.open().index.store._collection.server.close()
    running.hang()
    assistant = builder.open()
    rested()
    with pytest.raises(
        SearchUnavailableError, match="Milvus at .* (cannot be reached|did not answer within)"
    ):
        assistant.ask(QUESTION)
    running.go_on()
    rested()
    assert assistant.ask(QUESTION) == builder.local().ask(QUESTION)


def test_what_is_started_without_the_server_answers_once_it_is_there(
    builder: Builder, running: LiteServer
) -> None:
    build_id = builder.build().build_id
    gone = GONE.format(uri=running.address.uri)
    healthy = {"status": OK, "build_id": build_id}
    running.kill()
    told: list[str] = []
    live = open_live(builder.settings, None, told.append, builder.encoder)
    assert (told, live.health()) == ([], healthy)
    assistant = builder.open()
    with pytest.raises(SearchUnavailableError) as refusal:
        assistant.ask(QUESTION)
    assert str(refusal.value) == gone
    running.start()
    rested()
    assert assistant.ask(QUESTION) == live.ask(QUESTION) == builder.local().ask(QUESTION)
    assert (told, live.health()) == ([], healthy)


def test_a_build_without_the_server_publishes_nothing(builder: Builder, running: LiteServer) -> None:
    first = builder.build().build_id
    assistant = builder.open()
    running.kill()
    with pytest.raises(PublishError) as refusal:
        builder.build(1)
    gone = GONE.format(uri=running.address.uri)
    assert str(refusal.value) == f"The index could not be copied: {gone} The last good index still serves."
    assert builder.local().ask(QUESTION).build_id == first
    running.start()
    rested()
    assert assistant.ask(QUESTION).build_id == first
    assert builder.build(1).built
    assert builder.open().ask(QUESTION) == builder.local().ask(QUESTION)


def test_a_server_that_lost_its_collections_is_told_apart(builder: Builder, tmp_path: Path) -> None:
    server = LiteServer(tmp_path / "milvus")
    try:
        server.start()
        builder.settings = builder.settings.but(milvus_uri=server.address.uri)
        builder.build()
        assistant = builder.open()
        expected = assistant.ask(QUESTION)
        server.kill()
        shutil.rmtree(tmp_path / "milvus")
        server.start()
        with pytest.raises(IndexDamagedError, match="is not there. Run: python -m assistant build"):
            assistant.ask(QUESTION)
        assert assistant.ask(EMERGENCY).kind is AnswerKind.URGENT
        assert not builder.build().built
        assert assistant.ask(QUESTION) == expected
    finally:
        server.close()


def test_the_api_says_unavailable_in_fixed_words_and_the_log_says_why(
    builder: Builder, running: LiteServer, caplog: pytest.LogCaptureFixture
) -> None:
    builder.build()
    live = LiveAssistant(builder.open(), builder.encoder, builder.settings, OK, pytest.fail)
    browser = Browser(build_application(live, builder.settings, live.health, live).app)
    assert browser.post("/api/ask", json={"question": QUESTION}).status_code == 200
    running.kill()
    with caplog.at_level(logging.ERROR):
        replies = [browser.post("/api/ask", json={"question": QUESTION}) for _ in range(3)]
    assert {reply.status_code for reply in replies} == {503}
    assert {reply.headers["content-type"] for reply in replies} == {"application/problem+json"}
    assert replies[0].json()["code"] == "unavailable"
    assert replies[0].json()["detail"] == SERVER["unavailable"]
    told = [record.getMessage() for record in caplog.records if record.name == TakingTurns.__module__]
    assert told == [GONE.format(uri=running.address.uri)]
    assert browser.post("/api/ask", json={"question": EMERGENCY}).json()["kind"] == "URGENT"
    with pytest.raises(UnavailableError, match=SERVER["unavailable"]):
        TakingTurns(live).ask(QUESTION)


def test_the_command_line_says_it_in_one_line(
    running: LiteServer, address: MilvusAddress, real_index_dir
) -> None:
    running.kill()
    environment = {
        "ASSISTANT_STORE": "milvus",
        "ASSISTANT_MILVUS_URI": address.uri,
        "ASSISTANT_INDEX_DIR": str(real_index_dir),
    }
    said = in_a_process("ask", "how long until it works?", **environment)
    assert said == (2, "", f"Error: {GONE.format(uri=address.uri)}\n")


def test_check_looks_at_the_servers_copy(builder: Builder, client: Client, running: LiteServer) -> None:
    build_id = builder.build().build_id
    environment = {
        "ASSISTANT_STORE": "milvus",
        "ASSISTANT_MILVUS_URI": running.address.uri,
        "ASSISTANT_MILVUS_PREFIX": builder.settings.milvus_prefix,
        "ASSISTANT_INDEX_DIR": str(builder.settings.index_dir),
        "ASSISTANT_CORPUS_DIR": str(builder.settings.corpus_dir),
    }
    exact = "All 2 passages of 1 article(s) are exact.\n"
    assert in_a_process("check", **environment) == (0, exact, "")
    client.do("drop_alias", "current")
    status, _, said = in_a_process("check", **environment)
    assert status == 1
    assert said.startswith(
        f"Error: The server does not name {build_id} as current, or has no whole copy of it. "
    )
    client.do("drop_collection", build_id)
    status, _, said = in_a_process("check", **environment)
    assert (status, said.endswith(" is not there. Run: python -m assistant build\n")) == (2, True)
    running.kill()
    gone = GONE.format(uri=running.address.uri)
    unseen = f"Error: The server's copy of {build_id} could not be checked. {gone}\n"
    assert in_a_process("check", **environment) == (1, "", unseen)


def in_a_process(*arguments: str, **environment: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "assistant", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_no_proxy_comes_between(address: MilvusAddress, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "grpc_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY", "no_grpc_proxy"):
        monkeypatch.delenv(name, raising=False)
    server = MilvusServer(address)
    assert server.call("get_server_version").startswith("milvus_lite-")
    server.close()


def test_without_the_client_library_it_says_what_to_install(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(SettingsError, match=r"needs pymilvus. Run: pip install -r requirements-milvus\.txt"):
        builder.build()


def test_nothing_of_it_is_loaded_for_another_store(index_dir: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom assistant.index import PassageIndex\n"
        "from assistant.settings import read_settings\n"
        "PassageIndex.open(Path(sys.argv[1]), read_settings().searched_by)\n"
        "sys.exit(bool(sys.modules.keys() & {'pymilvus', 'grpc', 'milvus_lite'}))"
    )
    assert (
        subprocess.run([sys.executable, "-c", script, str(index_dir)], cwd=ROOT, check=False).returncode == 0
    )
