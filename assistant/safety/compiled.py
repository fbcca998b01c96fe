"""The rules compiled beforehand: a file beside the package's rules that is read in a tenth of the time.

It counts only as long as the rules are those it was made of and it is whole, see `rulebook`. `python -m
tools.compile_rules` writes it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assistant.safety.lexicon import Lexicon
from assistant.safety.patterns import Pattern
from assistant.safety.rule import Place, Rule, Rulebook, RuleText
from assistant.safety.spelling import Spelling

COMPILED = "compiled.json"
_FORM = 1
"""Another number for every change of what is compiled."""


def compiled(book: Rulebook, folder: Path) -> bytes:
    """The rules of a folder as a file: a line that names what it was made of and its own SHA-256, then all of it."""
    lexicon = book.lexicon.packed()
    numbers = {name: number for number, name in enumerate(lexicon["names"])}
    body = {
        "lexicon": lexicon,
        "spelling": book.spelling.packed(),
        "emoji": book.emoji,
        "rules": [asdict(rule.text) for rule in book.rules],
        "cautions": {topic: [each.source for each in own] for topic, own in book.cautions.items()},
        "dose_statement": [each.source for each in book.dose_statement],
        "shortlist": [
            (numbers[group], *place) for group, places in book.shortlist.items() for place in places
        ],
    }
    content = _json(body)
    head = {"sources": _sources(folder), "sha256": hashlib.sha256(content).hexdigest()}
    return _json(head) + b"\n" + content + b"\n"


def read_compiled(folder: Path) -> Rulebook | None:
    """The rules of a folder out of their compiled file; None if it is missing, altered or of other rules."""
    try:
        head, _, content = (folder / COMPILED).read_bytes().partition(b"\n")
        told = json.loads(head)
        content = content.removesuffix(b"\n")
        if told != {"sources": _sources(folder), "sha256": hashlib.sha256(content).hexdigest()}:
            return None
        return _rulebook(json.loads(content))
    except (OSError, ValueError):
        return None


def _rulebook(body: Mapping[str, Any]) -> Rulebook:
    lexicon = Lexicon.unpacked(body["lexicon"])
    names: list[str] = body["lexicon"]["names"]
    shortlist: dict[str, list[Place]] = {}
    for group, number, place in body["shortlist"]:
        shortlist.setdefault(names[group], []).append((number, place))

    def those(sources: Iterable[str]) -> tuple[Pattern, ...]:
        return tuple([Pattern(source, lexicon) for source in sources])

    def rule(written: Mapping[str, Any]) -> Rule:
        lists = {name: tuple(value) for name, value in written.items() if isinstance(value, list)}
        text = RuleText(**{**written, **lists})
        return Rule(text, those(text.when), those(text.unless), those(text.unless_anywhere))

    return Rulebook(
        tuple([rule(written) for written in body["rules"]]),
        {topic: those(own) for topic, own in body["cautions"].items()},
        those(body["dose_statement"]),
        lexicon,
        Spelling(lexicon.knows, **body["spelling"]),
        body["emoji"],
        shortlist,
    )


def _sources(folder: Path) -> str:
    """SHA-256 of the rules as they are written, and of the form they are compiled to; raises `OSError`."""
    digest = hashlib.sha256(f"{_FORM}\n".encode())
    for path in sorted(folder.glob("*.toml")):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
