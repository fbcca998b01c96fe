"""Documents made to break readers: each is refused with its reason, or read within the limits."""

import json
import os
import socket
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from assistant.errors import DocumentRefusedError
from assistant.ingest import limits
from assistant.ingest.files import files_in, read_original
from assistant.ingest.sandbox import parse
from assistant.settings import ROOT
from tests.documents import as_docx, as_html, as_pdf, as_text, docx, pdf, zipped

MANY = 200_000
NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
ENTITIES = (
    f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "lol">{LAUGHS}]><w:document {NAMESPACE}>'
    "<w:body><w:p><w:r><w:t>&l9;</w:t></w:r></w:p></w:body></w:document>"
)
PICTURE = (
    "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 "
    "/Length 1 >>\nstream\nx\nendstream"
)


def encrypted_zip() -> bytes:
    raw = bytearray(as_docx())
    # The flag that says so, in the local and in the central header of the first member.
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def encrypted_pdf() -> bytes:
    security = f"<< /Filter /Standard /V 1 /R 2 /O <{'00' * 32}> /U <{'11' * 32}> /P -4 >>"
    raw = pdf([[(72, 700, 11, "secret")]], security)
    return raw.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt 6 0 R /ID [<00><00>]")


def pdf_bomb() -> bytes:
    """A page whose content is drawn again and again by forms that call forms."""
    import zlib

    content = zlib.compress(b"BT /F1 9 Tf 1 1 Td (x) Tj ET\n" * 4_000_000, 9)
    head = f"<< /Length {len(content)} /Filter /FlateDecode >>\nstream\n"
    return pdf([[]]).replace(b"<< /Length 0 >>\nstream\n", head.encode() + content + b"\n")


def zip_bomb() -> bytes:
    return zipped({"word/document.xml": "x" * (limits.MOST_UNPACKED + 1)})


def scanned() -> bytes:
    raw = pdf([[]], PICTURE, page_more="/XObject << /X 6 0 R >>")
    return raw.replace(b"/Length 0 >>\nstream\n", b"/Length 6 >>\nstream\n/X Do\n")


def lying_zip() -> bytes:
    """A member that says it unpacks to little."""
    raw = bytearray(zipped({"word/document.xml": "x" * 90_000_000, "[Content_Types].xml": "<x/>"}))
    place = raw.index(b"PK\x01\x02") + 24
    raw[place : place + 4] = (1000).to_bytes(4, "little")
    return bytes(raw)


