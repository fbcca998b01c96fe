"""The served chat over HTTP while indexes come, go and break: the real command, encoder and page."""

from pathlib import Path

import pytest

from assistant.encoder import Encoder, open_encoder
from assistant.storage.files import write_atomically
from assistant.storage.opening import CURRENT, open_current
from tools.endurance.served import QUESTION, Visitor, await_health, publish, publish_under_visitors, served


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return open_encoder()


def spoil_current(index_dir: Path) -> None:
    path = open_current(index_dir)[0] / "vectors.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def test_no_visitor_notices_a_swap(tmp_path: Path) -> None:
    result = publish_under_visitors(tmp_path, 3, 6.0, visitors=2)
    assert (result["errors"], result["last one serves"]) == ([], True)
    assert result["looks at /healthz"].keys() == {"ok"}  # type: ignore[attr-defined]
    assert int(str(result["editions seen"])) > 1


def test_the_last_good_generation_takes_over_and_healthz_says_so(tmp_path: Path, encoder: Encoder) -> None:
    """An index spoilt on the disk and articles that cannot be built from; then an index spoilt under the server."""
    first = publish(tmp_path, 1, encoder)
    publish(tmp_path, 2, encoder)
    spoil_current(tmp_path / "index")
    (tmp_path / "corpus/articles/one-2.txt").write_text("Not the text that was accepted.")
    with served(tmp_path) as client:
        assert client.get("/healthz").json() == {"status": "last good index", "build_id": first}
        visitor = Visitor(client)
        assert "edition1 " in visitor.ask(QUESTION)

        third = publish(tmp_path, 3, encoder)
        assert await_health(client, {"status": "ok", "build_id": third})
        assert "edition3 " in visitor.ask(QUESTION)

        elsewhere = tmp_path / "elsewhere"
        fourth = publish(elsewhere, 4, encoder)
        spoil_current(elsewhere / "index")
        (elsewhere / "index" / fourth).rename(tmp_path / "index" / fourth)
        write_atomically(tmp_path / "index" / CURRENT, f"{fourth}\n".encode())
        assert await_health(client, {"status": "last good index", "build_id": third})
        assert "edition3 " in visitor.ask(QUESTION)

        assert publish(tmp_path, 4, encoder) == fourth
        assert await_health(client, {"status": "ok", "build_id": fourth})
        assert "edition4 " in visitor.ask(QUESTION)
