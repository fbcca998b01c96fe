"""What kind of document a file is by its name, and whether its first bytes agree."""

from assistant.ingest.refusals import refused

BY_SUFFIX = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
}

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNS = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP or Office file"),
    (_OLE, "an old Office file"),
    (b"{\\rtf", "an RTF file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_PDF_SIGN_WITHIN = 1024


def check_kind(kind: str, raw: bytes) -> None:
    """Raises `DocumentRefusedError` if the bytes are plainly of another kind than the name says."""
    if not raw.strip(b"\x00\t\n\v\f\r "):
        raise refused("empty")
    found = next((name for sign, name in _SIGNS if raw.startswith(sign)), "")
    if kind == "pdf":
        if b"%PDF-" not in raw[:_PDF_SIGN_WITHIN]:
            raise refused("wrong name", f"it is {found or 'no PDF'}")
    elif kind == "docx":
        if raw.startswith(_OLE):
            raise refused("encrypted", "or it is an old .doc file: save it as .docx")
        if not raw.startswith(b"PK\x03\x04"):
            raise refused("wrong name", f"it is {found or 'no Word document'}")
    elif found:
        raise refused("wrong name", f"it is {found}")
    elif kind == "text" and _looks_like_html(raw):
        raise refused("wrong name", "it is HTML: name it .html")
    elif kind == "html" and b"<" not in raw.replace(b"\x00", b""):
        raise refused("wrong name", "it has no HTML in it")


def _looks_like_html(raw: bytes) -> bool:
    start = raw[:1000].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))
