"""Which half of a labelled set a row belongs to: rules are written on one, measured on the other."""

from hashlib import sha256
from typing import Literal

from evaluation.errors import EvaluationError
from evaluation.reading import Row

Half = Literal["tune", "test"]


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
