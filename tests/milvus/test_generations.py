"""Each index generation has its collection, whole before it serves; the alias names the current one."""

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from assistant.content import Sizes
from assistant.errors import IndexDamagedError, PublishError
from assistant.serving import CARDS_ONLY, LAST_GOOD, OK, LiveAssistant
from assistant.storage.arrays import RowFile
from assistant.storage.generations import rollback
from assistant.storage.opening import current_id
from assistant.stores import copies_for, open_store
from assistant.stores.milvus_collection import fingerprint
from assistant.stores.milvus_server import MilvusServer, server_at
from assistant.types import AnswerKind
from assistant.web.operator.staging import publish_staged, stage
from tests.conftest import write_corpus
from tests.milvus.conftest import Builder, edition_text
from tests.milvus.lite_server import Client

QUESTIONS = ["fits", "is it for panic", "does it make me sleepy", "xyzzy"]


def test_the_answers_are_those_of_the_index_without_the_server(builder: Builder) -> None:
    builder.build(5)
    served, local = builder.open(), builder.local()
    assert type(served.index.store).__name__ == "MilvusStore"
    assert [served.ask(question) for question in QUESTIONS] == [local.ask(q) for q in QUESTIONS]


def test_rows_of_a_large_index_are_read_as_they_are_asked_for(builder: Builder) -> None:
    builder.build(20, Sizes(whole_bytes=0, exact_rows=5))
    served, local = builder.open(), builder.local()
    assert isinstance(served.index.store._rows, RowFile)
    assert type(local.index.store).__name__ == "FaissNearStore"
    assert [served.ask(question) for question in QUESTIONS] == [local.ask(q) for q in QUESTIONS]
    assert not builder.build(20).built


def test_a_build_fills_a_collection_and_the_alias_names_it(builder: Builder, client: Client) -> None:
    first = builder.build()
    assert (client.collections(), client.current()) == ({first.build_id}, first.build_id)
    second = builder.build(1)
    assert (client.collections(), client.current()) == ({first.build_id, second.build_id}, second.build_id)
    assert not builder.build(1).built


def test_collections_go_with_their_generations_but_for_the_one_before(
    builder: Builder, client: Client
) -> None:
    ids = [builder.build(edition).build_id for edition in range(5)]
    assert client.collections() == {*ids[2:]}
    states = [client.do("get_load_state", build_id)["state"].name for build_id in ids[2:]]
    assert states == ["NotLoad", "Loaded", "Loaded"]
    client.do("create_collection", "of_another_program", dimension=4)
    without_our_prefix = server_at(builder.settings.milvus)
    without_our_prefix.call("create_collection", "abcdef0123", dimension=4)
    client.do("alter_alias", ids[2], f"{builder.settings.milvus_prefix}_current")
    ids.append(builder.build(5).build_id)
    assert client.collections() == {*ids[2:], "of_another_program"}
    ids.append(builder.build(6).build_id)
    assert client.collections() == {*ids[4:], "of_another_program"}
    assert without_our_prefix.call("has_collection", "abcdef0123")
    without_our_prefix.call("drop_collection", "abcdef0123")


def test_a_rollback_goes_back_there_too(builder: Builder, client: Client) -> None:
    first, second = builder.build().build_id, builder.build(1).build_id
    assert rollback(builder.settings.index_dir, "", copies_for(builder.settings.searched_by)) == first
    assert (client.current(), client.collections()) == (first, {first, second})
    assert builder.open().ask("panic").build_id == first
    assert builder.build(1).build_id == second
    assert client.current() == second


def test_a_rollback_fills_a_collection_that_is_gone(builder: Builder, client: Client) -> None:
    first, second = builder.build().build_id, builder.build(1).build_id
    client.do("drop_collection", first)
    rollback(builder.settings.index_dir, first, copies_for(builder.settings.searched_by))
    assert (client.current(), client.collections()) == (first, {first, second})
    assert builder.open().ask("panic") == builder.local().ask("panic")


