"""Which half of a labelled set a row belongs to: rules are written on one, measured on the other."""

import random
from collections.abc import Iterable
from hashlib import sha256
from typing import Literal

from evaluation.errors import EvaluationError
from evaluation.reading import Row

Half = Literal["tune", "test"]

PAGES_APART, WRITTEN_SHARE_APART = 12, 0.1
"""Of hand-written pages, and of articles written with their questions, so many teach neither encoder nor reader."""
_SEED = 7


def half(key: str) -> Half:
    """The half of the row whose id and question, joined, are `key`; the same on every machine."""
    return "tune" if int(sha256(key.encode("utf-8")).hexdigest(), 16) % 2 == 0 else "test"


def half_of(row: Row) -> Half:
    """The half that the row states as its `part`, otherwise that of its `id` and `q`."""
    match row.text("part", ""):
        case "tune" | "test" as stated:
            return stated
        case "":
            return half(row.text("id") + row.text("q"))
        case other:
            raise EvaluationError(f"{row.where}: the part must be tune or test, not {other!r}.")


def kept_apart(names: Iterable[str], count: int) -> frozenset[str]:
    """The whole articles, `count` of these names, that teach neither encoder nor reader; the same everywhere."""
    shuffled = sorted(set(names))
    random.Random(_SEED).shuffle(shuffled)
    return frozenset(shuffled[:count])
