"""What a person might want to decide about a new article: its subjects, and stretches never to be shown."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.ingest.hyphens import known_word
from assistant.language.drug_names import DRUG
from assistant.language.entities import Entity, find_entities

_MOST_SUBJECTS = 4
_LEAST_MENTIONS = 3
_MOST_LOOKED_AT = 200_000
_GLUED = re.compile(r"(?<![^\W\d_])([A-Z]?[a-z]{2,}|[A-Z]{2,}(?=[A-Z][a-z]))([A-Z][a-z]{2,})(?![^\W\d_])")
_LONGEST_CAPTION = 150
_BOILERPLATE = re.compile(
    r"(©|\(c\) ?\d{4}|copyright\b|all rights reserved|share (this|on)|follow us|sign up (for|to)|subscribe|"
    r"read (more|next|also)\b|related (articles?|posts?|content)|advertisement|sponsored|click here|"
    r"print this page|accept (all )?cookies|(we|this (web)?site) uses? cookies|"
    r"was this (page|article) helpful|back to top|skip to (main )?content)",
    re.IGNORECASE,
)
_LONGEST_BOILERPLATE = 200


@dataclass(frozen=True, slots=True)
class SkipProposal:
    """A stretch of the text that seems to be no part of the article, and why."""

    text: str
    why: str


def subjects_of(title: str, text: str) -> tuple[str, ...]:
    """The medicines an article seems to be about, by the names it uses: those its title names, else the one
    it names most.

    Empty if it names none often enough.
    """
    drugs = [found for found in find_entities(text[:_MOST_LOOKED_AT]) if found.kind == DRUG]
    about = {found.canonical for found in find_entities(title) if found.kind == DRUG} or _named_most(drugs)
    names = sorted(about) + [found.name for found in drugs if found.canonical in about]
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(name.casefold(), name)
    return tuple(first.values())[:_MOST_SUBJECTS]


def _named_most(drugs: Sequence[Entity]) -> set[str]:
    ranked = Counter(found.canonical for found in drugs).most_common(2)
    if not ranked or ranked[0][1] < _LEAST_MENTIONS:
        return set()
    if len(ranked) > 1 and ranked[1][1] * 2 > ranked[0][1]:
        return set()
    return {ranked[0][0]}


def skips_of(text: str) -> list[SkipProposal]:
    """Captions glued to a sentence, and boilerplate; each occurs once in the text."""
    found = [*_glued(text), *_boilerplate(text)]
    return [proposal for proposal in found if text.count(proposal.text) == 1]


def _glued(text: str) -> Iterator[SkipProposal]:
    """`… Uses, and MoreClonazepam, a widely …`: two words without a blank, the first part short."""
    for start, paragraph in _paragraphs(text):
        for match in _GLUED.finditer(paragraph):
            end = match.end(1)
            parts = known_word(match[1]) and known_word(match[2])
            if parts and end <= _LONGEST_CAPTION and not known_word(match[0]) and "." not in paragraph[:end]:
                yield SkipProposal(text[start : start + end], "looks like a caption glued to a sentence")
                break


def _boilerplate(text: str) -> Iterator[SkipProposal]:
    for _, paragraph in _paragraphs(text):
        if len(paragraph) <= _LONGEST_BOILERPLATE and _BOILERPLATE.match(paragraph.lstrip("-*•#> ")):
            yield SkipProposal(paragraph, "looks like boilerplate")


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    for match in re.finditer(r"\S[^\n]*(?:\n[^\n]+)*", text):
        yield match.start(), match[0].rstrip()
