"""From a document to a published answer and back, through the forms of the library."""

import json
import threading
from html import unescape

import pytest

from assistant.corpus import read_corpus
from assistant.library.changes import entries_of
from assistant.messages import LIBRARY
from assistant.serving import LiveAssistant
from assistant.settings import Settings
from assistant.web.operator import indexes
from assistant.web.operator.builder import Builder
from assistant.web.operator.drafts import MOST_DRAFTS
from assistant.web.operator.staging import staging_dir
from tests.conftest import ARTICLE
from tests.fakes import WordEncoder
from tests.web.operating import Operator

NEW = b"""# Paracetamol for adults

Share this page

## About it

Paracetamol is used for fits of coughing and for panic about them, says nobody who knows it well.
"""
FACTS = {"title": "Paracetamol for adults", "about": "paracetamol, Panadol"}


def entry(settings: Settings, doc_id: str):
    return next(each for each in entries_of(settings.corpus_dir) if each.id == doc_id)


class TestDocuments:
    def test_a_document_is_looked_at_and_then_added(self, operator, settings) -> None:
        draft = operator.drafted("paracetamol.md", NEW)
        page = operator.read(draft)
        assert NEW.decode().strip() in page
        assert "looks like boilerplate" in page
        assert [each.id for each in entries_of(settings.corpus_dir)] == ["little"]
        said = {**FACTS, "publisher": "Example  Trust", "reviewed": "2026-05", "url": "https://example.org/p"}
        assert operator.send(draft, **said, skip="0").headers["location"] == "/library/"
        added = entry(settings, "paracetamol")
        assert (added.publisher, added.reviewed, added.url) == (
            "Example Trust",
            "2026-05",
            "https://example.org/p",
        )
        assert (added.subjects, added.licence) == (("paracetamol", "Panadol"), "unknown")
        assert [each.text for each in added.skipped] == ["Share this page"]
        assert added.original.name == "paracetamol.md"
        page = operator.read("/")
        assert LIBRARY["added"].format(doc_id="paracetamol") in page
        assert LIBRARY["behind"] in page
        assert LIBRARY["added"].format(doc_id="paracetamol") not in operator.read("/")
        assert operator.client.get(f"/library{draft}").status_code == 422

    def test_pasted_text_and_stretches_written_out(self, operator, settings) -> None:
        text = "A title\r\n\r\nFirst words of it, which are\r\nlong enough to be a paragraph.\r\n\r\nLast line here."
        reply = operator.send("/documents", text=text)
        draft = reply.headers["location"].removeprefix("/library")
        written = "Last line here.\r\n\r\nwhich are\r\nlong"
        operator.send(draft, title="A title", about="thing", doc_id="my-article", more_skips=written)
        skipped = [each.text for each in entry(settings, "my-article").skipped]
        assert skipped == ["Last line here.", "which are\nlong"]

    def test_several_at_once_wait_each_and_the_refused_are_said(self, operator) -> None:
        files = [("files", (name, raw)) for name, raw in {
            "one.md": NEW, "two.txt": ARTICLE.encode() + b"More.", "three.pdf": b"no pdf", "four.exe": b"MZ",
            "five.html": b"",
        }.items()]  # fmt: skip
        assert operator.send("/documents", files=files).headers["location"] == "/library/"
        page = operator.read("/")
        assert page.count("/drafts/") == 2
        assert "three.pdf was refused: it is not what its name says (it is no PDF)." in page
        assert "four.exe was refused: this kind of file cannot be read" in page
        assert "five.html was refused: it yields no text." in page

    @pytest.mark.parametrize("name", ["../../etc/x.md", "..\\..\\x.md", "/x.md"])
    def test_a_name_is_only_a_name(self, operator, settings, name) -> None:
        operator.send(operator.drafted(name, NEW), **FACTS)
        assert entry(settings, "x").file == "x.md"

    def test_nothing_sent_is_said(self, operator) -> None:
        reply = operator.send("/documents", files=[("files", ("", b""))])
        assert (reply.status_code, LIBRARY["nothing_sent"] in reply.text) == (422, True)

    def test_too_many_files_are_refused(self, operator) -> None:
        reply = operator.send("/documents", files=[("files", (f"{n}.md", NEW)) for n in range(11)])
        assert (reply.status_code, "Send at most 10 files at once." in reply.text) == (400, True)

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"title": " "}, LIBRARY["no_title"]),
            ({"reviewed": "May 2026"}, LIBRARY["bad_date"]),
            ({"url": "javascript:alert(1)"}, LIBRARY["bad_link"]),
            ({"doc_id": "../x"}, LIBRARY["bad_id"]),
            ({"doc_id": "little"}, "there is an article with that id already"),
            ({"more_skips": "words that are not there"}, "'words that are not there' occurs 0 times"),
        ],
    )
    def test_what_does_not_fit_is_said_and_nothing_is_lost(self, operator, settings, changed, words) -> None:
        draft = operator.drafted("paracetamol.md", NEW)
        reply = operator.send(draft, **{**FACTS, "publisher": "Kept Trust", **changed})
        assert reply.status_code == 422
        assert words in unescape(reply.text)
        assert 'value="Kept Trust"' in reply.text
        assert [each.id for each in entries_of(settings.corpus_dir)] == ["little"]
        assert operator.send(draft, **FACTS).status_code == 303

    def test_a_document_that_is_there_already_is_said(self, operator) -> None:
        operator.send(operator.drafted("again.txt", ARTICLE.encode()), title="Again")
        assert "already in the corpus as little." in operator.read("/")

    def test_a_draft_can_be_taken_back(self, operator) -> None:
        draft = operator.drafted("paracetamol.md", NEW)
        operator.send(f"{draft}/discard")
        assert LIBRARY["taken_back"] in operator.read("/")
        reply = operator.client.get(f"/library{draft}")
        assert (reply.status_code, LIBRARY["draft_gone"] in reply.text) == (422, True)

    def test_the_oldest_draft_makes_room(self, operator) -> None:
        drafts = [operator.drafted(f"{n}.md", NEW + b"%d" % n) for n in range(MOST_DRAFTS + 1)]
        assert operator.client.get(f"/library{drafts[0]}").status_code == 422
        assert operator.client.get(f"/library{drafts[1]}").status_code == 200

    def test_a_hostile_document_stays_words(self, operator, settings) -> None:
        title = "<script>alert(1)</script> {{ 7*7 }} ${x} \"'>"
        text = f"{title}\n\nSome words <img src=x onerror=alert(1)> of it &amp; {{{{ csrf }}}} here.\n"
        draft = operator.drafted("<b>x</b>.txt", text.encode())
        raw = operator.client.get(f"/library{draft}").text
        assert "<script>alert" not in raw
        assert "<img src=x" not in raw
        assert "<b>x</b>" not in raw
        assert text.strip() in operator.read(draft)
        operator.send(draft, title=title, about="thing", doc_id="hostile")
        for path in ("/", "/articles/hostile"):
            assert "<script>alert" not in operator.client.get(f"/library{path}").text
        assert entry(settings, "hostile").title == title


