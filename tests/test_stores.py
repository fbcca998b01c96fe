"""The contract every vector store keeps; outcomes are worked out by hand on one-hot rows."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import IndexDamagedError, SettingsError
from assistant.stores import (
    ENGINES,
    Searcher,
    VectorStore,
    copies_for,
    faiss_flat,
    open_store,
    read_vectors,
    store_class,
    write_vectors,
)
from tests.milvus.lite_server import LiteServer

ROOT = Path(__file__).resolve().parent.parent
AXES = np.eye(4, dtype=np.float32)
DIAGONAL = np.array([[0.6, 0.8, 0.0, 0.0]], dtype=np.float32)


@pytest.fixture(scope="module", autouse=True)
def faiss_itself() -> Iterator[None]:
    """The laws are held up to FAISS even with a few rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(faiss_flat, "FEW", 0)
        yield


SEARCHERS = [*ENGINES, "milvus"]


@pytest.fixture(params=SEARCHERS)
def engine(request: pytest.FixtureRequest) -> Searcher:
    return searcher(request.param, request)


@pytest.fixture(params=SEARCHERS)
def loader(request: pytest.FixtureRequest) -> Searcher:
    return searcher(request.param, request)


def searcher(name: str, request: pytest.FixtureRequest) -> Searcher:
    return request.getfixturevalue("milvus").address if name == "milvus" else name


def store_of(engine: Searcher, rows: np.ndarray) -> VectorStore:
    store = open_store(engine, rows.shape[1])
    store.add(rows)
    return store


def publish(engine: Searcher, folder: Path) -> None:
    """What a build does before vectors are loaded."""
    if copies := copies_for(engine):
        copies.fill(folder)


def unit_rows(count: int, dim: int, seed: int) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, dim))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_a_new_store_is_empty(engine: Searcher) -> None:
    store = open_store(engine, 4)
    assert (len(store), store.dim) == (0, 4)


def test_an_empty_store_finds_nothing(engine: Searcher) -> None:
    scores, rows = open_store(engine, 4).search(AXES[:2], 3)
    assert (scores.shape, scores.dtype) == ((2, 0), np.float32)
    assert (rows.shape, rows.dtype) == ((2, 0), np.int64)


def test_scores_are_cosines_best_first(engine: Searcher) -> None:
    scores, rows = store_of(engine, AXES).search(DIAGONAL, 2)
    assert rows.tolist() == [[1, 0]]
    assert scores.tolist() == [[np.float32(0.8), np.float32(0.6)]]
    assert (scores.dtype, rows.dtype) == (np.float32, np.int64)


def test_opposite_rows_come_last_with_negative_scores(engine: Searcher) -> None:
    scores, rows = store_of(engine, np.concatenate([-AXES[:1], AXES[:2]])).search(AXES[:1], 3)
    assert rows.tolist() == [[1, 2, 0]]
    assert scores.tolist() == [[1.0, 0.0, -1.0]]


def test_each_query_has_its_own_line(engine: Searcher) -> None:
    scores, rows = store_of(engine, AXES).search(AXES[[2, 0]], 1)
    assert rows.tolist() == [[2], [0]]
    assert scores.tolist() == [[1.0], [1.0]]


def test_no_query_gives_no_line(engine: Searcher) -> None:
    scores, rows = store_of(engine, AXES).search(AXES[:0], 3)
    assert (scores.shape, rows.shape) == ((0, 3), (0, 3))


@pytest.mark.parametrize("k", [4, 5, 100, 10**9])
def test_asking_for_more_than_there_is_gives_each_row_once(engine: Searcher, k: int) -> None:
    scores, rows = store_of(engine, AXES).search(AXES[2:3], k)
    assert rows.tolist() == [[2, 0, 1, 3]]
    assert scores.tolist() == [[1.0, 0.0, 0.0, 0.0]]


