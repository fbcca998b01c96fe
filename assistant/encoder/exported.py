"""The fast runtime: an exported copy of the encoder, run by onnxruntime with the tokenizers library."""

import logging
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant.encoder.batching import batches
from assistant.encoder.copies import FILES, GRAPH, QUESTIONS, TOKENIZER, WEIGHTS, Copy, read_copy, verify
from assistant.encoder.protocol import Progress, Vectors
from assistant.errors import EncoderError
from assistant.word_pieces import read_tokenizer, word_pieces

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_MOST_TOKENS = 256
"""Of a batch: what it works on stays in a core's own cache, little of it is padding, and no core waits long for the
last one. Measured with 128 to 8,192; 2,048 took a third longer for the sentences and passages of a build."""
PROBE = "Can I drink alcohol while I am on these tablets?"
LEAST_QUESTION_COSINE = 0.997
"""Of a question's vectors in eight and in 32 bits."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What queries are encoded with."""

    session: "InferenceSession"
    tokenizer: "Tokenizer"
    in_eight_bits: bool


class ExportedEncoder:
    """The vectors of the model that a copy was made of, and its name and revision.

    It is loaded in the background while the caller goes on; the first text waits for it. Any thread may encode:
    queries are encoded on the thread that asks, passages on every core.
    """

    def __init__(self, folder: Path, exact: bool = False) -> None:
        """`exact`: queries too are encoded in 32 bits, even where they have a graph of their own.

        What queries need is verified now, the rest before it is read. Raises `EncoderError`.
        """
        copy = read_copy(folder)
        self.exact = exact or QUESTIONS not in copy.files
        verify(folder, copy, FILES if self.exact else (QUESTIONS, TOKENIZER))
        self.folder, self._copy = folder, copy
        self.name, self.revision = copy.name, copy.revision
        self.dim, self.max_tokens = copy.dim, copy.max_tokens
        self._one_at_a_time = threading.Lock()
        pool = ThreadPoolExecutor(1)
        self._loaded = pool.submit(_load, folder, copy, self.exact)
        pool.shutdown(wait=False)

    @property
    def in_eight_bits(self) -> bool:
        """Whether queries are encoded in eight bits: there is a graph for it, and it is near enough here."""
        return self._loaded.result().in_eight_bits

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
        """One row a passage, those of like length together."""
        ids = [encoding.ids for encoding in self._cutting.encode_batch(list(passages))]
        planned = list(batches([len(tokens) for tokens in ids], _MOST_TOKENS))
        rows, session = np.empty((len(ids), self.dim), np.float32), self._exact_session

        def encode(batch: list[int]) -> list[int]:
            rows[batch] = _run(session, [ids[place] for place in batch])
            return batch

        with ThreadPoolExecutor(_cores()) as pool:
            for batch in pool.map(encode, planned):
                if progress:
                    progress(len(batch))
        return rows

    @property
    def _exact_session(self) -> "InferenceSession":
        if self.exact:
            return self._loaded.result().session
        with self._one_at_a_time:
            return self._late_session

    @cached_property
    def _late_session(self) -> "InferenceSession":
        verify(self.folder, self._copy, (GRAPH, WEIGHTS))
        return _open_session(self.folder / GRAPH)

    @cached_property
    def _cutting(self) -> "Tokenizer":
        """Its own, cutting what is too long: hardly any question is."""
        tokenizer = read_tokenizer(self.folder / TOKENIZER)
        tokenizer.enable_truncation(self.max_tokens)
        return tokenizer


def _load(folder: Path, copy: Copy, exact: bool) -> _Loaded:
    tokenizer = word_pieces(folder / TOKENIZER)
    if exact:
        return _Loaded(_open_session(folder / GRAPH), tokenizer, in_eight_bits=False)
    session = _open_session(folder / QUESTIONS)
    # Older processors add whole numbers up with less room, and a copy may come from another machine.
    if float(_run(session, [tokenizer.encode(PROBE).ids])[0] @ np.array(copy.probe)) >= LEAST_QUESTION_COSINE:
        return _Loaded(session, tokenizer, in_eight_bits=True)
    _log.warning(
        "Eight bits are not exact enough on this processor: questions are encoded in 32, which is slower."
    )
    verify(folder, copy, (GRAPH, WEIGHTS))
    return _Loaded(_open_session(folder / GRAPH), tokenizer, in_eight_bits=False)


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
    # One thread answers one short question best; passages are spread over the cores batch by batch.
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
