"""The fast runtime: an exported copy of the encoder, run by onnxruntime with the tokenizers library."""

import logging
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant.encoder.batching import batches
from assistant.encoder.copies import EIGHT_BITS, FILES, GRAPH, TOKENIZER, WEIGHTS, Copy, read_copy, verify
from assistant.encoder.protocol import FLOAT32, INT8, Progress, Vectors
from assistant.errors import EncoderError
from assistant.word_pieces import read_tokenizer, word_pieces

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_MOST_TOKENS = {FLOAT32: 256, INT8: 0}
"""Of a batch. In 32 bits what it works on stays in a core's own cache, little of it is padding, and no core waits long
for the last one; measured with 128 to 8,192. In eight bits a text is always alone: whole numbers have one scale for all
that is encoded together, and no vector may depend on its neighbours."""
PROBE = (
    "Side effects. Common ones are drowsiness, dizziness and poor coordination; tell your doctor if they last. "
    "Do not stop taking the tablets suddenly."
)
"""A processor that adds products up in pairs of 16 bits would come to .990 with it, and to .987 to .997 with others."""
LEAST_COSINE = 0.997
"""Of a text's vectors in eight and in 32 bits."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What texts are encoded with, and in which precision."""

    session: "InferenceSession"
    tokenizer: "Tokenizer"
    precision: str


class ExportedEncoder:
    """The vectors of the model that a copy was made of, and its name and revision.

    It is loaded in the background while the caller goes on; the first text waits for it. Any thread may encode:
    queries are encoded on the thread that asks, passages on every core.
    """

    def __init__(self, folder: Path, exact: bool = False) -> None:
        """`exact`: in 32 bits, even where there is a graph in eight.

        What is needed is verified now. Raises `EncoderError`.
        """
        copy = read_copy(folder)
        self.exact = exact or EIGHT_BITS not in copy.files
        verify(folder, copy, FILES if self.exact else (EIGHT_BITS, TOKENIZER))
        self.folder, self._copy = folder, copy
        self.name, self.revision = copy.name, copy.revision
        self.dim, self.max_tokens = copy.dim, copy.max_tokens
        pool = ThreadPoolExecutor(1)
        self._loaded = pool.submit(_load, folder, copy, self.exact)
        pool.shutdown(wait=False)

    @property
    def precision(self) -> str:
        """`INT8` where there is a graph in eight bits that is near enough on this machine, else `FLOAT32`."""
        return self._loaded.result().precision

    def verify(self) -> None:
        """Raises `EncoderError` unless every file is as it was recorded."""
        verify(self.folder, self._copy, self._copy.files)

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, special tokens counted."""
        return len(self._loaded.result().tokenizer.encode(text).ids)

    def token_ids(self, text: str) -> list[int]:
        """What the transformer reads of a text: its tokens up to the limit, special tokens with them."""
        ids: list[int] = self._loaded.result().tokenizer.encode(text).ids
        return ids if len(ids) <= self.max_tokens else self._cutting.encode(text).ids

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """One row a query, each encoded alone: padding beside a longer one would change its last bits."""
        session = self._loaded.result().session
        rows = [_run(session, [self.token_ids(query)]) for query in queries]
        return np.concatenate(rows) if rows else np.empty((0, self.dim), np.float32)

    def encode_passages(self, passages: Sequence[str], progress: Progress | None = None) -> Vectors:
        """One row a passage; in 32 bits those of like length are encoded together."""
        session = self._loaded.result().session
        ids = [encoding.ids for encoding in self._cutting.encode_batch(list(passages))]
        planned = list(batches([len(tokens) for tokens in ids], _MOST_TOKENS[self.precision]))
        rows = np.empty((len(ids), self.dim), np.float32)

        def encode(batch: list[int]) -> list[int]:
            rows[batch] = _run(session, [ids[place] for place in batch])
            return batch

        with ThreadPoolExecutor(_cores()) as pool:
            for batch in pool.map(encode, planned):
                if progress:
                    progress(len(batch))
        return rows

    @cached_property
    def _cutting(self) -> "Tokenizer":
        """Its own, cutting what is too long: hardly any question is."""
        tokenizer = read_tokenizer(self.folder / TOKENIZER)
        tokenizer.enable_truncation(self.max_tokens)
        return tokenizer


def _load(folder: Path, copy: Copy, exact: bool) -> _Loaded:
    tokenizer = word_pieces(folder / TOKENIZER)
    if exact:
        return _Loaded(_open_session(folder / GRAPH), tokenizer, FLOAT32)
    session = _open_session(folder / EIGHT_BITS)
    # Older processors add whole numbers up with less room, and a copy may come from another machine.
    if float(_run(session, [tokenizer.encode(PROBE).ids])[0] @ np.array(copy.probe)) >= LEAST_COSINE:
        return _Loaded(session, tokenizer, INT8)
    _log.warning(
        "Eight bits are not exact enough on this processor: texts are encoded in 32, which is slower."
    )
    verify(folder, copy, (GRAPH, WEIGHTS))
    return _Loaded(_open_session(folder / GRAPH), tokenizer, FLOAT32)


def _run(session: "InferenceSession", ids: Sequence[list[int]]) -> Vectors:
    shape = len(ids), max(map(len, ids))
    tokens, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, own in enumerate(ids):
        tokens[row, : len(own)] = own
        mask[row, : len(own)] = 1
    [vectors] = session.run(None, {"input_ids": tokens, "attention_mask": mask})
    return np.asarray(vectors, np.float32)


def _open_session(path: Path) -> "InferenceSession":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One thread answers one short question best; passages are spread over the cores.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # The graph on disk is optimised already.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise EncoderError(f"The exported encoder {path} cannot be run ({error}).") from error


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
