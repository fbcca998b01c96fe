"""Whether a question is in another language than English, which is all that triage and articles are in.

Lists of words rather than a language identifier: those guess from letters, and English questions with
names of medicines and slips of the pen look like anything to them.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Set
from functools import cache

from assistant.language.english import data_lines
from assistant.language.tokens import tokens

_SCRIPTS = {
    "CYRILLIC": "ru",
    "GREEK": "el",
    "HEBREW": "he",
    "ARABIC": "ar",
    "DEVANAGARI": "hi",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "CJK": "zh",
}
_ONLY_IN = {"uk": set("іїєґ"), "": set("پچژگٹڈڑےہھ")}
"""Letters that tell another language of the same script; Persian and Urdu are only told from Arabic."""

_LEAST_WORDS = 2
_LONG_WORD = 10
"""A word of so many letters is as good as two: Nebenwirkungen."""
_ENGLISH = "en"


def foreign_language(question: str) -> str | None:
    """The ISO 639-1 code of another language that the question seems to be in; None if it may be English.

    Empty if the language is not among those that are known. It never guesses from a single short word.
    """
    if question.isascii():
        return _by_words(question)
    scripts = list(_scripts(question))
    other = [script for script in scripts if script != "LATIN"]
    if len(other) * 2 > len(scripts):
        return _by_script(question.casefold(), other)
    return _by_words(question)


def _scripts(text: str) -> Iterator[str]:
    """The script of every letter, by the first word of its Unicode name."""
    for character in text:
        if character.isalpha():
            yield unicodedata.name(character, "UNKNOWN").split()[0]


def _by_script(text: str, scripts: list[str]) -> str | None:
    known = [_SCRIPTS.get(script, "") for script in scripts]
    if len(scripts) < _LEAST_WORDS:
        return None
    for language, letters in _ONLY_IN.items():
        if letters & set(text):
            return language
    return "ja" if "ja" in known else max(set(known), key=known.count)


def _by_words(question: str) -> str | None:
    words = {_plain(token.word) for token in tokens(question)}
    if words.isdisjoint(_foreign_markers()):
        return None
    found = {language: _weight(words & own) for language, own in _markers().items()}
    english = found.pop(_ENGLISH)
    language = max(found, key=lambda code: found[code])
    # Spaniards write of "side effects" too: an English word weighs as much as two others.
    return language if found[language] >= _LEAST_WORDS and found[language] > 2 * english else None


def _weight(words: Set[str]) -> int:
    return sum(2 if len(word) >= _LONG_WORD else 1 for word in words)


@cache
def _markers() -> Mapping[str, frozenset[str]]:
    lines = (line.split() for line in data_lines("foreign_words.txt"))
    return {code: frozenset(words) for code, *words in lines}


@cache
def _foreign_markers() -> frozenset[str]:
    return frozenset().union(*(words for language, words in _markers().items() if language != _ENGLISH))


def _plain(word: str) -> str:
    """Without accents, as people type in a hurry."""
    if word.isascii():
        return word
    letters = unicodedata.normalize("NFKD", word.replace("ı", "i").replace("ł", "l").replace("ß", "ss"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