REFUSED = {
    "nothing": ("text", b"", "empty"),
    "blanks": ("text", b" \r\n\t\n", "empty"),
    "no words": ("text", b"--- *** ---\n", "empty"),
    "markup without words": ("html", b"<html><body><img src=x></body></html>", "empty"),
    "only a menu": ("html", b"<body><nav>Home</nav></body>", "empty"),
    "nul": ("text", b"one\x00two", "control characters"),
    "escape": ("text", b"one\x1b[31mtwo", "control characters"),
    "nul in a page": ("html", b"<p>one\x01two</p>", "control characters"),
    "override": ("text", "take \u202e05 mg".encode(), "overrides"),
    "override in a page": ("html", b"<p>take &#8238;05 mg</p>", "overrides"),
    "latin-1": ("text", "café".encode("latin-1"), "undecodable"),
    "half a character": ("markdown", "café".encode()[:-1], "undecodable"),
    "utf-16 without a mark": ("text", "words of it".encode("utf-16-le"), "control characters"),
    "odd utf-16": ("text", b"\xff\xfea\x00b", "undecodable"),
    "an encoding that is none": ("html", b"<meta charset=nonsense><p>words", "undecodable"),
    "a codec that is no encoding": ("html", b"<meta charset=zlib_codec><p>words", "undecodable"),
    "replacement characters": ("text", "\ufffd words \ufffd".encode(), "undecodable"),
    "html named txt": ("text", as_html(), "wrong name"),
    "pdf named txt": ("text", as_pdf(), "wrong name"),
    "docx named html": ("html", as_docx(), "wrong name"),
    "text named pdf": ("pdf", as_text(), "wrong name"),
    "text named docx": ("docx", as_text(), "wrong name"),
    "text named html": ("html", as_text(), "wrong name"),
    "picture named md": ("markdown", b"\x89PNG\r\n\x1a\n", "wrong name"),
    "zip named docx": ("docx", zipped({"a.txt": "words"}), "wrong name"),
    "old word file": ("docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted"),
    "zip with a password": ("docx", encrypted_zip(), "encrypted"),
    "pdf with a password": ("pdf", encrypted_pdf(), "encrypted"),
    "pdf of pictures": ("pdf", scanned(), "scanned"),
    "pdf without anything": ("pdf", pdf([[]]), "empty"),
    "half a pdf": ("pdf", b"%PDF-1.7\n" + bytes(range(256)) * 9, "broken"),
    "half a docx": ("docx", as_docx()[:-200], "broken"),
    "docx that is no xml": ("docx", zipped({"word/document.xml": "words"}), "broken"),
    "entities that grow": ("docx", zipped({"word/document.xml": ENTITIES}), "broken"),
    "zip bomb": ("docx", zip_bomb(), "costly"),
    "pdf bomb": ("pdf", pdf_bomb(), "costly"),
    "zip that lies": ("docx", lying_zip(), "broken"),
    "too many bytes": ("text", b"x" * (limits.MOST_BYTES + 1), "too large"),
    "too many characters": ("text", b"word " * (limits.MOST_CHARACTERS // 5 + 1), "too large"),
    "quotes in quotes": ("markdown", b"> " * 20_000 + b"words", "costly"),
    "lists in lists": ("markdown", b"Words.\n\n" + b"- " * 50 + b"words", "costly"),
    "nested divs": ("html", b"<div>" * MANY + b"words", "costly"),
}

READ = {
    "paragraphs": ("html", b"<p>" * MANY + b"words", "words\n"),
    "inline tags": ("html", b"<b>" * 20_000 + b"words", "words\n"),
    "open lists": ("html", b"<ul><li>" * 3_000 + b"words", None),
    "tables in tables": ("html", b"<table><tr><td>" * 2_000 + b"words", "words\n"),
    "long attribute": ("html", b"<p class='" + b"a " * MANY + b"'>words", "words\n"),
    "brackets": ("markdown", b"[" * 20_000 + b"words", None),
    "seventy quotes": ("markdown", b"> " * 70 + b"words", "words\n"),
    "thirty lists": ("markdown", b"- " * 30 + b"words", None),
    "stars": ("markdown", b"*a " * 20_000, None),
    "backticks": ("markdown", b"".join(b"e" + b"`" * n for n in range(1_500)), None),
    "one line": ("text", b"word " * 300_000, None),
    "right to left": ("text", "الجرعة \u200fخمسة\n".encode(), "الجرعة \u200fخمسة\n"),
    "byte order mark": ("text", b"\xef\xbb\xbfwords\n", "words\n"),
    "utf-16": ("text", "wörds\n".encode("utf-16"), "wörds\n"),
    "external entity": (
        "html",
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "/etc/passwd">]><p>words &e;</p>',
        None,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_reason(name: str) -> None:
    kind, raw, reason = REFUSED[name]
    with pytest.raises(DocumentRefusedError) as told:
        parse(kind, raw)
    assert told.value.reason == reason, str(told.value)


@pytest.mark.parametrize("name", READ)
def test_read_within_the_limits(name: str) -> None:
    kind, raw, text = READ[name]
    found = parse(kind, raw)
    assert "root:" not in found.text
    assert text is None or found.text == text


class TestFolder:
    def refusal(self, path: Path, inside: Path) -> str:
        with pytest.raises(DocumentRefusedError) as told:
            read_original(path, inside)
        return told.value.reason

    def test_what_is_no_file_is_refused_and_never_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.txt")
        (tmp_path / "folder.txt").mkdir()
        with socket.socket(socket.AF_UNIX) as listener:
            os.chdir(tmp_path)
            listener.bind("socket.txt")
            found = {path.name: self.refusal(path, tmp_path) for path in sorted(tmp_path.iterdir())}
        assert found == {"folder.txt": "unreadable", "pipe.txt": "not a file", "socket.txt": "unreadable"}

    def test_a_device_is_refused(self) -> None:
        assert self.refusal(Path("/dev/zero"), Path("/dev")) == "not a file"

    def test_links_out_of_the_folder_are_refused_and_others_read(self, tmp_path: Path) -> None:
        folder = tmp_path / "folder"
        folder.mkdir()
        (tmp_path / "outside.txt").write_text("secret words")
        (folder / "inside.txt").write_text("words")
        (folder / "good.txt").symlink_to("inside.txt")
        (folder / "up.txt").symlink_to("../outside.txt")
        (folder / "absolute.txt").symlink_to("/etc/passwd")
        (folder / "nowhere.txt").symlink_to("nothing")
        (folder / "circle.txt").symlink_to("circle.txt")
        (folder / "deep").symlink_to(tmp_path)
        found = {}
        for path in files_in(folder):
            try:
                found[path.name] = read_original(path, folder).raw.decode()
            except DocumentRefusedError as error:
                found[path.name] = error.reason
        assert found == {
            "absolute.txt": "link",
            "circle.txt": "unreadable" if sys.version_info >= (3, 13) else "link",
            "deep": "link",
            "good.txt": "words",
            "inside.txt": "words",
            "nowhere.txt": "unreadable",
            "up.txt": "link",
        }

    def test_hidden_and_unknown_files_are_passed_over(self, tmp_path: Path) -> None:
        for name in (".hidden.txt", "a.jpg", "b", "c.TXT", "d.html.bak", "..f.md"):
            (tmp_path / name).write_text("words")
        (tmp_path / ".git").mkdir()
        (tmp_path / ".git" / "x.txt").write_text("words")
        assert [path.name for path in files_in(tmp_path)] == ["c.TXT"]

    def test_a_large_file_is_not_even_read(self, tmp_path: Path) -> None:
        with (tmp_path / "large.txt").open("wb") as file:
            file.truncate(1 << 40)
        assert self.refusal(tmp_path / "large.txt", tmp_path) == "too large"


ADD = """
import json, sys
from pathlib import Path
from assistant.library.adding import add
outcomes = list(add(Path(sys.argv[1]), [Path(sys.argv[2])]))
# Not getrusage: its peak counts what the process was before it became this program.
[peak] = [int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(json.dumps([peak, {each.file: each.reason or each.status for each in outcomes}]))
"""
NAMES = {"text": "txt", "markdown": "md", "html": "html", "pdf": "pdf", "docx": "docx"}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells memory by /proc")
def test_a_folder_of_them_all_leaves_the_good_ones_added_and_the_parent_small(tmp_path: Path) -> None:
    chosen = [name for name in REFUSED if REFUSED[name][2] not in ("costly",)] + ["zip bomb", "pdf bomb"]
    folder = tmp_path / "given"
    folder.mkdir()
    for name in chosen:
        kind, raw, _ = REFUSED[name]
        (folder / f"{name}.{NAMES[kind]}").write_bytes(raw)
    (folder / "good one.txt").write_bytes(b"Good words\n\nOf a good article.\n")
    (folder / "..%2f..%2fetc.md").write_bytes(b"# Other words\n\nOf another article.\n")
    command = [sys.executable, "-c", ADD, str(tmp_path / "corpus"), str(folder)]
    said = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    peak, outcomes = json.loads(said)
    expected = {f"{name}.{NAMES[REFUSED[name][0]]}": REFUSED[name][2] for name in chosen}
    assert outcomes == {**expected, "good one.txt": "added"}
    assert peak < 500
    assert sorted(path.name for path in (tmp_path / "corpus" / "articles").iterdir()) == ["good-one.txt"]


def test_modules_that_lie_among_the_documents_are_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("open('ran', 'w')")
    monkeypatch.chdir(tmp_path)
    assert parse("text", b"Words.\n").text == "Words.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["json.py"]


def test_a_member_that_is_larger_than_it_says_is_refused() -> None:
    with zipfile.ZipFile(BytesIO(lying_zip())) as package:
        assert package.infolist()[0].file_size == 1000


def test_a_document_without_a_body_is_refused() -> None:
    with pytest.raises(DocumentRefusedError, match="it yields no text"):
        parse("docx", docx(""))
