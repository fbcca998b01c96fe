"""The API keeps its own description, for whatever the description allows and for much that it does not."""

from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.python.asgi import HOST

from assistant.answering import Assistant
from assistant.building import build_index
from assistant.corpus import read_corpus
from assistant.index import PassageIndex
from assistant.serving import OK, LiveAssistant
from assistant.settings import Settings
from assistant.web.application import build_application
from tests.conftest import ARTICLE, WORDS, write_corpus
from tests.fakes import WordEncoder


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory):
    folder: Path = tmp_path_factory.mktemp("described")
    corpus_dir, encoder = write_corpus(folder / "corpus", {"little": ARTICLE}), WordEncoder(WORDS)
    build_index(read_corpus(corpus_dir), encoder, folder / "index")
    own = Settings(corpus_dir=corpus_dir, index_dir=folder / "index", trusted_hosts=[HOST])
    live = LiveAssistant(
        Assistant(PassageIndex.open(own.index_dir), encoder), encoder, own, OK, lambda message: None
    )
    app = build_application(live, own, live.health, live).app
    return schemathesis.openapi.from_asgi("/api/openapi.json", app)


POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [
        ("POST", "/api/ask", POSITIVE),
        ("POST", "/api/ask", NEGATIVE),
        ("GET", "/api/passages/{passage_id}", POSITIVE),
        ("GET", "/api/passages/{passage_id}", NEGATIVE),
        ("GET", "/healthz", POSITIVE),
        ("GET", "/readyz", POSITIVE),
    ],
)
def test_every_reply_is_as_described(description, method: str, path: str, mode: GenerationMode) -> None:
    operation = description[path][method]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def validate(case: schemathesis.Case) -> None:
        case.call_and_validate()

    validate()
