"""What is searched approximately: scores are exact, the order is right, and little is missed."""

from pathlib import Path

import faiss
import numpy as np
import pytest

from assistant.errors import IndexDamagedError
from assistant.storage.arrays import RowFile
from assistant.storage.blocks import write_blocks
from assistant.stores import open_store, write_vectors
from assistant.stores.faiss_near import FaissNearStore, write_near

DIM = 32


def neighbourhoods(count: int, seed: int) -> np.ndarray:
    """Unit rows around fifty places, as texts lie around what they are about."""
    chance = np.random.default_rng(seed)
    places = np.random.default_rng(0).normal(size=(50, DIM))
    rows = places[chance.integers(0, 50, count)] + chance.normal(scale=0.4, size=(count, DIM))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


VECTORS = neighbourhoods(6000, seed=1)
QUERIES = neighbourhoods(100, seed=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("near")
    write_near(folder / "near.faiss", VECTORS, QUERIES)
    write_vectors(folder / "vectors.npy", VECTORS)
    write_blocks(folder / "vectors.npy")
    return folder


@pytest.fixture(params=["in memory", "on disk"])
def store(request: pytest.FixtureRequest, folder: Path) -> FaissNearStore:
    rows = VECTORS if request.param == "in memory" else RowFile(folder / "vectors.npy")
    return FaissNearStore(folder / "near.faiss", rows)


def test_scores_are_the_exact_cosines_best_first_and_ties_by_row(store: FaissNearStore) -> None:
    scores, rows = store.search(QUERIES, 20)
    assert (scores.shape, scores.dtype, rows.shape, rows.dtype) == (
        (100, 20),
        np.float32,
        (100, 20),
        np.int64,
    )
    for query, own, found in zip(QUERIES, scores, rows, strict=True):
        assert own.tolist() == np.einsum("ij,j->i", VECTORS[found], query).tolist()
        assert list(zip(-own, found, strict=True)) == sorted(zip(-own, found, strict=True))
        assert len(set(found.tolist())) == 20


@pytest.mark.parametrize(("k", "least"), [(1, 0.99), (10, 0.99), (200, 0.9)])
def test_nearly_all_of_the_nearest_are_found(store: FaissNearStore, k: int, least: float) -> None:
    exact = open_store("flat", DIM)
    exact.add(VECTORS)
    found, expected = store.search(QUERIES, k)[1], exact.search(QUERIES, k)[1]
    shared = sum(len(set(a) & set(b)) for a, b in zip(found.tolist(), expected.tolist(), strict=True))
    assert shared >= least * found.size


def test_it_visits_far_fewer_rows_than_there_are(folder: Path) -> None:
    index = faiss.read_index(str(folder / "near.faiss"))
    assert 1 <= index.nprobe <= index.nlist // 2


def test_asking_for_all_gives_each_row_once(store: FaissNearStore) -> None:
    scores, rows = store.search(QUERIES[:2], 10**9)
    assert [sorted(found) for found in rows.tolist()] == [list(range(6000))] * 2
    assert (np.diff(scores) <= 0).all()


def test_a_query_finds_the_same_alone_and_among_others(store: FaissNearStore) -> None:
    scores, rows = store.search(QUERIES, 7)
    for number in range(0, 100, 9):
        alone = store.search(QUERIES[number : number + 1], 7)
        assert [part[0].tolist() for part in alone] == [scores[number].tolist(), rows[number].tolist()]


def test_equal_rows_make_equal_files(folder: Path, tmp_path: Path) -> None:
    write_near(tmp_path / "again.faiss", VECTORS, QUERIES)
    assert (tmp_path / "again.faiss").read_bytes() == (folder / "near.faiss").read_bytes()


@pytest.mark.parametrize("count", [1, 2, 6, 9, 10])
def test_a_few_rows_are_all_found(tmp_path: Path, count: int) -> None:
    rows = VECTORS[:count]
    write_near(tmp_path / "few.faiss", rows, rows)
    scores, found = FaissNearStore(tmp_path / "few.faiss", rows).search(rows, count + 2)
    assert [sorted(own) for own in found.tolist()] == [list(range(count))] * count
    assert found[:, 0].tolist() == list(range(count))
    assert scores[:, 0] == pytest.approx(np.ones(count), abs=1e-6)


@pytest.mark.parametrize(
    ("queries", "k", "words"),
    [
        (QUERIES * np.float32(2), 1, "row 0 has the length 2, not 1"),
        (QUERIES[:, :5], 1, r"vectors must have the shape \[n, 32\], not \[100, 5\]"),
        (QUERIES, 0, "k must be at least 1, not 0"),
    ],
)
def test_what_cannot_be_searched_is_refused(
    store: FaissNearStore, queries: np.ndarray, k: int, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        store.search(queries, k)


def test_a_file_of_other_rows_is_refused(folder: Path) -> None:
    with pytest.raises(IndexDamagedError, match=r"near\.faiss does not belong to these vectors\. Run:"):
        FaissNearStore(folder / "near.faiss", VECTORS[:10])


def test_what_is_no_such_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "near.faiss").write_bytes(b"nothing")
    with pytest.raises(IndexDamagedError, match=r"near\.faiss cannot be read\. Run:"):
        FaissNearStore(tmp_path / "near.faiss", VECTORS)
    with pytest.raises(IndexDamagedError, match=r"absent\.faiss is missing\. Run:"):
        FaissNearStore(tmp_path / "absent.faiss", VECTORS)
    flat = faiss.IndexFlatIP(DIM)
    flat.add(VECTORS)
    (tmp_path / "flat.faiss").write_bytes(faiss.serialize_index(flat).data)
    with pytest.raises(IndexDamagedError, match=r"flat\.faiss does not belong to these vectors\. Run:"):
        FaissNearStore(tmp_path / "flat.faiss", VECTORS)