@pytest.mark.parametrize(
    ("axes", "k", "expected"),
    [
        ([0, 0, 0, 0], 1, [0]),
        ([0, 0, 0, 0], 2, [0, 1]),
        ([1, 0, 1, 0, 1, 0], 2, [1, 3]),
        ([1, 0, 1, 0, 1, 0], 3, [1, 3, 5]),
        ([1, 0, 1, 0, 1, 0], 4, [1, 3, 5, 0]),
        ([3, 2, 1, 0], 3, [3, 0, 1]),
        ([0] * 500, 3, [0, 1, 2]),
        ([1] * 250 + [0] + [1] * 249, 150, [250, *range(149)]),
        ([1] * 499 + [0], 2, [499, 0]),
    ],
)
def test_ties_come_in_row_order(engine: Searcher, axes: list[int], k: int, expected: list[int]) -> None:
    _, rows = store_of(engine, AXES[axes]).search(AXES[:1], k)
    assert rows.tolist() == [expected]


@pytest.mark.parametrize("dim", [3, 7, 100, 384])
def test_equal_rows_tie_wherever_they_lie(engine: Searcher, dim: int) -> None:
    store = store_of(engine, np.repeat(unit_rows(1, dim, seed=1), 131, axis=0))
    scores, rows = store.search(unit_rows(1, dim, seed=2), 131)
    assert rows.tolist() == [list(range(131))]
    assert len(set(scores[0].tolist())) == 1


def test_a_query_finds_the_same_alone_and_among_others(engine: Searcher) -> None:
    store = store_of(engine, unit_rows(300, 48, seed=3))
    queries = unit_rows(40, 48, seed=4)
    scores, rows = store.search(queries, 7)
    for number in range(len(queries)):
        alone_scores, alone_rows = store.search(queries[number : number + 1], 7)
        assert alone_rows[0].tolist() == rows[number].tolist()
        assert alone_scores[0].tolist() == scores[number].tolist()


def test_engines_agree_with_the_reference(engine: Searcher) -> None:
    vectors = unit_rows(40, 24, seed=5)[np.random.default_rng(6).integers(0, 40, 600)]
    queries = unit_rows(10, 24, seed=7)
    scores, rows = store_of(engine, vectors).search(queries, 60)
    expected_scores, expected_rows = store_of("flat", vectors).search(queries, 60)
    assert rows.tolist() == expected_rows.tolist()
    np.testing.assert_allclose(scores, expected_scores, rtol=0, atol=1e-6)


def test_rows_are_numbered_in_the_order_added(engine: Searcher) -> None:
    store = open_store(engine, 4)
    for axis in (3, 1, 0):
        store.add(AXES[axis : axis + 1])
    store.add(AXES[:0])
    assert len(store) == 3
    assert store.search(AXES[[0, 1, 3]], 1)[1].tolist() == [[2], [1], [0]]


def test_rows_are_copied(engine: Searcher) -> None:
    rows = AXES[:1].copy()
    store = store_of(engine, rows)
    rows[:] = AXES[1]
    assert store.search(AXES[:1], 1)[0].tolist() == [[1.0]]


def test_rows_and_queries_may_lie_in_memory_in_any_order(engine: Searcher) -> None:
    scattered = np.asfortranarray(np.repeat(AXES, 2, axis=0))[::2]
    assert not scattered.flags.c_contiguous
    assert store_of(engine, scattered).search(scattered, 1)[1].tolist() == [[0], [1], [2], [3]]


BAD_ROWS = [
    (AXES.astype(np.float64), r"vectors must be a float32 array, not float64"),
    (AXES.astype(">f4"), r"vectors must be a float32 array, not >f4"),
    (AXES.tolist(), r"vectors must be a float32 array, not list"),
    (AXES[0], r"vectors must have the shape \[n, 4\], not \[4\]"),
    (AXES[:, :3], r"vectors must have the shape \[n, 4\], not \[4, 3\]"),
    (AXES[np.newaxis], r"vectors must have the shape \[n, 4\], not \[1, 4, 4\]"),
    (AXES * np.float32(2), r"row 0 has the length 2, not 1"),
    (np.concatenate([AXES, AXES[:1] * 0]), r"row 4 has the length 0, not 1"),
    (np.concatenate([AXES[:1], AXES[:1] * np.float32(3e38)]), r"row 1 has the length 3e\+38, not 1"),
    (np.where(AXES[2] == AXES, np.float32("nan"), AXES), r"row 0 holds NaN or infinity"),
    (np.concatenate([AXES[:3], np.full((1, 4), np.inf, np.float32)]), r"row 3 holds NaN or infinity"),
    (AXES[:1] * np.float32(1.001), r"row 0 has the length 1.001, not 1"),
]


