"""The cards and notices: their exact lines, whom they name, and how hard they are to read."""

import re

import pytest

from assistant.safety.cards import CARD_IDS, Card, Contact, card, notice_text, topic_notice

REGIONS = {
    "US": ("911", "988", "1-800-222-1222"),
    "GB": ("999", "116 123", "111"),
    "EU": ("112", "", ""),
    "AU": ("000", "13 11 14", "13 11 26"),
    "CA": ("911", "988", "1-844-764-7669"),
    "IN": ("112", "14416", "1800 116 117"),
    "neutral": ("", "", ""),
}
TOPICS = ("stopping", "alcohol", "opioids", "pregnancy", "driving", "children")
TEXTS = {
    **{card_id: f"{card(card_id, 'US').heading} {card(card_id, 'US').text}" for card_id in CARD_IDS},
    **{notice_id: notice_text(notice_id) for notice_id in ("personal_decision", "states_dose")},
    **{f"{topic} {shown}": topic_notice(topic, shown) for topic in TOPICS for shown in (True, False)},
}
HARDEST_GRADE = 8
ADVICE = re.compile(r"(?i)\b(take|double|skip|halve)\b[^.]*(\d|\b(doses?|pills?|tablets?|mg)\b)")
AMOUNT = re.compile(r"(?i)\d\s*(mg|mcg|ml|g|tablets?|pills?|times)\b")


def syllables(word: str) -> int:
    """Groups of vowels, less a silent ending."""
    word = re.sub(r"'s?$", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", word))
    silent = re.search(r"[^aeiouy]e$", word) and not re.search(r"[^aeiouy]le$", word)
    silent = silent or re.search(r"[^aeioutdy]ed$", word)
    return max(1, groups - bool(silent))


def reading_grade(text: str) -> float:
    """Flesch-Kincaid: the school year in which the text can be read."""
    words = re.findall(r"[A-Za-z']+", text)
    sentences = len(re.findall(r"[.!?:](?:\s|$)", text))
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_reading_grade_of_known_texts() -> None:
    words = ("cat", "table", "doctor", "medicine", "emergency", "article's", "pharmacist", "cared", "decided")
    assert [syllables(word) for word in words] == [1, 2, 2, 3, 4, 3, 3, 1, 3]
    assert reading_grade("The cat sat on the mat.") == pytest.approx(-1.45)
    assert reading_grade("Administration of concomitant medication necessitates evaluation.") > 20


def test_a_card_to_the_letter() -> None:
    assert card("emergency", "US").plain == (
        "This could be an emergency. Call for help now.\n"
        "Do not wait for an answer here. Say where you are and what is wrong. "
        "Stay with the person and do what you are told on the phone. "
        "These articles cannot tell you how bad it is.\n"
        "Emergency services: 911"
    )


@pytest.mark.parametrize(
    ("card_id", "region", "lines"),
    [
        ("crisis", "US", ["Emergency services: 911", "988 Suicide & Crisis Lifeline: 988"]),
        ("crisis", "GB", ["Emergency services: 999", "Samaritans: 116 123"]),
        ("poisoning", "GB", ["Emergency services: 999", "NHS 111: 111"]),
        ("poisoning", "AU", ["Emergency services: 000", "Poisons Information Centre: 13 11 26"]),
        ("crisis", "neutral", ["Your local emergency number", "A crisis line in your country"]),
        ("poisoning", "neutral", ["Your local emergency number", "Your local poison centre"]),
        ("emergency", "neutral", ["Your local emergency number"]),
    ],
)
def test_the_lines_of_contacts(card_id: str, region: str, lines: list[str]) -> None:
    assert card(card_id, region).plain.split("\n")[2:] == lines


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_has_its_numbers_emergency_first(region: str) -> None:
    emergency, crisis, poison = REGIONS[region]
    expected = {"crisis": [emergency, crisis], "poisoning": [emergency, poison], "emergency": [emergency]}
    for card_id in CARD_IDS:
        assert [contact.number for contact in card(card_id, region).contacts] == expected[card_id]


@pytest.mark.parametrize("card_id", CARD_IDS)
@pytest.mark.parametrize("region", ["", "ZZ", "no such place", "NEUTRAL", "Neutral "])
def test_an_unknown_region_is_neutral(card_id: str, region: str) -> None:
    assert card(card_id, region) == card(card_id, "neutral")
    assert not re.search(r"\d", card(card_id, region).plain)


@pytest.mark.parametrize("region", ["gb", "Gb", " GB ", "UK", "uk"])
def test_a_region_is_known_however_it_is_written(region: str) -> None:
    assert card("crisis", region) == card("crisis", "GB")


@pytest.mark.parametrize("region", REGIONS)
def test_a_tel_link_is_the_number_and_only_digits(region: str) -> None:
    for contact in (contact for card_id in CARD_IDS for contact in card(card_id, region).contacts):
        assert re.fullmatch(r"\+?\d{3,}", contact.tel) if contact.number else contact.tel == ""
        assert contact.tel == re.sub(r"[ -]", "", contact.number)
    assert Contact("x", "+44 (0) 1-2").tel == "+44012"


def test_the_notices_to_the_letter() -> None:
    assert notice_text("states_dose") == (
        "An amount in these passages is the article's general statement. It is not advice on your dose."
    )
    assert notice_text("emergency_passages") == "General information from the articles:"


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_notice_says_what_the_articles_do_and_whom_to_ask(topic: str) -> None:
    shown, silent = topic_notice(topic, True), topic_notice(topic, False)
    assert shown.startswith("The article's own warning on this is shown below.")
    assert silent.startswith("These articles say nothing about ")
    for text in (shown, silent):
        assert "Ask a doctor, pharmacist or nurse before you " in text


@pytest.mark.parametrize("topic", ["stopping", "alcohol", "opioids"])
@pytest.mark.parametrize("shown", [True, False])
def test_the_boxed_topics_say_only_whom_to_ask_and_that_it_can_be_dangerous(topic: str, shown: bool) -> None:
    sentences = re.split(r"(?<=\.) ", topic_notice(topic, shown))
    assert len(sentences) == 3
    assert sentences[1].startswith("Ask ")
    assert sentences[2].startswith("It can be dangerous")


# A heading of five words has no reading grade: `emergency_passages` is not measured.
@pytest.mark.parametrize("name", TEXTS)
def test_every_text_is_plain(name: str) -> None:
    assert reading_grade(TEXTS[name]) <= HARDEST_GRADE


@pytest.mark.parametrize("name", TEXTS)
def test_no_text_advises_on_a_dose(name: str) -> None:
    assert not ADVICE.search(TEXTS[name])
    assert not AMOUNT.search(TEXTS[name])


def test_what_does_not_exist_is_refused() -> None:
    for ask in (lambda: card("x", "US"), lambda: notice_text("x"), lambda: topic_notice("x", True)):
        with pytest.raises(KeyError):
            ask()


def test_a_card_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        card("crisis", "US").text = "x"  # type: ignore[misc]
    assert isinstance(card("crisis", "US"), Card)
