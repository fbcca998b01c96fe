"""What several test files need: a small corpus on disk, its index, and the real engine."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answering import Assistant
from assistant.building import build_index
from assistant.corpus import Corpus, read_corpus
from assistant.encoder import export, find_model, open_encoder
from assistant.index import PassageIndex
from assistant.settings import ROOT
from tests.fakes import WordEncoder
from tests.milvus.lite_server import LiteServer

WORDS = ["fits", "panic", "sleepy", "dose", "stop"]
ARTICLE = """Little article

Uses

It is given for fits. It is given for panic too. Nobody knows quite why it helps with either of them, and \
the people who looked into it for many years say so themselves in every paper that they have written \
about it since, which is a comfort to some and a worry to others who would rather know such things.

Effects

It makes some people sleepy. Your doctor will set the dose and will look at it again after the first few \
weeks, and then twice a year for as long as you take it, which may be for a long time, and you can \
always ask to be seen sooner than that if something worries you about it or if you do not feel well.
"""


def write_corpus(folder: Path, articles: dict[str, str], **facts: object) -> Path:
    """A corpus folder with these texts by id, the first line of each its title."""
    (folder / "articles").mkdir(parents=True, exist_ok=True)
    tables = []
    for doc_id, text in articles.items():
        raw = text.encode()
        (folder / "articles" / f"{doc_id}.txt").write_bytes(raw)
        entry = {
            "id": doc_id,
            "file": f"{doc_id}.txt",
            "title": text.splitlines()[0].lstrip("\ufeff") if text.strip() else "Title",
            "subjects": ["little"],
            "sha256": hashlib.sha256(raw).hexdigest(),
            **facts,
        }
        lines = [f"{key} = {json.dumps(value)}" for key, value in entry.items()]
        tables.append("\n".join(["[[article]]", *lines]))
    (folder / "sources.toml").write_text("\n\n".join(tables), encoding="utf-8")
    return folder


@pytest.fixture
def corpus_dir(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus", {"little": ARTICLE})


@pytest.fixture
def little_corpus(corpus_dir: Path) -> Corpus:
    return read_corpus(corpus_dir)


@pytest.fixture
def word_encoder() -> WordEncoder:
    return WordEncoder(WORDS)


@pytest.fixture
def index_dir(tmp_path: Path, little_corpus: Corpus, word_encoder: WordEncoder) -> Path:
    build_index(little_corpus, word_encoder, tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def little_assistant(index_dir: Path, word_encoder: WordEncoder) -> Assistant:
    return Assistant(PassageIndex.open(index_dir), word_encoder)


@pytest.fixture(scope="session", autouse=True)
def encoder_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Exported encoders of this run alone: none is there until something exports one."""
    cache = tmp_path_factory.mktemp("encoders")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSISTANT_ENCODER_CACHE", str(cache))
        yield cache


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiteServer]:
    """A server for the whole run; whoever kills it or makes it hang starts it again."""
    server = LiteServer(tmp_path_factory.mktemp("milvus"))
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def exported(encoder_cache: Path) -> Path:
    """The folder of the bundled encoder's copy, exported once."""
    return export(find_model("tuned"), encoder_cache)


@pytest.fixture(scope="session")
def real_index_dir(tmp_path_factory: pytest.TempPathFactory, exported: Path) -> Path:
    """The first article's index, built once with the bundled encoder's copy."""
    folder = tmp_path_factory.mktemp("real") / "index"
    build_index(read_corpus(ROOT / "corpus"), open_encoder(), folder)
    return folder


@pytest.fixture(scope="session")
def real_assistant(real_index_dir: Path) -> Assistant:
    return Assistant.open(real_index_dir)
