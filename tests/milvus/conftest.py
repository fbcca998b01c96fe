"""A small index that the Milvus server of the run searches, under names of its own in each test."""

import itertools
from pathlib import Path

import pytest

from assistant.answering import Assistant
from assistant.building import BuildReport, build_index
from assistant.content import Sizes
from assistant.corpus import read_corpus
from assistant.index import PassageIndex
from assistant.milvus_settings import MilvusAddress
from assistant.settings import Settings
from tests.conftest import ARTICLE, write_corpus
from tests.fakes import WordEncoder
from tests.milvus.lite_server import Client, LiteServer

_NUMBER = itertools.count()


@pytest.fixture
def address(milvus: LiteServer) -> MilvusAddress:
    return MilvusAddress(milvus.address.uri, prefix=f"test{next(_NUMBER)}")


@pytest.fixture
def client(address: MilvusAddress) -> Client:
    """Another tool that uses the same server."""
    return Client(address)


@pytest.fixture
def settings(address: MilvusAddress, corpus_dir: Path, tmp_path: Path) -> Settings:
    return Settings(
        corpus_dir=corpus_dir,
        index_dir=tmp_path / "index",
        store="milvus",
        milvus_uri=address.uri,
        milvus_prefix=address.prefix,
    )


class Builder:
    """Builds the article with so many words more."""

    def __init__(self, settings: Settings, encoder: WordEncoder) -> None:
        self.settings, self.encoder = settings, encoder

    def build(self, edition: int = 0, sizes: Sizes | None = None) -> BuildReport:
        corpus = read_corpus(write_corpus(self.settings.corpus_dir, {"little": edition_text(edition)}))
        where, store = self.settings.index_dir, self.settings.searched_by
        return build_index(corpus, self.encoder, where, store=store, force=True, sizes=sizes)

    def open(self) -> Assistant:
        index = PassageIndex.open(self.settings.index_dir, self.settings.searched_by)
        return Assistant(index, self.encoder)

    def local(self) -> Assistant:
        """The same index, searched without the server."""
        return Assistant(PassageIndex.open(self.settings.index_dir), self.encoder)


def edition_text(edition: int) -> str:
    return ARTICLE + "".join(f"\n\nPart {number}\n\nMore of panic, {number}.\n" for number in range(edition))


@pytest.fixture
def builder(settings: Settings, word_encoder: WordEncoder) -> Builder:
    return Builder(settings, word_encoder)
