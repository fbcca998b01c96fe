"""Which passages have which terms, and what each counts: the BM25 matrix, column by column.

bm25s makes it, Lucene's variant with k1 1.5 and b 0.75; reading it needs NumPy alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.storage.arrays import read_array, write_array

Rows = NDArray[np.int32]
Weights = NDArray[np.float32]

_TERMS = "lexical_terms.txt"
_STARTS = "lexical_starts.npy"
_ROWS = "lexical_rows.npy"
_WEIGHTS = "lexical_weights.npy"


@dataclass(frozen=True, slots=True)
class Postings:
    """Column c of a term has the `rows` from `starts[c]` to `starts[c + 1]`, ascending, and their `weights`.

    `size` is the number of passages, also of those without any term.
    """

    size: int
    columns: Mapping[str, int]
    starts: NDArray[np.int64]
    rows: Rows
    weights: Weights

    def count(self, term: str) -> int:
        """How many passages have the term."""
        column = self.columns.get(term)
        return 0 if column is None else int(self.starts[column + 1] - self.starts[column])

    def of(self, term: str) -> tuple[Rows, Weights]:
        """The rows of the passages that have the term, ascending, and what it counts in each."""
        column = self.columns.get(term)
        if column is None:
            return self.rows[:0], self.weights[:0]
        own = slice(self.starts[column], self.starts[column + 1])
        return self.rows[own], self.weights[own]


def postings_of(passages: Iterable[Sequence[str]]) -> Postings:
    """The postings of passages given by their terms."""
    columns: dict[str, int] = {}
    numbered = [[columns.setdefault(term, len(columns)) for term in terms] for terms in passages]
    if not columns:
        empty = np.empty(0, np.int32), np.empty(0, np.float32)
        return Postings(len(numbered), {}, np.zeros(1, np.int64), *empty)
    # Late: an index that is only read does without.
    import bm25s

    bm25 = bm25s.BM25(method="lucene")
    made = bm25.build_index_from_ids(list(columns.values()), numbered, show_progress=False)
    starts = np.asarray(made["indptr"], np.int64)
    return Postings(
        len(numbered),
        columns,
        starts,
        np.asarray(made["indices"], np.int32),
        np.asarray(made["data"], np.float32),
    )


def write_postings(folder: Path, postings: Postings) -> None:
    """Writes them as four files; raises `OSError`."""
    terms = "".join(f"{term}\n" for term in postings.columns)
    (folder / _TERMS).write_text(f"{postings.size}\n{terms}", encoding="utf-8", newline="\n")
    write_array(folder / _STARTS, postings.starts)
    write_array(folder / _ROWS, postings.rows)
    write_array(folder / _WEIGHTS, postings.weights)


def read_postings(folder: Path) -> Postings:
    """The postings in a folder whose files are verified. Raises `ValueError`."""
    size, *terms = (folder / _TERMS).read_text(encoding="utf-8").split("\n")[:-1]
    columns = {term: column for column, term in enumerate(terms)}
    starts, rows, weights = (read_array(folder / name) for name in (_STARTS, _ROWS, _WEIGHTS))
    if len(starts) != len(columns) + 1 or not starts[-1] == len(rows) == len(weights):
        raise ValueError("terms and postings do not belong together")
    return Postings(int(size), columns, starts, rows, weights)
