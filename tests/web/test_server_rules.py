"""Who is answered, under which name and path, and what whoever keeps the server may read of it."""

from collections.abc import Sequence

import pytest

from assistant.errors import BusyError, QuestionError, SettingsError, UnavailableError
from assistant.messages import SERVER
from assistant.settings import Settings, read_settings
from assistant.types import Answer, AnswerKind
from assistant.web.application import build_application
from assistant.web.metrics import Measured, Meters
from tests.web.asking import Client


class Echo:
    """Finds nothing, whatever is asked."""

    examples = ("An example?",)

    def ask(self, question: str, about: Sequence[str] = ()) -> Answer:
        return Answer(question, AnswerKind.NOT_FOUND)


def client(host: str = "http://localhost", status: str = "ok", **settings: object) -> Client:
    health = {"status": status, "build_id": "abc"}
    return Client(build_application(Echo(), Settings(**settings), lambda: health).app, host)


class TestHosts:
    @pytest.mark.parametrize(
        "host",
        [
            "localhost",
            "localhost:7860",
            "127.0.0.1",
            "127.0.0.1:80",
            "192.0.2.7:1",
            "[::1]:7860",
            "LOCALHOST",
        ],
    )
    def test_addresses_and_localhost_are_trusted(self, host) -> None:
        assert client().get("/healthz", headers={"host": host}).status_code == 200

    @pytest.mark.parametrize(
        "host", ["evil.example", "localhost.evil.example", "evil.example:7860", "127.0.0.1.evil.example", ""]
    )
    def test_another_name_is_not(self, host) -> None:
        reply = client().get("/healthz", headers={"host": host})
        assert (reply.status_code, reply.text) == (400, SERVER["host"])
        assert reply.headers["content-security-policy"]

    def test_a_forwarded_name_counts_too(self) -> None:
        named = {"x-forwarded-host": "evil.example"}
        assert client().get("/healthz", headers=named).status_code == 400
        assert client(trusted_hosts=["evil.example"]).get("/healthz", headers=named).status_code == 200

    def test_names_of_the_settings_are_trusted(self) -> None:
        known = client(trusted_hosts=["chat.example.org", "*.clinic.example"])
        for host, status in {
            "chat.example.org": 200,
            "a.clinic.example": 200,
            "clinic.example": 400,
            "badclinic.example": 400,
            "x.chat.example.org": 400,
        }.items():
            assert known.get("/healthz", headers={"host": host}).status_code == status, host

    def test_any_name_is_trusted_with_a_star(self) -> None:
        assert client(trusted_hosts=["*"]).get("/healthz", headers={"host": "any.example"}).status_code == 200


class TestCors:
    ASKING = {"origin": "https://site.example", "access-control-request-method": "POST"}

    def test_no_other_site_may_read_anything(self) -> None:
        reply = client().get("/healthz", headers={"origin": "https://site.example"})
        assert not [name for name in reply.headers if name.startswith("access-control")]
        assert client().request("OPTIONS", "/api/ask", headers=self.ASKING).status_code == 405

    def test_a_site_of_the_settings_may_use_the_api_without_cookies(self) -> None:
        known = client(cors_origins=["https://site.example"])
        asked = known.request("OPTIONS", "/api/ask", headers=self.ASKING)
        assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (
            200,
            "https://site.example",
        )
        assert "access-control-allow-credentials" not in asked.headers
        reply = known.post("/api/ask", json={"question": "x"}, headers={"origin": "https://site.example"})
        assert reply.headers["access-control-allow-origin"] == "https://site.example"

    def test_and_no_further_site(self) -> None:
        known = client(cors_origins=["https://site.example"])
        asked = known.request(
            "OPTIONS", "/api/ask", headers={**self.ASKING, "origin": "https://other.example"}
        )
        assert asked.status_code == 400
        assert "access-control-allow-origin" not in asked.headers

    def test_an_empty_options_asks_for_nothing(self) -> None:
        known = client(cors_origins=["https://site.example"])
        assert known.request("OPTIONS", "/api/ask").status_code == 405


class TestPrefix:
    def test_it_is_answered_with_it_and_without(self) -> None:
        known = client(root_path="/articles/chat")
        for path in ("/healthz", "/articles/chat/healthz"):
            assert known.get(path).status_code == 200

    def test_the_bare_prefix_leads_to_the_page(self) -> None:
        reply = client(root_path="/articles").get("/articles")
        assert (reply.status_code, reply.headers["location"]) == (307, "/articles/")

    def test_the_description_says_it(self) -> None:
        description = client(root_path="/articles").get("/api/openapi.json").json()
        assert description["servers"] == [{"url": "/articles"}]

    def test_another_path_stays_closed(self) -> None:
        known = client(root_path="/articles")
        for path in ("/articles/config", "/config", "/articlesx/healthz"):
            assert known.get(path).status_code == 404, path


