"""A second look beside the rules: a small trained model weighs what a question calls for.

It never overrules a rule that is certain. It raises an outcome that no rule saw, from a high score on; and where a rule
that is only a sign matched, it has the last word, from a low score on. If it cannot be read, every rule counts alone.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.once import Once
from assistant.safety.scoring import FOLDER, MODEL, OUTCOMES, TOKENIZER, Scorer
from assistant.storage.checksums import verify_listed

log = logging.getLogger(__name__)

THRESHOLDS = "thresholds.json"


@dataclass(frozen=True, slots=True)
class Opinion:
    """The outcomes that the second look raises alone, and those it raises where a rule saw a sign of them."""

    alone: frozenset[str]
    with_a_sign: frozenset[str]


RULES_ALONE = Opinion(frozenset(), frozenset(OUTCOMES))
"""The opinion of no second look."""


class SecondLook:
    """The model and its thresholds: scores from 0 to 1, by outcome."""

    def __init__(self, scorer: Scorer, alone: Mapping[str, float], with_a_sign: Mapping[str, float]) -> None:
        self._scorer = scorer
        self.alone, self.with_a_sign = alone, with_a_sign

    def opinion(self, text: str) -> Opinion:
        """What a plain text calls for."""
        scores = dict(zip(OUTCOMES, self._scorer.scores(text), strict=True))
        return Opinion(_from(scores, self.alone), _from(scores, self.with_a_sign))


def opinion(text: str) -> Opinion:
    """What the shipped model finds in a plain text; `RULES_ALONE` if it cannot be read."""
    look = second_look()
    return look.opinion(text) if look else RULES_ALONE


@Once
def second_look() -> SecondLook | None:
    """The shipped model; None, with a line in the log, if it cannot be read: the rules must work without it."""
    try:
        # Altered numbers could load all the same, and miss what they should see.
        verify_listed(FOLDER, MODEL, TOKENIZER, THRESHOLDS)
        told = json.loads((FOLDER / THRESHOLDS).read_text(encoding="utf-8"))
        return SecondLook(Scorer(FOLDER / MODEL), told["alone"], told["with_a_sign"])
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the cards must still come
        log.warning("The safety layer's second look cannot be read (%s): its rules decide alone.", error)
        return None


def _from(scores: Mapping[str, float], thresholds: Mapping[str, float]) -> frozenset[str]:
    return frozenset(name for name, score in scores.items() if score >= thresholds[name])
