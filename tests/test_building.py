import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from assistant.answering import Assistant
from assistant.building import build_id_of, build_index
from assistant.corpus import read_corpus
from assistant.encoder import FLOAT32, INT8
from assistant.ensuring import ensure_index
from assistant.errors import (
    BuildBusyError,
    ChangedArticleError,
    CorpusError,
    IndexMissingError,
    IndexStaleError,
    VanishingError,
)
from assistant.index import PassageIndex
from assistant.serving import open_live
from assistant.settings import ROOT, Settings
from assistant.storage.generations import rollback
from assistant.storage.opening import is_rolled_back
from tests.conftest import ARTICLE, WORDS, write_corpus
from tests.fakes import WordEncoder


def files(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_building_twice_from_equal_input_does_nothing(little_corpus, word_encoder, index_dir):
    before = files(index_dir)
    word_encoder.encoded.clear()
    report = build_index(little_corpus, word_encoder, index_dir)
    assert (report.built, report.documents, report.passages) == (False, 1, 2)
    assert word_encoder.encoded == []
    assert files(index_dir) == before


HOLD = """
import sys
from pathlib import Path
from assistant.storage.locking import lock
with lock(Path(sys.argv[1])):
    print("holding", flush=True)
    sys.stdin.read()
"""


def test_nothing_to_build_needs_no_lock(tmp_path, little_corpus, word_encoder, index_dir):
    changed = read_corpus(write_corpus(tmp_path / "other", {"little": ARTICLE + "More words here.\n"}))
    command = [sys.executable, "-c", HOLD, str(index_dir)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"holding\n"
        assert not build_index(little_corpus, word_encoder, index_dir).built
        with pytest.raises(BuildBusyError):
            build_index(changed, word_encoder, index_dir)
    assert holder.returncode == 0
    assert build_index(changed, word_encoder, index_dir).built


UNPRIVILEGED = """
import os, sys
from pathlib import Path
from assistant.building import build_index
from assistant.corpus import read_corpus
from assistant.errors import PublishError
from tests.conftest import WORDS
from tests.fakes import WordEncoder
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
folder = Path(sys.argv[1])
print(build_index(read_corpus(folder / "corpus"), WordEncoder(WORDS), folder / "index").built)
try:
    build_index(read_corpus(folder / "corpus"), WordEncoder(WORDS, revision="2"), folder / "index")
except PublishError as error:
    print(error)
"""


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="needs POSIX users")
def test_nothing_to_build_needs_no_writable_folder(word_encoder):
    with tempfile.TemporaryDirectory() as open_to_all:
        Path(open_to_all).chmod(0o755)
        index_dir = Path(open_to_all, "index")
        corpus_dir = write_corpus(Path(open_to_all, "corpus"), {"little": ARTICLE})
        build_index(read_corpus(corpus_dir), word_encoder, index_dir)
        (index_dir / ".lock").chmod(0o444)
        index_dir.chmod(0o555)
        command = [sys.executable, "-c", UNPRIVILEGED, open_to_all]
        said = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
        index_dir.chmod(0o755)
    first, second = said.splitlines()
    assert first == "False"
    assert second.startswith(f"The index could not be written to {index_dir}: Permission denied.")


def test_title_and_heading_are_encoded_with_the_passage_but_are_not_in_it(index_dir, word_encoder):
    first, second = PassageIndex.open(index_dir).passages
    assert first.text.startswith("It is given for fits.")
    assert f"Little article. Uses. {first.text}" in word_encoder.encoded
    assert f"Little article. Effects. {second.text}" in word_encoder.encoded


def test_a_title_too_long_for_the_encoder_is_shortened_for_it(tmp_path):
    encoder = WordEncoder(WORDS)
    encoder.max_tokens = 60
    text = "Title " + "very " * 100 + "long\n\n" + "A sentence of five words. " * 40
    corpus = read_corpus(write_corpus(tmp_path / "corpus", {"one": text}, title=text.splitlines()[0]))
    build_index(corpus, encoder, tmp_path / "index")
    assert max(encoder.count_tokens(text) for text in encoder.encoded) <= 60


@pytest.mark.parametrize("change", ["text", "title", "encoder", "revision"])
def test_another_input_gives_another_build_id(tmp_path, little_corpus, word_encoder, change):
    corpus, encoder = little_corpus, word_encoder
    if change == "text":
        corpus = read_corpus(write_corpus(tmp_path / "other", {"little": ARTICLE + "More words here.\n"}))
    if change == "title":
        corpus = read_corpus(write_corpus(tmp_path / "other", {"little": ARTICLE}, title="Other"))
    if change == "encoder":
        encoder.name = "other"
    if change == "revision":
        encoder = WordEncoder(WORDS, revision="2")
    assert build_id_of(corpus, encoder) != build_id_of(little_corpus, WordEncoder(WORDS))


def test_an_article_without_a_paragraph_is_refused(tmp_path, word_encoder):
    corpus = read_corpus(write_corpus(tmp_path / "corpus", {"bare": "Only a title\n"}))
    with pytest.raises(CorpusError, match="The article bare has no paragraph to answer from"):
        build_index(corpus, word_encoder, tmp_path / "index")
    assert not (tmp_path / "index" / "CURRENT").exists()


def test_every_progress_step_is_told(tmp_path, little_corpus, word_encoder):
    told = []

    class Bar:
        def __init__(self, total):
            told.append(total)

        def __enter__(self):
            return lambda done: told.append(-done)

        def __exit__(self, *exc):
            told.append("closed")

    build_index(little_corpus, word_encoder, tmp_path / "index", Bar)
    assert told[-1] == "closed"
    assert sum(told[:-1]) == 0
    assert told[0] == 2


def test_another_encoder_or_corpus_is_stale(index_dir, word_encoder):
    index = PassageIndex.open(index_dir)
    other = WordEncoder(WORDS, revision="2")
    with pytest.raises(
        IndexStaleError, match=r"built with the encoder words \(1\).*python -m assistant build"
    ):
        index.refuse_other_models(other, "off")
    other = WordEncoder([*WORDS, "more"])
    with pytest.raises(IndexStaleError, match="vectors of 6 numbers, but words makes 7"):
        index.refuse_other_models(other, "off")
    with pytest.raises(IndexStaleError, match=r"The index is stale.*python -m assistant build"):
        index.refuse_other_corpus("0" * 64)


def test_a_copied_index_serves_without_its_articles(tmp_path, index_dir, word_encoder):
    told = []
    index = ensure_index(tmp_path / "no-corpus", index_dir, word_encoder, None, told.append)
    assert index.build_id == PassageIndex.open(index_dir).build_id
    assert told == []
    with pytest.raises(IndexStaleError, match="built with the encoder words"):
        ensure_index(tmp_path / "no-corpus", index_dir, WordEncoder(["other"], "2"), None, told.append)


def test_ensure_index_builds_what_is_missing_or_stale(tmp_path, corpus_dir, word_encoder):
    told = []
    first = ensure_index(corpus_dir, tmp_path / "index", word_encoder, None, told.append)
    write_corpus(corpus_dir, {"little": ARTICLE + "More words here.\n"})
    second = ensure_index(corpus_dir, tmp_path / "index", word_encoder, None, told.append)
    assert first.manifest.build_id != second.manifest.build_id
    assert second.passages[-1].text.endswith("More words here.")
    assert told == []


def test_an_index_in_another_precision_serves_until_a_person_builds(corpus_dir, index_dir, word_encoder):
    old = PassageIndex.open(index_dir).build_id
    word_encoder.precision = INT8
    told = []
    index = ensure_index(corpus_dir, index_dir, word_encoder, None, told.append)
    assert (index.build_id, told) == (old, [])
    assert Assistant(index, word_encoder).ask("Is it given for fits?").hits
    new = build_index(read_corpus(corpus_dir), word_encoder, index_dir).build_id
    assert new != old
    assert ensure_index(corpus_dir, index_dir, word_encoder, None, told.append).build_id == new
    write_corpus(corpus_dir, {"little": ARTICLE + "More words here.\n"})
    word_encoder.precision = FLOAT32
    index = ensure_index(corpus_dir, index_dir, word_encoder, None, told.append)
    assert index.manifest.encoder.precision == FLOAT32
    assert index.passages[-1].text.endswith("More words here.")


def test_a_bad_article_leaves_the_last_good_index_serving(corpus_dir, index_dir, word_encoder):
    (corpus_dir / "articles/little.txt").write_text("altered")
    told = []
    index = ensure_index(corpus_dir, index_dir, word_encoder, None, told.append)
    assert len(index.passages) == 2
    assert "is not the text that was accepted" in told[0]
    assert f"the last good index ({index.manifest.build_id}) serves" in told[0]


def test_a_bad_article_and_no_index_is_an_error(tmp_path, corpus_dir, word_encoder):
    (corpus_dir / "articles/little.txt").write_text("altered")
    with pytest.raises(ChangedArticleError):
        ensure_index(corpus_dir, tmp_path / "index", word_encoder, None, print)


def test_a_damaged_current_index_is_built_again(corpus_dir, index_dir, word_encoder):
    build_id = PassageIndex.open(index_dir).manifest.build_id
    (index_dir / build_id / "vectors.npy").write_bytes(b"")
    index = ensure_index(corpus_dir, index_dir, word_encoder, None, print)
    assert index.manifest.build_id == build_id
    assert len(index.store) == 2


def test_a_copied_index_opens(tmp_path, index_dir):
    shutil.copytree(index_dir, tmp_path / "elsewhere")
    copied, built = (PassageIndex.open(folder) for folder in (tmp_path / "elsewhere", index_dir))
    assert list(copied.passages) == list(built.passages)


def test_no_pickle_in_an_index(index_dir):
    for path in files(index_dir):
        assert path.suffix not in {".pkl", ".pickle"}
        assert not path.read_bytes().startswith(b"\x80")


SECOND = "Second article\n\nUses\n\nIt is given for panic. " + "It makes nobody sleepy at all. " * 12 + "\n"


def two_articles(folder, first=ARTICLE, second=SECOND, **facts):
    return read_corpus(write_corpus(folder, {"little": first, "second": second}, **facts))


def test_only_what_changed_is_encoded_again(tmp_path, word_encoder):
    corpus = two_articles(tmp_path / "corpus")
    first = build_index(corpus, word_encoder, tmp_path / "index")
    assert str(first.account.articles) == "2 added, 0 changed, 0 removed, 0 unchanged"
    assert first.before == ""
    word_encoder.encoded.clear()
    changed = two_articles(
        tmp_path / "corpus", ARTICLE.replace("It makes some people", "It makes all people")
    )
    second = build_index(changed, word_encoder, tmp_path / "index")
    assert str(second.account.articles) == "0 added, 1 changed, 0 removed, 1 unchanged"
    assert str(second.account.passages) == "0 added, 1 changed, 0 removed, 2 unchanged"
    assert second.before == first.build_id
    assert sorted(text[:48] for text in word_encoder.encoded) == [
        "Little article. Effects. It makes all people sle",
        "Little article. Effects. It makes all people sle",
    ]
    assert second.account.encoded == 2


def test_reused_vectors_are_those_of_a_build_from_nothing(tmp_path, word_encoder):
    build_index(two_articles(tmp_path / "corpus"), word_encoder, tmp_path / "index")
    changed = two_articles(tmp_path / "corpus", "New article\n\n" + ARTICLE, title="Another")
    for folder in ("index", "fresh"):
        build_index(changed, word_encoder, tmp_path / folder)
    built, fresh = (tmp_path / folder / build_id_of(changed, word_encoder) for folder in ("index", "fresh"))
    for name in (
        "vectors.npy",
        "sentence_vectors.npy",
        "question_vectors.npy",
        "question_pulls.npy",
        "encoded.txt",
        "passages.jsonl",
    ):
        assert (built / name).read_bytes() == (fresh / name).read_bytes()


@pytest.mark.parametrize("change", ["encoder", "title", "damage"])
def test_nothing_is_reused_that_was_encoded_otherwise(tmp_path, word_encoder, change):
    corpus = two_articles(tmp_path / "corpus", title="Title")
    first = build_index(corpus, word_encoder, tmp_path / "index")
    if change == "encoder":
        word_encoder = WordEncoder(WORDS, revision="2")
    if change == "title":
        corpus = two_articles(tmp_path / "corpus", title="Other")
    if change == "damage":
        (tmp_path / "index" / first.build_id / "vectors.npy").write_bytes(b"")
    account = build_index(corpus, word_encoder, tmp_path / "index").account
    # The sentence that stands twelve times in the second article is encoded once all the same.
    assert (account.encoded, account.reused) == (first.account.encoded, 11)


def test_a_build_that_loses_a_fifth_needs_a_word(tmp_path, word_encoder):
    build_index(two_articles(tmp_path / "corpus"), word_encoder, tmp_path / "index")
    (tmp_path / "one").mkdir()
    fewer = read_corpus(write_corpus(tmp_path / "one" / "corpus", {"little": ARTICLE}))
    with pytest.raises(VanishingError, match=r"^1 of 3 passages would vanish \(second: 1\).*build --force"):
        build_index(fewer, word_encoder, tmp_path / "index")
    assert len(PassageIndex.open(tmp_path / "index").passages) == 3
    report = build_index(fewer, word_encoder, tmp_path / "index", force=True)
    assert str(report.account.articles) == "0 added, 0 changed, 1 removed, 1 unchanged"
    assert str(report.account.passages) == "0 added, 0 changed, 1 removed, 2 unchanged"


def test_a_fifth_may_go(tmp_path, word_encoder):
    articles = {f"a{number}": SECOND.replace("Second", f"Number {number}") for number in range(5)}
    build_index(read_corpus(write_corpus(tmp_path / "a", articles)), word_encoder, tmp_path / "index")
    del articles["a0"]
    assert build_index(
        read_corpus(write_corpus(tmp_path / "b", articles)), word_encoder, tmp_path / "index"
    ).built


def test_a_rollback_outlives_a_restart_and_ends_with_a_build(tmp_path, corpus_dir, index_dir, word_encoder):
    old = PassageIndex.open(index_dir).build_id
    new_corpus = read_corpus(write_corpus(corpus_dir, {"little": ARTICLE + "More words here.\n"}))
    new = build_index(new_corpus, word_encoder, index_dir).build_id
    assert rollback(index_dir) == old
    told = []
    assert ensure_index(corpus_dir, index_dir, word_encoder, None, told.append).build_id == old
    assert told == [f"The index was rolled back to {old}, which serves until the next build."]
    assert build_index(new_corpus, word_encoder, index_dir).build_id == new
    assert ensure_index(corpus_dir, index_dir, word_encoder, None, told.append).build_id == new
    assert not is_rolled_back(index_dir)
    assert rollback(index_dir, old) == old
    with pytest.raises(IndexMissingError, match="There is no other whole index ffff"):
        rollback(index_dir, "ffff")


def test_every_bad_article_is_named(tmp_path):
    corpus_dir = write_corpus(tmp_path / "corpus", {"little": ARTICLE, "second": SECOND})
    for path in (corpus_dir / "articles").iterdir():
        path.write_text("altered")
    with pytest.raises(CorpusError, match=r"(?s)little.txt is not the text.*second.txt is not the text"):
        read_corpus(corpus_dir)


def test_python_scripts_build_with_two_names(tmp_path, corpus_dir, word_encoder):
    from assistant import Corpus, build_index

    report = build_index(Corpus.read(str(corpus_dir)), word_encoder, str(tmp_path / "index"))
    assert (report.built, report.documents, report.passages) == (True, 1, 2)


@pytest.mark.parametrize("store", ["auto", "faiss", "flat"])
def test_whatever_searches_the_answer_is_the_same(store, corpus_dir, index_dir, word_encoder):
    settings = Settings(corpus_dir=corpus_dir, index_dir=index_dir, store=store)
    live = open_live(settings, None, pytest.fail, word_encoder)
    assert (type(live.index.store).__name__ == "FlatStore") == (store == "flat")
    expected = Assistant(PassageIndex.open(index_dir), word_encoder).ask("Is it for fits?")
    assert live.ask("Is it for fits?") == expected
