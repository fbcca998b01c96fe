"""What stands beside or above the line on a printed page: columns, tables, raised figures."""

import pytest

from assistant.ingest.sandbox import parse
from assistant.ingest.types import Dropped
from tests.documents import Line, pdf

LEFT = [
    "It is given for fits and for",
    "panic, and it helps most of",
    "those who take it as they",
    "were told to by the people",
    "who look after them.",
]
RIGHT = [
    "It makes some people sleepy,",
    "and those should not drive",
    "until they know how they are",
    "after each change of the",
    "dose they are given.",
]


def columns(across: bool) -> bytes:
    left: list[Line] = [(72, 700 - 14 * row, 11, text) for row, text in enumerate(LEFT)]
    right: list[Line] = [(320, 700 - 14 * row, 11, text) for row, text in enumerate(RIGHT)]
    if across:
        return pdf([[line for pair in zip(left, right, strict=True) for line in pair]])
    return pdf([[*left, *right]])


@pytest.mark.parametrize("across", [False, True], ids=["drawn down", "drawn across"])
def test_two_columns_are_read_one_after_the_other(across: bool) -> None:
    found = parse("pdf", columns(across))
    assert found.text == " ".join(LEFT) + "\n\n" + " ".join(RIGHT) + "\n"
    told = Dropped("read as two columns, look at page 1", f"{LEFT[0]} {RIGHT[0]}")
    assert found.dropped == ((told,) if across else ())


def test_a_line_across_both_columns_ends_them() -> None:
    rows: list[Line] = []
    for row, (left, right) in enumerate(zip(LEFT, RIGHT, strict=True)):
        rows += [(72, 700 - 14 * row, 11, left), (320, 700 - 14 * row, 11, right)]
    rows.append((72, 600, 11, "This line goes from the left edge of the page over the gutter to the right."))
    text = parse("pdf", pdf([rows])).text
    assert text.split("\n\n") == [
        " ".join(LEFT),
        " ".join(RIGHT),
        "This line goes from the left edge of the page over the gutter to the right.\n",
    ]


def table(*rows: tuple[tuple[float, str], ...]) -> list[Line]:
    return [(left, 700 - 14 * number, 11, text) for number, row in enumerate(rows) for left, text in row]


def test_the_cells_of_a_table_are_parted_and_its_rows_stay_apart() -> None:
    lines = table(
        ((72, "Drug"), (200, "Dose"), (300, "When")),
        ((72, "Sertraline"), (200, "50 mg"), (300, "once a day,")),
        ((300, "in the morning"),),
        ((72, "Zopiclone"), (200, "7.5 mg"), (300, "at night")),
    )
    found = parse("pdf", pdf([[*lines, (72, 600, 11, "Ask before you take both.")]]))
    assert found.text == (
        "Drug | Dose | When\nSertraline | 50 mg | once a day, in the morning\n"
        "Zopiclone | 7.5 mg | at night\n\nAsk before you take both.\n"
    )
    assert found.dropped == (Dropped("read as a table, look at page 1", "Drug Dose When"),)


def test_sentences_side_by_side_that_do_not_go_on_are_a_table() -> None:
    lines = table(
        ((72, "If your kidneys are weak"), (300, "Take half of it each day.")),
        ((72, "If your liver is weak"), (300, "Do not take it at all.")),
        ((72, "If you are over seventy"), (300, "Begin with half of it.")),
        ((72, "If you are under eighteen"), (300, "Ask your doctor about it.")),
    )
    assert parse("pdf", pdf([lines])).text.splitlines() == [
        "If your kidneys are weak | Take half of it each day.",
        "If your liver is weak | Do not take it at all.",
        "If you are over seventy | Begin with half of it.",
        "If you are under eighteen | Ask your doctor about it.",
    ]


def test_a_gap_after_a_bullet_or_a_number_parts_nothing() -> None:
    lines = table(
        ((72, "1."), (120, "Take one.")), ((72, "2."), (120, "Take two.")), ((72, "•"), (120, "Rest."))
    )
    found = parse("pdf", pdf([lines]))
    assert found.text == "1. Take one. 2. Take two.\n\n- Rest.\n"
    assert found.dropped == ()


def test_one_line_with_a_gap_is_no_table() -> None:
    found = parse("pdf", pdf([table(((72, "Leaflet of the trust"), (400, "for grown people")))]))
    assert (found.text, found.dropped) == ("Leaflet of the trust for grown people\n", ())


def widths(text: str, size: float) -> float:
    """Of digits and small letters of Helvetica, about enough to stand one behind the other."""
    return len(text) * 0.556 * size


@pytest.mark.parametrize(
    ("before", "small", "rise", "text"),
    [
        ("10", "6", 4, "10⁶"),
        ("100", "1", 4, "100¹"),
        ("100", "1,2", 4, "100¹,²"),
        ("100", "1-3", 4, "100¹⁻³"),
        ("100", "th", 4, "100th"),
        ("1000", "2", -2, "10002"),
    ],
    ids=["power", "note", "two notes", "range of notes", "letters", "lowered"],
)
def test_raised_figures_stay_raised(before: str, small: str, rise: float, text: str) -> None:
    """10 with a small raised 6 must not become 106, nor 100 mg with a note 1 become 1001."""
    at = 72 + widths(before, 11)
    found = parse(
        "pdf", pdf([[(72, 700, 11, before), (at, 700 + rise, 7, small), (at + 40, 700, 11, "units given")]])
    )
    assert found.text.replace(" ", "") == f"{text}unitsgiven\n"
    changed = text != before + small
    assert found.dropped == (
        (Dropped("raised figures", f"1 such as {before}{small}", text),) if changed else ()
    )


def test_a_note_at_the_foot_begins_with_its_raised_number() -> None:
    page: list[Line] = [
        (72, 700, 11, "The words of the page."),
        (72, 103, 6, "1"),
        (76, 100, 9, "Smith 2001."),
    ]
    assert parse("pdf", pdf([page])).text == "The words of the page.\n\n¹Smith 2001.\n"
