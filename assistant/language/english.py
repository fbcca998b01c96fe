"""The English word list: which words are ordinary, and how common."""

import gzip
from collections.abc import Mapping
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent.parent / "data"


@cache
def word_ranks() -> Mapping[str, int]:
    """Word -> rank, 0 the commonest, for 83,000 words of British and American English in lower case."""
    words = gzip.decompress((DATA / "english_words.txt.gz").read_bytes()).decode().split()
    ranks = dict(zip(words, range(len(words)), strict=True))
    ranks.update(dict.fromkeys(informal_words(), 0))
    return ranks


@cache
def misspellings() -> Mapping[str, str]:
    """Wrong -> right, for slips that are common or too far from the word to be guessed."""
    return dict(line.split("\t") for line in data_lines("misspellings.tsv"))


@cache
def informal_words() -> frozenset[str]:
    """Short forms and everyday words that the list lacks (im, dont, mum's) and that are no misspellings."""
    return frozenset(data_lines("informal_words.txt"))


def data_lines(name: str) -> list[str]:
    """The lines of a text file in `data/`, without comments and empty lines."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
