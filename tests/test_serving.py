"""A server's assistant takes up what is published, and serves on whatever becomes of the index."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.answering import Assistant
from assistant.building import build_index
from assistant.content import Sizes
from assistant.corpus import read_corpus
from assistant.errors import IndexDamagedError
from assistant.index import PassageIndex
from assistant.serving import CARDS_ONLY, LAST_GOOD, OK, LiveAssistant, open_live
from assistant.settings import ROOT, Settings
from assistant.storage.generations import rollback
from assistant.storage.passage_file import PASSAGES
from assistant.stores import Searcher
from assistant.types import AnswerKind
from tests.conftest import ARTICLE, write_corpus
from tests.fakes import WordEncoder
from tools.endurance.kills import kill_builds
from tools.endurance.publishes import publish_under_load
from tools.endurance.spoils import spoil_files

NEW = ARTICLE + "More words for panic here.\n"


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def live(index_dir: Path, word_encoder: WordEncoder, told: list[str]) -> LiveAssistant:
    assistant = Assistant(PassageIndex.open(index_dir), word_encoder)
    return LiveAssistant(assistant, word_encoder, Settings(index_dir=index_dir), OK, told.append)


def publish(corpus_dir: Path, index_dir: Path, encoder: WordEncoder, text: str) -> str:
    return build_index(read_corpus(write_corpus(corpus_dir, {"little": text})), encoder, index_dir).build_id


def test_a_new_generation_is_taken_up(live, corpus_dir, index_dir, word_encoder, told) -> None:
    old = live.health()["build_id"]
    assert not live.look()
    new = publish(corpus_dir, index_dir, word_encoder, NEW)
    assert live.ask("fits").build_id == old
    assert live.look()
    assert live.ask("fits").build_id == new
    assert live.health() == {"status": OK, "build_id": new}
    rollback(index_dir)
    assert live.look()
    assert live.ask("fits").build_id == old
    assert told == []


def test_the_examples_are_those_of_the_generation_that_serves(
    live, corpus_dir, index_dir, word_encoder
) -> None:
    assert live.examples == ()
    corpus = write_corpus(corpus_dir, {"little": NEW}, examples=["Does it help with panic?"])
    build_index(read_corpus(corpus), word_encoder, index_dir)
    assert live.look()
    assert live.examples == ("Does it help with panic?",)


def test_a_damaged_generation_is_not_taken_up(live, corpus_dir, index_dir, word_encoder, told) -> None:
    old = live.health()["build_id"]
    new = publish(corpus_dir, index_dir, word_encoder, NEW)
    (index_dir / new / "vectors.npy").write_bytes(b"")
    assert not live.look()
    assert live.health() == {"status": LAST_GOOD, "build_id": old}
    assert live.ask("fits").build_id == old
    assert "vectors.npy has 0 bytes" in told[0]
    assert told[0].endswith("Until then the index opened before serves on.")
    publish(corpus_dir, index_dir, word_encoder, NEW)
    assert live.look()
    assert live.health() == {"status": OK, "build_id": new}


def test_an_index_of_another_encoder_is_not_taken_up(live, corpus_dir, index_dir, told) -> None:
    old = live.health()["build_id"]
    build_index(read_corpus(corpus_dir), WordEncoder(["fits"], revision="2"), index_dir)
    assert not live.look()
    assert live.ask("fits").build_id == old
    assert "The index was built with the encoder words (2)" in told[0]


@pytest.fixture
def damaged(corpus_dir, index_dir, word_encoder, told) -> LiveAssistant:
    """It serves a generation whose passages were altered since; the one before is whole."""
    corpus = read_corpus(write_corpus(corpus_dir, {"little": NEW}))
    build_id = build_index(corpus, word_encoder, index_dir, sizes=Sizes(whole_bytes=0)).build_id
    assistant = Assistant(PassageIndex.open(index_dir), word_encoder)
    path = index_dir / build_id / PASSAGES
    path.write_bytes(bytes(path.stat().st_size))
    return LiveAssistant(assistant, word_encoder, Settings(index_dir=index_dir), OK, told.append)


def while_verifying(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    open_last_good = PassageIndex.open_last_good

    def acting(index_dir: Path, store: Searcher) -> PassageIndex:
        act()
        return open_last_good(index_dir, store)

    monkeypatch.setattr(PassageIndex, "open_last_good", acting)


def test_nobody_waits_while_the_last_good_index_is_verified(damaged, monkeypatch, told) -> None:
    def ask() -> None:
        assert damaged.health() == {"status": CARDS_ONLY, "build_id": ""}
        assert damaged.ask("chest pain, cannot breathe").kind is AnswerKind.URGENT
        with pytest.raises(IndexDamagedError, match=r"passages\.jsonl was altered"):
            damaged.ask("fits")

    while_verifying(monkeypatch, ask)
    answer = damaged.ask("fits")
    assert damaged.health() == {"status": LAST_GOOD, "build_id": answer.build_id}
    assert told[0].endswith(f"Until then the last good index ({answer.build_id}) serves.")


def test_what_is_published_while_the_last_good_index_is_verified_stays(
    damaged, monkeypatch, corpus_dir, index_dir, word_encoder, told
) -> None:
    published: list[str] = []

    def publish_newer() -> None:
        rollback(index_dir)
        published.append(publish(corpus_dir, index_dir, word_encoder, NEW + "And more of fits.\n"))
        assert damaged.look()

    while_verifying(monkeypatch, publish_newer)
    assert [damaged.ask("fits").build_id] == published
    assert damaged.health() == {"status": OK, "build_id": published[0]}
    assert told == []


def test_a_lost_folder_changes_nothing(live, index_dir, told) -> None:
    index_dir.rename(index_dir.with_name("elsewhere"))
    old = live.health()["build_id"]
    assert not live.look()
    assert live.ask("fits").build_id == old
    assert live.health()["status"] == LAST_GOOD


def test_without_an_encoder_the_cards_are_served(tmp_path: Path, told: list[str]) -> None:
    settings = Settings(encoder="nothing", corpus_dir=tmp_path, index_dir=tmp_path)
    live = open_live(settings, None, told.append)
    assert live.health() == {"status": CARDS_ONLY, "build_id": ""}
    assert live.ask("I want to kill myself").notices[0].id == "crisis"
    assert not live.look()
    assert told[0].endswith("Until then only the emergency cards are served.")


HEALTHZ = """
import asyncio, httpx
from assistant.safety.urgent import UrgentOnly
from assistant.web.server import create_app
health = lambda: {"status": "last good index", "build_id": "abc"}
app = create_app(UrgentOnly(Exception(), "neutral"), health)
async def ask():
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        return (await client.get("/healthz")).text
print(asyncio.run(ask()))
"""


def test_healthz_says_what_serves() -> None:
    # In a process of its own: Gradio leaves event loops open.
    said = subprocess.run(
        [sys.executable, "-c", HEALTHZ], cwd=ROOT, check=True, stdout=subprocess.PIPE
    ).stdout
    assert said.strip() == b'{"status":"last good index","build_id":"abc"}'


class TestEndurance:
    """Short runs of what `python -m tools.endurance` does at length."""

    def test_killed_builds(self, tmp_path: Path) -> None:
        result = kill_builds(tmp_path / "index", 12)
        assert sum(result["outcomes"].values()) == 12
        assert [result[name]["errors"] for name in ("open_and_ask", "serve_and_ask")] == [[], []]

    def test_publishing_under_load(self, tmp_path: Path) -> None:
        result = publish_under_load(tmp_path / "index", 4, 1.0, threads=2)
        assert (result["errors"], result["last one serves"]) == ([], True)
        assert result["answers"] > 0

    def test_spoilt_files(self, tmp_path: Path) -> None:
        result = spoil_files(tmp_path / "index", 10)
        assert result["files"] == 18
        assert {name.split(": ")[-1] for name in result["outcomes"]} == {
            "noticed, the index before serves",
            "no change possible",
        }
