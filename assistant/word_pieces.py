"""Tokenizers without a limit of length. Equal files are read once, for more than one model has the same."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.storage.files import sha256_of

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MOST = 4
_known: "dict[str, Tokenizer]" = {}
_one_at_a_time = threading.Lock()


def word_pieces(path: Path) -> "Tokenizer":
    """The tokenizer of a file, neither cutting nor padding. Nobody may alter it, for others have it too.

    Raises `OSError`, or what the library raises if the file is none of its own.
    """
    with _one_at_a_time:
        content = sha256_of(path)
        if content not in _known:
            if len(_known) == _MOST:
                _known.clear()
            _known[content] = read_tokenizer(path)
        return _known[content]


def read_tokenizer(path: Path) -> "Tokenizer":
    """The same, for whoever asks alone."""
    from tokenizers import Tokenizer

    read = Tokenizer.from_file(str(path))
    read.no_truncation()
    read.no_padding()
    return read
