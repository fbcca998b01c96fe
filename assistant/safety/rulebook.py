"""The rules under `assistant/safety/rules`: read, checked and compiled once, at the first question."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from operator import or_
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.once import Once
from assistant.safety.normalise import Words, plain, split
from assistant.safety.patterns import Lexicon, Pattern, Text
from assistant.safety.spelling import Spelling

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

RULES_DIR = Path(__file__).resolve().parent / "rules"
Outcome = Literal["crisis", "poisoning", "emergency", "personal_decision", "high_risk"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleText(_Strict):
    """One `[[rule]]` as written. `unless` clears the sentences it matches in, `unless_anywhere` the question.

    A rule that is not `certain` is a sign: the second look must find its outcome at least likely.
    """

    id: str = Field(pattern=r"^[a-z_]+\.[a-z_]+$")
    outcome: Outcome
    topic: str = ""
    authority: str = Field(min_length=1)
    why: str = Field(min_length=1)
    when: tuple[str, ...] = Field(min_length=1)
    unless: tuple[str, ...] = ()
    unless_anywhere: tuple[str, ...] = ()
    affirmed: bool = True
    certain: bool = True
    must_match: tuple[str, ...] = Field(min_length=1)
    must_not_match: tuple[str, ...] = Field(min_length=1)


class Statement(_Strict):
    """Patterns for what a passage states: a dose, or an article's own warning on a topic."""

    topic: str = ""
    when: tuple[str, ...] = Field(min_length=1)
    must_match: tuple[str, ...] = Field(min_length=1)
    must_not_match: tuple[str, ...] = Field(min_length=1)


class _File(_Strict):
    """One file of rules: any of its tables may be missing."""

    words: dict[str, tuple[str, ...]] = {}
    rewrites: dict[str, str] = {}
    emoji: dict[str, str] = {}
    mended: tuple[str, ...] = ()
    real_words: tuple[str, ...] = ()
    rule: tuple[RuleText, ...] = ()
    caution: tuple[Statement, ...] = ()
    dose_statement: Statement | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule."""

    text: RuleText
    when: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]
    unless_anywhere: tuple[Pattern, ...]

    def matches(self, text: Text) -> bool:
        """Whether some sentence is what the rule describes and no guard clears it."""
        allowed = ~text.negated() if self.text.affirmed else -1
        # Asked here, because hardly any pattern has its words in a text and calls add up.
        likely = [pattern for pattern in self.when if pattern.needed <= text.names]
        found = filter(None, (pattern.ends(text, allowed) for pattern in likely))
        first = next(found, 0)
        if not first or any(guard.ends(text) for guard in self.unless_anywhere):
            return False
        cleared = text.sentences_of(reduce(or_, (guard.ends(text) for guard in self.unless), 0))
        return any(ends & ~cleared for ends in chain((first,), found))

    def is_denied(self, text: Text) -> bool:
        """Whether the rule's words stand in the text, every time denied: "I do not want to die"."""
        return self.text.affirmed and not self._ends(text, ~text.negated()) and bool(self._ends(text, -1))

    def _ends(self, text: Text, allowed: int) -> int:
        ends = 0
        for pattern in self.when:
            ends |= pattern.ends(text, allowed)
        return ends


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules, and how to read a text for them."""

    rules: tuple[Rule, ...]
    cautions: Mapping[str, tuple[Pattern, ...]]
    dose_statement: tuple[Pattern, ...]
    lexicon: Lexicon
    spelling: Spelling
    emoji: Mapping[str, str]

    def plain(self, question: str) -> str:
        """A question in plain lower case, emoji as words: as the second look reads it."""
        return plain(question, self.emoji)

    def words(self, question: str) -> Words:
        """The words of a question, spelled as the rules know them."""
        return self.spelling.correct(split(self.plain(question)))

    def read(self, words: Words) -> Text:
        """Where the rules' groups are in the words."""
        return self.lexicon.read(words)

    def read_passage(self, passage: str) -> Text:
        """A passage of an article, of any length, as it is spelled there."""
        return self.lexicon.read(split(plain(passage, {}, len(passage)), len(passage)))


@Once
def rulebook() -> Rulebook:
    """The rules that ship with the assistant."""
    return load_rules(RULES_DIR)


def load_rules(folder: Path) -> Rulebook:
    """The rules in every `.toml` file of `folder`.

    Raises `ValueError` naming the file or rule that cannot be used: a broken rule must never pass unseen.
    """
    files = [_read(path) for path in sorted(folder.glob("*.toml"))]
    groups = _merged(file.words for file in files)
    emoji, rewrites = _merged(file.emoji for file in files), _merged(file.rewrites for file in files)
    contractions = {written: meant.split() for written, meant in rewrites.items()}

    def expand(word: str) -> list[str]:
        word = plain(word, emoji)
        expanded: list[str] = contractions.get(word, [word])
        return expanded

    lexicon = Lexicon(groups, expand)
    texts = [rule for file in files for rule in file.rule]
    if len({rule.id for rule in texts}) < len(texts):
        raise ValueError("two rules have the same id")
    rules = tuple(_compile(rule, lexicon) for rule in texts)
    cautions = {note.topic: _patterns(note.when, lexicon) for file in files for note in file.caution}
    doses = [_patterns(file.dose_statement.when, lexicon) for file in files if file.dose_statement]
    mended = [word for file in files for word in file.mended]
    real = [word for file in files for word in file.real_words]
    return Rulebook(
        rules, cautions, tuple(chain(*doses)), lexicon, Spelling(lexicon.knows, mended, real, rewrites), emoji
    )


def _read(path: Path) -> _File:
    try:
        return _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ValueError(f"{path.name}: {error}") from error


def _merged(tables: Any) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for table in tables:
        if again := merged.keys() & table.keys():
            raise ValueError(f"defined twice: {', '.join(sorted(again))}")
        merged |= table
    return merged


def _compile(rule: RuleText, lexicon: Lexicon) -> Rule:
    try:
        patterns = [_patterns(sources, lexicon) for sources in (rule.when, rule.unless, rule.unless_anywhere)]
    except ValueError as error:
        raise ValueError(f"{rule.id}: {error}") from error
    return Rule(rule, *patterns)


def _patterns(sources: tuple[str, ...], lexicon: Lexicon) -> tuple[Pattern, ...]:
    return tuple(Pattern.compile(source, lexicon) for source in sources)
