"""Patterns over words, matched with bit masks: bit i stands for word i, so time is linear in the words.

A pattern is words in order:

    word  word*  *word     itself, any word that begins so, any word that ends so
    a|b_c|<group>          any one of these; `_` joins the words of a phrase
    [the|a]                may be there or not
    #                      a number
    ..  ...                up to 3, up to 8 other words of the same sentence, none of them a negation
    ~                      any words of the same sentence
    >>                     anything, across sentences too
    ^  $                   the beginning, the end of a sentence
    &                      both sides, anywhere and in any order
    !                      and not, in the same sentence, what follows
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from assistant.safety.normalise import Words

NEGATION, NOT_A_NEGATION = "negation", "not_a_negation"
NUMBER = "#"
_GAPS = {"..": 3, "...": 8}
_NEGATION_REACH = 3
_GROUP = re.compile(r"<([a-z_]+)>")
_OPTIONAL = re.compile(r"\[([^\[\]]+)\]")
_ALTERNATIVES = re.compile(r"[^\[\]$^&~>|][^\[\]$^&~]*")

Expand = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class Text:
    """Words with, per group, where its phrases begin: `{phrase length: mask}`. `names` are the groups found."""

    count: int
    starts: int
    clauses: int
    places: Mapping[str, Mapping[int, int]]
    negations: int
    names: frozenset[str]

    def negated(self) -> int:
        """Words with a negation among the three before them in the same clause."""
        reached = step = self.negations
        for _ in range(_NEGATION_REACH):
            step = (step << 1) & ~self.clauses
            reached |= step
        return reached & ~self.negations

    def sentences_of(self, marks: int) -> int:
        """All words of the sentences in which a marked word lies."""
        found, begin = 0, 0
        for end in range(1, self.count + 1):
            if end == self.count or self.starts >> end & 1:
                sentence = (1 << end) - (1 << begin)
                found |= sentence if marks & sentence else 0
                begin = end
        return found


class _Node:
    """A place in the tree of phrases: the groups with a phrase that ends here, and the words that go on."""

    __slots__ = ("after", "groups")

    def __init__(self) -> None:
        self.groups: list[str] = []
        self.after: dict[str, _Node] = {}


class Lexicon:
    """Groups of words and phrases, found in one pass over a text."""

    def __init__(self, groups: Mapping[str, Iterable[str]], expand: Expand = lambda word: [word]) -> None:
        """`groups` maps a name to words and phrases; `<name>` in one stands for each of that group's.

        Raises `ValueError` for a group that does not exist or contains itself.
        """
        self._groups = {name: tuple(entries) for name, entries in groups.items()}
        self._expand = expand
        self._root = _Node()
        self._beginnings: set[str] = set()
        self._endings: set[str] = set()
        self._words: set[str] = set()
        self._expanded: dict[str, list[str]] = {}
        self._holders: dict[str, list[str]] = {}
        self._named: dict[str, str] = {}
        for name in self._groups:
            self._add(name)

    def group(self, alternatives: str) -> str:
        """The group for `a|b_c|<group>` in a pattern, added if it is new."""
        known = self._named.get(alternatives)
        if known is None:
            known = self._named[alternatives] = self._group(alternatives)
        return known

    def _group(self, alternatives: str) -> str:
        if named := _GROUP.fullmatch(alternatives):
            if named[1] not in self._groups:
                raise _unusable(named[1])
            return named[1]
        # Marked, so that the word `way` is not taken for the group <way>.
        name = f"={alternatives}"
        if name not in self._groups:
            self._groups[name] = tuple(
                part if _GROUP.fullmatch(part) else part.replace("_", " ") for part in alternatives.split("|")
            )
            self._add(name)
        return name

    def knows(self, word: str) -> bool:
        """Whether any phrase has this word."""
        return word in self._words or any(True for _ in self._wildcards(word))

    def read(self, text: Words) -> Text:
        """Where every group's phrases are in the text; no phrase runs across a sentence."""
        places: dict[str, dict[int, int]] = {}
        for length, node, mask in self._found(text):
            _mark(places, node.groups, length, mask)
        held = [(holders, places[name]) for name in places if (holders := self._holders.get(name))]
        for holders, lengths in [(holders, dict(lengths)) for holders, lengths in held]:
            for length, mask in lengths.items():
                _mark(places, holders, length, mask)
        count = len(text.words)
        negations = places.get(NEGATION, {}).get(1, 0) & ~_covered(places.get(NOT_A_NEGATION, {}))
        return Text(
            count,
            text.sentences | 1 << count,
            text.clauses | 1 << count,
            places,
            negations,
            frozenset(places),
        )

    def _found(self, text: Words) -> Iterable[tuple[int, _Node, int]]:
        """Every phrase in the text: its length in words, its node, and a mask of where it begins."""
        known = {word: self._keys(word) for word in set(text.words)}
        keys = [known[word] for word in text.words]
        found: dict[int, tuple[int, _Node, int]] = {}
        for start in range(len(keys)):
            nodes, end = [self._root], start
            while nodes and end < len(keys) and not (end > start and text.sentences >> end & 1):
                nodes = [node.after[key] for node in nodes for key in keys[end] if key in node.after]
                end += 1
                for node in nodes:
                    if node.groups:
                        mask = found[id(node)][2] if id(node) in found else 0
                        found[id(node)] = (end - start, node, mask | 1 << start)
        return found.values()

    def _members(self, name: str, within: tuple[str, ...] = ()) -> set[str]:
        """The groups that stand as entries of this one, or of one of those."""
        if name not in self._groups or name in within:
            raise _unusable(name)
        inner = {
            found[1]
            for entry in self._groups[name]
            if entry[:1] == "<" and (found := _GROUP.fullmatch(entry))
        }
        if not inner:
            return inner
        return inner.union(*(self._members(group, (*within, name)) for group in inner))

    def _phrases(self, entry: str) -> Iterable[str]:
        """The phrases an entry stands for, each `<name>` in it replaced by each of that group's."""
        if "<" not in entry:
            return (entry,)
        choices: list[list[str]] = []
        for word in entry.split():
            named = _GROUP.fullmatch(word)
            entries = self._groups[named[1]] if named else ()
            choices.append(
                [phrase for inner in entries for phrase in self._phrases(inner)] if named else [word]
            )
        return map(" ".join, product(*choices))

    def _add(self, name: str) -> None:
        for group in self._members(name):
            self._holders.setdefault(group, []).append(name)
        for entry in self._groups[name]:
            if "<" not in entry:
                self._add_phrase(entry, name)
            elif not _GROUP.fullmatch(entry):
                for phrase in self._phrases(entry):
                    self._add_phrase(phrase, name)

    def _add_phrase(self, phrase: str, name: str) -> None:
        node, expanded = self._root, self._expanded
        for typed in phrase.split():
            for word in expanded.get(typed) or self._word(typed):
                following = node.after
                node = following.get(word) or following.setdefault(word, _Node())
        if name not in node.groups:
            node.groups.append(name)

    def _word(self, typed: str) -> list[str]:
        if typed == NUMBER:
            return [typed]
        if typed.endswith("*"):
            self._beginnings.add(typed[:-1])
            return [typed]
        if typed.startswith("*"):
            self._endings.add(typed[1:])
            return [typed]
        if typed not in self._expanded:
            self._expanded[typed] = self._expand(typed)
            self._words.update(self._expanded[typed])
        return self._expanded[typed]

    def _keys(self, word: str) -> list[str]:
        keys = [word, *self._wildcards(word)]
        return [*keys, NUMBER] if word[0].isdigit() else keys

    def _wildcards(self, word: str) -> Iterable[str]:
        for cut in range(2, len(word) + 1):
            if word[:cut] in self._beginnings:
                yield f"{word[:cut]}*"
            if word[-cut:] in self._endings:
                yield f"*{word[-cut:]}"


