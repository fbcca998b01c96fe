"""Questions made of a passage's own sentences: a stretch is taken out and asked for (Lewis et al. 2019).

They are no good questions, but there is no end of them: they warm the reader up to look for each part of a
question in the passage and to notice when one part is another (as the rules of Rajpurkar et al. 2018 do).
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bm25s.stopwords import STOPWORDS_EN_PLUS

from training.reading_examples import Asked

_SENTENCE = re.compile(r"[^.!?]+[.!?]*")
_WORD = re.compile(r"\S+")
_BARE = re.compile(r"^\W+|\W+$")
_LEAST, _MOST = 7, 32
_OPPOSITES = (
    "increase decrease, increases decreases, increased decreased, before after, more less, "
    "first last, high low, higher lower, with without, can cannot, always never, often rarely, "
    "children adults, men women, boys girls, older younger, north south, east west, early late, "
    "most least, begins ends, began ended, starts stops, before during, inside outside, left right, "
    "large small, greater smaller, common rare, mild severe, gained lost, rise fall, rose fell, "
    "open closed, same different, upper lower, cause prevent, causes prevents, caused prevented, "
    "improve worsen, allowed forbidden, won lost, father mother, son daughter, day night, "
    "morning evening, summer winter, day week, days weeks, weeks months, months years, hours days, "
    "minutes hours, mother's father's, male female, above below, strong weak, start stop, "
    "acute chronic, should shouldn't, is isn't, are aren't, was wasn't"
)
OPPOSITE = {
    one: other
    for pair in _OPPOSITES.split(", ")
    for first, second in [pair.split()]
    for one, other in ((first, second), (second, first))
}


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Words of a sentence that may be asked for or swapped: content words that stand together."""

    first: int
    last: int


def cloze_questions(
    text: str, others: Sequence[str], lay: dict[str, list[str]], count: int, chance: random.Random
) -> list[Asked]:
    """Of up to `count` sentences, one answered and one that is not; `others` could be confused with the passage."""
    found = []
    sentences = [match for match in _SENTENCE.finditer(text) if _LEAST <= len(match.group().split()) <= _MOST]
    chance.shuffle(sentences)
    for sentence in sentences[:count]:
        words = [
            (match.group(), sentence.start() + match.start()) for match in _WORD.finditer(sentence.group())
        ]
        stretches = _stretches([word for word, _ in words])
        if len(stretches) < 2:
            continue
        asked, *rest = chance.sample(stretches, len(stretches))
        span = _span(words, asked)
        plain = [word for word, _ in words]
        found.append(Asked(_worded(plain, asked, {}, lay, chance), 1, span))
        swapped = _swapped(plain, rest, text, others, chance)
        if swapped:
            found.append(Asked(_worded(plain, asked, swapped, lay, chance), 0))
    return found


def _span(words: Sequence[tuple[str, int]], stretch: _Stretch) -> tuple[int, int]:
    word, at = words[stretch.last]
    return words[stretch.first][1], at + len(word.rstrip(".,;:!?)"))


def _stretches(words: Sequence[str]) -> list[_Stretch]:
    found, first = [], None
    for place, word in enumerate([*words, "the"]):
        is_content = _BARE.sub("", word).casefold() not in STOPWORDS_EN_PLUS and bool(_BARE.sub("", word))
        if is_content and first is None:
            first = place
        ends = not is_content or word[-1] in ",;:.)" or (first is not None and place - first == 3)
        if first is not None and ends:
            found.append(_Stretch(first, place if is_content else place - 1))
            first = None
    return [stretch for stretch in found if stretch.last < len(words)]


def _swapped(
    words: Sequence[str], rest: Sequence[_Stretch], text: str, others: Sequence[str], chance: random.Random
) -> dict[int, str | None]:
    """Which words are said otherwise (None: left out): an opposite, or words of another passage of the same look."""
    opposites = [place for place, word in enumerate(words) if _BARE.sub("", word).casefold() in OPPOSITE]
    if opposites and chance.random() < 0.4:
        place = chance.choice(opposites)
        return {place: OPPOSITE[_BARE.sub("", words[place]).casefold()]}
    if not others:
        return {}
    taken = chance.choice(rest)
    old = words[taken.first]
    stranger = chance.choice(others).split()
    candidates = [
        " ".join(stranger[found.first : found.last + 1]).strip(".,;:!?()")
        for found in _stretches(stranger)
        if _look(stranger[found.first]) == _look(old)
    ]
    fitting = [words for words in candidates if words and words.casefold() not in text.casefold()]
    if not fitting:
        return {}
    hidden: dict[int, str | None] = dict.fromkeys(range(taken.first, taken.last + 1))
    return {**hidden, taken.first: chance.choice(fitting)}


def _look(word: str) -> str:
    if any(letter.isdigit() for letter in word):
        return "number"
    return "name" if word[:1].isupper() else "word"


def _worded(
    words: Sequence[str],
    asked: _Stretch,
    swapped: dict[int, str | None],
    lay: dict[str, list[str]],
    chance: random.Random,
) -> str:
    """A question of the sentence: what is asked for is replaced, words are dropped, some are said in lay words."""
    kind = _look(words[asked.first])
    ask = chance.choice(
        {"number": ["how many", "how much", "what", "when"], "name": ["who", "what", "which", "where"]}.get(
            kind, ["what", "which", "how"]
        )
    )
    around = chance.choice((4, 6, 9, 40))
    kept: list[tuple[int, str]] = []
    for place, word in enumerate(words):
        if asked.first <= place <= asked.last or place in swapped:
            new = ask if place == asked.first else swapped.get(place)
            kept += [(place, new)] if new else []
            continue
        near = asked.first - around <= place <= asked.last + around or bool(swapped)
        bare = _BARE.sub("", word).casefold()
        if not near or (bare in STOPWORDS_EN_PLUS and chance.random() < 0.3) or chance.random() < 0.08:
            continue
        forms = lay.get(bare)
        kept.append(
            (place, chance.choice(forms) if forms and chance.random() < 0.6 else word.strip('.,;:!?()"'))
        )
    if chance.random() < 0.5:
        kept.sort(key=lambda each: each[0] != asked.first)
    question = " ".join(word for _, word in kept)
    question = question if chance.random() < 0.4 else question.casefold()
    return question + chance.choice(("?", "?", ""))


def lay_forms(rows: Sequence[dict[str, object]]) -> dict[str, list[str]]:
    """By clinical word, what people say for it."""
    forms: dict[str, list[str]] = {}
    for row in rows:
        for clinical in row["clinical"]:  # type: ignore[attr-defined]
            if " " not in clinical:
                forms.setdefault(clinical.casefold(), []).extend(row["lay"])  # type: ignore[arg-type]
    return forms
