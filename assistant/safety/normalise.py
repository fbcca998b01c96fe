"""A question as the rules read it: plain lower-case words, whatever was typed.

Everything is linear in the length of the text, and at most `LIMIT` characters are read.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

LIMIT = 1_000
"""Characters of a question that are read."""
MOST_WORDS = 400

_TOKEN = re.compile(
    r"(?P<number>\d+(?:[.,/]\d+)+)"
    r"|(?P<dose>\d+)(?=(?:mg|mcg|ug|g|ml|kg|lb|lbs|st|x|am|pm|hr|hrs|h|min|mins|yo|yr|yrs|y|m|mo|wk|wks|weeks?"
    r"|months?|years?|days?|hours?|tabs?|pills?|tablets?|s)(?![^\W_]))"
    r"|(?P<word>[@$]?[^\W_]+(?:[@$!*'|]+[^\W_]+)*\*?)"
    r"|(?P<newline>\n)"
    r"|(?P<stop>[.?!]+(?=[\s\"')\]]|$)|\?)"
    r"|(?P<pause>\.{2,}|[,;:()\u2013\u2014]|\s-+\s)"
)
_APOSTROPHES = str.maketrans(dict.fromkeys("‘’‛ʼʹ`´′＇", "'"))
# Letters of other scripts that look like ours and are used to slip past filters.
_LOOKALIKES = str.maketrans("аеорсухіѕјкмтнвԁɡοαıℓ", "aeopcyxisjkmthbdgoail")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text. `sentences` and `clauses` are bit masks: bit i is set where word i begins one."""

    words: tuple[str, ...]
    sentences: int
    clauses: int


def plain(text: str, emoji: Mapping[str, str], limit: int = LIMIT) -> str:
    """Lower case without accents, look-alike letters or invisible characters; emoji become words."""
    if text.isascii() and text.isprintable():
        # Thousands of words of the rules are read so before the first answer.
        return text[:limit].lower().translate(_APOSTROPHES)
    text = unicodedata.normalize("NFKC", text[:limit])[:limit].casefold().translate(_APOSTROPHES)
    text = text.translate(_LOOKALIKES).replace("\u2044", "/")
    return "".join(_readable(char, emoji) for char in unicodedata.normalize("NFD", text))


def split(text: str, most: int = MOST_WORDS) -> Words:
    """The first `most` words of plain text. A full stop inside a word is a space; three dots are a pause."""
    words: list[str] = []
    sentences = clauses = 1
    for token in _TOKEN.finditer(text):
        kind, bit = token.lastgroup, 1 << len(words)
        if len(words) == most:
            break
        if kind in {"number", "dose", "word"}:
            words.append(token[0])
        else:
            clauses |= bit
            if kind == "newline" or (kind == "stop" and not token[0].startswith("..")):
                sentences |= bit
    return Words(tuple(words), sentences, clauses)


def _readable(char: str, emoji: Mapping[str, str]) -> str:
    if char.isascii():
        return char if char.isprintable() or char == "\n" else " "
    if char in emoji:
        return f" {emoji[char]} "
    category = unicodedata.category(char)
    if category in {"Mn", "Me", "Cf"}:
        return ""
    return " " if category[0] in "SCZ" else char
