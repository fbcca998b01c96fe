"""Makes the exported copy of an encoder: transformer, pooling and length 1 as one ONNX graph, proven equal."""

import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.encoder.copies import (
    EIGHT_BITS,
    GRAPH,
    TOKENIZER,
    Copy,
    folder_of,
    hashes_of,
    is_copy,
    read_copy,
    record_copy,
)
from assistant.encoder.eight_bits import write_graph_in_eight_bits
from assistant.encoder.exported import PROBE, ExportedEncoder
from assistant.encoder.models import Model
from assistant.encoder.proving import least_cosine, least_cosine_in_eight_bits
from assistant.encoder.reference import SentenceTransformerEncoder
from assistant.encoder.tracing import optimise, trace, transformers_of
from assistant.errors import BuildBusyError, EncoderError
from assistant.storage.files import TEMPORARY, sync
from assistant.storage.locking import lock

_BUSY = "Another export is running in {folder}: {who}."
_TRACED = "small.onnx"
_TOPICS = Path(__file__).parent.parent / "data" / "topics.jsonl"
_EVERY = 40
_log = logging.getLogger(__name__)


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
        if is_copy(folder):
            ExportedEncoder(folder).verify()
        return is_copy(folder)
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
        exact = ExportedEncoder(temporary, exact=True)
        _record(reference, temporary, least_cosine(reference, exact))
        prove_eight_bits(exact)
        with _writing(folder.parent):
            for path in (*temporary.iterdir(), temporary):
                sync(path)
            shutil.rmtree(folder, ignore_errors=True)
            temporary.rename(folder)
            sync(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def prove_eight_bits(exact: ExportedEncoder) -> None:
    """Records the proof of the graph in eight bits, or leaves it out where it has none. Raises `OSError`."""
    folder, copy = exact.folder, read_copy(exact.folder)
    if EIGHT_BITS not in copy.files:
        return
    try:
        [probe] = exact.encode_queries([PROBE]).tolist()
        record_copy(folder, replace(copy, probe=probe))
        cosine = least_cosine_in_eight_bits(exact, ExportedEncoder(folder))
        record_copy(folder, replace(copy, probe=probe, least_cosine_in_eight_bits=cosine))
    except Exception as error:  # noqa: BLE001 - see `_do_without`
        _do_without(folder, exact.name, error)
        record_copy(folder, replace(copy, files=hashes_of(folder)))


def _record(reference: SentenceTransformerEncoder, folder: Path, cosine: float) -> None:
    copy = Copy(
        reference.name, reference.revision, reference.dim, reference.max_tokens, cosine, hashes_of(folder)
    )
    record_copy(folder, copy)


def _write(reference: SentenceTransformerEncoder, folder: Path) -> None:
    try:
        trace(reference, folder / _TRACED)
        optimise(folder / _TRACED, folder / GRAPH)
        tokenizer = reference.module.tokenizer.backend_tokenizer
        settings = tokenizer.truncation, tokenizer.padding
        tokenizer.no_truncation()
        tokenizer.no_padding()
        tokenizer.save(str(folder / TOKENIZER), pretty=False)
        _restore(tokenizer, *settings)
        _write_eight_bits(reference, folder)
    except EncoderError:
        raise
    except Exception as error:
        raise EncoderError(f"The encoder {reference.name} cannot be exported ({_reason(error)}).") from error
    finally:
        for left in folder.glob(f"{_TRACED}*"):
            left.unlink()


def _write_eight_bits(reference: SentenceTransformerEncoder, folder: Path) -> None:
    try:
        examples = map(reference.token_ids, example_questions())
        [config] = [module.config for module in transformers_of(reference.module)]
        shape = config.num_attention_heads, config.hidden_size
        write_graph_in_eight_bits(folder / _TRACED, folder / EIGHT_BITS, *shape, examples)
    except Exception as error:  # noqa: BLE001 - see `_do_without`
        _do_without(folder, reference.name, error)


def _do_without(folder: Path, name: str, error: Exception) -> None:
    """Eight bits are only faster: whatever is wrong with their graph, the copy is good without."""
    _log.info("%s: texts stay in 32 bits (%s).", name, _reason(error))
    (folder / EIGHT_BITS).unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def example_questions() -> list[str]:
    """A few hundred questions of every topic, always the same."""
    rows = [json.loads(line) for line in _TOPICS.read_text(encoding="utf-8").splitlines()]
    return [question for row in rows for question in row["questions"]][::_EVERY]


def _restore(tokenizer: Any, truncation: dict[str, Any] | None, padding: dict[str, Any] | None) -> None:
    if truncation:
        tokenizer.enable_truncation(**truncation)
    if padding:
        tokenizer.enable_padding(**padding)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EncoderError(
            f"The exported encoder could not be written to {folder}: {error.strerror or error}. "
            "Set ASSISTANT_ENCODER_CACHE to a folder that can be written."
        ) from error
