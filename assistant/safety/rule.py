"""The safety rules as they are followed; `rulebook` says where they come from."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import chain
from operator import or_

from assistant.safety.lexicon import Lexicon
from assistant.safety.normalise import Words, plain, split
from assistant.safety.patterns import Pattern
from assistant.safety.spelling import Spelling
from assistant.safety.text import Text

Place = tuple[int, int]
"""A rule's number, and its pattern's among those of its `when`."""


@dataclass(frozen=True, slots=True)
class RuleText:
    """One `[[rule]]` as written. `unless` clears the sentences it matches in, `unless_anywhere` the question.

    A rule that is not `certain` is a sign: the second look must find its outcome at least likely.
    """

    id: str
    outcome: str
    topic: str
    authority: str
    why: str
    when: tuple[str, ...]
    unless: tuple[str, ...]
    unless_anywhere: tuple[str, ...]
    affirmed: bool
    certain: bool
    must_match: tuple[str, ...]
    must_not_match: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule."""

    text: RuleText
    when: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]
    unless_anywhere: tuple[Pattern, ...]

    def matches(self, text: Text) -> bool:
        """Whether some sentence is what the rule describes and no guard clears it."""
        return self.matches_by(self.when, text)

    def matches_by(self, likely: Iterable[Pattern], text: Text) -> bool:
        """The same, if no other of its patterns can match."""
        allowed = ~text.negated() if self.text.affirmed else -1
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


@dataclass(frozen=True)
class Rulebook:
    """All rules, and how to read a text for them.

    `shortlist` files each pattern of the rules under one group that it needs: hardly any pattern has its words in a
    text, and asking each adds up.
    """

    rules: tuple[Rule, ...]
    cautions: Mapping[str, tuple[Pattern, ...]]
    dose_statement: tuple[Pattern, ...]
    lexicon: Lexicon
    spelling: Spelling
    emoji: Mapping[str, str]
    shortlist: Mapping[str, Sequence[Place]]

    def plain(self, question: str) -> str:
        """A question in plain lower case, emoji as words: as the second look reads it."""
        return plain(question, self.emoji)

    def words(self, question: str) -> Words:
        """The words of a question, spelled as the rules know them."""
        return self.words_of(self.plain(question))

    def words_of(self, plain_question: str) -> Words:
        """The same of one that is `plain` already."""
        return self.spelling.correct(split(plain_question))

    def read(self, words: Words) -> Text:
        """Where the rules' groups are in the words."""
        return self.lexicon.read(words)

    def read_passage(self, passage: str) -> Text:
        """A passage of an article, of any length, as it is spelled there."""
        return self.lexicon.read(split(plain(passage, {}, len(passage)), len(passage)))

    def matching(self, text: Text) -> list[RuleText]:
        """The rules that match, in their order."""
        likely: dict[int, list[Pattern]] = {}
        names, rules, shortlist = text.names, self.rules, self.shortlist
        for name in names & self._filed_under:
            for number, place in shortlist[name]:
                pattern = rules[number].when[place]
                if pattern.needed <= names:
                    likely.setdefault(number, []).append(pattern)
        return [
            rules[number].text for number in sorted(likely) if rules[number].matches_by(likely[number], text)
        ]

    @cached_property
    def _filed_under(self) -> frozenset[str]:
        return frozenset(self.shortlist)


def shortlist_of(rules: Sequence[Rule], texts: Iterable[Text]) -> dict[str, list[Place]]:
    """Every pattern under that of its groups which the fewest of these texts have.

    Of equal ones under that which the fewest patterns need, and of these the first by name.
    """
    had = Counter(group for text in texts for group in text.names)
    needed = Counter(group for rule in rules for pattern in rule.when for group in pattern.needed)
    shortlist: dict[str, list[Place]] = {}
    for number, rule in enumerate(rules):
        for place, pattern in enumerate(rule.when):
            rarest = min(pattern.needed, key=lambda group: (had[group], needed[group], group))
            shortlist.setdefault(rarest, []).append((number, place))
    return shortlist
