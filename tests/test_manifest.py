"""A manifest is read exactly as written or not at all, and no altered file passes it."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import IndexDamagedError, IndexStaleError
from assistant.storage.manifest import (
    FORMAT,
    MANIFEST_FILE,
    Counts,
    EncoderRecord,
    FileRecord,
    Manifest,
    is_build_id,
    read_manifest,
    record_files,
    verify_files,
    write_manifest,
)

PAYLOAD = {
    "passages.jsonl": b'{"text": "Take it twice a day."}\n',
    "vectors.npy": bytes(range(256)) * 3,
    "lexical/terms.json": b"{}",
    "lexical/notes.txt": b"",
}
EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def make_manifest(recorded: dict[str, FileRecord], **changes: Any) -> Manifest:
    facts: dict[str, Any] = {
        "build_id": "0123456789abcdef",
        "sequence": 7,
        "corpus": "ab" * 32,
        "splitter": "paragraphs-1",
        "encoder": EncoderRecord("words", "revision-1", 4, "float32"),
        "counts": Counts(1, 2, 3),
        "files": recorded,
    }
    return Manifest(**{**facts, **changes})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "generation"
    for name, content in PAYLOAD.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    write_manifest(folder, make_manifest(record_files(folder)))
    return folder


def checksummed(body: dict[str, Any]) -> bytes:
    """The bytes of a manifest whose checksum fits, whatever it says."""
    checksum = hashlib.sha256(pretty(body)).hexdigest()
    return pretty({**body, "checksum": checksum})


def pretty(body: dict[str, Any]) -> bytes:
    return (json.dumps(body, indent=1, sort_keys=True) + "\n").encode()


def body_of(folder: Path) -> dict[str, Any]:
    body = json.loads((folder / MANIFEST_FILE).read_bytes())
    del body["checksum"]
    return dict(body)


def test_files_are_recorded_with_size_and_sha256(folder: Path) -> None:
    (folder / MANIFEST_FILE).unlink()
    records = record_files(folder)
    assert {name: record.size for name, record in records.items()} == {
        name: len(content) for name, content in PAYLOAD.items()
    }
    assert records["lexical/notes.txt"] == FileRecord(0, EMPTY_SHA256)


def test_what_is_read_is_what_was_written(folder: Path) -> None:
    (folder / MANIFEST_FILE).unlink()
    manifest = make_manifest(record_files(folder))
    write_manifest(folder, manifest)
    assert read_manifest(folder) == manifest
    verify_files(folder, manifest)


def test_the_checksum_is_that_of_the_rest(folder: Path) -> None:
    assert (folder / MANIFEST_FILE).read_bytes() == checksummed(body_of(folder))


def test_a_manifest_cannot_be_changed(folder: Path) -> None:
    manifest = read_manifest(folder)
    with pytest.raises(FrozenInstanceError):
        manifest.sequence = 8  # type: ignore[misc]
    with pytest.raises(TypeError):
        manifest.files["more"] = FileRecord(0, EMPTY_SHA256)  # type: ignore[index]


RECORD = FileRecord(1, "cd" * 32)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"build_id": "0123456789ABCDEF"}, "build_id cannot be '0123456789ABCDEF'"),
        ({"build_id": "../../escape"}, "build_id cannot be"),
        ({"build_id": "01234567\n"}, "build_id cannot be"),
        ({"build_id": "0" * 65}, "build_id cannot be"),
        ({"corpus": "AB" * 32}, "corpus cannot be"),
        ({"corpus": "ab" * 31}, "corpus cannot be"),
        ({"corpus": None}, "corpus cannot be None"),
        ({"splitter": ""}, "splitter cannot be ''"),
        ({"sequence": 0}, "sequence must be a whole number from 1, not 0"),
        ({"sequence": True}, "sequence must be a whole number from 1, not True"),
        ({"format": FORMAT + 1}, f"format must be {FORMAT}"),
        ({"files": {}}, "files are needed besides manifest.json"),
        ({"files": {MANIFEST_FILE: RECORD}}, "files are needed besides manifest.json"),
        ({"files": {"../passages.jsonl": RECORD}}, "file cannot be '../passages.jsonl'"),
        ({"files": {"lexical/../../x": RECORD}}, "file cannot be"),
        ({"files": {"lexical/..": RECORD}}, "file cannot be"),
        ({"files": {"./x": RECORD}}, "file cannot be"),
        ({"files": {"/etc/passwd": RECORD}}, "file cannot be"),
        ({"files": {"lexical//x": RECORD}}, "file cannot be"),
        ({"files": {"lexical/": RECORD}}, "file cannot be"),
        ({"files": {"C:\\x": RECORD}}, "file cannot be"),
        ({"files": {"": RECORD}}, "file cannot be ''"),
        ({"files": {".hidden": RECORD}}, "file cannot be"),
        ({"files": {"x\n": RECORD}}, "file cannot be"),
        ({"files": {"x\0y": RECORD}}, "file cannot be"),
    ],
)
def test_impossible_manifests_cannot_be_made(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make_manifest({"passages.jsonl": RECORD}, **changes)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: FileRecord(-1, "cd" * 32), "size must be a whole number from 0, not -1"),
        (lambda: FileRecord(1.0, "cd" * 32), "size must be a whole number from 0, not 1.0"),  # type: ignore[arg-type]
        (lambda: FileRecord(False, "cd" * 32), "size must be a whole number from 0, not False"),
        (lambda: FileRecord(1, "CD" * 32), "sha256 cannot be"),
        (lambda: FileRecord(1, "cd" * 33), "sha256 cannot be"),
        (lambda: EncoderRecord("", "r", 4, "p"), "name cannot be ''"),
        (lambda: EncoderRecord("e", 1, 4, "p"), "revision cannot be 1"),  # type: ignore[arg-type]
        (lambda: EncoderRecord("e", "r", 0, "p"), "dim must be a whole number from 1, not 0"),
        (lambda: EncoderRecord("e", "r", 4, ""), "precision cannot be ''"),
        (lambda: Counts(1, -2, 3), "passages must be a whole number from 0, not -2"),
        (lambda: Counts(1, 2, "3"), "sentences must be a whole number from 0, not '3'"),  # type: ignore[arg-type]
    ],
)
def test_impossible_records_cannot_be_made(make: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize(
    ("name", "possible"),
    [("01234567", True), ("f" * 64, True), ("0123456", False), ("0123456g", False), ("..", False)],
)
def test_build_ids(name: str, possible: bool) -> None:
    assert is_build_id(name) is possible


def assert_refused(folder: Path, words: str | None = None) -> None:
    with pytest.raises(IndexDamagedError, match=words) as refusal:
        read_manifest(folder)
    assert str(folder / MANIFEST_FILE) in str(refusal.value)
    assert str(refusal.value).endswith("Run: python -m assistant build")


def test_every_byte_of_a_manifest_counts(folder: Path) -> None:
    path = folder / MANIFEST_FILE
    good = path.read_bytes()
    for place in range(len(good)):
        flipped = bytes([good[place] ^ 1 << place % 8])
        path.write_bytes(good[:place] + flipped + good[place + 1 :])
        with pytest.raises((IndexDamagedError, IndexStaleError), match=r"manifest\.json .*Run:"):
            read_manifest(folder)


def test_every_length_of_a_manifest_counts(folder: Path) -> None:
    path = folder / MANIFEST_FILE
    good = path.read_bytes()
    for length in range(len(good)):
        path.write_bytes(good[:length])
        assert_refused(folder)
    for more in (b"\n", b" ", b"\0", good):
        path.write_bytes(good + more)
        assert_refused(folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.update(sequence=-1),
        lambda body: body.update(sequence=7.0),
        lambda body: body.update(sequence="7"),
        lambda body: body.update(format="1"),
        lambda body: body.update(format=True),
        lambda body: body.pop("format"),
        lambda body: body.pop("corpus"),
        lambda body: body.update(more=1),
        lambda body: body.update(build_id="../../../../etc"),
        lambda body: body.update(encoder=[]),
        lambda body: body.update(counts=None),
        lambda body: body["counts"].update(pages=1),
        lambda body: body["counts"].update(documents=-1),
        lambda body: body["encoder"].pop("dim"),
        lambda body: body["encoder"].update(dim=None),
        lambda body: body.update(files=[]),
        lambda body: body.update(files={}),
        lambda body: body["files"].update({"../x": {"size": 1, "sha256": "cd" * 32}}),
        lambda body: body["files"].update({"/x": {"size": 1, "sha256": "cd" * 32}}),
        lambda body: body["files"].update({"x": {"size": -1, "sha256": "cd" * 32}}),
        lambda body: body["files"].update({"x": {"size": 1, "sha256": "CD" * 32}}),
        lambda body: body["files"].update({"x": {"size": 1}}),
        lambda body: body["files"].update({"x": None}),
    ],
)
def test_a_fitting_checksum_does_not_excuse_nonsense(
    folder: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    body = body_of(folder)
    change(body)
    (folder / MANIFEST_FILE).write_bytes(checksummed(body))
    assert_refused(folder, "is not a whole manifest")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"{}",
        b"\xff\xfe{",
        b"\xed\xa0\x80",
        b"[" * 100_000,
        b"NaN",
        b'{"format": ' + b"9" * 5000 + b"}",
        b"x" * 2_000_000,
    ],
)
def test_what_is_no_manifest_is_refused(folder: Path, content: bytes) -> None:
    (folder / MANIFEST_FILE).write_bytes(content)
    assert_refused(folder)


def test_the_same_facts_written_otherwise_are_refused(folder: Path) -> None:
    path = folder / MANIFEST_FILE
    facts = json.loads(path.read_bytes())
    for other in (
        json.dumps(facts),
        json.dumps(facts, indent=1),
        json.dumps(facts, indent=2, sort_keys=True),
    ):
        path.write_text(other)
        assert_refused(folder, "was altered: its checksum is not the one recorded")


def test_a_doubled_key_is_refused(folder: Path) -> None:
    path = folder / MANIFEST_FILE
    path.write_bytes(path.read_bytes().replace(b"{", b'{\n "format": 1,', 1))
    assert_refused(folder, "was altered")


@pytest.mark.parametrize("number", [0, FORMAT + 1, 999])
def test_another_format_is_stale_not_damaged(folder: Path, number: int) -> None:
    (folder / MANIFEST_FILE).write_bytes(checksummed({**body_of(folder), "format": number}))
    with pytest.raises(
        IndexStaleError, match=r"manifest\.json was built by another version .* Run: python -m"
    ):
        read_manifest(folder)


def test_a_missing_manifest_is_refused(folder: Path) -> None:
    (folder / MANIFEST_FILE).unlink()
    assert_refused(folder, "is missing")


def test_a_manifest_must_be_a_file(folder: Path, tmp_path: Path) -> None:
    path = folder / MANIFEST_FILE
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert_refused(folder, "is not a regular file")
    path.unlink()
    path.mkdir()
    assert_refused(folder, "is not a regular file")
    path.rmdir()
    os.mkfifo(path)
    assert_refused(folder, "is not a regular file")


def turn_into_link(path: Path) -> None:
    twin = path.parent.parent / "twin"
    path.rename(twin)
    path.symlink_to(twin)


def turn_into_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def turn_into_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


ATTACKS: list[tuple[Callable[[Path], object], str]] = [
    (lambda path: path.write_bytes(path.read_bytes()[:-1]), r"has 767 bytes instead of 768"),
    (lambda path: path.write_bytes(path.read_bytes() + b"\0"), r"has 769 bytes instead of 768"),
    (lambda path: path.write_bytes(b""), r"has 0 bytes instead of 768"),
    (lambda path: path.write_bytes(bytes(768)), "was altered: its SHA-256 is not the one recorded"),
    (lambda path: path.write_bytes(b"\1" + path.read_bytes()[1:]), "was altered"),
    (lambda path: path.unlink(), "is missing"),
    (turn_into_link, "is not a regular file"),
    (turn_into_folder, "is missing"),
    (turn_into_pipe, "is not a regular file"),
    (lambda path: os.link(path, path.with_name("second-name")), "second-name does not belong to this index"),
    (lambda path: path.rename(path.with_name("Vectors.npy")), "Vectors.npy does not belong to this index"),
]


@pytest.mark.parametrize(("attack", "words"), ATTACKS)
def test_an_altered_file_is_named(folder: Path, attack: Callable[[Path], object], words: str) -> None:
    manifest = read_manifest(folder)
    attack(folder / "vectors.npy")
    with pytest.raises(IndexDamagedError, match=words) as refusal:
        verify_files(folder, manifest)
    assert str(folder) in str(refusal.value)
    assert "ectors.npy" in str(refusal.value) or "second-name" in str(refusal.value)
    assert str(refusal.value).endswith("Run: python -m assistant build")


@pytest.mark.parametrize("name", ["extra", "lexical/extra", "more/extra", ".hidden", "passages.jsonl~"])
def test_an_extra_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"")
    with pytest.raises(IndexDamagedError, match=f"{name} does not belong to this index"):
        verify_files(folder, read_manifest(folder))


def test_a_linked_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "lexical").rename(tmp_path / "lexical")
    (folder / "lexical").symlink_to(tmp_path / "lexical")
    with pytest.raises(IndexDamagedError, match="lexical is not a regular file"):
        verify_files(folder, read_manifest(folder))


def test_a_missing_generation_is_refused(folder: Path) -> None:
    manifest = read_manifest(folder)
    shutil.rmtree(folder)
    with pytest.raises(IndexDamagedError, match="generation is missing. Run: python -m assistant build"):
        verify_files(folder, manifest)


def test_sizes_are_compared_before_anything_is_read(folder: Path) -> None:
    manifest = read_manifest(folder)
    other = replace(manifest.files["vectors.npy"], size=1)
    altered = replace(manifest, files={**manifest.files, "vectors.npy": other})
    (folder / "lexical/terms.json").write_bytes(b"[]")
    with pytest.raises(IndexDamagedError, match="vectors.npy has 768 bytes instead of 1"):
        verify_files(folder, altered)


def test_links_are_not_recorded(folder: Path) -> None:
    (folder / "link").symlink_to(folder / "vectors.npy")
    with pytest.raises(IndexDamagedError, match="link is not a regular file"):
        record_files(folder)
