"""An index made as large ones are: searched approximately and read block by block. It answers as a small one does."""

import shutil
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from assistant.answering import Assistant
from assistant.building import build_index
from assistant.content import NEAR, SENTENCE_VECTORS, VECTORS, Sizes
from assistant.corpus import Corpus, read_corpus
from assistant.encoder import Progress, Vectors
from assistant.ensuring import ensure_index
from assistant.errors import IndexDamagedError
from assistant.index import PassageIndex
from assistant.serving import CARDS_ONLY, LAST_GOOD, OK, LiveAssistant
from assistant.settings import Settings
from assistant.storage import manifest
from assistant.storage.blocks import BLOCKS, read_by_block
from assistant.storage.files import sha256_of
from assistant.storage.opening import open_current, verify_current
from assistant.storage.passage_file import PASSAGES
from assistant.web.operator.staging import publish_staged, stage
from tests.conftest import ARTICLE, WORDS, write_corpus
from tests.fakes import WordEncoder

LARGE = Sizes(whole_bytes=0, exact_rows=0)
QUESTIONS = ["Is it for fits?", "sleepy", "what of the dose", "Does panic stop?", "the weather"]
READ_BY_BLOCK = [PASSAGES, VECTORS, SENTENCE_VECTORS]


def corpus_of(folder: Path, articles: int = 12) -> Corpus:
    texts = {
        f"a{n}": ARTICLE.replace("fits", WORDS[n % 5]).replace("Little", f"Little {n}")
        for n in range(articles)
    }
    return read_corpus(write_corpus(folder, texts))


@pytest.fixture
def word_encoder() -> WordEncoder:
    """With many dimensions, so that a few rows fill more than a block."""
    return WordEncoder([*WORDS, *(f"word{number}" for number in range(400))])


@pytest.fixture
def large_dir(tmp_path: Path, word_encoder: WordEncoder) -> Path:
    build_index(corpus_of(tmp_path / "many"), word_encoder, tmp_path / "large", sizes=LARGE)
    return tmp_path / "large"


def no_bar(total: int) -> AbstractContextManager[Progress]:
    return nullcontext(lambda done: None)


