"""The reference runtime: sentence-transformers, imported only once a model is loaded."""

import os
import threading
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from assistant.encoder.adapter import merge_adapter
from assistant.encoder.batching import in_order, length_sorted
from assistant.encoder.models import Model
from assistant.encoder.protocol import FLOAT32, Progress, Vectors
from assistant.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH = 32
_NO_LIMIT = 10**9


class SentenceTransformerEncoder:
    """Any sentence-transformers model from a local folder. The model is loaded at first use."""

    precision = FLOAT32

    def __init__(self, model: Model) -> None:
        self._source = model
        self.name, self.revision = model.identity.name, model.identity.revision
        self._one_at_a_time = threading.RLock()

    @property
    def dim(self) -> int:
        """Numbers in a row."""
        dimension = self._model.get_embedding_dimension()
        if dimension is None:
            raise EncoderError(f"The encoder {self.name} does not say how long its vectors are.")
        return dimension

    @property
    def max_tokens(self) -> int:
        """Most tokens read of a text, special tokens counted."""
        limit: int | None = self._model.max_seq_length
        return limit or _NO_LIMIT

    @property
    def module(self) -> "SentenceTransformer":
        """The loaded model, for exporting. Raises `EncoderError`."""
        return self._model

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, special tokens counted."""
        with self._one_at_a_time:
            return len(self._model.tokenizer(text, truncation=False, verbose=False)["input_ids"])

    def token_ids(self, text: str) -> list[int]:
        """What the transformer reads of a text: its tokens up to the limit, special tokens with them."""
        with self._one_at_a_time:
            ids: list[int] = self._model.preprocess([text])["input_ids"][0].tolist()
            return ids

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """One row a query, each encoded alone: padding beside a longer one would change its last bits."""
        rows = [self._encode([query]) for query in queries]
        return np.concatenate(rows) if rows else np.empty((0, self.dim), np.float32)

    def encode_passages(self, passages: Sequence[str], progress: Progress | None = None) -> Vectors:
        """One row a passage, those of like length together."""
        order = length_sorted([len(passage) for passage in passages])
        rows = [np.empty((0, self.dim), np.float32)]
        for start in range(0, len(order), _BATCH):
            batch = [passages[place] for place in order[start : start + _BATCH]]
            rows.append(self._encode(batch))
            if progress:
                progress(len(batch))
        return in_order(np.concatenate(rows), order)

    def _encode(self, texts: list[str]) -> Vectors:
        with self._one_at_a_time:
            return np.asarray(
                self._model.encode(
                    texts, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
                ),
                dtype=np.float32,
            )

    @cached_property
    def _model(self) -> "SentenceTransformer":
        with self._one_at_a_time:
            # No hub is ever asked, whatever the caller's environment says.
            os.environ["HF_HUB_OFFLINE"] = "1"
            os.environ["TOKENIZERS_PARALLELISM"] = "false"
            try:
                import torch
                from sentence_transformers import SentenceTransformer
                from transformers.utils.logging import disable_progress_bar
            except ImportError as error:
                raise EncoderError(
                    f"sentence-transformers is not installed here ({error}). Run: pip install -r "
                    "requirements.txt, or bring an exported copy: see `export` in the README."
                ) from error

            disable_progress_bar()  # type: ignore[no-untyped-call]
            # One thread answers one short question several times faster than two.
            torch.set_num_threads(1)
            try:
                model = SentenceTransformer(str(self._source.folder), device="cpu", local_files_only=True)
                if self._source.adapter:
                    merge_adapter(model[0], self._source.adapter)
                return model
            except (OSError, ValueError, KeyError) as error:
                raise EncoderError(
                    f"The encoder in {self._source.folder} cannot be loaded ({error}). It must be a "
                    "sentence-transformers model folder: see ASSISTANT_ENCODER in the README."
                ) from error