class TestArticles:
    def test_facts_are_edited_and_the_text_stays(self, operator, settings) -> None:
        before = entry(settings, "little")
        said = {"title": "Little one", "about": "little, fits", "reviewed": "2026", "licence": "CC BY 4.0"}
        reply = operator.send("/articles/little", **said, more_skips="It is given for panic too.")
        assert reply.status_code == 303
        after = entry(settings, "little")
        assert (after.title, after.subjects, after.reviewed) == ("Little one", ("little", "fits"), "2026")
        assert (after.licence, after.url, after.sha256) == ("CC BY 4.0", "unknown", before.sha256)
        assert [each.text for each in after.skipped] == ["It is given for panic too."]
        assert read_corpus(settings.corpus_dir).documents[0].text == ARTICLE
        operator.send("/articles/little", title="Little one", about="little")
        assert entry(settings, "little").skipped == ()
        assert entry(settings, "little").licence == "unknown"

    def test_what_does_not_fit_changes_nothing(self, operator, settings) -> None:
        before = (settings.corpus_dir / "sources.toml").read_bytes()
        reply = operator.send("/articles/little", title="Other", about="x", more_skips="not there")
        assert reply.status_code == 422
        assert "occurs 0 times" in reply.text
        assert (settings.corpus_dir / "sources.toml").read_bytes() == before

    def test_another_text_shows_what_changes_and_takes_the_place(self, operator, settings) -> None:
        new = ARTICLE.replace("given for fits", "given for hiccups")
        draft = operator.drafted("little2.txt", new.encode(), "/articles/little/text")
        page = operator.read(draft)
        assert "− It is given for fits." in page
        assert "+ It is given for hiccups." in page
        operator.send(draft, title="Little article", about="little")
        assert read_corpus(settings.corpus_dir).documents[0].text == new
        assert LIBRARY["replaced"].format(doc_id="little") in operator.read("/")

    def test_the_last_article_stays(self, operator, settings) -> None:
        reply = operator.send("/articles/little/remove", sure="on")
        assert reply.status_code == 422
        assert "A corpus needs at least one article." in reply.text

    def test_an_article_is_removed_only_when_that_is_sure(self, operator, settings) -> None:
        operator.send(operator.drafted("paracetamol.md", NEW), **FACTS)
        operator.send("/articles/paracetamol/remove")
        assert len(entries_of(settings.corpus_dir)) == 2
        operator.send("/articles/paracetamol/remove", sure="on")
        assert [each.id for each in entries_of(settings.corpus_dir)] == ["little"]


