"""Settings: the environment is read, what is given goes before it, and what is wrong is named."""

import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.settings import ROOT, Settings, read_settings


def test_without_anything_said_the_defaults_hold(monkeypatch):
    for each in fields(Settings):
        monkeypatch.delenv(f"ASSISTANT_{each.name.upper()}", raising=False)
    settings = read_settings()
    assert (settings.top_k, settings.host, settings.port) == (3, "127.0.0.1", 7860)
    assert settings.corpus_dir == ROOT / "corpus"
    assert (settings.trusted_hosts, settings.library_password) == ((), None)


def test_the_environment_is_read_and_what_is_given_goes_before_it(monkeypatch):
    monkeypatch.setenv("ASSISTANT_PORT", "8080")
    monkeypatch.setenv("ASSISTANT_TOP_K", "5")
    monkeypatch.setenv("ASSISTANT_INDEX_DIR", "elsewhere")
    monkeypatch.setenv("ASSISTANT_TRUSTED_HOSTS", "a.example.org, *.example.net,")
    monkeypatch.setenv("ASSISTANT_METRICS", "1")
    settings = read_settings(top_k=2)
    assert (settings.port, settings.top_k, settings.metrics) == (8080, 2, True)
    assert settings.index_dir == Path("elsewhere")
    assert settings.trusted_hosts == ("a.example.org", "*.example.net")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "many", "ASSISTANT_PORT: Input should be a valid integer"),
        ("TOP_K", "0", "ASSISTANT_TOP_K: Input should be greater than or equal to 1"),
        ("ENCODER_RUNTIME", "fast", "ASSISTANT_ENCODER_RUNTIME: Input should be 'auto', 'float32' or"),
        ("TRUSTED_HOSTS", "no host", "'no host' is not a host name"),
        (
            "LIBRARY_PASSWORD",
            "short",
            "ASSISTANT_LIBRARY_PASSWORD: needs at least 12 characters",
        ),
    ],
)
def test_what_is_wrong_is_named(monkeypatch, name, value, words):
    monkeypatch.setenv(f"ASSISTANT_{name}", value)
    with pytest.raises(SettingsError, match=rf"Settings cannot be used: .*{words}") as error:
        read_settings()
    assert str(error.value).endswith("Correct them and start again.")


def test_nothing_else_can_be_set_and_nothing_changed():
    with pytest.raises(SettingsError, match="ASSISTANT_COLOUR: Extra inputs are not permitted"):
        read_settings(colour="red")
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'port'"):
        read_settings().port = 1


def test_to_answer_a_question_takes_no_pydantic():
    script = "import sys, assistant.cli, assistant.answering; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
