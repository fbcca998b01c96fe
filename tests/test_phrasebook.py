"""Phrases in texts, and the quick look that tells which texts need none."""

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.evidence.wording import wording_of
from assistant.language.conditions import conditions_in, names_condition
from assistant.language.drug_names import TOPIC
from assistant.language.entities import find_entities, possible_entities
from assistant.language.phrasebook import Phrasebook
from assistant.language.tokens import tokens, words
from assistant.types import Document, Source

UNKNOWN = Source(*["unknown"] * 5)
BOOK = Phrasebook({"blood pressure": 1, "high blood pressure": 2, "blood": 3, "gout": 4})
PARTS = st.lists(
    st.sampled_from(
        [
            "high",
            "blood",
            "pressure",
            "gout",
            ", ",
            ". ",
            "-",
            " ",
            "Xanax",
            "opioids",
            "benzodiazepines",
            "St John's wort",
        ]
        + ["alcohol", "type 2 diabetes", "Asthma", "clonazepam", "panic", "x"]
    ),
    max_size=12,
)


@given(st.text())
def test_words_are_those_of_tokens(text: str) -> None:
    assert words(text) == [token.word for token in tokens(text)]


def test_what_is_possible_does_not_mind_what_is_between() -> None:
    assert [match.value for match in BOOK.find("high blood, pressure and gout")] == [3, 4]
    assert list(BOOK.possible(["high", "blood", "pressure", "and", "gout"])) == [2, 3, 1, 4]
    assert (BOOK.begins("high"), BOOK.begins("pressure")) == (True, False)


@settings(deadline=None)
@given(PARTS)
def test_what_is_found_was_possible(parts: list[str]) -> None:
    for text in ("".join(parts), " ".join(parts)):
        found = {match.value for match in BOOK.find(text)}
        assert found <= set(BOOK.possible(words(text)))
        known = frozenset(words(text))
        named = {entity.canonical for entity in find_entities(text, known)}
        assert named <= set(possible_entities(words(text)))


@settings(deadline=None)
@given(st.lists(PARTS.map(" ".join), max_size=5))
def test_wording_is_that_of_every_text_read_closely(texts: list[str]) -> None:
    documents = [Document(f"d{n}", "Title", text, UNKNOWN) for n, text in enumerate(texts)]
    wording = wording_of(documents, texts)
    read = [f"Title\n{text}" for text in texts]
    assert wording.vocabulary == {word for text in read for word in words(text)}
    assert wording.mentioned == {
        entity.canonical for text in read for entity in find_entities(text, wording.vocabulary)
    }
    assert wording.conditions == frozenset().union(*(conditions_in([text]) for text in texts))
    assert bool(wording.conditions) == any(map(names_condition, texts))
    assert TOPIC not in wording.mentioned