@pytest.mark.parametrize(("rows", "words"), BAD_ROWS)
def test_rows_that_are_not_unit_rows_are_refused_and_change_nothing(
    engine: Searcher, rows: np.ndarray, words: str
) -> None:
    store = store_of(engine, AXES)
    with pytest.raises(ValueError, match=words):
        store.add(rows)
    with pytest.raises(ValueError, match=words):
        store.search(rows, 1)
    assert store.search(AXES, 1)[1].tolist() == [[0], [1], [2], [3]]
    assert len(store) == 4


def test_rounding_does_not_make_a_row_refused(engine: Searcher) -> None:
    assert len(store_of(engine, AXES * np.float32(1.00001))) == 4


@pytest.mark.parametrize("k", [0, -1])
def test_k_below_one_is_refused(engine: Searcher, k: int) -> None:
    with pytest.raises(ValueError, match=f"k must be at least 1, not {k}"):
        store_of(engine, AXES).search(AXES, k)


@pytest.mark.parametrize("dim", [0, -3])
def test_dim_below_one_is_refused(engine: Searcher, dim: int) -> None:
    with pytest.raises(ValueError, match=f"dim must be at least 1, not {dim}"):
        open_store(engine, dim)


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(SettingsError, match="no vector store named 'annoy'. Choose one of: faiss, flat"):
        open_store("annoy", 4)


@pytest.mark.parametrize("count", [0, 1, 300])
def test_any_engine_loads_what_any_engine_saved(
    engine: Searcher, loader: Searcher, count: int, tmp_path: Path
) -> None:
    vectors = unit_rows(count, 16, seed=8)
    store_of(engine, vectors).save(tmp_path / "vectors.npy")
    publish(loader, tmp_path)
    loaded = open_store(loader, 16, load_from=tmp_path / "vectors.npy")
    assert (len(loaded), loaded.dim) == (count, 16)
    assert read_vectors(tmp_path / "vectors.npy").tolist() == vectors.tolist()
    expected = store_of(loader, vectors).search(vectors[:20], 5)
    assert [part.tolist() for part in loaded.search(vectors[:20], 5)] == [part.tolist() for part in expected]


def test_engines_save_the_same_bytes(milvus: LiteServer, tmp_path: Path) -> None:
    for number, name in enumerate((*ENGINES, milvus.address)):
        store_of(name, AXES).save(tmp_path / str(number))
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1


def test_rows_of_another_dim_are_not_loaded(engine: Searcher, tmp_path: Path) -> None:
    write_vectors(tmp_path / "vectors.npy", AXES)
    publish(engine, tmp_path)
    with pytest.raises(IndexDamagedError, match=r"vectors\.npy holds rows of 4 numbers, not 5\. Run:"):
        open_store(engine, 5, load_from=tmp_path / "vectors.npy")


def saved_bytes(folder: Path) -> bytes:
    write_vectors(folder / "good.npy", AXES)
    return (folder / "good.npy").read_bytes()


@pytest.mark.parametrize(
    ("alter", "words"),
    [
        (lambda good: b"", "cannot be read"),
        (lambda good: good[:-1], "cannot be read"),
        (lambda good: good + b"\0", "it goes on after the last row"),
        (lambda good: b"PK\x03\x04" + good[4:], "cannot be read"),
        (lambda good: good.replace(b"'<f4'", b"'<i4'"), "must be a float32 array, not int32"),
        (lambda good: good.replace(b"'<f4'", b"'|O' "), "allow_pickle=False"),
        (lambda good: good.replace(b"(4, 4), ", b"(16,),  "), r"shape \[n, 0\], not \[16\]"),
        (lambda good: good.replace(b"(4, 4), }   ", b"(4, 4000),}"), "cannot be read"),
        (lambda good: good[:-4] + b"\0\0\xc0\x7f", "row 3 holds NaN or infinity"),
        (lambda good: good[:-4] + b"\0\0\0\0", "row 3 has the length 0, not 1"),
    ],
)
def test_a_damaged_file_is_refused(engine: Searcher, alter: object, words: str, tmp_path: Path) -> None:
    path = tmp_path / "vectors.npy"
    path.write_bytes(alter(saved_bytes(tmp_path)))  # type: ignore[operator]
    with pytest.raises(IndexDamagedError, match=words) as refusal:
        store_class(engine).load(path)
    assert str(path) in str(refusal.value)
    assert str(refusal.value).endswith("Run: python -m assistant build")


