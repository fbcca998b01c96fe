"""Where sentences begin and end, as exact offsets."""

import re

from assistant.types import Span

_END = re.compile(
    r"""[.!?…‼⁇⁈⁉؟۔।]+["'”’»)\]}]*(?=\s) | [。！？｡]+["'”’»」』)\]]*""",
    re.VERBOSE,
)
# fmt: off
_NEVER_END = frozenset({
    "dr", "mr", "mrs", "ms", "prof", "st", "no", "nos", "vs", "e.g", "i.e", "eg", "ie", "cf", "approx",
    "fig", "figs",
})
_ABBREVIATIONS = _NEVER_END | {
    "etc", "vol", "al", "inc", "ltd", "dept", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep",
    "sept", "oct", "nov", "dec", "max", "min", "tab", "tabs", "cap", "caps", "inj",
}
# fmt: on
_LIST_MARK = re.compile(r"[ \t]*(?:[-*+•‣◦–—]|\(?(?:\d{1,3}|[A-Za-z])[.)])[ \t]")
_ENDS_SENTENCE = re.compile(r"[.!?…:;。！？؟][\"'”’»)\]}]*\s*$")
_LONGEST_ABBREVIATION = 8
_WRAPPED_LINE = 50
"""A line at least this long that ends in no punctuation was wrapped by an editor, not by its author."""


def sentence_spans(text: str, start: int, end: int) -> list[Span]:
    """The sentences of `text[start:end]`: in order, blank ends trimmed, every non-blank character in one."""
    spans: list[Span] = []
    for line_start, line_end in _unwrapped_lines(text, start, end):
        begin = line_start
        for match in _END.finditer(text, line_start, line_end):
            if _is_end(text, match, line_start, line_end):
                _append_trimmed(spans, text, begin, match.end())
                begin = match.end()
        _append_trimmed(spans, text, begin, line_end)
    return spans


def trimmed(text: str, start: int, end: int) -> Span:
    """`text[start:end]` without the blank characters at its ends."""
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))


def _append_trimmed(spans: list[Span], text: str, start: int, end: int) -> None:
    if text[start:end].strip():
        spans.append(trimmed(text, start, end))


def _unwrapped_lines(text: str, start: int, end: int) -> list[Span]:
    """Lines, those that an editor wrapped in mid-sentence joined again."""
    lines: list[Span] = []
    position, before = start, ""
    for line in text[start:end].splitlines(keepends=True):
        line_end = position + len(line)
        if lines and _continues(before, line):
            lines[-1] = Span(lines[-1].start, line_end)
        else:
            lines.append(Span(position, line_end))
        position, before = line_end, line
    return lines


def _continues(before: str, line: str) -> bool:
    if not line.strip() or not before.strip() or _LIST_MARK.match(line) or _ENDS_SENTENCE.search(before):
        return False
    return line.lstrip()[0].islower() or len(before.rstrip()) >= _WRAPPED_LINE


def _is_end(text: str, match: re.Match[str], line_start: int, line_end: int) -> bool:
    follows = text[match.end() : line_end].lstrip()
    if not follows:
        return True
    if not match.group().endswith("."):
        return not follows[0].islower()
    word = _word_before(text, line_start, match.start())
    if word.casefold() in _NEVER_END or _is_list_mark(text, line_start, match.start()):
        return False
    starts_anew = not (follows[0].islower() or follows[0] in ",;:")
    if word.casefold() in _ABBREVIATIONS:
        return starts_anew and not follows[0].isdigit()
    is_initial = len(word) == 1 and word.isupper() and word != "I"
    return starts_anew and not is_initial


def _word_before(text: str, line_start: int, position: int) -> str:
    """The word that ends at `position`, inner stops kept: `e.g`."""
    before = text[max(line_start, position - _LONGEST_ABBREVIATION) : position]
    words = before.split()
    return words[-1].lstrip("([{\"'“‘") if words and not before[-1].isspace() else ""


def _is_list_mark(text: str, line_start: int, position: int) -> bool:
    before = text[line_start:position].strip()
    return len(before) <= 3 and before.isdigit()
