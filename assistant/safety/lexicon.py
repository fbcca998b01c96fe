"""Groups of words and phrases, found in one pass over a text."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

from assistant.safety.normalise import Words
from assistant.safety.text import Text

NUMBER = "#"
_GROUP = re.compile(r"<([a-z_]+)>")
_WORDS_KEPT = 4096

Expand = Callable[[str], list[str]]
Node = dict[str, Any] | list[int]
"""A place in the tree of phrases: per word that goes on the next node, and under `_HERE` the numbers of the groups with
a phrase that ends here; where none goes on, those alone. Plain data, as it is read from a file."""
_HERE = ""


class Lexicon:
    """Groups of words and phrases, found in one pass over a text."""

    def __init__(self, groups: Mapping[str, Iterable[str]], expand: Expand = lambda word: [word]) -> None:
        """`groups` maps a name to words and phrases; `<name>` in one stands for each of that group's.

        Raises `ValueError` for a group that does not exist or contains itself.
        """
        self._groups = {name: tuple(entries) for name, entries in groups.items()}
        self._expand = expand
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []
        self._root: dict[str, Any] = {}
        self._beginnings: set[str] = set()
        self._endings: set[str] = set()
        self._words: set[str] = set()
        self._expanded: dict[str, list[str]] = {}
        self._holders: dict[str, list[str]] = {}
        self._is_whole = False
        self._forget()
        for name in self._groups:
            self._add(name)

    @classmethod
    def unpacked(cls, packed: Mapping[str, Any]) -> "Lexicon":
        """The lexicon that was `packed`. No group can be added."""
        lexicon = cls({})
        lexicon._is_whole = True
        lexicon._names = packed["names"]
        lexicon._groups = dict.fromkeys(lexicon._names, ())
        lexicon._holders = packed["holders"]
        lexicon._root = packed["tree"]
        for own, name in (("_words", "words"), ("_beginnings", "beginnings"), ("_endings", "endings")):
            setattr(lexicon, own, set(packed[name]))
        return lexicon

    def packed(self) -> dict[str, Any]:
        """All that reading needs, as plain data."""
        return {
            "names": self._names,
            "holders": dict(sorted(self._holders.items())),
            "tree": _compact(self._root),
            "words": sorted(self._words),
            "beginnings": sorted(self._beginnings),
            "endings": sorted(self._endings),
        }

    def group(self, alternatives: str) -> str:
        """The group for `a|b_c|<group>` in a pattern, added if it is new."""
        if named := _GROUP.fullmatch(alternatives):
            if named[1] not in self._groups:
                raise _unusable(named[1])
            return named[1]
        # Marked, so that the word `way` is not taken for the group <way>.
        name = f"={alternatives}"
        if name not in self._groups:
            if self._is_whole:
                raise _unusable(name)
            self._groups[name] = tuple(
                part if _GROUP.fullmatch(part) else part.replace("_", " ") for part in alternatives.split("|")
            )
            self._add(name)
            self._forget()
        return name

    def knows(self, word: str) -> bool:
        """Whether any phrase has this word."""
        return word in self._words or any(True for _ in self._wildcards(word))

    def read(self, text: Words) -> Text:
        """Where every group's phrases are in the text; no phrase runs across a sentence."""
        found = self._found(text)
        return Text.of(text, tuple((length, mask, self._groups_of(node)) for length, node, mask in found))

    def _found(self, text: Words) -> Iterable[tuple[int, Node, int]]:
        """Every phrase in the text: its length in words, its node, and a mask of where it begins."""
        keys = [self._keys(word) for word in text.words]
        found: dict[int, tuple[int, Node, int]] = {}
        for start in range(len(keys)):
            going_on, end = [self._root], start
            while going_on and end < len(keys) and not (end > start and text.sentences >> end & 1):
                nodes = [node[key] for node in going_on for key in keys[end] if key in node]
                going_on = [node for node in nodes if isinstance(node, dict)]
                end += 1
                for node in nodes:
                    if isinstance(node, list) or _HERE in node:
                        mask = found[id(node)][2] if id(node) in found else 0
                        found[id(node)] = (end - start, node, mask | 1 << start)
        return found.values()

    def _groups_of(self, node: Node) -> frozenset[str]:
        """The groups with a phrase that ends here, and those that hold these."""
        known = self._closed.get(id(node))
        if known is None:
            numbers = node if isinstance(node, list) else node[_HERE]
            names = [self._names[number] for number in numbers]
            held = (holder for name in names for holder in self._holders.get(name, ()))
            known = self._closed[id(node)] = frozenset([*names, *held])
        return known

    def _forget(self) -> None:
        """Nothing that was found out of the groups before is kept."""
        self._closed: dict[int, frozenset[str]] = {}
        self._keys = lru_cache(_WORDS_KEPT)(self._keys_of)

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
        self._numbers[name] = len(self._names)
        self._names.append(name)
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
                node = node.get(word) or node.setdefault(word, {})
        here, number = node.setdefault(_HERE, []), self._numbers[name]
        if number not in here:
            here.append(number)

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

    def _keys_of(self, word: str) -> Sequence[str]:
        keys = (word, *self._wildcards(word))
        return (*keys, NUMBER) if word[0].isdigit() else keys

    def _wildcards(self, word: str) -> Iterable[str]:
        for cut in range(2, len(word) + 1):
            if word[:cut] in self._beginnings:
                yield f"{word[:cut]}*"
            if word[-cut:] in self._endings:
                yield f"*{word[-cut:]}"


def _compact(node: dict[str, Any]) -> Node:
    if node.keys() == {_HERE}:
        here: list[int] = node[_HERE]
        return here
    return {word: after if word == _HERE else _compact(after) for word, after in node.items()}


def _unusable(name: str) -> ValueError:
    return ValueError(f"group <{name}> does not exist or contains itself")