def test_a_graph_finds_what_all_rows_hold_and_says_the_true_scores(builder: Builder) -> None:
    address = replace(builder.settings.milvus, index="HNSW")
    vectors, queries = (rng_rows(count, seed) for count, seed in ((3000, 1), (50, 2)))
    store = open_store(address, 16)
    store.add(vectors)
    scores, rows = store.search(queries, 10)
    exact = open_store("flat", 16)
    exact.add(vectors)
    _, best = exact.search(queries, 10)
    found = [len({*mine} & {*true}) for mine, true in zip(rows.tolist(), best.tolist(), strict=True)]
    assert sum(found) >= 0.99 * 500
    assert scores.tolist() == [
        np.einsum("ij,j->i", vectors[r], q).tolist() for r, q in zip(rows, queries, strict=True)
    ]
    assert np.all(np.diff(scores) <= 0)
    assert [part.tolist() for part in store.search(queries, 10)] == [scores.tolist(), rows.tolist()]
    assert store.search(queries[:1], 3000)[1].tolist() == exact.search(queries[:1], 3000)[1].tolist()


def test_another_kind_of_index_is_another_collection(builder: Builder) -> None:
    builder.build()
    builder.settings = builder.settings.but(milvus_index="HNSW")
    with pytest.raises(IndexDamagedError, match="or for another ASSISTANT_MILVUS_INDEX. Run:"):
        builder.open()
    builder.build()
    assert builder.open().ask("fits") == builder.local().ask("fits")


def rng_rows(count: int, seed: int) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, 16))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def half_written(client: Client, build_id: str) -> None:
    client.do("drop_collection", build_id)
    client.do("create_collection", build_id, 6, primary_field_name="row", metric_type="IP")
    client.do("insert", build_id, [{"row": 0, "vector": [1.0, 0, 0, 0, 0, 0]}])


def gone(client: Client, build_id: str) -> None:
    client.do("drop_collection", build_id)


def short_of_a_row(client: Client, build_id: str) -> None:
    client.do("delete", build_id, ids=[1])


def of_one_row_too_many(client: Client, build_id: str) -> None:
    client.do("insert", build_id, [{"row": 2, "vector": [1.0, 0, 0, 0, 0, 0]}])


def of_other_numbers(client: Client, build_id: str) -> None:
    client.do("upsert", build_id, [{"row": 1, "vector": [1.0, 0, 0, 0, 0, 0]}])


def of_other_vectors(client: Client, build_id: str) -> None:
    client.do("alter_collection_properties", build_id, {"assistant.vectors": "0" * 64})


SPOILT = [
    (gone, "is not there"),
    (half_written, "was never finished"),
    (short_of_a_row, "has 1 rows instead of 2"),
    (of_one_row_too_many, "has 3 rows instead of 2"),
    (of_other_numbers, "holds other numbers than the index"),
    (of_other_vectors, "was made from other vectors, or for another ASSISTANT_MILVUS_INDEX"),
]


@pytest.mark.parametrize(("spoil", "words"), SPOILT)
def test_a_collection_that_is_not_the_copy_is_refused_and_mended(
    builder: Builder, client: Client, spoil, words: str
) -> None:
    build_id = builder.build().build_id
    expected = builder.local().ask("fits")
    # An alias keeps a real server from dropping a collection.
    client.do("drop_alias", "current")
    spoil(client, build_id)
    with pytest.raises(IndexDamagedError) as refusal:
        builder.open()
    assert str(refusal.value) == (
        f"The collection {builder.settings.milvus_prefix}_{build_id} of Milvus at {builder.settings.milvus_uri} "
        f"{words}. Run: python -m assistant build"
    )
    assert not builder.build().built
    assert (client.collections(), client.current()) == ({build_id}, build_id)
    assert builder.open().ask("fits") == expected


def test_a_server_keeps_its_generation_until_the_next_one_is_copied(builder: Builder, client: Client) -> None:
    first = builder.build().build_id
    told: list[str] = []
    live = LiveAssistant(builder.open(), builder.encoder, builder.settings, OK, told.append)
    second = builder.build(1).build_id
    client.do("drop_alias", "current")
    client.do("drop_collection", second)
    assert not live.look()
    assert live.ask("fits").build_id == first
    assert [message.partition(" of ")[2].partition(". ")[0] for message in told] == [
        f"Milvus at {builder.settings.milvus_uri} is not there"
    ]
    builder.build(1)
    assert live.look()
    assert live.ask("fits").build_id == second


