"""TLS and token: whom we trust, who lets us in, and settings that would give either away."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import PublishError, SettingsError
from assistant.settings import ROOT, Settings, read_settings
from assistant.stores.milvus_server import server_at
from tests.milvus.conftest import Builder

TOKEN = "reader:of many words"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`own.pem` for the name milvus.test with its `own.key`, and `other.pem` that signed nothing."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("own", "other"):
        make = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=milvus.test",
        ]
        make += ["-addext", "subjectAltName=DNS:milvus.test", "-keyout", f"{name}.key", "-out", f"{name}.pem"]
        subprocess.run(make, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def uri(certificates: Path) -> Iterator[str]:
    given = [str(certificates / name) for name in ("data", "own.pem", "own.key")]
    command = [sys.executable, "-m", "tests.milvus.guarded_server", *given, TOKEN]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert server.stdout is not None
        yield f"https://127.0.0.1:{int(server.stdout.readline())}"
    finally:
        server.kill()
        server.communicate()


@pytest.fixture
def guarded(builder: Builder, uri: str, certificates: Path) -> Iterator[Builder]:
    """With everything that the server asks for."""
    builder.settings = Settings(
        corpus_dir=builder.settings.corpus_dir,
        index_dir=builder.settings.index_dir,
        store="milvus",
        milvus_uri=uri,
        milvus_token=TOKEN,
        milvus_ca_file=certificates / "own.pem",
        milvus_server_name="milvus.test",
    )
    yield builder
    server_at(builder.settings.milvus).close()


def test_whoever_has_certificate_and_token_searches(guarded: Builder) -> None:
    guarded.build()
    assert guarded.open().ask("is it for panic") == guarded.local().ask("is it for panic")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"milvus_token": "reader:wrong"}, "says: auth check failure. Correct that"),
        ({"milvus_token": None}, "says: auth check failure. Correct that"),
        ({"milvus_server_name": ""}, "cannot be reached"),
        ({"milvus_server_name": "other.test"}, "cannot be reached"),
        ({"milvus_ca_file": None}, "cannot be reached"),
        ({"milvus_ca_file": "other.pem"}, "cannot be reached"),
    ],
)
def test_nobody_else_does(guarded: Builder, certificates: Path, changed: dict, words: str) -> None:
    if changed.get("milvus_ca_file"):
        changed = {"milvus_ca_file": certificates / changed["milvus_ca_file"]}
    guarded.settings = Settings(**{**vars(guarded.settings), **changed})
    with pytest.raises(PublishError, match=words) as refusal:
        guarded.build()
    assert "of many words" not in str(refusal.value)


HERE = {"store": "milvus", "milvus_uri": "http://127.0.0.1:19530"}
AWAY = {"store": "milvus", "milvus_uri": "https://milvus.example.org:19530"}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"store": "flat"},
        HERE,
        {**HERE, "milvus_uri": "http://localhost:19530", "milvus_token": "a:b"},
        {**HERE, "milvus_uri": "http://milvus:19530/articles"},
        {**AWAY, "milvus_token": "a:b", "milvus_server_name": "milvus"},
        {**AWAY, "milvus_prefix": "clinic_7", "milvus_index": "HNSW"},
    ],
)
def test_settings_that_go_together(given: dict) -> None:
    settings = read_settings(**given)
    assert isinstance(settings.searched_by, str) == (given.get("store") != "milvus")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"store": "milvus"},
            r"ASSISTANT_STORE=milvus needs ASSISTANT_MILVUS_URI, such as http://127\.0\.0\.1",
        ),
        ({"milvus_uri": "http://127.0.0.1:19530"}, "are for ASSISTANT_STORE=milvus only"),
        ({"store": "faiss", "milvus_token": "a:b"}, "are for ASSISTANT_STORE=milvus only"),
        (
            {**AWAY, "milvus_uri": "http://milvus.example.org", "milvus_token": "a:b"},
            "TOKEN would cross the network",
        ),
        ({**HERE, "milvus_server_name": "milvus"}, "need an ASSISTANT_MILVUS_URI that begins with https://"),
        (
            {**HERE, "milvus_ca_file": "pyproject.toml"},
            "need an ASSISTANT_MILVUS_URI that begins with https://",
        ),
        (
            {**AWAY, "milvus_ca_file": "nowhere.pem"},
            "ASSISTANT_MILVUS_CA_FILE: .*there is no file nowhere.pem",
        ),
        (
            {**AWAY, "milvus_uri": "https://a:b@milvus"},
            "ASSISTANT_MILVUS_URI: .* belong into ASSISTANT_MILVUS_TOKEN",
        ),
        ({**AWAY, "milvus_uri": "articles.db"}, "ASSISTANT_MILVUS_URI: .*must be like http://127"),
        ({**AWAY, "milvus_uri": "http://milvus.db"}, "neither a file ending in .db nor a global cluster"),
        (
            {**AWAY, "milvus_uri": "https://a.global-cluster.b"},
            "neither a file ending in .db nor a global cluster",
        ),
        ({**AWAY, "milvus_uri": "unix:/tmp/milvus"}, "ASSISTANT_MILVUS_URI: .*must be like http://127"),
        ({**AWAY, "milvus_prefix": "a-b"}, "ASSISTANT_MILVUS_PREFIX: "),
        ({**AWAY, "milvus_index": "ANY"}, "ASSISTANT_MILVUS_INDEX: .*'FLAT' or 'HNSW'"),
    ],
)
def test_settings_that_do_not_are_refused(given: dict, words: str) -> None:
    with pytest.raises(SettingsError, match=words) as refusal:
        read_settings(**given)
    assert "Correct them and start again." in str(refusal.value)
    assert "a:b" not in str(refusal.value)


def test_a_token_is_not_shown() -> None:
    settings = Settings(**AWAY, milvus_token="a:secret")
    assert "a:secret" not in f"{settings!r} {settings.milvus!r} {settings.searched_by!r}"
