"""The HTTP interface: the same answer as everywhere, and errors as typed bodies with fixed words."""

import json
import shutil
from pathlib import Path

import pytest

from assistant.answering import Assistant
from assistant.building import build_index
from assistant.content import Sizes
from assistant.contract import answer_as_dict
from assistant.errors import IndexMissingError
from assistant.index import PassageIndex
from assistant.messages import DISCLAIMER, SERVER
from assistant.safety.urgent import UrgentOnly
from assistant.schema import AnswerBody
from assistant.serving import CARDS_ONLY, OK, LiveAssistant
from assistant.settings import Settings
from assistant.web.application import build_application
from tests.fakes import WordEncoder
from tests.web.asking import Client


@pytest.fixture
def live(index_dir: Path, corpus_dir: Path, word_encoder: WordEncoder) -> LiveAssistant:
    assistant = Assistant(PassageIndex.open(index_dir), word_encoder)
    settings = Settings(index_dir=index_dir, corpus_dir=corpus_dir)
    return LiveAssistant(assistant, word_encoder, settings, OK, lambda message: None)


@pytest.fixture
def client(live: LiveAssistant, corpus_dir: Path) -> Client:
    return Client(build_application(live, Settings(corpus_dir=corpus_dir), live.health, live).app)


@pytest.fixture
def broken_client() -> Client:
    """The index cannot be opened, and the error names a path of this machine."""
    engine = UrgentOnly(IndexMissingError("There is no index in /secret/place yet."), "US")
    live = LiveAssistant(engine, None, Settings(), CARDS_ONLY, lambda message: None)
    return Client(build_application(live, Settings(), live.health, live).app)


class TestAsk:
    @pytest.mark.parametrize("question", ["fits panic", "What about it?", "I took 40 tablets", "xyzzy"])
    def test_it_is_the_very_object_of_the_command_line(self, client, live, question) -> None:
        reply = client.post("/api/ask", json={"question": question})
        wanted = answer_as_dict(live.ask(question))
        assert (reply.status_code, reply.headers["content-type"]) == (200, "application/json")
        assert reply.json() == wanted
        assert list(reply.json()) == list(wanted)

    def test_the_type_is_the_contract_no_more_and_no_less(self, live) -> None:
        wanted = answer_as_dict(live.ask("fits panic"))
        body = AnswerBody.model_validate_json(json.dumps(wanted))
        assert json.dumps(body.model_dump(mode="json")) == json.dumps(wanted)
        assert wanted["hits"]

    def test_the_disclaimer_is_in_every_reply_once(self, client) -> None:
        for question in ("fits panic", "xyzzy", "I want to kill myself"):
            text = client.post("/api/ask", json={"question": question}).text
            assert text.count(DISCLAIMER) == 1

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"\xff\xfe",
            b"[]",
            b'"fits"',
            b'{"question": 1}',
            b'{"question": null}',
            b'{"question": ""}',
            b'{"question": "fits", "top_k": 3}',
            b'{"question": "\\ud800"}',
            b'{"question": "' + b"x" * 1001 + b'"}',
        ],
    )
    def test_what_is_no_question_is_refused_in_fixed_words(self, client, content) -> None:
        reply = client.post("/api/ask", content=content, headers={"content-type": "application/json"})
        assert reply.status_code == 422
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json() == {
            "type": "about:blank",
            "title": "Not understood",
            "status": 422,
            "detail": SERVER["invalid"],
            "code": "invalid",
        }

    def test_a_blank_question_is_refused_in_the_engines_words(self, client) -> None:
        reply = client.post("/api/ask", json={"question": " \n "})
        assert (reply.status_code, reply.json()["code"]) == (422, "question")
        assert reply.json()["detail"] == "The question is empty. Type a question."

    def test_urgent_cards_come_though_the_index_is_broken(self, broken_client) -> None:
        reply = broken_client.post("/api/ask", json={"question": "she has stopped breathing"})
        assert (reply.status_code, reply.json()["kind"]) == (200, "URGENT")
        assert "911" in reply.json()["notices"][0]["text"]
        assert reply.text.count(DISCLAIMER) == 1

    def test_a_broken_index_is_said_without_naming_files(self, broken_client) -> None:
        reply = broken_client.post("/api/ask", json={"question": "fits"})
        assert (reply.status_code, reply.json()["code"]) == (503, "unavailable")
        assert reply.json()["detail"] == SERVER["unavailable"]
        assert "secret" not in reply.text

    def test_a_mistake_of_ours_is_said_and_written_down_without_the_question(self, caplog) -> None:
        class Breaking:
            def ask(self, question: str, about: tuple[str, ...] = ()) -> None:
                raise RuntimeError(f"cannot answer {question}")

        client = Client(build_application(Breaking(), Settings()).app)
        reply = client.post("/api/ask", json={"question": "unmistakable"})
        assert (reply.status_code, reply.json()["code"]) == (500, "broken")
        assert reply.json()["detail"] == SERVER["broken"]
        assert "RuntimeError while answering, at api.py:" in caplog.text
        assert "unmistakable" not in caplog.text + reply.text


