"""Word documents, by way of HTML. Deleted text of tracked changes is left out and told, inserted text is in."""

import re
import zipfile
from io import BytesIO

from assistant.ingest.docx_unseen import without_hidden_words
from assistant.ingest.html import read_markup
from assistant.ingest.limits import MIB, MOST_UNPACKED
from assistant.ingest.refusals import refused
from assistant.ingest.types import Canonical

_MAIN = "word/document.xml"
_MOST_MEMBERS = 5_000
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Caption'] => figcaption:fresh
strike => s
"""
# The parser's own arrows and brackets at notes are in no document.
_WAY_BACK = re.compile(r' ?<a href="#(?:foot|end)note-ref-[^"]*">↑</a>')
_NOTE_MARK = re.compile(r'(<a href="#(?:foot|end)note-[^"]*" id="[^"]*">)\[(\d+)\](?=</a>)')


def read_docx(raw: bytes, encoding: str = "") -> Canonical:
    """The document's body, headings, lists and tables. Raises `DocumentRefusedError`."""
    _check_package(raw)
    import mammoth
    from mammoth.images import img_element

    images = img_element(lambda image: {})
    seen, dropped = without_hidden_words(raw)
    markup = mammoth.convert_to_html(BytesIO(seen), style_map=_STYLES, convert_image=images).value
    return read_markup(_NOTE_MARK.sub(r"\1\2", _WAY_BACK.sub("", markup)), dropped)


def _check_package(raw: bytes) -> None:
    """Looked at before anything is unpacked: names, sizes, and whether XML declares entities."""
    try:
        package = zipfile.ZipFile(BytesIO(raw))
        members = package.infolist()
        if any(member.flag_bits & 1 for member in members):
            raise refused("encrypted")
        if _MAIN not in {member.filename for member in members}:
            raise refused("wrong name", "it is a ZIP file, no Word document")
        unpacked = sum(member.file_size for member in members)
        if len(members) > _MOST_MEMBERS or unpacked > MOST_UNPACKED:
            size = f"it unpacks to {unpacked // MIB} MiB in {len(members)} files"
            raise refused("costly", f"{size}; at most {MOST_UNPACKED // MIB} MiB are read")
        for member in members:
            # Office files never declare a document type; whoever does wants entities expanded.
            if member.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in package.read(member):
                raise refused("broken", f"{member.filename} declares a document type")
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError) as error:
        raise refused("broken", str(error)) from error
