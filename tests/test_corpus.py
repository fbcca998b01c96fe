import hashlib

import pytest

from assistant.corpus import read_corpus
from assistant.errors import ChangedArticleError, CorpusError
from assistant.settings import ROOT
from tests.conftest import ARTICLE, write_corpus

FIRST_ARTICLE_SHA256 = "3fe48b41cee3fda17fda702920cb4898eee667df35edd712ca58954a7ea26b45"


def test_the_first_article_is_exactly_as_given():
    raw = (ROOT / "corpus/articles/clonazepam-2mg.txt").read_bytes()
    assert hashlib.sha256(raw).hexdigest() == FIRST_ARTICLE_SHA256
    [document] = read_corpus(ROOT / "corpus").documents
    assert document.text.encode() == raw
    assert document.subjects == ("clonazepam", "Klonopin")
    assert document.source.publisher == document.source.reviewed == "unknown"
    [skipped] = document.skipped
    assert document.text[skipped.start : skipped.end] == "Tramadol: Side Effects, Dosage, Uses, and More"


def test_every_character_is_kept(tmp_path):
    text = "Title\r\n\r\nTwo  spaces,\ttab, \u202eright to left, 🙂 and a\rlone return.\n"
    [document] = read_corpus(write_corpus(tmp_path, {"odd": text})).documents
    assert document.text == text


def test_corpus_hash_changes_with_everything_an_answer_shows(tmp_path):
    hashes = {
        read_corpus(write_corpus(tmp_path, {"one": ARTICLE}, **facts)).sha256
        for facts in [
            {},
            {"title": "Another"},
            {"publisher": "A publisher"},
            {"url": "https://example.org"},
            {"licence": "CC0"},
            {"reviewed": "2026-01"},
            {"subjects": ["other"]},
            {"examples": ["Why?"]},
        ]
    }
    assert len(hashes) == 8
    assert read_corpus(write_corpus(tmp_path, {"one": ARTICLE + " "})).sha256 not in hashes


def test_a_changed_article_says_how_to_accept_it(tmp_path):
    folder = write_corpus(tmp_path, {"one": ARTICLE})
    (folder / "articles/one.txt").write_text("changed", encoding="utf-8")
    new = hashlib.sha256(b"changed").hexdigest()
    with pytest.raises(ChangedArticleError, match=f'set sha256 = "{new}" for one in sources.toml'):
        read_corpus(folder)


@pytest.mark.parametrize(
    ("text", "facts", "words"),
    [
        (ARTICLE, {"id": "Bad Id"}, "article 1 id: String should match pattern"),
        (ARTICLE, {"subjects": []}, "article 1 subjects"),
        (ARTICLE, {"reviewed": "last year"}, "article 1 reviewed"),
        (ARTICLE, {"colour": "red"}, "article 1 colour: Extra inputs are not permitted"),
        (ARTICLE, {"file": "../sources.toml"}, "is not a file inside articles/"),
        (ARTICLE, {"file": "absent.txt"}, r"absent\.txt cannot be read"),
        (" \n\t\n", {"title": "Blank"}, "holds no text"),
        ("Title\n\nNul \x00 here.", {}, r"control character U\+0000 at character 11"),
        ("Title\n\nEscape \x1b[31m.", {}, r"control character U\+001B"),
    ],
)
def test_refusals(tmp_path, text, facts, words):
    folder = write_corpus(tmp_path, {"one": text}, **facts)
    with pytest.raises(CorpusError, match=words):
        read_corpus(folder)


def add_skipped(folder, table):
    path = folder / "sources.toml"
    path.write_text(path.read_text() + "\n[[article.skipped]]\n" + table)
    return read_corpus(folder).documents[0].skipped


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('text = "absent"', "'absent' occurs 0 times"),
        ('text = "It"', "'It' occurs"),
        ('text = "Uses"\nstart = 3', "'Uses' is not at character 3"),
    ],
)
def test_skipped_text_must_be_found_exactly(tmp_path, table, words):
    with pytest.raises(CorpusError, match=words):
        add_skipped(write_corpus(tmp_path, {"one": ARTICLE}), table)


def test_skipped_text_becomes_a_span(tmp_path):
    start = ARTICLE.index("Uses")
    assert add_skipped(write_corpus(tmp_path, {"one": ARTICLE}), 'text = "Uses"') == ((start, start + 4),)


def test_not_utf8(tmp_path):
    folder = write_corpus(tmp_path, {"one": ARTICLE})
    (folder / "articles/one.txt").write_bytes(b"caf\xe9")
    with pytest.raises(CorpusError, match=r"not UTF-8 text \(byte 3\)\. Save it as UTF-8"):
        read_corpus(folder)


def test_no_sources(tmp_path):
    with pytest.raises(CorpusError, match=r"sources\.toml cannot be read \(No such file or directory\)"):
        read_corpus(tmp_path)


def test_broken_toml(tmp_path):
    (tmp_path / "sources.toml").write_text("[[article")
    with pytest.raises(CorpusError, match="is not valid TOML"):
        read_corpus(tmp_path)


def test_two_articles_with_one_id(tmp_path):
    folder = write_corpus(tmp_path, {"one": ARTICLE, "two": ARTICLE}, id="same")
    with pytest.raises(CorpusError, match="two articles have the id 'same'"):
        read_corpus(folder)


def test_an_unlisted_article_is_not_silently_left_out(tmp_path):
    folder = write_corpus(tmp_path, {"one": ARTICLE})
    (folder / "articles/new.md").write_text("# New")
    sha256 = hashlib.sha256(b"# New").hexdigest()
    with pytest.raises(CorpusError, match=rf'new\.md is not listed.*sha256 = "{sha256}"'):
        read_corpus(folder)


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    folder = write_corpus(tmp_path / "corpus", {"one": ARTICLE})
    (tmp_path / "outside.txt").write_text(ARTICLE)
    (folder / "articles/one.txt").unlink()
    (folder / "articles/one.txt").symlink_to(tmp_path / "outside.txt")
    with pytest.raises(CorpusError, match="is not a file inside articles/"):
        read_corpus(folder)