def test_a_missing_file_is_refused(engine: Searcher, tmp_path: Path) -> None:
    with pytest.raises(IndexDamagedError, match=r"vectors\.npy cannot be read: .*No such file.*Run:"):
        store_class(engine).load(tmp_path / "vectors.npy")


FULL_DISK = """
import resource, sys
from pathlib import Path
import numpy as np
from assistant.stores import open_store
store = open_store("flat", 4)
store.add(np.eye(4, dtype=np.float32))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    store.save(Path(sys.argv[1]))
except OSError:
    sys.exit(7)
"""


@pytest.mark.parametrize("room", [0, 128, 191])
def test_no_room_for_the_last_bytes_is_an_error(room: int, tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path / "vectors.npy"), str(room)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 7


def test_four_threads_find_what_one_finds(engine: Searcher) -> None:
    store = store_of(engine, unit_rows(2000, 64, seed=9))
    rounds = 10 // slower(engine)
    queries = unit_rows(5 * rounds, 64, seed=10)
    expected = [part.tolist() for part in store.search(queries, 10)]
    found: list[object] = []

    def search() -> None:
        found.extend([part.tolist() for part in store.search(queries, 10)] for _ in range(rounds))

    run_together([search] * 4)
    assert found == [expected] * 4 * rounds


def test_a_search_while_rows_are_added_sees_all_or_none_of_them(engine: Searcher) -> None:
    store = store_of(engine, np.repeat(AXES[:1], 100, axis=0))
    lengths: set[int] = set()

    def search() -> None:
        for _ in range(200 // slower(engine)):
            lengths.add(store.search(AXES[:1], 10_000)[1].shape[1])

    def add() -> None:
        for _ in range(50 // slower(engine)):
            store.add(np.repeat(AXES[:1], 100, axis=0))

    run_together([search, search, search, add])
    assert len(store) == 100 + 5000 // slower(engine)
    assert {length % 100 for length in lengths} == {0}


def slower(engine: Searcher) -> int:
    """A server answers in milliseconds what is found here in microseconds."""
    return 1 if isinstance(engine, str) else 10


def run_together(tasks: list) -> None:
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_faiss_is_not_imported_for_few_rows(tmp_path: Path) -> None:
    write_vectors(tmp_path / "rows.npy", np.eye(3, dtype=np.float32))
    script = (
        "import sys, numpy as np; from pathlib import Path; from assistant.stores import open_store\n"
        "store, one = open_store('faiss', 3, load_from=Path(sys.argv[1])), np.eye(3, dtype=np.float32)[:1]\n"
        "scores, rows = store.search(one, 2)\n"
        "assert (rows.tolist(), scores.tolist(), len(store)) == ([[0, 1]], [[1.0, 0.0]], 3)\n"
        "store.save(Path(sys.argv[1])); assert 'faiss' not in sys.modules\n"
        "store.add(np.repeat(one, 300, axis=0)); scores, rows = store.search(one, 2)\n"
        "assert (rows.tolist(), scores.tolist(), len(store)) == ([[0, 3]], [[1.0, 1.0]], 303)\n"
        "sys.exit('faiss' not in sys.modules)"
    )
    run = [sys.executable, "-c", script, str(tmp_path / "rows.npy")]
    assert subprocess.run(run, cwd=ROOT, check=False).returncode == 0


def test_nothing_is_imported_before_an_engine_is_opened() -> None:
    script = "import sys, assistant.stores; sys.exit('faiss' in sys.modules or 'pymilvus' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
