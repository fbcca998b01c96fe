"""Phrases filed by their words, found in a text longest first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from assistant.language.tokens import Token, joined, tokens
from assistant.types import Span

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Match(Generic[Value]):
    """A phrase of `words` words that begins at word `at` of the text; `span` are its characters."""

    at: int
    words: int
    span: Span
    value: Value


class Phrasebook(Generic[Value]):
    """`entries`: phrase as `tokens.key` files it -> what it stands for."""

    def __init__(self, entries: Mapping[str, Value]) -> None:
        self._entries = entries
        self._longest = {phrase: 1 for phrase in entries if " " not in phrase}
        for phrase in entries:
            if " " in phrase:
                first, count = phrase.partition(" ")[0], phrase.count(" ") + 1
                self._longest[first] = max(count, self._longest.get(first, 0))

    def __contains__(self, phrase: str) -> bool:
        return phrase in self._entries

    def begins(self, word: str) -> bool:
        """Whether any phrase begins with the word."""
        return word in self._longest

    def possible(self, words: Sequence[str]) -> Iterator[Value]:
        """At least what `find` finds in a text of these words, whatever is between them: many times quicker."""
        for at, word in enumerate(words):
            for count in range(1, self._longest.get(word, 0) + 1):
                phrase = " ".join(words[at : at + count])
                if phrase in self._entries:
                    yield self._entries[phrase]

    def find(self, text: str) -> Iterator[Match[Value]]:
        """In the order of the text, longest first, not overlapping."""
        words, at = tokens(text), 0
        while at < len(words):
            begins = words[at].word in self._longest
            match = next(self.matches_at(text, words, at), None) if begins else None
            if match:
                yield match
            at += match.words if match else 1

    def matches_at(self, text: str, words: Sequence[Token], at: int) -> Iterator[Match[Value]]:
        """Every phrase that begins at word `at`, the longest first. `words` are the tokens of `text`."""
        end = at + 1
        furthest = min(at + self._longest.get(words[at].word, 0), len(words))
        while end < furthest and joined(text, words[end - 1], words[end]):
            end += 1
        for last in range(end, at, -1):
            phrase = " ".join(token.word for token in words[at:last])
            if phrase in self._entries:
                span = Span(words[at].span.start, words[last - 1].span.end)
                yield Match(at, last - at, span, self._entries[phrase])