class TestPassages:
    def test_a_passage_comes_with_its_slice_of_the_file(self, client, live, corpus_dir) -> None:
        text = (corpus_dir / "articles" / "little.txt").read_text()
        passage = live.index.passages[0]
        body = client.get(f"/api/passages/{passage.passage_id}").json()
        assert body["text"] == text[body["start"] : body["end"]] == passage.text
        sha256 = live.index.documents["little"].source.sha256
        assert body["slice"] == {"text": passage.text, "sha256": sha256, "exact": True}
        assert body["source"]["sha256"] == sha256
        assert body["disclaimer"] == DISCLAIMER
        assert (body["id"], body["build_id"]) == (passage.passage_id, live.index.build_id)

    def test_a_changed_file_is_noticed(self, client, live, corpus_dir) -> None:
        path = corpus_dir / "articles" / "little.txt"
        path.write_text(path.read_text().replace("fits", "gout"))
        body = client.get(f"/api/passages/{live.index.passages[0].passage_id}").json()
        assert body["slice"]["exact"] is False
        assert "gout" in body["slice"]["text"]
        assert body["slice"]["sha256"] != body["source"]["sha256"]
        assert "fits" in body["text"]

    def test_an_index_without_its_articles_still_tells(self, client, live, corpus_dir) -> None:
        shutil.rmtree(corpus_dir)
        reply = client.get(f"/api/passages/{live.index.passages[0].passage_id}")
        assert (reply.status_code, reply.json()["slice"]) == (200, None)

    @pytest.mark.parametrize("passage_id", ["little:0-1", "other:0-10", "little:999999999-999999999"])
    def test_an_unknown_passage_is_not_found(self, client, passage_id) -> None:
        reply = client.get(f"/api/passages/{passage_id}")
        assert (reply.status_code, reply.json()["detail"]) == (404, SERVER["no_passage"])

    @pytest.mark.parametrize("passage_id", ["x", "little:a-b", "..:0-1", "little:0-1:", "L:0-1", "a" * 200])
    def test_what_is_no_id_is_refused(self, client, passage_id) -> None:
        assert client.get(f"/api/passages/{passage_id}").status_code == 422

    def test_a_passage_that_turns_out_damaged_is_not_shown(
        self, tmp_path, little_corpus, word_encoder
    ) -> None:
        large = Sizes(whole_bytes=0)
        build_index(little_corpus, word_encoder, tmp_path / "large", sizes=large)
        assistant = Assistant(PassageIndex.open(tmp_path / "large"), word_encoder)
        settings = Settings(index_dir=tmp_path / "large")
        live = LiveAssistant(assistant, word_encoder, settings, OK, lambda message: None)
        [path] = (tmp_path / "large").glob("*/passages.jsonl")
        path.write_bytes(path.read_bytes().replace(b"fits", b"gout"))
        reply = Client(build_application(live, settings, live.health, live).app).get(
            "/api/passages/little:22-80"
        )
        assert (reply.status_code, reply.json()["code"]) == (503, "unavailable")
        assert str(tmp_path) not in reply.text

    def test_without_an_index_there_are_none(self, broken_client) -> None:
        assert broken_client.get("/api/passages/little:0-1").json()["code"] == "unavailable"


class TestDescription:
    def test_it_names_every_address_and_its_problems(self, client) -> None:
        description = client.get("/api/openapi.json").json()
        assert list(description["paths"]) == ["/healthz", "/readyz", "/api/ask", "/api/passages/{passage_id}"]
        replies = description["paths"]["/api/ask"]["post"]["responses"]
        assert list(replies) == ["200", "422", "500", "503"]
        assert replies["200"]["content"]["application/json"]["schema"] == {
            "$ref": "#/components/schemas/AnswerBody"
        }
        assert list(replies["503"]["content"]) == ["application/problem+json"]
        assert "ProblemBody" in description["components"]["schemas"]

    @pytest.mark.parametrize(
        ("method", "path", "allow"),
        [("GET", "/api/ask", "POST"), ("PUT", "/api/ask", "POST"), ("POST", "/api/passages/a:0-1", "GET")],
    )
    def test_another_method_is_named(self, client, method, path, allow) -> None:
        reply = client.request(method, path)
        assert (reply.status_code, reply.headers["allow"]) == (405, allow)
        assert reply.json()["detail"] == SERVER["method"]

    def test_another_address_is_not_found(self, client) -> None:
        assert client.get("/api/nowhere").json()["code"] == "not_found"