def test_a_collection_lost_while_it_serves_leaves_the_generation_before(
    builder: Builder, client: Client
) -> None:
    first = builder.build().build_id
    second = builder.build(1).build_id
    told: list[str] = []
    live = LiveAssistant(builder.open(), builder.encoder, builder.settings, OK, told.append)
    client.do("drop_alias", "current")
    client.do("drop_collection", second)
    assert live.ask("fits").build_id == first
    assert live.health() == {"status": LAST_GOOD, "build_id": first}
    assert [message.partition(". ")[2] for message in told] == [
        f"Run: python -m assistant build Until then the last good index ({first}) serves."
    ]
    assert not builder.build(1).built
    assert live.look()
    assert live.ask("fits").build_id == second


def test_without_any_collection_the_cards_are_left(builder: Builder, client: Client) -> None:
    ids = [builder.build(edition).build_id for edition in range(2)]
    live = LiveAssistant(builder.open(), builder.encoder, builder.settings, OK, lambda message: None)
    client.do("drop_alias", "current")
    for build_id in ids:
        client.do("drop_collection", build_id)
    with pytest.raises(IndexDamagedError, match="is not there"):
        live.ask("fits")
    assert live.health() == {"status": CARDS_ONLY, "build_id": ""}
    assert live.ask("I want to kill myself").kind is AnswerKind.URGENT


def test_what_the_library_has_waiting_is_copied_when_it_is_published(
    builder: Builder, client: Client
) -> None:
    first = builder.build().build_id
    write_corpus(builder.settings.corpus_dir, {"little": edition_text(1)})
    staged = stage(
        builder.settings, builder.encoder, lambda total: nullcontext(lambda count: None), force=True
    )
    assert staged is not None
    assert (client.collections(), client.current()) == ({first}, first)
    publish_staged(builder.settings, staged, builder.encoder)
    assert (client.collections(), client.current()) == ({first, staged.build_id}, staged.build_id)
    assert builder.open().ask("panic") == builder.local().ask("panic")


class _Killed(BaseException):
    """Nothing in the program catches it."""


@pytest.mark.parametrize("edition", [0, 1])
def test_wherever_a_build_dies_an_index_serves_and_the_next_build_ends_it(
    builder: Builder, client: Client, edition: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dies before each single call to the server, of a first build and of one after it; then also after it."""
    call = MilvusServer.call
    asked = 0

    def dying(self: MilvusServer, method: str, *arguments: object, **options: object) -> object:
        nonlocal asked
        asked += 1
        if asked == deadline:
            raise _Killed
        return call(self, method, *arguments, **options)

    old = builder.build().build_id if edition else ""
    deaths, deadline = 0, 0
    while deadline == deaths:
        deadline, asked = deaths + 1, 0
        with monkeypatch.context() as patch:
            patch.setattr(MilvusServer, "call", dying)
            try:
                new = builder.build(edition).build_id
            except _Killed:
                deaths += 1
        if deaths == deadline and old:
            assert builder.open().ask("panic").build_id in (old, current_id(builder.settings.index_dir))
    assert deaths > 10
    assert client.current() == new == builder.open().ask("panic").build_id
    assert builder.open().ask("panic") == builder.local().ask("panic")


def test_what_the_server_refuses_is_said_and_the_last_good_index_serves(
    builder: Builder, client: Client
) -> None:
    first = builder.build().build_id
    prefix = builder.settings.milvus_prefix
    client.do("drop_alias", "current")
    client.do("create_collection", "current", dimension=4)
    with pytest.raises(PublishError, match="could not be copied: .* says: .* The index serves all the same"):
        builder.build(1)
    second = current_id(builder.settings.index_dir)
    assert first != second == builder.open().ask("fits").build_id
    client.do("drop_collection", "current")
    builder.build(1)
    assert client.current() == second, prefix


def test_a_fingerprint_is_of_the_very_numbers() -> None:
    rows = np.eye(4, dtype=np.float32)
    others = rows.copy()
    others[3, 3] = np.nextafter(np.float32(1), np.float32(0))
    prints = {fingerprint(each) for each in (rows, others, rows[:3], rows[::-1], rows[:0], rows[:0, :3])}
    assert len(prints) == 6
    assert fingerprint(np.asfortranarray(rows)) == fingerprint(rows)
