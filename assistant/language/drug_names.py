"""The names of medicines, supplements, drug classes and other substances, loaded once from data/.

Sources and licences: data/README.md. Names in entities.tsv overrule those of the compiled list.
"""

import gzip
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from assistant.language.english import DATA, data_lines, misspellings, word_ranks
from assistant.language.phrasebook import Phrasebook
from assistant.language.shelf import Shelf, sound_cost
from assistant.language.tokens import key

DRUG, CLASS, TOPIC = "drug", "class", "topic"
_BEFORE = 2
"""A compiled line has the canonical name and how many of its names are everyday ones before its names."""
_SHORTEST_REPAIRED = 5
_TWO_SLIPS_FROM = 8
_NEARER, _CLEARLY_NEARER = 0.5, 1.0


class Name(NamedTuple):
    """What a name stands for. `shown` names both, as in `alprazolam (Xanax)`.

    `kind` is drug, class, supplement, recreational, or topic: something people ask about that is no medicine,
    such as alcohol. `everyday` names are the ones a misspelling may stand for.
    """

    canonical: str
    kind: str
    shown: str
    everyday: bool


class _Filed(Mapping[str, Name]):
    """Names of which most are made of their line only when they are looked up: of 22,000 a question needs few."""

    def __init__(self, lines: Iterable[str], own: Mapping[str, Name]) -> None:
        """`own` overrule those of the compiled `lines`."""
        self._filed: dict[str, Name | tuple[list[str], int]] = {}
        for line in lines:
            parts = line.split("\t")
            for at, name in enumerate(parts[_BEFORE:], start=_BEFORE):
                self._filed[name.removeprefix("~")] = (parts, at)
        self._filed.update(own)

    def __getitem__(self, name: str) -> Name:
        found = self._filed[name]
        if isinstance(found, Name):
            return found
        (canonical, common, *_), at = found
        written = found[0][at]
        other = name if name != written or " " in name else name.capitalize()
        return Name(canonical, DRUG, _shown(canonical, other, DRUG), at - _BEFORE < int(common))

    def __contains__(self, name: object) -> bool:
        return name in self._filed

    def __iter__(self) -> Iterator[str]:
        return iter(self._filed)

    def __len__(self) -> int:
        return len(self._filed)


@dataclass(frozen=True)
class Names:
    """`exact`: name as `tokens.key` files it -> what it stands for. `members`: class -> its medicines.

    `look_alikes`: canonical name -> those it is taken for, itself among them.
    """

    exact: Mapping[str, Name]
    members: Mapping[str, frozenset[str]]
    look_alikes: Mapping[str, frozenset[str]]

    @cached_property
    def phrasebook(self) -> Phrasebook[Name]:
        """The same names, to be found in a text."""
        return Phrasebook(self.exact)

    @cached_property
    def targets(self) -> Shelf:
        usable = (name for name, known in self.exact.items() if known.everyday and name.isalpha())
        return Shelf(name for name in usable if len(name) >= _SHORTEST_REPAIRED)

    @cached_property
    def _ordinary(self) -> Shelf:
        return Shelf(word for word in word_ranks() if word not in self.exact)

    def misspelt(self, word: str) -> str | None:
        """The one name that `word` is a known or likely misspelling of, or None.

        Never for an ordinary word or another name, nor when an ordinary word is as near, nor when a
        look-alike medicine sounds almost as near.
        """
        if len(word) < _SHORTEST_REPAIRED or not word.isalpha() or word in self.exact or word in word_ranks():
            return None
        if word in misspellings():
            return misspellings()[word] if misspellings()[word] in self.exact else None
        furthest = 1 if len(word) < _TWO_SLIPS_FROM else 2
        near = self.targets.within(word, furthest)
        costs: dict[str, float] = {}
        for name in near:
            canonical = self.exact[name].canonical
            costs[canonical] = min(sound_cost(word, name), costs.get(canonical, len(word)))
        meant = min(costs, key=costs.__getitem__, default=None)
        if meant is None or self._doubtful(word, meant, costs[meant], furthest):
            return None
        written = [name for name in near if self.exact[name].canonical == meant]
        if self._ordinary.within(word, min(near[name] for name in written)):
            return None
        return min(written, key=lambda name: (sound_cost(word, name), not self._shown(name), name))

    def _shown(self, name: str) -> bool:
        return name in self.exact[name].shown.casefold()

    def _doubtful(self, word: str, meant: str, cost: float, furthest: int) -> bool:
        """Whether another medicine is as near, or one it is taken for is nearly so."""
        look_alikes = self.look_alikes.get(meant, frozenset())
        for name in self.targets.within(word, furthest + 1):
            other = self.exact[name].canonical
            clearly = _CLEARLY_NEARER if other in look_alikes else _NEARER
            if other != meant and sound_cost(word, name) < cost + clearly:
                return True
        return False


@cache
def names() -> Names:
    """All names; the first call reads the files (about 0.1 s)."""
    members: dict[str, frozenset[str]] = {}
    own = dict(_own(members))
    return Names(_Filed(_compiled(), own), members, _look_alikes())


def _own(members: dict[str, frozenset[str]]) -> Iterator[tuple[str, Name]]:
    for line in data_lines("entities.tsv"):
        kind, canonical, aliases, *rest = line.split("\t")
        if rest:
            members[canonical] = frozenset(rest[0].split("|"))
        written = [alias for alias in aliases.split("|") if alias]
        brand = next((alias for alias in written if alias != alias.casefold()), "")
        for alias in written:
            as_is = kind != DRUG or "=" in alias or alias != alias.casefold() or _akin(alias, canonical)
            other = alias.removeprefix("=") if as_is else brand
            yield key(alias), Name(canonical, kind, _shown(canonical, other, kind), kind != TOPIC)
        yield key(canonical), Name(canonical, kind, canonical, kind != TOPIC)


def _look_alikes() -> dict[str, frozenset[str]]:
    taken_for: dict[str, frozenset[str]] = {}
    for line in data_lines("look_alikes.txt"):
        group = frozenset(line.split(","))
        taken_for.update({name: taken_for.get(name, frozenset()) | group for name in group})
    return taken_for


def _compiled() -> Iterator[str]:
    lines = gzip.decompress((DATA / "drug_names.tsv.gz").read_bytes()).decode().splitlines()
    return (line for line in lines if not line.startswith("#"))


def _shown(canonical: str, other: str, kind: str) -> str:
    """Both names, unless the other is much the same word: a salt, a plural, another language."""
    if kind in {CLASS, TOPIC} or not other or _akin(other, canonical):
        return canonical
    return f"{canonical} ({other})"


def _akin(one: str, other: str) -> bool:
    return one[:4].casefold() == other[:4].casefold()
