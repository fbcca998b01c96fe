"""Which half of a labelled set a row belongs to: rules are written on one, measured on the other."""

from hashlib import sha256
from typing import Literal

Half = Literal["tune", "test"]


def half(key: str) -> Half:
    """The half of the row whose id and question, joined, are `key`; the same on every machine."""
    return "tune" if int(sha256(key.encode("utf-8")).hexdigest(), 16) % 2 == 0 else "test"
