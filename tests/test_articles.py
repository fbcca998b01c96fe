"""Articles as a reader sees them: whole, from their files, and only if those are what was indexed."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import Assistant
from assistant.articles import Articles, pieces_of
from assistant.errors import ArticleError
from assistant.index import PassageIndex
from assistant.messages import READER
from assistant.serving import LiveAssistant
from assistant.settings import Settings
from assistant.types import Document, Source, Span
from tests.conftest import ARTICLE

UNKNOWN = Source("unknown", "unknown", "unknown", "unknown", "0" * 64)


@pytest.fixture
def articles(index_dir: Path, corpus_dir: Path) -> Articles:
    return Articles(PassageIndex.open(index_dir), corpus_dir)


@given(st.text(st.sampled_from("Ab .#-\n\r?"), max_size=60).filter(str.strip), st.data())
def test_the_pieces_are_the_text_and_what_is_left_out(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    skipped = (Span(start, end),) if start < end else ()
    document = Document("a", "T", text, UNKNOWN, skipped=skipped)
    pieces = list(pieces_of(document))
    if not pieces:
        assert not (text[:start] + text[end:]).strip()
        return
    assert [piece.span.start for piece in pieces] == [0, *(piece.span.end for piece in pieces[:-1])]
    assert pieces[-1].span.end == len(text)
    assert all(piece.text == text[slice(*piece.span)] for piece in pieces if not piece.left_out)
    left_out = "".join(text[slice(*piece.span)] for piece in pieces if piece.left_out)
    assert left_out == "".join(text[slice(*span)] for span in skipped)


def test_an_article_is_read_whole_with_its_headings(articles: Articles) -> None:
    article = articles.read("little")
    assert article.whole
    assert "".join(piece.text for piece in article.pieces) == ARTICLE
    assert [piece.words for piece in article.pieces if piece.words] == ["Little article", "Uses", "Effects"]
    assert articles.headings("little") == ("Uses", "Effects")


@pytest.mark.parametrize(
    ("span", "held"),
    [((0, 10), True), ((0, len(ARTICLE)), True), ((5, 5), False), ((5, len(ARTICLE) + 1), False)],
)
def test_a_span_is_held_if_all_of_it_is_shown(articles: Articles, span: tuple[int, int], held: bool) -> None:
    assert articles.read("little").holds(Span(*span)) is held


def test_a_quote_is_read_again_from_the_file(articles: Articles, corpus_dir: Path) -> None:
    file = corpus_dir / "articles" / "little.txt"
    check = articles.check("little", Span(22, 43))
    assert check.quote == ARTICLE[22:43]
    assert check.quote_sha256 == hashlib.sha256(ARTICLE[22:43].encode()).hexdigest()
    assert check.file_sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert check.indexed
    assert check.file_name == "little.txt"
    file.write_text(ARTICLE.replace("fits", "fats"), encoding="utf-8")
    changed = articles.check("little", Span(22, 43))
    assert changed.quote == ARTICLE[22:43].replace("fits", "fats")
    assert not changed.indexed


def test_a_changed_file_is_not_shown_but_the_passages_as_indexed(
    articles: Articles, corpus_dir: Path
) -> None:
    (corpus_dir / "articles" / "little.txt").write_text(ARTICLE + "More.", encoding="utf-8")
    article = articles.read("little")
    assert not article.whole
    assert [piece.text for piece in article.pieces] == [passage.text for passage in articles.index.passages]


def test_without_the_corpus_the_passages_are_shown_and_no_quote_checked(
    index_dir: Path, tmp_path: Path
) -> None:
    articles = Articles(PassageIndex.open(index_dir), tmp_path / "nowhere")
    assert not articles.read("little").whole
    with pytest.raises(ArticleError, match="cannot be read"):
        articles.check("little", Span(0, 1))


@pytest.mark.parametrize("doc_id", ["", "nowhere", "../little", "little.txt"])
def test_only_an_indexed_article_is_read(articles: Articles, doc_id: str) -> None:
    for act in (lambda: articles.read(doc_id), lambda: articles.check(doc_id, Span(0, 1))):
        with pytest.raises(ArticleError) as told:
            act()
        assert str(told.value) == READER["no_such_article"]


@pytest.mark.parametrize("span", [(0, 0), (5, 4), (0, len(ARTICLE) + 1)])
def test_a_place_outside_the_text_is_refused(articles: Articles, span: tuple[int, int]) -> None:
    with pytest.raises(ArticleError) as told:
        articles.check("little", Span(*span))
    assert str(told.value) == READER["no_such_place"]


def test_the_articles_served_are_those_of_the_generation(
    little_assistant: Assistant, index_dir: Path, corpus_dir: Path
) -> None:
    settings = Settings(index_dir=index_dir, corpus_dir=corpus_dir)
    live = LiveAssistant(little_assistant, None, settings, "ok", print)
    assert live.articles is live.articles
    assert live.articles is not None
    assert live.articles.index is little_assistant.index
