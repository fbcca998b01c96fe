"""The examples topics are fitted to, and variations of them: another drug's name, a slip, a greeting."""

import hashlib
import json
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from assistant.topics.recogniser import MEDICINE, NONE, TOPICS_FILE

SETS = Path(__file__).parent / "sets" / "topics"

_STANDS_FOR_NAME = {
    True: re.compile(
        r"\b(this (medicine|medication|drug|tablet|pill|med|stuff|one)|these (tablets|pills|meds)"
        r"|my (tablets|pills)|the (tablets|pills|medicine|drug)|these|them|this|it)\b",
        re.IGNORECASE,
    ),
    False: re.compile(r"\b((this|the) (condition|disease|illness|disorder)|this|it)\b", re.IGNORECASE),
}
_LONG_WORD = 5
_OFF_TOPIC_WEIGHT = 3.0


@dataclass(frozen=True, slots=True)
class Example:
    """`kind` is the list it comes from: questions, more, mended, not, statements, label or none.

    `more` was written before the model's mistakes were read, `mended` after: only cross-validation
    without `mended` is honest. `variation` says how the text was changed, empty if it was not.
    """

    text: str
    topic: str
    kind: str
    weight: float = 1.0
    variation: str = ""


def read_examples(domain: str, path: Path = TOPICS_FILE) -> list[Example]:
    """The examples of a domain's topics and of no topic, each text once a topic, in a fixed order."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    topics = {row["id"] for row in rows if row["domain"] == domain}
    examples = [example for row in rows for example in _of(row) if example.topic in topics]
    examples += [
        Example(text, NONE, NONE, _OFF_TOPIC_WEIGHT) for text, _ in read_questions(SETS / "none.jsonl")
    ]
    return list({(each.text.lower(), each.topic): each for each in reversed(examples)}.values())[::-1]


def read_questions(path: Path) -> list[tuple[str, str]]:
    """Text and topic of every line of a file of {"q", "topic"}."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(row["q"], row["topic"]) for row in rows]


def _of(row: Mapping[str, object]) -> Iterable[Example]:
    topic = str(row["id"])
    for kind in ("questions", "more", "mended"):
        yield from (Example(text, topic, kind) for text in _texts(row.get(kind, [])))
    yield from (Example(text, topic, "statements", 0.5) for text in _texts(row["statements"]))
    yield from (Example(str(row[part]), topic, "label", 0.5) for part in ("sentence", "label"))
    lookalikes: Sequence[Mapping[str, str]] = row.get("not", [])  # type: ignore[assignment]
    yield from (Example(each["q"], each["topic"], "not") for each in lookalikes)


def _texts(value: object) -> list[str]:
    assert isinstance(value, list)
    return [str(text) for text in value]


def named(example: Example, domain: str, number: int) -> Example:
    """The example about a drug or condition by name; `number` picks another name."""
    chance = _chance(example.text, domain, number)
    name = chance.choice(variations()[domain])
    name = name.lower() if chance.random() < 0.5 else name
    places = list(_STANDS_FOR_NAME[domain == MEDICINE].finditer(example.text))
    if places:
        place = chance.choice(places)
        text = example.text[: place.start()] + name + example.text[place.end() :]
    else:
        bare = example.text.rstrip("?.! ")
        joint = "on" if domain == MEDICINE else "with"
        text = chance.choice(
            [f"{name} {bare}", f"{bare} {name}", f"{name}: {bare}", f"{bare} {joint} {name}"]
        )
    return replace(example, text=text, weight=0.6 * example.weight, variation=f"named {number}")


def chatty(example: Example) -> Example:
    """The example with a greeting before it and a slip of the finger in one long word."""
    chance = _chance(example.text, "chatty", 0)
    text = chance.choice(variations()["openings"]) + _slip(example.text, chance)
    return replace(example, text=text, weight=0.6 * example.weight, variation="chatty")


def _slip(text: str, chance: random.Random) -> str:
    words = text.split()
    long = [place for place, word in enumerate(words) if len(word) >= _LONG_WORD]
    if not long:
        return text
    place = chance.choice(long)
    word, at = words[place], chance.randrange(1, len(words[place]) - 1)
    dropped = word[:at] + word[at + 1 :]
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    doubled = word[:at] + word[at] + word[at:]
    words[place] = chance.choice([dropped, swapped, doubled])
    return " ".join(words)


@lru_cache(maxsize=1)
def variations() -> dict[str, list[str]]:
    """Names of medicines and of conditions, and the ways a chatty question opens."""
    loaded: dict[str, list[str]] = json.loads((SETS / "variations.json").read_text(encoding="utf-8"))
    return loaded


def _chance(*seed: object) -> random.Random:
    return random.Random(hashlib.sha256("|".join(map(str, seed)).encode()).hexdigest())