class TestIndex:
    @pytest.fixture
    def staged(self, operator, live) -> str:
        """A second article, built and not published; the build id that still serves."""
        served = live.index.build_id
        operator.send(operator.drafted("paracetamol.md", NEW), **FACTS)
        operator.build()
        return served

    def test_visitors_notice_nothing_until_it_is_published(self, operator, live, staged, settings) -> None:
        page = operator.read("/index")
        assert "articles: 1 added, 0 changed, 0 removed, 1 unchanged" in page
        assert "passages: 2 added, 0 changed, 0 removed, 2 unchanged" in page
        assert not live.look()
        assert live.index.build_id == staged
        reply = operator.send("/index/publish")
        assert reply.headers["location"] == "/library/index"
        page = operator.read("/index")
        assert LIBRARY["published"] in page
        assert LIBRARY["up_to_date"] in page
        assert live.index.build_id != staged
        assert list(live.index.documents) == ["little", "paracetamol"]
        assert not staging_dir(settings).exists()

    def test_and_back_again(self, operator, live, staged) -> None:
        operator.send("/index/publish")
        operator.send("/index/rollback", build_id=staged)
        assert live.index.build_id == staged
        page = operator.read("/index")
        assert LIBRARY["rolled"].format(build_id=staged) in page
        assert LIBRARY["rolled_back"] in page
        reply = operator.send("/index/rollback", build_id="0123456789abcdef")
        assert (reply.status_code, "There is no other whole index" in reply.text) == (422, True)

    def test_what_is_not_published_is_forgotten(self, operator, live, staged, settings) -> None:
        operator.send("/index/discard")
        assert LIBRARY["discarded"] in operator.read("/index")
        reply = operator.send("/index/publish")
        assert (reply.status_code, LIBRARY["nothing_staged"] in reply.text) == (422, True)
        assert live.index.build_id == staged
        assert not staging_dir(settings).exists()

    def test_only_what_was_looked_at_is_published(self, operator, live, staged) -> None:
        operator.send("/articles/little", title="Changed since", about="little")
        reply = operator.send("/index/publish")
        assert (reply.status_code, LIBRARY["changed_since"] in reply.text) == (422, True)
        assert live.index.build_id == staged

    def test_nothing_changed_builds_nothing(self, operator, settings) -> None:
        operator.build()
        assert "Nothing has changed" in operator.read("/index")
        assert not staging_dir(settings).exists()

    def test_to_lose_much_must_be_meant(self, operator, live) -> None:
        lines = ARTICLE.split("Effects")[0]
        draft = operator.drafted("short.txt", lines.encode(), "/articles/little/text")
        operator.send(draft, title="Little article", about="little")
        operator.build()
        page = operator.read("/index")
        assert "1 of 2 passages would vanish (little: 1)" in page
        assert LIBRARY["force"] in page
        operator.build(force="on")
        operator.send("/index/publish")
        assert len(live.index.passages) == 1

    def test_articles_that_cannot_be_read_are_said(self, operator, settings) -> None:
        (settings.corpus_dir / "articles" / "little.txt").write_text("Other words.")
        assert "is not the text that was accepted" in operator.read("/index")
        operator.build()
        page = operator.read("/index")
        assert LIBRARY["build_failed"] in page

    def test_one_build_at_a_time(self, live, settings, word_encoder) -> None:
        begun, let = threading.Event(), threading.Event()

        class Slow(WordEncoder):
            def encode_passages(self, passages, progress=None):
                begun.set()
                let.wait(20)
                return super().encode_passages(passages, progress)

        slow = Slow(("fits", "panic", "sleepy", "dose", "stop"), revision="2")
        operator = Operator(_with_encoder(live, slow), settings)
        assert operator.send("/index/build").status_code == 303
        assert begun.wait(20)
        assert operator.client.get("/library/progress").json()["running"] is True
        assert '<progress id="bar"' in operator.read("/index")
        for path in ("/index/build", "/index/discard"):
            reply = operator.send(path)
            assert (reply.status_code, LIBRARY["build_busy"] in reply.text) == (422, True)
        let.set()
        while operator.client.get("/library/progress").json()["running"]:
            threading.Event().wait(0.02)

    def test_a_mistake_of_ours_ends_a_build_with_words(self, live, settings, caplog) -> None:
        class Broken(WordEncoder):
            def encode_passages(self, passages, progress=None):
                raise RuntimeError("words of an article")

        operator = Operator(_with_encoder(live, Broken(("fits",), revision="3")), settings)
        operator.build()
        assert LIBRARY["build_broken"] in operator.read("/index")
        assert "RuntimeError while building, at builder.py:" in caplog.text
        assert "words of an article" not in caplog.text

    def test_progress_counts_passages(self, live, settings) -> None:
        builder = Builder(settings, live)
        with builder._bar(8) as update:
            update(3)
            update(2)
            assert (builder.progress.done, builder.progress.total) == (5, 8)


