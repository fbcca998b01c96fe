"""A second look after the rules: weighed words, learnt from labelled examples.

It only ever raises an outcome, never clears one. `evaluation/learn_second_look.py` writes the weights, which
are a plain table: a feature is a word, two words next to each other or up to two words apart, or a group of the
rules.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from math import exp, sqrt
from operator import mul, or_

from assistant.safety.normalise import Words
from assistant.safety.patterns import Text
from assistant.safety.rulebook import RULES_DIR

GAP = " . "
"""In a feature, a dot stands for any word."""
_SKIPPED = (1, 2)
WEIGHTS = RULES_DIR / "second_look.tsv"
FEWEST_WORDS = 3
"""One or two words are a subject that was looked up, or plain enough for the rules."""
_LONG = 24
"""Words of a stretch that is weighed on its own; the next begins half as many further on."""


@dataclass(frozen=True, slots=True)
class SecondLook:
    """`weights[feature]` has the feature's rarity, then one number per outcome, parted by tabs: they are read when
    the feature is met, for there are many and a question has few.

    An outcome is raised from its threshold on.
    """

    outcomes: tuple[str, ...]
    thresholds: tuple[float, ...]
    bias: tuple[float, ...]
    weights: Mapping[str, str]

    def scores(self, seen: Iterable[str]) -> dict[str, float]:
        """Between 0 and 1 for each outcome, from the features of a question or a part of it, each once."""
        known = [_numbers(self.weights[name]) for name in seen if name in self.weights]
        rarities, *columns = zip(*known, strict=True) if known else ((), *((),) * len(self.bias))
        length = sqrt(sum(map(mul, rarities, rarities))) or 1.0
        return {
            name: 1 / (1 + exp(-base - sum(map(mul, rarities, column)) / length))
            for name, base, column in zip(self.outcomes, self.bias, columns, strict=True)
        }

    def raised(self, words: Words, text: Text) -> tuple[str, ...]:
        """The outcomes that the question or a part of it calls for; none of fewer than `FEWEST_WORDS`."""
        if len(words.words) < FEWEST_WORDS:
            return ()
        scored = [self.scores(part) for part in parts(words, text)]
        return tuple(
            name
            for name, least in zip(self.outcomes, self.thresholds, strict=True)
            if any(scores[name] >= least for scores in scored)
        )


def parts(words: Words, text: Text) -> Iterator[tuple[str, ...]]:
    """The features of the whole question, and of stretches of it if it is long: a plea can hide in a story."""
    count, groups = len(words.words), _groups(text)
    yield _features(words.words, groups, 0, count)
    if count > _LONG:
        for start in range(0, count - _LONG // 2, _LONG // 2):
            yield _features(words.words, groups, start, min(start + _LONG, count))


def _features(
    words: tuple[str, ...], groups: Sequence[tuple[str, int]], start: int, end: int
) -> tuple[str, ...]:
    """What is weighed of `words[start:end]`: words, two words near each other, the named groups of the rules."""
    row = ("^", *words[start:end], "$")
    pairs = (f"{first} {second}" for first, second in zip(row, row[1:], strict=False))
    apart = (
        f"{first}{' .' * skipped} {second}"
        for skipped in _SKIPPED
        for first, second in zip(row, row[1 + skipped :], strict=False)
    )
    window = (1 << end) - (1 << start)
    named = (name for name, starts in groups if starts & window)
    # In a fixed order, so that sums come out the same every time.
    return tuple(dict.fromkeys((*words[start:end], *pairs, *apart, *named)))


def _groups(text: Text) -> list[tuple[str, int]]:
    """The rules' named groups that are in the text, each with a mask of where its phrases begin."""
    return [
        (f"<{name}>", reduce(or_, places.values()))
        for name, places in text.places.items()
        if name.isidentifier()
    ]


@lru_cache(maxsize=1)
def second_look() -> SecondLook:
    """The weights that ship with the assistant."""
    lines = WEIGHTS.read_text(encoding="utf-8").splitlines()
    weights = {name: values for name, _, values in (line.partition("\t") for line in lines)}
    outcomes = tuple(weights.pop("(outcome)").split("\t"))
    threshold, bias = _numbers(weights.pop("(threshold)")), _numbers(weights.pop("(bias)"))
    return SecondLook(outcomes, threshold, bias, weights)


def _numbers(values: str) -> tuple[float, ...]:
    return tuple(map(float, values.split("\t")))
