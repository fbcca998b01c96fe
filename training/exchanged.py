"""Twins made of people's own questions: one name, year or word of a question is exchanged for its counterpart.

So are many of the questions that Rajpurkar et al. (2018) had written for what a passage does not answer. Some are
answered all the same, and some make no sense, but there are many of them.
"""

import random
import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from training.cloze import OPPOSITE
from training.reader_packs import Row
from training.reader_steps import Encode
from training.reading_examples import Asked, ReadPassage, by_article

_WORD = re.compile(r"[\w'’-]+")
_NAME = re.compile(r"[A-Z][\w-]*(?: (?:of |the |de |and )?[A-Z][\w-]*)*")
_YEAR = re.compile(r"\b(?:1\d{3}|20\d\d)\b")
_BEGINS = re.compile(r"(?:^|[.!?:]\s+|\n)$")
_STILL_ANSWERED = re.compile(
    r"can|cannot|.*n't|is|are|was|should|with|without|minutes|(?:day|hour|week|month|year)s?"
)
"""Exchanged for their opposites, these leave a question answered, or make no question."""
_PAIRS, _OTHERS = 4, 3
_ALIKE, _TOO_ALIKE = 5, 0.85
"""A name is exchanged for one of so many that are most like it; names more alike than that may name the same."""

Names = Mapping[str, NDArray[np.float32]]


class Exchanged:
    """Passages asked what they answer, and the same with one thing exchanged."""

    def __init__(self, passages: Sequence[ReadPassage], encode: Encode) -> None:
        self._others = {
            article: {kind: _of_kind(kind, " ".join(each.text for each in own)) for kind in ("name", "year")}
            for article, own in by_article(passages).items()
        }
        self._passages = [
            passage for passage in passages if any(exchangeable(each.question) for each in _answered(passage))
        ]
        asked = (each.question for passage in passages for each in _answered(passage))
        names = {name for kinds in self._others.values() for name in kinds["name"]}
        names |= {thing.group() for question in asked for kind, thing in _things(question) if kind == "name"}
        listed = sorted(names)
        self._names: Names = dict(zip(listed, encode(listed), strict=True)) if listed else {}

    def row(self, chance: random.Random) -> Row:
        """A passage with some of the questions that it answers, each beside its twin, and some others."""
        while True:
            passage = chance.choice(self._passages)
            asked = [each for each in _answered(passage) if exchangeable(each.question)]
            pairs = list[Asked]()
            for each in chance.sample(asked, min(_PAIRS, len(asked))):
                twin = exchanged(each, passage.text, self._others[passage.article], self._names, chance)
                if twin:
                    pairs += [each, Asked(twin, 0)]
            if pairs:
                rest = [each for each in passage.asked if each not in pairs]
                some = chance.sample(rest, min(_OTHERS, len(rest)))
                return Row(passage, [*pairs, *some], len(pairs) // 2)


def _answered(passage: ReadPassage) -> list[Asked]:
    return [each for each in passage.asked if each.label and each.mine]


def exchangeable(question: str) -> bool:
    """Whether a question has a name, a year or a word with a counterpart."""
    return bool(_things(question) or _opposites(question))


def exchanged(
    asked: Asked, text: str, others: Mapping[str, set[str]], names: Names, chance: random.Random
) -> str | None:
    """The question with one thing exchanged for another of its kind, of `others`; None if there is none that fits.

    `others` are names and years by kind, `names` the encoder's vectors of names. What answers the question in
    `text` is not taken: the exchanged question would name its own answer.
    """
    question, answer = asked.question, text[slice(*(asked.span or (0, 0)))]
    opposites, things = _opposites(question), _things(question)
    if opposites and (not things or chance.random() < 0.5):
        word = chance.choice(opposites)
        return question[: word.start()] + OPPOSITE[word.group()] + question[word.end() :]
    chance.shuffle(things)
    for kind, thing in things:
        fitting = sorted(
            other
            for other in others[kind]
            if other not in question and other not in answer and thing.group() not in other
        )
        if kind == "name":
            fitting = _alike(thing.group(), fitting, names)
        if fitting:
            return question[: thing.start()] + chance.choice(fitting) + question[thing.end() :]
    return None


def _alike(name: str, others: Sequence[str], names: Names) -> list[str]:
    cosines = {other: float(names[other] @ names[name]) for other in others}
    return sorted(
        (other for other in others if cosines[other] < _TOO_ALIKE), key=lambda each: -cosines[each]
    )[:_ALIKE]


def _opposites(question: str) -> list[re.Match[str]]:
    return [
        word
        for word in _WORD.finditer(question)
        if word.group() in OPPOSITE and not _STILL_ANSWERED.fullmatch(word.group())
    ]


def _things(text: str) -> list[tuple[str, re.Match[str]]]:
    """Names and years, each with its kind; a sentence's first word is written large anyway, and is none."""
    names = [
        ("name", name)
        for name in _NAME.finditer(text)
        if len(name.group()) > 2 and not _BEGINS.search(text[max(0, name.start() - 3) : name.start()])
    ]
    return names + [("year", year) for year in _YEAR.finditer(text)]


def _of_kind(kind: str, text: str) -> set[str]:
    return {thing.group() for own, thing in _things(text) if own == kind}
