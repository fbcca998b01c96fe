"""The library is closed; whoever has the secret may enter, and nobody by trying."""

import pytest

from assistant.errors import SignInError
from assistant.messages import LIBRARY
from assistant.serving import LiveAssistant
from assistant.settings import Settings
from assistant.web.headers import LIBRARY_POLICY
from assistant.web.operator.access import IDLE_SECONDS, MOST_SESSIONS, Access
from tests.web.operating import PASSWORD, Operator


@pytest.fixture
def stranger(live: LiveAssistant, settings: Settings) -> Operator:
    return Operator(live, settings, Access(PASSWORD))


class Clock:
    """Says what it is told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class TestAccess:
    def test_a_token_is_long_and_new_each_time(self) -> None:
        tokens = {Access().token for _ in range(20)}
        assert len(tokens) == 20
        assert min(map(len, tokens)) == 32
        assert Access(PASSWORD).token == ""

    @pytest.mark.parametrize("given", ["", "x", PASSWORD[:-1], PASSWORD + "x", "\ud800", PASSWORD.upper()])
    def test_what_is_nearly_right_is_wrong(self, given) -> None:
        with pytest.raises(SignInError, match="^That is not the password.$"):
            Access(PASSWORD).sign_in(given)
        with pytest.raises(SignInError, match="^That is not the token."):
            Access().sign_in(given)

    def test_after_five_wrong_tries_the_right_one_waits_too(self) -> None:
        clock = Clock()
        access = Access(PASSWORD, clock)
        for _ in range(5):
            with pytest.raises(SignInError, match="not the password"):
                access.sign_in("x")
            clock.now += 1
        for _ in range(3):
            with pytest.raises(SignInError, match="too many wrong tries") as refused:
                access.sign_in(PASSWORD)
            assert refused.value.seconds == 60
        clock.now = 1000 + 60
        assert access.session(access.sign_in(PASSWORD).name)

    def test_a_session_ends_when_it_is_left_alone(self) -> None:
        clock = Clock()
        access = Access(PASSWORD, clock)
        name = access.sign_in(PASSWORD).name
        clock.now += IDLE_SECONDS
        assert access.session(name)
        clock.now += IDLE_SECONDS + 1
        assert access.session(name) is None

    def test_the_oldest_session_makes_room(self) -> None:
        access = Access(PASSWORD)
        names = [access.sign_in(PASSWORD).name for _ in range(MOST_SESSIONS + 1)]
        assert access.session(names[0]) is None
        assert access.session(names[1])
        assert access.session("") is None


PAGES = ["/", "/index", "/evaluation", "/progress", "/articles/little", "/drafts/abc", "/nowhere"]
FORMS = [
    "/documents",
    "/articles/little",
    "/articles/little/text",
    "/articles/little/remove",
    "/index/build",
    "/index/publish",
    "/index/discard",
    "/index/rollback",
    "/drafts/abc",
    "/drafts/abc/discard",
    "/sign-out",
]


class TestDoor:
    def test_it_is_not_there_unless_switched_on(self, live, settings) -> None:
        closed = Operator(live, settings.but(library=False)).client
        for path in ("", "/", "/sign-in", "/index", "/style.css"):
            assert closed.get(f"/library{path}").status_code == 404, path

    @pytest.mark.parametrize("path", PAGES)
    def test_a_stranger_is_shown_the_door(self, stranger, path) -> None:
        reply = stranger.client.get(f"/library{path}")
        assert (reply.status_code, reply.headers["location"]) == (303, "/library/sign-in")
        assert reply.text == ""

    @pytest.mark.parametrize("path", FORMS)
    def test_a_stranger_changes_nothing(self, stranger, settings, path) -> None:
        before = (settings.corpus_dir / "sources.toml").read_bytes()
        files = [("files", ("new.md", b"# New\n\nWords of it."))]
        data = {"sure": "on", "csrf": ""}
        assert stranger.client.post(f"/library{path}", data=data, files=files).status_code == 303
        assert (settings.corpus_dir / "sources.toml").read_bytes() == before

    @pytest.mark.parametrize("path", FORMS)
    @pytest.mark.parametrize("csrf", ["", "x", None])
    def test_a_form_of_another_site_is_refused(self, operator, settings, path, csrf) -> None:
        before = (settings.corpus_dir / "sources.toml").read_bytes()
        data = {"sure": "on", **({} if csrf is None else {"csrf": csrf})}
        reply = operator.client.post(f"/library{path}", data=data)
        assert reply.status_code == 403
        assert LIBRARY["forged"] in reply.text
        assert (settings.corpus_dir / "sources.toml").read_bytes() == before
        assert operator.client.get("/library/").status_code == 200

    def test_the_printed_address_opens_it_and_is_forgotten(self, live, settings) -> None:
        access = Access()
        client = Operator(live, settings, access).client
        reply = client.get(f"/library/?token={access.token}")
        assert (reply.status_code, reply.headers["location"]) == (303, "/library/")
        cookie = reply.headers["set-cookie"]
        assert "HttpOnly; Path=/library; SameSite=strict" in cookie
        assert access.token not in cookie
        assert "Secure" not in cookie
        assert client.get("/library/").status_code == 200

    def test_over_https_the_cookie_stays_there(self, live, settings) -> None:
        client = Operator(live, settings, Access(PASSWORD)).client
        client.host = "https://localhost"
        assert "; Secure" in client.post("/library/sign-in", data={"secret": PASSWORD}).headers["set-cookie"]

    def test_a_wrong_token_is_said_and_at_last_waits(self, live, settings) -> None:
        access = Access()
        client = Operator(live, settings, access).client
        for _ in range(5):
            reply = client.get("/library/?token=wrong")
            assert reply.status_code == 403
            assert LIBRARY["wrong_token"] in reply.text
        reply = client.post("/library/sign-in", data={"secret": access.token})
        assert (reply.status_code, reply.headers["retry-after"]) == (429, "60")
        assert LIBRARY["too_many"] in reply.text
        assert "set-cookie" not in reply.headers

    def test_whoever_signs_out_is_a_stranger(self, operator) -> None:
        reply = operator.send("/sign-out")
        assert LIBRARY["signed_out"] in reply.text
        assert operator.client.get("/library/").status_code == 303

    @pytest.mark.parametrize("path", [*PAGES, "/sign-in"])
    def test_pages_are_kept_by_nobody_and_run_no_script_but_ours(self, operator, path) -> None:
        reply = operator.client.get(f"/library{path}")
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["content-security-policy"] == LIBRARY_POLICY
        assert "<script>" not in reply.text
        assert " style=" not in reply.text
        assert " onclick=" not in reply.text

    def test_a_page_that_is_not_there_is_said(self, operator) -> None:
        reply = operator.client.get("/library/articles/nowhere")
        assert (reply.status_code, LIBRARY["not_found"] in reply.text) == (404, True)

    def test_what_is_sent_has_its_length_and_is_not_too_much(self, operator) -> None:
        client = operator.client
        assert client.post("/library/documents", headers={"content-length": str(65 << 20)}).status_code == 413

        async def endless():
            yield b"x"

        assert client.post("/library/documents", content=endless()).status_code == 411
        assert client.post("/library/sign-in", content=b"x" * ((1 << 20) + 1)).status_code == 413

    def test_behind_a_proxy_every_link_has_its_prefix(self, live, settings) -> None:
        known = Operator(live, settings.but(root_path="/clinic"))
        page = known.client.get("/clinic/library/").text
        assert 'href="/clinic/library/style.css"' in page
        assert 'action="/clinic/library/documents"' in page
        assert 'href="/clinic/"' in page
        assert 'href="/library' not in page
        assert known.client.get("/clinic/library").headers["location"] == "/clinic/library/"

    def test_the_style_has_the_colours_of_the_chat_for_light_and_dark(self, operator) -> None:
        sheet = operator.client.get("/library/style.css").text
        assert sheet.count("--paper:") == 2
        assert "@media (prefers-color-scheme: dark) { :root {" in sheet
