"""Files that are verified a block at a time: no byte is given that was not verified."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import IndexDamagedError
from assistant.storage.arrays import RowFile, RowWriter, read_array, write_array
from assistant.storage.blocks import BLOCK, BLOCKS, CheckedFile, read_by_block, write_blocks

CONTENT = np.random.default_rng(1).bytes(300 * BLOCK + 77)
ROWS = np.random.default_rng(2).normal(size=(50, 300)).astype(np.float32)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("blocks") / "content.bin"
    path.write_bytes(CONTENT)
    write_blocks(path)
    return path


@pytest.fixture
def rows_path(tmp_path: Path) -> Path:
    write_array(tmp_path / "rows.npy", ROWS)
    write_blocks(tmp_path / "rows.npy")
    return tmp_path / "rows.npy"


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


@settings(deadline=None)
@given(places=st.tuples(st.integers(0, len(CONTENT)), st.integers(0, len(CONTENT))).map(sorted))
def test_any_stretch_is_read_as_written(path: Path, places: list[int]) -> None:
    assert CheckedFile(path).read(*places) == CONTENT[places[0] : places[1]]


def test_only_a_file_with_hashes_beside_it_is_read_by_block(path: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    assert (read_by_block(path), read_by_block(tmp_path / "plain")) == (True, False)


@pytest.mark.parametrize("place", [0, BLOCK - 1, 5 * BLOCK + 9, len(CONTENT) - 1])
def test_an_altered_byte_is_never_given_and_the_rest_still_is(tmp_path: Path, place: int) -> None:
    path = tmp_path / "content.bin"
    path.write_bytes(CONTENT)
    write_blocks(path)
    flip(path, place)
    file = CheckedFile(path)
    block = place // BLOCK
    with pytest.raises(IndexDamagedError, match=r"content\.bin was altered: .* not the one recorded\. Run:"):
        file.read(place, place + 1)
    with pytest.raises(IndexDamagedError, match="was altered"):
        file.read(0, len(CONTENT))
    elsewhere = (block + 1) * BLOCK if (block + 2) * BLOCK < len(CONTENT) else 0
    assert file.read(elsewhere, elsewhere + BLOCK) == CONTENT[elsewhere : elsewhere + BLOCK]


def test_what_is_altered_after_opening_is_not_given_either(rows_path: Path) -> None:
    rows = RowFile(rows_path)
    assert rows[[3]].tolist() == ROWS[[3]].tolist()
    with rows_path.open("r+b") as file:
        file.seek(128 + 3 * 1200)
        file.write(b"\0\0\0\0")
    with pytest.raises(IndexDamagedError, match=r"rows\.npy was altered"):
        rows[[3]]


@pytest.mark.parametrize("change", [-1, 1])
def test_a_file_that_grew_or_shrank_is_refused(rows_path: Path, change: int) -> None:
    content = rows_path.read_bytes()
    rows_path.write_bytes(content[:change] if change < 0 else content + b"\0")
    with pytest.raises(IndexDamagedError):
        RowFile(rows_path)


def test_hashes_of_another_file_are_refused(rows_path: Path) -> None:
    hashes = rows_path.with_name(rows_path.name + BLOCKS)
    hashes.write_bytes(hashes.read_bytes()[:-32])
    with pytest.raises(IndexDamagedError, match=r"rows\.npy\.blocks does not belong to its file\. Run:"):
        CheckedFile(rows_path)
    hashes.unlink()
    with pytest.raises(IndexDamagedError, match=r"rows\.npy\.blocks is missing\. Run:"):
        CheckedFile(rows_path)


@pytest.mark.parametrize("places", [[], [7], [4, 5, 6], [49, 0, 1, 2, 30, 31, 7, 7]])
def test_rows_come_in_the_order_asked_for(rows_path: Path, places: list[int]) -> None:
    rows = RowFile(rows_path)
    assert (len(rows), rows.shape) == (50, (50, 300))
    assert rows[places].tolist() == ROWS[places].tolist()


@pytest.mark.parametrize("place", [-1, 50])
def test_rows_that_are_not_there_are_an_error(rows_path: Path, place: int) -> None:
    with pytest.raises(IndexError, match="there are no rows"):
        RowFile(rows_path)[[place]]


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (ROWS.astype(np.float64), "it holds float64"),
        (ROWS[0], r"it holds float32 of the shape \[300\]"),
        (np.asfortranarray(ROWS), "it holds float32"),
    ],
)
def test_what_are_no_rows_is_refused(tmp_path: Path, array: np.ndarray, words: str) -> None:
    write_array(tmp_path / "rows.npy", array)
    write_blocks(tmp_path / "rows.npy")
    with pytest.raises(IndexDamagedError, match=words):
        RowFile(tmp_path / "rows.npy")


@pytest.mark.parametrize("count", [0, 1, 50])
def test_rows_written_as_they_are_made_are_the_same_file(tmp_path: Path, count: int) -> None:
    write_array(tmp_path / "at once.npy", ROWS[:count])
    with RowWriter(tmp_path / "rows.npy", count, 300) as rows:
        for start in range(0, count, 7):
            rows.add(ROWS[start : min(start + 7, count)])
    assert (tmp_path / "rows.npy").read_bytes() == (tmp_path / "at once.npy").read_bytes()
    assert rows.done().tolist() == read_array(tmp_path / "at once.npy").tolist() == ROWS[:count].tolist()


def test_fewer_rows_than_said_are_an_error(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="1 rows were written instead of 2"),
        RowWriter(tmp_path / "rows.npy", 2, 300) as rows,
    ):
        rows.add(ROWS[:1])
