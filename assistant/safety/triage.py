"""What a question calls for before anything is looked up: fixed rules and a second look, no index, no network.

The rules and the authorities they follow are in `assistant/safety/rules/*.toml`. A rule that is `certain` decides
alone; any other is a sign, see `second_look`.
"""

from dataclasses import dataclass

from assistant.safety.rule import Rulebook, RuleText
from assistant.safety.rulebook import rulebook
from assistant.safety.second_look import RULES_ALONE, Opinion, opinion
from assistant.safety.text import Text

PRIORITY = ("crisis", "poisoning", "emergency", "personal_decision")
URGENT = ("crisis", "poisoning", "emergency")
FEWEST_WORDS = 2
"""A single word is a subject that was looked up, or plain enough for the rules.

Of a text without any word that the rules know, the second look could only guess.
"""


@dataclass(frozen=True, slots=True)
class Triage:
    """`outcomes` in order of `PRIORITY`, high-risk `topics` in order of the rules, and the rules that matched.

    An outcome that only the second look raised has the rule id `second_look.<outcome>`.
    """

    outcomes: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    rule_ids: tuple[str, ...] = ()

    @property
    def urgent(self) -> str:
        """The first urgent outcome, whose card stands above the others; empty if none is."""
        return next((outcome for outcome in self.outcomes if outcome in URGENT), "")


def triage(question: str) -> Triage:
    """What `question` calls for. Takes milliseconds for any text; the first call also reads rules and model."""
    book = rulebook()
    simple = book.plain(question)
    words = book.words_of(simple)
    text = book.read(words)
    readable = len(words.words) >= FEWEST_WORDS and any(map(book.lexicon.knows, words.words))
    found = opinion(simple) if readable else RULES_ALONE
    matched = _believed(book.matching(text), found)
    by_rule: set[str] = {rule.outcome for rule in matched}
    raised = tuple(
        outcome
        for outcome in PRIORITY
        if outcome in found.alone - by_rule and not _is_denied(book, text, outcome)
    )
    return Triage(
        tuple(outcome for outcome in PRIORITY if outcome in by_rule or outcome in raised),
        tuple(dict.fromkeys(rule.topic for rule in matched if rule.topic)),
        (*(rule.id for rule in matched), *(f"second_look.{outcome}" for outcome in raised)),
    )


def _believed(matching: list[RuleText], found: Opinion) -> list[RuleText]:
    """The rules that count. Once a message is urgent, all signs do: "I want to die and I swallowed them all"."""
    believed = [rule for rule in matching if rule.certain or rule.outcome in found.with_a_sign]
    is_urgent = found.alone.union(rule.outcome for rule in believed).intersection(URGENT)
    return matching if is_urgent else believed


def _is_denied(book: Rulebook, text: Text, outcome: str) -> bool:
    return any(rule.is_denied(text) for rule in book.rules if rule.text.outcome == outcome)
