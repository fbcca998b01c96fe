"""The library of a small corpus, and an operator who uses it."""

from pathlib import Path

import pytest

from assistant.answering import Assistant
from assistant.index import PassageIndex
from assistant.serving import OK, LiveAssistant
from assistant.settings import Settings
from tests.fakes import WordEncoder
from tests.web.operating import Operator


@pytest.fixture
def settings(index_dir: Path, corpus_dir: Path) -> Settings:
    return Settings(index_dir=index_dir, corpus_dir=corpus_dir, library=True)


@pytest.fixture
def live(settings: Settings, word_encoder: WordEncoder) -> LiveAssistant:
    assistant = Assistant(PassageIndex.open(settings.index_dir), word_encoder)
    return LiveAssistant(assistant, word_encoder, settings, OK, lambda message: None)


@pytest.fixture
def operator(live: LiveAssistant, settings: Settings) -> Operator:
    return Operator(live, settings)
