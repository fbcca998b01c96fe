"""One frozen `Settings`, read from `ASSISTANT_*` environment variables once."""

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent
BASE_ENCODER, TUNED_ENCODER = "base", "tuned"


class Settings(BaseSettings):
    """Where things lie and how they run.

    Every field can be set by an environment variable: `ASSISTANT_PORT=8080` sets `port`.
    """

    model_config = SettingsConfigDict(env_prefix="ASSISTANT_", frozen=True, extra="forbid")

    corpus_dir: Path = Field(ROOT / "corpus", description="Folder with sources.toml and articles/.")
    index_dir: Path = Field(ROOT / "index", description="Folder the index generations are published in.")
    encoder: str = Field(
        TUNED_ENCODER,
        min_length=1,
        description="base: the bundled all-MiniLM-L6-v2; tuned: the same with our adapter; or the path "
        "or cached name of another sentence-transformers model.",
    )
    top_k: int = Field(3, ge=1, le=20, description="Most passages shown in a reply.")
    host: str = Field("127.0.0.1", description="Address the web chat listens on.")
    port: int = Field(7860, ge=1, le=65535, description="Port the web chat listens on.")
    region: str = Field(
        "neutral",
        description="Whose emergency, crisis and poison numbers are shown: US, GB, EU, AU, CA or IN; "
        "anything else names no numbers.",
    )
    feedback: bool = Field(
        False, description="Whether visitors may say of a reply if it helped; what they say is stored."
    )
    feedback_file: Path = Field(ROOT / "feedback.jsonl", description="Where that is stored.")


def read_settings(**overrides: object) -> Settings:
    """The settings from the environment, `overrides` first.

    Raises `SettingsError` naming the setting and what is wrong with it.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = "; ".join(
            f"ASSISTANT_{'_'.join(str(part) for part in item['loc']).upper()}: {item['msg']}"
            for item in error.errors()
        )
        raise SettingsError(f"Settings cannot be used: {problems}. Correct them and start again.") from error
