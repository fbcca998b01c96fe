"""Makes the exported copy of an encoder: transformer, pooling and length 1 as one ONNX graph, proven equal."""

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.encoder.copies import (
    GRAPH,
    TOKENIZER,
    WEIGHTS,
    Copy,
    folder_of,
    hashes_of,
    is_copy,
    record_copy,
)
from assistant.encoder.exported import ExportedEncoder
from assistant.encoder.models import Model
from assistant.encoder.proving import least_cosine
from assistant.encoder.reference import SentenceTransformerEncoder
from assistant.errors import BuildBusyError, EncoderError
from assistant.storage.files import TEMPORARY, sync
from assistant.storage.locking import lock

if TYPE_CHECKING:
    from torch import Tensor

_BUSY = "Another export is running in {folder}: {who}."
_OPSET = 17
_TRACED = "small.onnx"


def make_copy(model: Model, place: Path) -> Path:
    """The folder in `place` with the model's copy, made now unless one is there.

    Raises `EncoderError` if it cannot be made, or if its tokens or vectors are not the model's own.
    """
    folder = folder_of(model.identity, place)
    try:
        with lock(place, _BUSY, _writing):
            if not _is_whole(folder):
                _make(SentenceTransformerEncoder(model), folder)
    except BuildBusyError as error:
        raise EncoderError(str(error)) from error
    return folder


def _is_whole(folder: Path) -> bool:
    try:
        return is_copy(folder) and bool(ExportedEncoder(folder))
    except EncoderError:
        return False


def _make(reference: SentenceTransformerEncoder, folder: Path) -> None:
    temporary = folder.with_name(TEMPORARY + folder.name)
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        with _writing(folder.parent):
            temporary.mkdir()
        _write(reference, temporary)
        _record(reference, temporary, 1.0)
        _record(reference, temporary, least_cosine(reference, ExportedEncoder(temporary)))
        with _writing(folder.parent):
            for path in (*temporary.iterdir(), temporary):
                sync(path)
            shutil.rmtree(folder, ignore_errors=True)
            temporary.rename(folder)
            sync(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _record(reference: SentenceTransformerEncoder, folder: Path, cosine: float) -> None:
    copy = Copy(
        reference.name, reference.revision, reference.dim, reference.max_tokens, cosine, hashes_of(folder)
    )
    record_copy(folder, copy)


def _write(reference: SentenceTransformerEncoder, folder: Path) -> None:
    try:
        _trace(reference, folder / _TRACED)
        _optimise(folder / _TRACED, folder / GRAPH)
        tokenizer = reference.module.tokenizer.backend_tokenizer
        settings = tokenizer.truncation, tokenizer.padding
        tokenizer.no_truncation()
        tokenizer.no_padding()
        tokenizer.save(str(folder / TOKENIZER), pretty=False)
        _restore(tokenizer, *settings)
    except EncoderError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise EncoderError(f"The encoder {reference.name} cannot be exported ({reason}).") from error
    finally:
        for left in folder.glob(f"{_TRACED}*"):
            left.unlink()


def _restore(tokenizer: Any, truncation: dict[str, Any] | None, padding: dict[str, Any] | None) -> None:
    if truncation:
        tokenizer.enable_truncation(**truncation)
    if padding:
        tokenizer.enable_padding(**padding)


def _trace(reference: SentenceTransformerEncoder, path: Path) -> None:
    import torch

    model = reference.module.eval()

    class Whole(torch.nn.Module):
        """From tokens to unit vectors, every module of the model in turn."""

        def __init__(self) -> None:
            super().__init__()
            self.parts = model

        def forward(self, input_ids: "Tensor", attention_mask: "Tensor") -> "Tensor":
            features: dict[str, Any] = {"input_ids": input_ids, "attention_mask": attention_mask}
            for module in self.parts:
                features = module(features)
            return torch.nn.functional.normalize(features["sentence_embedding"], dim=1)

    tokens = torch.tensor([[1, 2, 3, 4], [1, 2, 3, 0]])
    axes = {0: "texts", 1: "tokens"}
    with torch.no_grad(), warnings.catch_warnings():
        # It warns of being the older exporter; the newer needs five times the time and two packages more.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Whole(),
            (tokens, (tokens > 0).long()),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "vectors": {0: "texts"}},
            opset_version=_OPSET,
            dynamo=False,
        )


def _optimise(traced: Path, path: Path) -> None:
    """Saves the graph as onnxruntime would make it at every start; the weights go beside it, to be mapped."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # The highest level would be for this very processor only.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 3
    options.optimized_model_filepath = str(path)
    prefix = "session.optimized_model_external_initializers"
    options.add_session_config_entry(f"{prefix}_file_name", WEIGHTS)
    options.add_session_config_entry(f"{prefix}_min_size_in_bytes", "1024")
    onnxruntime.InferenceSession(str(traced), options, providers=["CPUExecutionProvider"])


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EncoderError(
            f"The exported encoder could not be written to {folder}: {error.strerror or error}. "
            "Set ASSISTANT_ENCODER_CACHE to a folder that can be written."
        ) from error
