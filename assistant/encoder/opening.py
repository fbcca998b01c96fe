"""The encoder of the settings: an exported copy where there is one, else sentence-transformers."""

import logging
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from assistant.encoder.copies import find_copy, is_copy
from assistant.encoder.exported import ExportedEncoder
from assistant.encoder.models import Model, find_model, identity_of
from assistant.encoder.protocol import Encoder
from assistant.encoder.reference import SentenceTransformerEncoder
from assistant.errors import EncoderError
from assistant.settings import TUNED_ENCODER, Settings, read_settings

WITH_INDEX = "encoder"
"""The folder in the index folder for a copy that travels with the index."""

_NEEDED = ("torch", "sentence_transformers", "onnx", "onnxruntime")
"""To export; to run a copy onnxruntime is enough."""

_INSTEAD = "sentence-transformers is used instead, which is slower."
_log = logging.getLogger(__name__)


def open_encoder(
    name: str = TUNED_ENCODER, places: Sequence[Path] | None = None, exact: bool | None = None
) -> Encoder:
    """The encoder `base` (the bundled all-MiniLM-L6-v2), `tuned` (the same with our adapter), a folder,
    or a cached hub name. Raises `EncoderError`.

    Copies are looked for in `places`, by default those of the settings; one that cannot be used is logged.
    `exact`, by default as the settings say: texts are encoded in 32 bits. With no copy,
    sentence-transformers runs the model, in 32 bits too. The folder of a copy can itself be the name.
    """
    exact = is_exact(read_settings()) if exact is None else exact
    if is_copy(Path(name)):
        return ExportedEncoder(Path(name), exact)
    places = places_of(read_settings()) if places is None else places
    identity = identity_of(name)
    model = None if identity else find_model(name)
    if identity is None and model:
        identity = model.identity
    folder = find_copy(identity, places) if identity and find_spec("onnxruntime") else None
    if folder:
        try:
            return ExportedEncoder(folder, exact)
        except EncoderError as error:
            _log.warning("%s %s", error, _INSTEAD)
    return SentenceTransformerEncoder(model or find_model(name))


def prepare_encoder(settings: Settings) -> Encoder:
    """The encoder of the settings, whole, its copy exported first if there is none yet.

    Why a model cannot be exported is logged in one line. Raises `EncoderError`.
    """
    encoder = open_encoder(settings.encoder, places_of(settings), is_exact(settings))
    if isinstance(encoder, ExportedEncoder):
        try:
            encoder.verify()
            return encoder
        except EncoderError as error:
            _log.warning("%s", error)
    if not places_of(settings):
        return encoder
    if not all(find_spec(package) for package in _NEEDED):
        return encoder
    try:
        return ExportedEncoder(
            export(find_model(settings.encoder), settings.encoder_cache), is_exact(settings)
        )
    except EncoderError as error:
        _log.warning("%s %s", error, _INSTEAD)
        return encoder


def export(model: Model, place: Path) -> Path:
    """The folder in `place` with the model's copy, made now unless one is there.

    Raises `EncoderError` if it cannot be made, or if its tokens or vectors are not the model's own.
    """
    missing = [package for package in _NEEDED if not find_spec(package)]
    if missing:
        raise EncoderError(f"An export needs {', '.join(missing)}. Run: pip install -r requirements.txt")
    from assistant.encoder.exporting import make_copy

    return make_copy(model, place)


def is_exact(settings: Settings) -> bool:
    """Whether the settings want texts encoded in 32 bits."""
    return settings.encoder_runtime == "float32"


def places_of(settings: Settings) -> tuple[Path, ...]:
    """Where copies are looked for: with the index, then in the cache; nowhere if the settings want none."""
    if settings.encoder_runtime == "sentence-transformers":
        return ()
    return settings.index_dir / WITH_INDEX, settings.encoder_cache
