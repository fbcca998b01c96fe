import shutil

import pytest

from assistant import Assistant
from assistant.building import build_index
from assistant.corpus import read_corpus
from assistant.corpus_files import files_sha256
from assistant.encoder import open_encoder
from assistant.errors import IndexStaleError
from assistant.index import PassageIndex
from assistant.settings import read_settings
from tests.conftest import ARTICLE, write_corpus

CHANGES = {
    "another word in an article": lambda folder: _append(folder / "articles/one.txt", " more"),
    "another fact": lambda folder: _append(folder / "sources.toml", "\n# a comment\n"),
    "another question": lambda folder: _append(folder / "questions/one.toml", "\n# a comment\n"),
    "an article more": lambda folder: (folder / "articles/two.txt").write_text(ARTICLE),
    "an article less": lambda folder: (folder / "articles/one.txt").unlink(),
    "another name": lambda folder: (folder / "articles/one.txt").rename(folder / "articles/eno.txt"),
    "a change that is not finished": lambda folder: (folder / ".pending").write_text("two.txt\n"),
}


def _append(path, text):
    path.write_text(path.read_text() + text)


@pytest.fixture
def folder(tmp_path):
    folder = write_corpus(tmp_path / "corpus", {"one": ARTICLE})
    (folder / "questions").mkdir(exist_ok=True)
    (folder / "questions/one.toml").write_text("question = []\n")
    return folder


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_any_change_of_a_file_is_another_number(folder, change):
    before = files_sha256(folder)
    assert files_sha256(folder) == before == read_corpus(folder).files
    change(folder)
    assert files_sha256(folder) != before


def test_a_copy_elsewhere_is_the_same(folder, tmp_path):
    assert files_sha256(shutil.copytree(folder, tmp_path / "copy")) == files_sha256(folder)


def test_words_cannot_move_from_one_file_to_the_next(tmp_path):
    numbers = set()
    for texts in ({"a": "xy", "b": "z"}, {"a": "x", "b": "yz"}, {"ab": "xyz"}):
        (folder := tmp_path / str(len(numbers)) / "articles").mkdir(parents=True)
        for name, text in texts.items():
            (folder / name).write_text(text)
        numbers.add(files_sha256(folder.parent))
    assert len(numbers) == 3


@pytest.fixture
def settings(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("ASSISTANT_CORPUS_DIR", str(folder))
    monkeypatch.setenv("ASSISTANT_INDEX_DIR", str(tmp_path / "index"))
    settings = read_settings()
    build_index(read_corpus(folder), open_encoder(settings.encoder), settings.index_dir)
    return settings


def test_an_index_remembers_its_corpus(settings, folder):
    assert PassageIndex.open(settings.index_dir).manifest.corpus_files == files_sha256(folder)
    assert Assistant.open(settings=settings).ask("What is in this article?").disclaimer


def test_a_comment_makes_no_index_stale_but_a_fact_does(settings, folder):
    sources = folder / "sources.toml"
    _append(sources, "\n# A comment says nothing that an answer shows.\n")
    assert Assistant.open(settings=settings).build_id
    sources.write_text(sources.read_text().replace('title = "', 'title = "Another '))
    with pytest.raises(IndexStaleError, match="The index is stale"):
        Assistant.open(settings=settings)