def spoil(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for place in range(len(content) // 2, len(content)):
        content[place] ^= 1
    path.write_bytes(content)


def scores_of(index: PassageIndex, query: Vectors, rows: Sequence[int]) -> list[float]:
    return index.passage_scores(query, rows).tolist()


def sentences_of(index: PassageIndex, query: Vectors, rows: Sequence[int]) -> list[tuple[float, int]]:
    best, which = index.best_sentences(query, rows)
    return list(zip(best.tolist(), which.tolist(), strict=True))


def test_it_is_searched_approximately_unless_told_otherwise(large_dir: Path) -> None:
    names = {path.name for path in open_current(large_dir)[0].iterdir()}
    assert {NEAR, *(name + BLOCKS for name in READ_BY_BLOCK)} <= names
    engines = [
        type(PassageIndex.open(large_dir, store).store).__name__ for store in ("auto", "faiss", "flat")
    ]
    assert engines == ["FaissNearStore", "FaissFlatStore", "FlatStore"]


@pytest.mark.parametrize("store", ["auto", "faiss", "flat"])
def test_it_answers_as_a_small_one_does(
    store: str, large_dir: Path, tmp_path: Path, word_encoder: WordEncoder
) -> None:
    build_index(corpus_of(tmp_path / "again"), word_encoder, tmp_path / "small")
    small = Assistant(PassageIndex.open(tmp_path / "small"), word_encoder)
    large = Assistant(PassageIndex.open(large_dir, store), word_encoder)
    assert large.ask_many(QUESTIONS) == small.ask_many(QUESTIONS)
    assert all(answer.hits for answer in large.ask_many(QUESTIONS))


def test_rows_with_gaps_between_them_may_be_given_in_any_sequence(
    large_dir: Path, tmp_path: Path, word_encoder: WordEncoder
) -> None:
    build_index(corpus_of(tmp_path / "again"), word_encoder, tmp_path / "small")
    query = word_encoder.encode_queries(["fits and panic"])[0]
    for folder in (large_dir, tmp_path / "small"):
        index = PassageIndex.open(folder)
        one_by_one = [scores_of(index, query, [row])[0] for row in (0, 2, 5)]
        assert scores_of(index, query, (0, 2, 5)) == scores_of(index, query, [0, 2, 5]) == one_by_one
        sentences = [sentences_of(index, query, [row])[0] for row in (0, 2, 5)]
        assert sentences_of(index, query, (0, 2, 5)) == sentences_of(index, query, [0, 2, 5]) == sentences


def test_an_index_in_memory_holds_the_same(
    large_dir: Path, tmp_path: Path, word_encoder: WordEncoder
) -> None:
    from assistant.encoding import encode_corpus, split_corpus

    corpus = corpus_of(tmp_path / "again")
    passages = split_corpus(corpus, word_encoder)
    memory = PassageIndex.in_memory(encode_corpus(corpus.documents, passages, word_encoder))
    disk = PassageIndex.open(large_dir)
    assert list(disk.passages) == list(memory.passages)
    assert disk.passages[-1] == memory.passages[-1]
    assert list(disk.passages[3:5]) == list(memory.passages[3:5])
    with pytest.raises(IndexError):
        disk.passages[len(passages)]
    assert (disk.wording, disk.postings.columns) == (memory.wording, memory.postings.columns)
    query = word_encoder.encode_queries(["fits and panic"])[0]
    rows = list(range(len(passages)))
    assert scores_of(disk, query, rows) == scores_of(memory, query, rows)
    assert sentences_of(disk, query, rows) == sentences_of(memory, query, rows)
    # Whether rows lie side by side, or only seem to by their ends, changes nothing.
    for some in ([], [5], [3, 4, 5], range(3, 6), [2, 5, 7], [4, 3], [0, 2, 1, 3], [*rows[6:], *rows[:6]]):
        for index in (disk, memory):
            assert scores_of(index, query, some) == [scores_of(index, query, [row])[0] for row in some]
            assert sentences_of(index, query, some) == [sentences_of(index, query, [row])[0] for row in some]
    assert [list(disk.rows_of(f"a{n}")) for n in (0, 11)] == [[0, 1], [22, 23]]
    assert list(disk.rows_of("no such article")) == []


@pytest.mark.parametrize("name", READ_BY_BLOCK)
def test_what_was_altered_is_never_used_and_the_last_good_index_answers(
    name: str, large_dir: Path, tmp_path: Path, word_encoder: WordEncoder
) -> None:
    good = open_current(large_dir)[1].build_id
    build_index(corpus_of(tmp_path / "more", 13), word_encoder, large_dir, sizes=LARGE)
    spoil(open_current(large_dir)[0] / name)
    told: list[str] = []
    # Opening does not read all of it.
    assistant = Assistant(PassageIndex.open(large_dir), word_encoder)
    settings = Settings(index_dir=large_dir, corpus_dir=tmp_path / "no corpus")
    live = LiveAssistant(assistant, word_encoder, settings, OK, told.append)
    answer = live.ask("Is it for fits?")
    assert answer.build_id == good
    assert live.health() == {"status": LAST_GOOD, "build_id": good}
    [message] = told
    assert f"{name} was altered" in message
    assert message.endswith(f"Until then the last good index ({good}) serves.")
    with pytest.raises(IndexDamagedError, match=f"{name} was altered"):
        verify_current(large_dir)


def test_without_another_index_only_the_cards_are_served(
    large_dir: Path, tmp_path: Path, word_encoder: WordEncoder
) -> None:
    spoil(open_current(large_dir)[0] / PASSAGES)
    told: list[str] = []
    assistant = Assistant(PassageIndex.open(large_dir), word_encoder)
    live = LiveAssistant(assistant, word_encoder, Settings(index_dir=large_dir), OK, told.append)
    for _ in range(2):
        with pytest.raises(IndexDamagedError, match=r"passages\.jsonl was altered"):
            live.ask("Is it for fits?")
    assert live.health() == {"status": CARDS_ONLY, "build_id": ""}
    assert live.ask("I want to kill myself").kind.value == "URGENT"
    assert len(told) == 1


@pytest.mark.parametrize(
    "name", [NEAR, VECTORS + BLOCKS, "wording.json", "lexical_rows.npy", "passage_lines.npy"]
)
def test_every_other_file_is_verified_whole_before_it_is_used(name: str, large_dir: Path) -> None:
    spoil(open_current(large_dir)[0] / name)
    with pytest.raises(IndexDamagedError, match=f"{name} was altered"):
        PassageIndex.open(large_dir)


def test_a_second_build_takes_over_every_vector(
    large_dir: Path, tmp_path: Path, word_encoder: WordEncoder
) -> None:
    word_encoder.encoded.clear()
    report = build_index(corpus_of(tmp_path / "more", 13), word_encoder, large_dir, sizes=LARGE)
    assert report.account is not None
    assert str(report.account.passages) == "2 added, 0 changed, 0 removed, 24 unchanged"
    assert word_encoder.encoded
    assert all(text.startswith("Little 12 article") for text in word_encoder.encoded)


@pytest.mark.parametrize("name", READ_BY_BLOCK)
@pytest.mark.parametrize("articles", [12, 13], ids=["same corpus", "changed corpus"])
def test_a_build_mends_what_was_altered(
    articles: int, name: str, large_dir: Path, tmp_path: Path, word_encoder: WordEncoder
) -> None:
    assistant = Assistant(PassageIndex.open(large_dir), word_encoder)
    live = LiveAssistant(assistant, word_encoder, Settings(index_dir=large_dir), OK, print)
    spoil(open_current(large_dir)[0] / name)
    report = build_index(corpus_of(tmp_path / "now", articles), word_encoder, large_dir, sizes=LARGE)
    assert report.account is not None
    # Nothing of what was altered is taken over, or compared with.
    assert (report.built, report.before) == (True, "")
    assert str(report.account.passages) == f"{2 * articles} added, 0 changed, 0 removed, 0 unchanged"
    verify_current(large_dir)
    build_index(corpus_of(tmp_path / "again", articles), word_encoder, tmp_path / "fresh", sizes=LARGE)
    fresh = Assistant(PassageIndex.open(tmp_path / "fresh"), word_encoder)
    assert live.look()
    assert [live.ask(question) for question in QUESTIONS] == fresh.ask_many(QUESTIONS)
    assert live.health() == {"status": OK, "build_id": report.build_id}


def test_a_build_takes_over_the_last_good_index_instead_of_an_altered_one(
    large_dir: Path, tmp_path: Path, word_encoder: WordEncoder
) -> None:
    good = open_current(large_dir)[1].build_id
    build_index(corpus_of(tmp_path / "more", 13), word_encoder, large_dir, sizes=LARGE)
    spoil(open_current(large_dir)[0] / VECTORS)
    report = build_index(corpus_of(tmp_path / "most", 14), word_encoder, large_dir, sizes=LARGE)
    assert report.account is not None
    assert report.before == good
    assert str(report.account.passages) == "4 added, 0 changed, 0 removed, 24 unchanged"


def test_a_changed_build_reads_no_more_of_those_before_than_it_must(
    large_dir: Path, tmp_path: Path, word_encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def built(articles: int) -> str:
        corpus = corpus_of(tmp_path / str(articles), articles)
        return build_index(corpus, word_encoder, large_dir, sizes=LARGE).build_id

    before = [open_current(large_dir)[1].build_id, built(13), built(14)]
    hashed: list[Path] = []

    def sha256_noted(path: Path) -> str:
        hashed.append(path)
        return sha256_of(path)

    monkeypatch.setattr(manifest, "sha256_of", sha256_noted)
    # The last is taken over from; then the two that stay must be whole.
    times = [0, 1, 2]
    built(15)
    assert [hashed.count(large_dir / build_id / VECTORS) for build_id in before] == times
    hashed.clear()
    built(15)
    assert [path.parent.name for path in hashed if path.name == VECTORS] == [
        open_current(large_dir)[1].build_id
    ]


def test_a_start_leaves_blocks_to_be_verified_as_they_are_read(
    large_dir: Path, tmp_path: Path, word_encoder: WordEncoder
) -> None:
    spoil(open_current(large_dir)[0] / PASSAGES)
    word_encoder.encoded.clear()
    told: list[str] = []
    ensure_index(tmp_path / "many", large_dir, word_encoder, None, told.append)
    assert (word_encoder.encoded, told) == ([], [])


@pytest.mark.parametrize("articles", [12, 13], ids=["same corpus", "changed corpus"])
def test_the_library_mends_what_was_altered(
    articles: int, large_dir: Path, tmp_path: Path, word_encoder: WordEncoder
) -> None:
    corpus_of(tmp_path / "now", articles)
    settings = Settings(index_dir=large_dir, corpus_dir=tmp_path / "now")
    spoil(open_current(large_dir)[0] / PASSAGES)
    staged = stage(settings, word_encoder, no_bar, force=False)
    assert staged is not None
    assert (staged.before, staged.passages) == ("", 2 * articles)
    publish_staged(settings, staged, word_encoder)
    assert verify_current(large_dir)[1].build_id == staged.build_id


def test_it_serves_on_after_its_folder_is_gone(large_dir: Path, word_encoder: WordEncoder) -> None:
    assistant = Assistant(PassageIndex.open(large_dir), word_encoder)
    expected = Assistant(PassageIndex.open(large_dir), word_encoder).ask_many(QUESTIONS)
    shutil.rmtree(large_dir)
    assert assistant.ask_many(QUESTIONS) == expected


@pytest.mark.parametrize("sizes", [Sizes(), LARGE], ids=["small", "large"])
def test_what_was_verified_whole_may_be_altered_or_cut_short_while_it_serves(
    sizes: Sizes, tmp_path: Path, word_encoder: WordEncoder
) -> None:
    build_index(corpus_of(tmp_path / "many"), word_encoder, tmp_path / "index", sizes=sizes)
    expected = Assistant(PassageIndex.open(tmp_path / "index"), word_encoder).ask_many(QUESTIONS)
    assistant = Assistant(PassageIndex.open(tmp_path / "index"), word_encoder)
    files = [path for path in open_current(tmp_path / "index")[0].iterdir() if not read_by_block(path)]
    assert {"lexical_weights.npy", "passage_lines.npy", "sentences.npy"} < {path.name for path in files}
    for path in files:
        spoil(path)
    assert assistant.ask_many(QUESTIONS) == expected
    for path in files:
        path.write_bytes(b"")
    assert assistant.ask_many(QUESTIONS) == expected
