"""One frozen `Settings`, read from `ASSISTANT_*` environment variables once."""

import os
from dataclasses import MISSING, Field, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from assistant.errors import SettingsError
from assistant.milvus_settings import MilvusAddress, MilvusSettings
from assistant.setting_kinds import Secret, names, one_of, path, secret, setting, text, whole, yes_or_no

ROOT = Path(__file__).resolve().parent.parent
BASE_ENCODER, TUNED_ENCODER = "base", "tuned"
SHORTEST_PASSWORD = 12

Names = tuple[str, ...]
"""Written in the environment with commas between them."""


def _cache_dir() -> Path:
    """Where the XDG base directory specification puts what can be made again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "verbatim-assistant"


@dataclass(frozen=True, init=False)
class Settings(MilvusSettings):
    """Where things lie and how they run.

    Every field can be set by an environment variable: `ASSISTANT_PORT=8080` sets `port`.
    """

    corpus_dir: Path = setting(path, ROOT / "corpus", "Folder with sources.toml and articles/.")
    index_dir: Path = setting(path, ROOT / "index", "Folder the index generations are published in.")
    encoder: str = setting(
        text(least=1),
        TUNED_ENCODER,
        "base: the bundled all-MiniLM-L6-v2; tuned: the same with our adapter; or the path "
        "or cached name of another sentence-transformers model.",
    )
    encoder_runtime: Literal["auto", "float32", "sentence-transformers"] = setting(
        one_of("auto", "float32", "sentence-transformers"),
        "auto",
        "auto: an exported copy of the encoder is made and used, in eight bits; "
        "float32: the same in 32 bits; sentence-transformers: no copy is used.",
    )
    encoder_cache: Path = setting(path, _cache_dir, "Folder that exported copies of the encoder are kept in.")
    store: Literal["auto", "faiss", "flat", "milvus"] = setting(
        one_of("auto", "faiss", "flat", "milvus"),
        "auto",
        "What searches vectors: faiss, flat (plain NumPy, for comparing), milvus (a server), or our "
        "choice of those that need no server.",
    )
    reader: bool = setting(
        yes_or_no, True, "Whether the best passages are read together with the question; encoder tuned only."
    )
    top_k: int = setting(whole(1, 20), 3, "Most passages shown in a reply.")
    host: str = setting(text(), "127.0.0.1", "Address the web chat listens on.")
    port: int = setting(whole(1, 65535), 7860, "Port the web chat listens on.")
    region: str = setting(
        text(),
        "neutral",
        "Whose emergency, crisis and poison numbers are shown: US, GB, EU, AU, CA or IN; "
        "anything else names no numbers.",
    )
    root_path: str = setting(
        text(r"(/[A-Za-z0-9._~-]+)*"),
        "",
        "The path that a proxy serves the chat under, such as /articles.",
    )
    trusted_hosts: Names = setting(
        names(r"\*|(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", otherwise="a host name, *.example.org, or *"),
        (),
        "Host names, besides localhost and addresses, that the server answers to; "
        "*.example.org for all below one, * for any.",
    )
    cors_origins: Names = setting(
        names(r"https?://[A-Za-z0-9.-]+(:\d+)?", otherwise="an origin such as https://example.org"),
        (),
        "Other sites whose pages may use the API, such as https://example.org.",
    )
    metrics: bool = setting(yes_or_no, False, "Whether /metrics is open, for Prometheus.")
    library: bool = setting(
        yes_or_no, False, "Whether /library is open to whoever has its token or password."
    )
    library_password: Secret | None = setting(
        secret(SHORTEST_PASSWORD), None, "Opens /library; without it a token is printed at each start."
    )
    feedback: bool = setting(
        yes_or_no, False, "Whether visitors may say of a reply if it helped; what they say is stored."
    )
    feedback_file: Path = setting(path, ROOT / "feedback.jsonl", "Where that is stored.")

    def __init__(self, **given: object) -> None:
        """What is given goes before the environment.

        Raises `SettingsError` naming each setting that cannot be used and what is wrong with it.
        """
        problems = []
        for each in fields(self):
            try:
                object.__setattr__(self, each.name, _value(each, given))
            except ValueError as error:
                problems.append(f"ASSISTANT_{each.name.upper()}: {error}")
        extra = given.keys() - {each.name for each in fields(self)}
        problems += [f"ASSISTANT_{name.upper()}: Extra inputs are not permitted" for name in sorted(extra)]
        try:
            if not problems:
                self.refuse_milvus_mixture(self.store)
        except ValueError as error:
            problems.append(str(error))
        if problems:
            raise SettingsError(
                f"Settings cannot be used: {'; '.join(problems)}. Correct them and start again."
            )

    def but(self, **changes: object) -> "Settings":
        """These settings with others in some places, which are not checked."""
        changed = object.__new__(type(self))
        vars(changed).update({**vars(self), **changes})
        return changed

    @property
    def searched_by(self) -> str | MilvusAddress:
        """The engine that searches vectors, or the server that does."""
        return self.milvus if self.store == "milvus" else self.store


def _value(each: "Field[Any]", given: dict[str, object]) -> object:
    read, told = each.metadata["read"], os.environ.get(f"ASSISTANT_{each.name.upper()}")
    if each.name in given:
        return read(given[each.name])
    if told is not None:
        return read(told)
    return each.default if each.default_factory is MISSING else each.default_factory()


def read_settings(**overrides: object) -> Settings:
    """The settings from the environment, `overrides` first. Raises `SettingsError`."""
    return Settings(**overrides)
