"""Files too large to be verified whole before the first answer: every block is verified whenever it is read.

Beside such a file lies another with the SHA-256 of each of its blocks, which is itself verified whole.
"""

import hashlib
import os
import weakref
from pathlib import Path

from assistant.storage.files import damaged, reading

BLOCKS = ".blocks"
BLOCK = 4096
"""Bytes: a page, so that one row takes little reading and little hashing."""
_DIGEST = 32
_AT_ONCE = 256


def write_blocks(path: Path) -> None:
    """Writes the hashes of a file's blocks beside it; raises `OSError`."""
    with path.open("rb") as file, _beside(path).open("wb") as hashes:
        while block := file.read(BLOCK):
            hashes.write(hashlib.sha256(block).digest())


def read_by_block(path: Path) -> bool:
    """Whether a file is verified block by block."""
    return _beside(path).exists()


class CheckedFile:
    """A file of which nothing is given that was not verified. Any thread may read; no two reads share a state.

    It is read from the disk each time, so that memory does not grow; what is read often, the system keeps.
    """

    def __init__(self, path: Path) -> None:
        """Raises `IndexDamagedError`. The file stays open, so that it can be read after its folder is gone."""
        self.path = path
        with reading(path):
            self._descriptor = os.open(path, os.O_RDONLY)
            weakref.finalize(self, os.close, self._descriptor)
            self.size = os.fstat(self._descriptor).st_size
        with reading(_beside(path)):
            self._hashes = _beside(path).read_bytes()
        if len(self._hashes) != -(-self.size // BLOCK) * _DIGEST:
            raise damaged(_beside(path), "does not belong to its file")

    def read(self, start: int, end: int) -> memoryview:
        """Bytes `start` to `end` of the file. Raises `IndexDamagedError` if any block of them was altered."""
        first, last = start // BLOCK, -(-end // BLOCK)
        if last - first <= _AT_ONCE:
            return memoryview(self._blocks(first, last))[start - first * BLOCK : end - first * BLOCK]
        content = bytearray()
        for at in range(first, last, _AT_ONCE):
            content += self._blocks(at, min(at + _AT_ONCE, last))
        return memoryview(content)[start - first * BLOCK : end - first * BLOCK]

    def _blocks(self, first: int, last: int) -> bytes:
        with reading(self.path):
            content = os.pread(self._descriptor, (last - first) * BLOCK, first * BLOCK)
        view = memoryview(content)
        for number in range(first, last):
            at = (number - first) * BLOCK
            digest = hashlib.sha256(view[at : at + BLOCK]).digest()
            if digest != self._hashes[number * _DIGEST : (number + 1) * _DIGEST]:
                raise damaged(self.path, "was altered: the SHA-256 of a part is not the one recorded")
        return content


def _beside(path: Path) -> Path:
    return path.with_name(path.name + BLOCKS)
