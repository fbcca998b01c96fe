"""What a question calls for before anything is looked up: pure rules, no index, no network.

The rules and the authorities they follow are in `assistant/safety/rules/*.toml`; an outcome that they
do not raise, `second_look` may add.
"""

from dataclasses import dataclass

from assistant.safety.rulebook import rulebook
from assistant.safety.second_look import second_look

PRIORITY = ("crisis", "poisoning", "emergency", "personal_decision")
URGENT = ("crisis", "poisoning", "emergency")


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
    """What `question` calls for. Takes milliseconds for any text; the first call also reads the rules."""
    book = rulebook()
    words = book.words(question)
    text = book.read(words)
    matched = [rule.text for rule in book.rules if rule.matches(text)]
    by_rule: set[str] = {rule.outcome for rule in matched}
    raised = tuple(outcome for outcome in second_look().raised(words, text) if outcome not in by_rule)
    if raised:
        denied = {
            rule.text.outcome for rule in book.rules if rule.text.outcome in raised and rule.is_denied(text)
        }
        raised = tuple(outcome for outcome in raised if outcome not in denied)
    return Triage(
        tuple(outcome for outcome in PRIORITY if outcome in by_rule or outcome in raised),
        tuple(dict.fromkeys(rule.topic for rule in matched if rule.topic)),
        (*(rule.id for rule in matched), *(f"second_look.{outcome}" for outcome in raised)),
    )
