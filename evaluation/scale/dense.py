"""Dense search alone at any size: `python -m evaluation.scale.dense build|search WORK FOLDER COUNT`.

Needs no texts but the pool's, so that a million rows take minutes. The rows are drawn as those of `extending`,
and stored and searched as the product's are; `search` prints what a fresh process measures.
"""

import json
import sys
from pathlib import Path
from time import process_time

import numpy as np

from assistant.content import NEAR, VECTORS
from assistant.encoder import Vectors, open_encoder
from assistant.settings import read_settings
from assistant.storage.arrays import RowFile, RowWriter
from assistant.storage.blocks import write_blocks
from assistant.stores.faiss_near import FaissNearStore, write_near
from evaluation.scale.extending import NEIGHBOURS, nearest, normalised, spread_around
from evaluation.scale.pool import Pool, pool_of, texts_for
from evaluation.scale.searching import search_figures
from evaluation.speed.memory import folder_megabytes

_AT_ONCE = 20_000
_OWN, _OF_NEIGHBOUR = 2.5, 1.0
"""Sentences that a passage takes of a real one and of each of two neighbours, about as in `extending`."""


def build(work: Path, pool: Pool, count: int) -> dict[str, object]:
    """Draws the rows and builds what they are searched by."""
    folder = _folder(work, count)
    folder.mkdir(parents=True)
    began = process_time()
    chance, near = np.random.default_rng(count), nearest(pool.vectors, NEIGHBOURS)
    with RowWriter(folder / VECTORS, count, pool.vectors.shape[1]) as rows:
        for start in range(0, count, _AT_ONCE):
            rows.add(_drawn(pool.vectors, near, min(_AT_ONCE, count - start), chance))
    write_blocks(folder / VECTORS)
    drawn = process_time()
    write_near(folder / NEAR, rows.done(), pool.sentence_vectors)
    return {
        "drawing_cpu": drawn - began,
        "near_build_cpu": process_time() - drawn,
        "megabytes": folder_megabytes(folder),
    }


def search(work: Path, pool: Pool, count: int) -> dict[str, object]:
    """Times, recall and memory of searching for the pool's questions."""
    folder = _folder(work, count)
    began = process_time()
    store = FaissNearStore(folder / NEAR, RowFile(folder / VECTORS))
    opened = process_time() - began
    return {"open_cpu": opened, **search_figures(store, pool.questions, folder / VECTORS)}


def _drawn(vectors: Vectors, near: np.ndarray, count: int, chance: np.random.Generator) -> Vectors:
    first = chance.integers(0, len(vectors), count)
    second, third = (near[first, chance.integers(0, NEIGHBOURS, count)] for _ in range(2))
    base = _OWN * vectors[first] + _OF_NEIGHBOUR * (vectors[second] + vectors[third]) / 2
    differences = vectors[near[first]] - vectors[first, None]
    return normalised(base / (_OWN + _OF_NEIGHBOUR) + spread_around(differences, chance))


def _folder(work: Path, count: int) -> Path:
    return work / f"dense-{count}"


if __name__ == "__main__":
    place = Path(sys.argv[2])
    known = pool_of(texts_for(sys.argv[3]), open_encoder(read_settings().encoder), place)
    figures = {"build": build, "search": search}[sys.argv[1]](place, known, int(sys.argv[4]))
    sys.stdout.write(json.dumps(figures) + "\n")