def _unusable(name: str) -> ValueError:
    return ValueError(f"group <{name}> does not exist or contains itself")


@dataclass(frozen=True, slots=True)
class _Step:
    kind: str
    group: str = ""
    reach: int = 0


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern; see the top of this file for how one is written."""

    source: str
    parts: tuple[tuple[_Step, ...], ...]
    excluded: tuple[tuple[_Step, ...], ...]
    needed: frozenset[str]

    @classmethod
    def compile(cls, source: str, lexicon: Lexicon) -> "Pattern":
        """Raises `ValueError` for a pattern that names an unknown group or has nothing to find."""
        wanted, *excluded = source.split(" ! ")
        parts = _parts(wanted.split(" & "), lexicon)
        needed = frozenset(step.group for part in parts for step in part if step.kind == "word")
        return cls(source, parts, _parts(excluded, lexicon), needed)

    def ends(self, text: Text, allowed: int = -1) -> int:
        """A mask of the last words of its matches that begin at an `allowed` word; 0 if there is none.

        With `&`, the matches of the first part, if the others match anywhere.
        """
        if not self.needed <= text.names:
            return 0
        found = _follow(self.parts[0], text, allowed) >> 1
        if not found or not all(_follow(part, text, -1) for part in self.parts[1:]):
            return 0
        for steps in self.excluded:
            if unwanted := _follow(steps, text, -1) >> 1:
                found &= ~text.sentences_of(unwanted)
        return found


def _parts(sources: list[str], lexicon: Lexicon) -> tuple[tuple[_Step, ...], ...]:
    parts = tuple(tuple(_steps(source.split(), lexicon)) for source in sources)
    if not all(any(step.kind == "word" for step in part) for part in parts):
        raise ValueError(f"nothing to find in {sources}")
    return parts


def _steps(elements: list[str], lexicon: Lexicon) -> Iterable[_Step]:
    glued = False
    for element in elements:
        if element in ("^", "$", ">>", "~"):
            yield _Step(element)
            glued = element == "~"
        elif optional := _OPTIONAL.fullmatch(element):
            yield _Step("maybe", lexicon.group(optional[1]), int(glued))
        else:
            if glued:
                yield _Step("within")
            glued = True
            if element in _GAPS:
                yield _Step("gap", reach=_GAPS[element])
            elif _ALTERNATIVES.fullmatch(element):
                yield _Step("word", lexicon.group(element))
            else:
                raise ValueError(f"not an element of a pattern: {element!r}")


def _follow(steps: tuple[_Step, ...], text: Text, allowed: int) -> int:
    """Where a match of `steps` can have ended: bit i means just before word i."""
    every = (1 << text.count) - 1
    at = every & allowed
    for step in steps:
        if step.kind == "word":
            at = _after(at, text, step.group)
        elif step.kind == "within":
            at &= ~text.starts
        elif step.kind == "gap":
            at = _skip(at, text, step.reach)
        elif step.kind == "maybe":
            at |= _after(at & ~text.starts if step.reach else at, text, step.group)
        elif step.kind == "~":
            at = _to_sentence_end(at, text)
        elif step.kind == ">>":
            at = every & ~((at & -at) - 1) if at else 0
        else:
            at &= text.starts if step.kind in "^$" else 0
        if not at:
            return 0
    return at


def _after(at: int, text: Text, group: str) -> int:
    found = 0
    for length, mask in text.places.get(group, {}).items():
        found |= (at & mask) << length
    return found


def _skip(at: int, text: Text, reach: int) -> int:
    passable = ~text.negations
    step = at
    for _ in range(reach):
        step = ((step & passable) << 1) & ~text.starts
        at |= step
    return at


def _to_sentence_end(at: int, text: Text) -> int:
    at &= ~text.starts
    enterable, shift = ~text.starts & ((1 << text.count) - 1), 1
    while shift <= text.count:
        at |= enterable & (at << shift)
        enterable &= enterable << shift
        shift *= 2
    return at


def _mark(places: dict[str, dict[int, int]], names: Iterable[str], length: int, mask: int) -> None:
    for name in names:
        lengths = places.get(name)
        if lengths is None:
            places[name] = {length: mask}
        else:
            lengths[length] = lengths.get(length, 0) | mask


def _covered(lengths: Mapping[int, int]) -> int:
    covered = 0
    for length, mask in lengths.items():
        for offset in range(length):
            covered |= mask << offset
    return covered
