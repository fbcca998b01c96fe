"""The rules as they are written, in the `.toml` files under `assistant/safety/rules`: read, checked and compiled."""

import sys
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.safety.lexicon import Lexicon
from assistant.safety.normalise import plain
from assistant.safety.patterns import Pattern
from assistant.safety.rule import Rule, Rulebook, RuleText, shortlist_of
from assistant.safety.spelling import Spelling

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Outcome = Literal["crisis", "poisoning", "emergency", "personal_decision", "high_risk"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Rule(_Strict):
    """See `RuleText`."""

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


class _Statement(_Strict):
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
    rule: tuple[_Rule, ...] = ()
    caution: tuple[_Statement, ...] = ()
    dose_statement: _Statement | None = None


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
    texts = [RuleText(**dict(rule)) for file in files for rule in file.rule]
    if len({rule.id for rule in texts}) < len(texts):
        raise ValueError("two rules have the same id")
    rules = tuple(_compile(rule, lexicon) for rule in texts)
    cautions = {note.topic: _patterns(note.when, lexicon) for file in files for note in file.caution}
    doses = [_patterns(file.dose_statement.when, lexicon) for file in files if file.dose_statement]
    mended = [word for file in files for word in file.mended]
    real = [word for file in files for word in file.real_words]
    spelling = Spelling(lexicon.knows, mended, real, rewrites)
    book = Rulebook(rules, cautions, tuple(chain(*doses)), lexicon, spelling, emoji, {})
    examples = [one for rule in texts for one in (*rule.must_match, *rule.must_not_match)]
    return replace(book, shortlist=shortlist_of(rules, [book.read(book.words(one)) for one in examples]))


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
