"""Bytes to text. Nothing is guessed: a wrong guess would change the article's words."""

import codecs

from assistant.ingest.refusals import refused

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)


def decode(raw: bytes, declared: str = "") -> str:
    """The text by its byte order mark, else as declared, else as UTF-8; line ends as `\\n`.

    Raises `DocumentRefusedError` if it is not that.
    """
    encoding = next((name for mark, name in _MARKS if raw.startswith(mark)), declared or "utf-8")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        where = f"byte {error.start} is not {encoding}"
        raise refused("undecodable", f"{where}; save it as UTF-8, or say --encoding") from error
    except LookupError as error:
        raise refused("undecodable", f"there is no encoding named {encoding!r}") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")
