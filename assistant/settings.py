"""One frozen `Settings`, read from `ASSISTANT_*` environment variables once."""

import os
import re
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from assistant.errors import SettingsError
from assistant.milvus_settings import MilvusAddress, MilvusSettings

ROOT = Path(__file__).resolve().parent.parent
BASE_ENCODER, TUNED_ENCODER = "base", "tuned"
SHORTEST_PASSWORD = 12

Names = tuple[str, ...]
"""Written in the environment with commas between them."""


def _cache_dir() -> Path:
    """Where the XDG base directory specification puts what can be made again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "verbatim-assistant"


class Settings(MilvusSettings):
    """Where things lie and how they run.

    Every field can be set by an environment variable: `ASSISTANT_PORT=8080` sets `port`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __init__(self, **given: Any) -> None:
        """What is given goes before the environment."""
        told = {name: os.environ.get(f"ASSISTANT_{name.upper()}") for name in type(self).model_fields}
        super().__init__(**{name: value for name, value in told.items() if value is not None} | given)

    corpus_dir: Path = Field(ROOT / "corpus", description="Folder with sources.toml and articles/.")
    index_dir: Path = Field(ROOT / "index", description="Folder the index generations are published in.")
    encoder: str = Field(
        TUNED_ENCODER,
        min_length=1,
        description="base: the bundled all-MiniLM-L6-v2; tuned: the same with our adapter; or the path "
        "or cached name of another sentence-transformers model.",
    )
    encoder_runtime: Literal["auto", "float32", "sentence-transformers"] = Field(
        "auto",
        description="auto: an exported copy of the encoder is made and used, for questions in eight bits; "
        "float32: the same in 32 bits throughout; sentence-transformers: no copy is used.",
    )
    encoder_cache: Path = Field(
        default_factory=_cache_dir, description="Folder that exported copies of the encoder are kept in."
    )
    store: Literal["auto", "faiss", "flat", "milvus"] = Field(
        "auto",
        description="What searches vectors: faiss, flat (plain NumPy, for comparing), milvus (a server), or our "
        "choice of those that need no server.",
    )
    reader: bool = Field(
        True, description="Whether the best passages are read together with the question; encoder tuned only."
    )
    top_k: int = Field(3, ge=1, le=20, description="Most passages shown in a reply.")
    host: str = Field("127.0.0.1", description="Address the web chat listens on.")
    port: int = Field(7860, ge=1, le=65535, description="Port the web chat listens on.")
    region: str = Field(
        "neutral",
        description="Whose emergency, crisis and poison numbers are shown: US, GB, EU, AU, CA or IN; "
        "anything else names no numbers.",
    )
    root_path: str = Field(
        "",
        pattern=r"^(/[A-Za-z0-9._~-]+)*$",
        description="The path that a proxy serves the chat under, such as /articles.",
    )
    trusted_hosts: Names = Field(
        (),
        description="Host names, besides localhost and addresses, that the server answers to; "
        "*.example.org for all below one, * for any.",
    )
    cors_origins: Names = Field(
        (), description="Other sites whose pages may use the API, such as https://example.org."
    )
    metrics: bool = Field(False, description="Whether /metrics is open, for Prometheus.")
    library: bool = Field(False, description="Whether /library is open to whoever has its token or password.")
    library_password: SecretStr | None = Field(
        None, description="Opens /library; without it a token is printed at each start."
    )

    @field_validator("trusted_hosts", "cors_origins", mode="before")
    @classmethod
    def _parted(cls, value: object) -> object:
        return (
            [each.strip() for each in value.split(",") if each.strip()] if isinstance(value, str) else value
        )

    @field_validator("trusted_hosts")
    @classmethod
    def _refuse_odd_host(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not re.fullmatch(r"\*|(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", host):
                raise ValueError(f"{host!r} is not a host name, *.example.org, or *")
        return hosts

    @field_validator("cors_origins")
    @classmethod
    def _refuse_odd_origin(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d+)?", origin):
                raise ValueError(f"{origin!r} is not an origin such as https://example.org")
        return origins

    @field_validator("library_password")
    @classmethod
    def _refuse_short(cls, password: SecretStr | None) -> SecretStr | None:
        if password is not None and len(password.get_secret_value()) < SHORTEST_PASSWORD:
            raise ValueError(f"needs at least {SHORTEST_PASSWORD} characters")
        return password

    @model_validator(mode="after")
    def _refuse_mixture(self) -> "Settings":
        self.refuse_milvus_mixture(self.store)
        return self

    @property
    def searched_by(self) -> str | MilvusAddress:
        """The engine that searches vectors, or the server that does."""
        return self.milvus if self.store == "milvus" else self.store

    feedback: bool = Field(
        False, description="Whether visitors may say of a reply if it helped; what they say is stored."
    )
    feedback_file: Path = Field(ROOT / "feedback.jsonl", description="Where that is stored.")


def read_settings(**overrides: object) -> Settings:
    """The settings from the environment, `overrides` first.

    Raises `SettingsError` naming the setting and what is wrong with it.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        problems = "; ".join(
            ": ".join([*(f"ASSISTANT_{str(part).upper()}" for part in item["loc"][:1]), item["msg"]])
            for item in error.errors()
        )
        raise SettingsError(f"Settings cannot be used: {problems}. Correct them and start again.") from error
