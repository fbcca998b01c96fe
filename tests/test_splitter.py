"""Laws of splitting, on the first article and on arbitrary text."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.corpus import read_corpus
from assistant.outline import BlockKind, outline
from assistant.sentences import sentence_spans
from assistant.settings import ROOT
from assistant.splitter import PassageLength, split, uncovered
from assistant.types import Document, Passage, Source, Span

UNKNOWN = Source("unknown", "unknown", "unknown", "unknown", "0" * 64)
WORDS_READ = 40


def document(text: str, title: str = "Title", skipped: tuple[Span, ...] = ()) -> Document:
    return Document("doc", title, text, UNKNOWN, ("subject",), skipped)


def everything_fits(heading: str, text: str) -> bool:
    return True


def few_words_fit(heading: str, text: str) -> bool:
    return len(heading.split()[:5]) + len(text.split()) <= WORDS_READ and len(text) <= 20 * WORDS_READ


def texts(passages: list[Passage]) -> list[str]:
    return [passage.text for passage in passages]


def headings(text: str) -> list[str]:
    return [block.words for block in outline(document(text)) if block.kind is BlockKind.HEADING]


article_like = st.lists(
    st.one_of(
        st.text(max_size=300),
        st.sampled_from(
            [
                "# Heading\n",
                "Under\n====\n",
                "Uses\n\n",
                "\r\n\r\n",
                "\n",
                "\u2028",
                "One sentence. Another one! ",
                "Dr. Who took 0.5 mg, e.g. daily. ",
                "word " * 70,
                "長い文。短い文。",
                "\u202eabc\u202c 🙂 ",
                "- item one\n- item two\n",
                "```\n# not a heading\n```\n",
            ]
        ),
    ),
    max_size=12,
).map("".join)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    text = draw(article_like)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=4)))
    skipped = [Span(*pair) for pair in zip(cuts[::2], cuts[1::2], strict=False)]
    return document(text, draw(st.sampled_from(["Title", "Heading", "Uses"])), tuple(skipped))


@pytest.mark.parametrize("fits", [everything_fits, few_words_fit])
@settings(max_examples=250, deadline=None)
@given(doc=documents())
def test_laws_hold_for_arbitrary_text(doc, fits):
    passages = split(doc, fits)
    for passage in passages:
        assert passage.text == doc.text[passage.start : passage.end]
        assert passage.text == passage.text.strip() != ""
        assert fits(passage.heading, passage.text) or len(passage.text) == 1
        assert passage.sentences[0].start == passage.start
        assert passage.sentences[-1].end == passage.end
    for before, after in pairwise(passages):
        assert before.end <= after.start
    for passage in passages:
        assert not any(passage.start < skip.end and skip.start < passage.end for skip in doc.skipped)
    assert uncovered(doc, passages) == []


@settings(max_examples=250, deadline=None)
@given(doc=documents())
def test_a_passage_ends_where_a_sentence_ends(doc):
    paragraphs = [block.span for block in outline(doc) if block.kind is BlockKind.PARAGRAPH]
    ends = {span.end for paragraph in paragraphs for span in sentence_spans(doc.text, *paragraph)}
    assert all(passage.end in ends for passage in split(doc, everything_fits))


def test_uncovered_can_fail():
    doc = document("One paragraph here.\n\nAnother paragraph here.")
    [passage] = split(doc, everything_fits)
    first = Passage("doc", 0, 19, passage.text[:19], "", (Span(0, 19),))
    assert uncovered(doc, [first]) == [Span(19, 44)]


def test_first_article():
    [doc] = read_corpus(ROOT / "corpus").documents
    passages = split(doc, everything_fits)
    assert [(p.start, p.end, p.heading) for p in passages] == [
        (120, 596, ""),
        (628, 1088, "Understanding the Medication"),
        (1090, 1507, "Understanding the Medication"),
        (1527, 1895, "Usage and Dosage"),
        (1897, 2252, "Usage and Dosage"),
        (2286, 2667, "Its Effects and Considerations"),
        (2669, 3102, "Its Effects and Considerations"),
        (3105, 3572, "Its Effects and Considerations"),
    ]
    assert passages[0].text.startswith("Clonazepam, a widely known medication")
    assert not any("Tramadol" in passage.text for passage in passages)
    assert uncovered(doc, passages) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Take 0.5 mg twice. Then 1.5 mg.", ["Take 0.5 mg twice.", "Then 1.5 mg."]),
        ("Dr. Smith saw J. Doe. They left.", ["Dr. Smith saw J. Doe.", "They left."]),
        ("Side effects, e.g. Drowsiness, pass.", ["Side effects, e.g. Drowsiness, pass."]),
        ("It began in 1986. It ended.", ["It began in 1986.", "It ended."]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        ("Wait... and see. Done.", ["Wait... and see.", "Done."]),
        ("A line wrapped by an editor after fifty characters\ngoes on. End.",
         ["A line wrapped by an editor after fifty characters\ngoes on.", "End."]),
        ("- first item\n- second item", ["- first item", "- second item"]),
        ("1. First step\n2. Second step", ["1. First step", "2. Second step"]),
        ("今日は。明日も。", ["今日は。", "明日も。"]),
        ("Windows.\r\nLine ends.", ["Windows.", "Line ends."]),
        ("   ", []),
    ],
)  # fmt: skip
def test_sentences(text, expected):
    assert [text[start:end] for start, end in sentence_spans(text, 0, len(text))] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# One\ntext\n## Two ##\ntext", ["One", "Two"]),
        ("Under\n=====\ntext\n\nLess\n----\n\ntext", ["Under", "Less"]),
        ("Bare heading\n\nA paragraph that ends like one.", ["Bare heading"]),
        ("What is it?\r\n\r\nA paragraph.\r\n", ["What is it?"]),
        ("Not a heading.\n\nA paragraph.", []),
        ("Apples\n\nPears\n\nPlums\n\nA paragraph.", []),
        ("Part One\n\nIts Uses\n\nA paragraph.", ["Part One", "Its Uses"]),
        ("A paragraph.\n\nNothing follows this", []),
        ("```\n# a comment\n```", []),
        ("not capital\n\nA paragraph.", []),
    ],
)
def test_headings(text, expected):
    assert headings(text) == expected


def test_a_heading_is_never_part_of_a_passage():
    text = "Title\n\nUses\n\n" + "Used for fits. " * 30 + "\n\n# Dose\n\n" + "Take one. " * 40
    passages = split(document(text), everything_fits)
    assert [passage.heading for passage in passages] == ["Uses", "Dose"]
    assert not any(re.search("Uses|Dose|Title", passage.text) for passage in passages)


def test_short_neighbours_share_a_passage_but_never_across_headings():
    text = "Short one.\n\nShort two.\n\n# Next\n\nShort three."
    assert texts(split(document(text), everything_fits)) == ["Short one.\n\nShort two.", "Short three."]


def test_a_long_paragraph_is_cut_evenly_at_sentence_ends():
    text = " ".join(f"Sentence number {number} has exactly seven words." for number in range(30))
    passages = split(document(text), everything_fits, PassageLength(60, 150))
    assert [len(passage.text.split()) for passage in passages] == [105, 105]


def test_only_a_sentence_too_long_for_the_encoder_is_cut():
    sentence = " ".join(["Word"] * 100) + "."
    passages = split(document(f"Short one. {sentence}"), few_words_fit)
    assert texts(passages) == ["Short one.", *[" ".join(["Word"] * 40)] * 2, " ".join(["Word"] * 20) + "."]
    assert texts(split(document(sentence), everything_fits)) == [sentence]


def test_skipped_text_parts_what_it_stands_between():
    text = "Before it. CAPTION After it."
    skipped = Span(11, 18)
    assert texts(split(document(text, skipped=(skipped,)), everything_fits)) == ["Before it.", "After it."]
