"""Which questions get another answer from a new index."""

import json
from pathlib import Path

import pytest

from assistant.building import build_index
from assistant.corpus import Corpus, read_corpus
from assistant.settings import Settings
from evaluation import comparing
from tests.conftest import ARTICLE, write_corpus
from tests.fakes import WordEncoder


@pytest.fixture
def own_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "sets" / "mine"
    folder.mkdir(parents=True)
    rows = [{"id": "a1", "q": "fits and panic"}, {"id": "a2", "q": "sleepy"}]
    (folder / "answerable.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setattr(comparing, "SETS_DIR", tmp_path / "sets")


@pytest.mark.usefixtures("own_set")
def test_only_questions_with_another_answer_are_listed(
    corpus_dir: Path, index_dir: Path, little_corpus: Corpus, word_encoder: WordEncoder
) -> None:
    text = ARTICLE.replace("It is given for fits.", "It was given for fits.")
    before = build_index(little_corpus, word_encoder, index_dir).build_id
    report = build_index(read_corpus(write_corpus(corpus_dir, {"little": text})), word_encoder, index_dir)
    settings = Settings(index_dir=index_dir, top_k=1)
    lines = list(comparing.compare(settings, before, report.build_id, word_encoder))
    assert lines[-1] == f"answers: {len(lines) - 1} of 2 questions get another answer"
    assert [line.split(" ")[0] for line in lines[:-1]] == ["mine/a1"]
    assert list(comparing.compare(settings, before, before, word_encoder)) == [
        "answers: 0 of 2 questions get another answer"
    ]