class TestProbes:
    def test_health_says_what_serves_whatever_that_is(self) -> None:
        for status in ("ok", "last good index", "emergency cards only"):
            reply = client(status=status).get("/healthz")
            assert (reply.status_code, reply.json()) == (200, {"status": status, "build_id": "abc"})

    @pytest.mark.parametrize(
        ("status", "code"), [("ok", 200), ("last good index", 200), ("emergency cards only", 503)]
    )
    def test_ready_is_what_can_answer(self, status, code) -> None:
        reply = client(status=status).get("/readyz")
        assert reply.status_code == code
        if code == 503:
            assert reply.json()["detail"] == SERVER["not_ready"]

    def test_metrics_are_closed_unless_switched_on(self) -> None:
        assert client().get("/metrics").status_code == 404
        assert client(metrics=True).get("/metrics").status_code == 200

    def test_metrics_count_and_hold_no_word(self) -> None:
        known = client(metrics=True)
        for question in ("unmistakable", "  "):
            known.post("/api/ask", json={"question": question})
        text = known.get("/metrics").text
        assert 'assistant_questions_total{outcome="NOT_FOUND",surface="api"} 2.0' in text
        assert 'assistant_question_seconds_count{surface="api"} 2.0' in text
        assert 'assistant_index{build_id="abc",status="ok"} 1.0' in text
        assert 'assistant_questions_total{outcome="FOUND",surface="chat"} 0.0' in text
        assert "unmistakable" not in text

    @pytest.mark.parametrize(
        ("error", "outcome"),
        [
            (QuestionError("x"), "REFUSED"),
            (BusyError("x"), "BUSY"),
            (UnavailableError("x"), "UNAVAILABLE"),
            (RuntimeError("x"), "BROKEN"),
        ],
    )
    def test_what_fails_is_counted_as_such(self, error, outcome) -> None:
        class Failing:
            def ask(self, question: str, about: Sequence[str] = ()) -> Answer:
                raise error

        meters = Meters(dict)
        with pytest.raises(type(error)):
            Measured(Failing(), meters, "chat").ask("x")
        assert f'{{outcome="{outcome}",surface="chat"}} 1.0' in meters.text().decode()
        assert "assistant_questions_in_progress 0.0" in meters.text().decode()


class TestSettings:
    @pytest.mark.parametrize(
        ("name", "value", "words"),
        [
            ("ROOT_PATH", "articles", "ASSISTANT_ROOT_PATH: String should match pattern"),
            ("ROOT_PATH", "/articles/", "ASSISTANT_ROOT_PATH: String should match pattern"),
            ("TRUSTED_HOSTS", "https://x.example", "'https://x.example' is not a host name"),
            ("TRUSTED_HOSTS", "x.*.example", "'x.*.example' is not a host name"),
            ("CORS_ORIGINS", "*", "'*' is not an origin such as https://example.org"),
            ("CORS_ORIGINS", "https://x.example/", "'https://x.example/' is not an origin"),
            (
                "LIBRARY_PASSWORD",
                "short",
                "ASSISTANT_LIBRARY_PASSWORD: needs at least 12 characters",
            ),
        ],
    )
    def test_what_cannot_be_used_is_said(self, monkeypatch, name, value, words) -> None:
        monkeypatch.setenv(f"ASSISTANT_{name}", value)
        with pytest.raises(SettingsError) as error:
            read_settings()
        assert words in str(error.value)
        assert "Correct them and start again." in str(error.value)

    def test_names_are_parted_by_commas(self, monkeypatch) -> None:
        monkeypatch.setenv("ASSISTANT_TRUSTED_HOSTS", "a.example, *.b.example,")
        monkeypatch.setenv("ASSISTANT_CORS_ORIGINS", "https://a.example,http://b.example:8080")
        settings = read_settings()
        assert settings.trusted_hosts == ("a.example", "*.b.example")
        assert settings.cors_origins == ("https://a.example", "http://b.example:8080")

    def test_the_password_is_never_printed(self) -> None:
        assert "calm-paper-ink" not in repr(Settings(library_password="calm-paper-ink"))
