"""People's words for what the articles call otherwise: `hooked` for addiction, `fits` for seizures.

An expansion widens a search and is part of its explanation; it never proves an answer. The lists were written
for this project and no clinician has reviewed them. Some lay forms are offensive: they are read, never shown.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from assistant.language.english import data_lines, word_ranks
from assistant.language.phrasebook import Match, Phrasebook
from assistant.language.tokens import Token, key, tokens
from assistant.types import Span

_FILES = ("lay_terms.jsonl", "lay_terms_plain.jsonl")
AMBIGUOUS = 0.4
"""The weight of an expansion that counts only where no stronger one is found."""
_RARE = 20_000
_WORDS_KEPT = 8192


@dataclass(frozen=True, slots=True)
class Expansion:
    """`lay` is the phrase on the list that the words at `span` match; show the person's own words, not `lay`.

    `weight`: 1.0 is sure, 0.7 likely, 0.4 a guess.
    """

    lay: str
    clinical: tuple[str, ...]
    weight: float
    span: Span


class _Entry(NamedTuple):
    lay: str
    clinical: tuple[str, ...]
    weight: float


def expand(text: str, spoken: frozenset[str] = frozenset()) -> tuple[Expansion, ...]:
    """In the order of the text. The longest phrases are taken first and do not overlap.

    A phrase of weight 0.4 gives way to any stronger phrase that shares a word with it. If no phrase is as
    written, one that differs by a plural or by -ing or -ed is taken. A phrase all of whose words are `spoken`
    by the articles (in lower case) is left out: they are found as they are, and widening them did harm.
    """
    words = tokens(text)
    begun = [at for at, token in enumerate(words) if _begins_any(token.word)]
    found = [match for at in begun for match in _matches_at(text, words, at)]
    found.sort(key=lambda match: (match.value.weight <= AMBIGUOUS, -match.words, match.at))
    taken: set[int] = set()
    chosen: list[Match[_Entry]] = []
    for match in found:
        places = set(range(match.at, match.at + match.words))
        if not places & taken:
            taken |= places
            chosen.append(match)
    return tuple(
        Expansion(match.value.lay, match.value.clinical, match.value.weight, match.span)
        for match in sorted(chosen, key=lambda match: match.at)
        if not all(token.word in spoken for token in words[match.at : match.at + match.words])
    )


@cache
def lay_vocabulary() -> frozenset[str]:
    """Every word of every lay and clinical form."""
    forms = (form for _, (lay, clinical, _) in _entries() for form in (lay, *clinical))
    return frozenset(word for form in forms for word in key(form).split())


@lru_cache(_WORDS_KEPT)
def _begins_any(word: str) -> bool:
    """Whether a phrase can begin with a word: most words can begin none."""
    book = _book()
    return book.begins(word) or _bare_book().begins(word) or any(map(book.begins, bare_forms(word)))


def _matches_at(text: str, words: Sequence[Token], at: int) -> Iterator[Match[_Entry]]:
    """As written; else with endings taken off the written words; else off the listed ones. Never off both."""
    book, bare = _book(), _bare_book()
    exact = list(book.matches_at(text, words, at)) if book.begins(words[at].word) else []
    longest = exact[0].words if exact else 0
    bent = []
    if bare.begins(words[at].word):
        bent = [match for match in bare.matches_at(text, words, at) if match.words > longest]
    for spelled in _without_endings(words[at]):
        matches = book.matches_at(text, [*words[:at], spelled, *words[at + 1 :]], at)
        bent += [match for match in matches if match.words > longest and match.value.weight > AMBIGUOUS]
    yield from (*exact, *bent)


def _without_endings(token: Token) -> Iterator[Token]:
    for bare in bare_forms(token.word):
        if _book().begins(bare):
            yield Token(bare, token.span)


@lru_cache(_WORDS_KEPT)
def bare_forms(word: str) -> tuple[str, ...]:
    """What a word may be without a plural's ending, -ing or -ed: `taking` is tak or take; often nothing."""
    if not word.endswith(("s", "ing", "ed")):
        return ()
    for ending, keeps in _ENDINGS:
        if ending.search(word):
            bare = ending.sub("", word)
            undoubled = (bare[:-1],) if _DOUBLED.search(bare) else ()
            return (*(bare + kept for kept in keeps), *(undoubled if "e" in keeps else ()))
    return ()


_ENDINGS = (
    (re.compile(r"(?<=\w{2})ies$"), ("y",)),
    (re.compile(r"(?<=\w{2}[sxz])es$|(?<=\w{2}[cs]h)es$"), ("",)),
    (re.compile(r"(?<=\w{2}[^su\W])s$"), ("",)),
    (re.compile(r"(?<=\w{3})(ing|ed)$"), ("", "e")),
)
_DOUBLED = re.compile(r"([bdgmnprt])\1$")


@cache
def _entries() -> Sequence[tuple[str, _Entry]]:
    """Each with the phrase that it is filed under."""
    # As one text: to read line by line takes twice as long.
    rows = json.loads(f"[{','.join(line for name in _FILES for line in data_lines(name))}]")
    return [
        (key(lay), _Entry(lay, clinical, row["weight"]))
        for row in rows
        for clinical in [tuple(row["clinical"])]
        for lay in row["lay"]
    ]


@cache
def _book() -> Phrasebook[_Entry]:
    return Phrasebook(_merged(_entries()))


@cache
def _bare_book() -> Phrasebook[_Entry]:
    """The listed phrases with endings taken off one word; an ambiguous phrase must be as written.

    Not if that leaves a single common word: bloods are tests, but blood is blood.
    """
    bare = (
        (" ".join([*words[:at], spelled, *words[at + 1 :]]), entry)
        for phrase, entry in _entries()
        if entry.weight > AMBIGUOUS
        for words in [phrase.split()]
        for at, word in enumerate(words)
        for spelled in bare_forms(word)
    )
    common = word_ranks()
    usable = (pair for pair in bare if pair[0] not in _book() and common.get(pair[0], _RARE) >= _RARE)
    return Phrasebook(_merged(usable))


def _merged(entries: Iterable[tuple[str, _Entry]]) -> Mapping[str, _Entry]:
    """Where a phrase is on the list more than once, the surest entry; equals are joined."""
    merged: dict[str, _Entry] = {}
    for phrase, entry in entries:
        known = merged.get(phrase)
        if known is None or entry.weight > known.weight:
            merged[phrase] = entry
        elif entry.weight == known.weight:
            merged[phrase] = known._replace(clinical=tuple(dict.fromkeys((*known.clinical, *entry.clinical))))
    return merged