def _with_encoder(live: LiveAssistant, encoder: WordEncoder) -> LiveAssistant:
    live._encoder = encoder
    return live


class TestEvaluation:
    PNG = "iVBORw0KGgo="

    def test_without_results_it_says_what_to_run(self, operator, monkeypatch, tmp_path) -> None:
        monkeypatch.setattr(indexes, "RESULTS_DIR", tmp_path)
        assert LIBRARY["evaluation_none"] in operator.read("/evaluation")

    def test_figures_and_plots_are_shown(self, operator, monkeypatch, tmp_path) -> None:
        figures = {"test": {"success@1": {"value": 0.9312, "low": 0.88, "high": 0.98, "n": 131}}}
        body = {"set": "own <set>", "quoted_part": "test", "build_id": "abc", "figures": figures}
        (tmp_path / "own.json").write_text(json.dumps(body))
        (tmp_path / "ablation.json").write_text("[]")
        (tmp_path / "spoilt.json").write_text("{")
        (tmp_path / "report.html").write_text(
            f'<figure><figcaption>A &lt;plot&gt;</figcaption><img alt="A" src="data:image/png;base64,{self.PNG}">'
            "</figure><script>alert(1)</script>"
        )
        monkeypatch.setattr(indexes, "RESULTS_DIR", tmp_path)
        raw = operator.client.get("/library/evaluation").text
        assert "own &lt;set&gt;" in raw
        assert "0.931" in raw
        assert "0.880 – 0.980" in raw
        assert LIBRARY["other_index"] in raw
        assert f'<img alt="A &lt;plot&gt;" src="data:image/png;base64,{self.PNG}">' in raw
        assert "alert(1)" not in raw
