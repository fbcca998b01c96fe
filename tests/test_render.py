"""The HTML of replies, to the letter."""

from html.parser import HTMLParser

import pytest

from assistant.messages import DISCLAIMER, KIND_LABELS
from assistant.safety.cards import CARD_IDS, card
from assistant.types import Answer, AnswerKind, Hit, Notice, Passage, Source, Span
from assistant.web.citing import citation
from assistant.web.render import (
    render_answer,
    render_notice,
    render_passage,
    render_question,
    render_questions,
    render_source,
    render_turn,
    reply_in_short,
)

UNKNOWN_SOURCE = Source("unknown", "unknown", "unknown", "unknown", "0" * 64)
KNOWN_SOURCE = Source("A & B", "https://example.org/?a=1&b=2", "CC BY 4.0", "2024-05-01", "0" * 64)


def hit(text: str, mark: tuple[int, int] | None = None, source: Source = UNKNOWN_SOURCE, at: int = 0) -> Hit:
    start, end = mark or (0, len(text))
    span = Span(at, at + len(text))
    passage = Passage("a", *span, text, "", (span,))
    return Hit(passage, "Title", source, 1.0, 1, Span(at + start, at + end))


class TextContent(HTMLParser):
    """What a browser's `textContent` would be, character references resolved."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags: list[str] = []
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)


def test_a_passage() -> None:
    assert render_passage(hit("One. Two. Three.", (5, 9), at=100)) == (
        '<blockquote class="passage" dir="auto" data-doc="a" data-start="100" data-end="116">'
        "One. <mark>Two.</mark> Three.</blockquote>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "<b>bold</b> & <script>alert(1)</script>",
        "&amp; &lt; &#13; &nbsp; &notanentity; &",
        "\t tabs \t and  two  spaces \n",
        "${value} {{value}} $$x$$ *a* _b_ `c` 1986. ![x](http://example.com/x.png)",
        "</blockquote></mark><!-- ",
        "\u202eoverride \u2066never closed \u200b\ufeff\u00a0 e\u0301 \U0001f642\u200d\U0001f642",
        "\"double\" 'single'",
    ],
)
def test_text_content_is_the_passage(text: str) -> None:
    for mark in ((0, len(text)), (0, 1), (len(text) - 1, len(text))):
        parsed = TextContent(render_passage(hit(text, mark)))
        assert parsed.text == text
        assert parsed.tags == ["blockquote", "mark"]


def test_carriage_returns_are_references_because_a_browser_would_change_them() -> None:
    html = render_passage(hit("a\r\nb\rc"))
    assert "<mark>a&#13;\nb&#13;c</mark>" in html
    assert "\r" not in html


def test_a_mark_may_split_a_carriage_return_from_its_line_feed() -> None:
    assert "<mark>a&#13;</mark>\nb" in render_passage(hit("a\r\nb", (0, 2)))


def test_what_is_unknown_is_said() -> None:
    assert render_source(hit("x")) == (
        '<figcaption class="source"><p class="title"><cite dir="auto">Title</cite></p>'
        '<dl class="facts">'
        '<div class="fact"><dt>Publisher</dt> <dd><bdi>not stated</bdi></dd></div>'
        '<div class="fact"><dt>Reviewed</dt> <dd><bdi>not stated</bdi></dd></div>'
        '<div class="fact"><dt>Licence</dt> <dd><bdi>not stated</bdi></dd></div>'
        '<div class="fact"><dt>Link</dt> <dd><bdi>not stated</bdi></dd></div>'
        '</dl><p class="tools"><a class="tool open" href="?article=a&amp;at=0-1&amp;best=0-1&amp;of=000000000000">'
        'See it in the article</a><button type="button" class="tool" data-act="copy">Copy with citation</button>'
        '<button type="button" class="tool" data-act="check">Check this quote</button></p></figcaption>'
    )


def test_what_is_known_is_shown_escaped() -> None:
    html = render_source(hit("x", source=KNOWN_SOURCE))
    assert "<bdi>A &amp; B</bdi>" in html
    assert (
        '<a href="https://example.org/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">'
        "<bdi>https://example.org/?a=1&amp;b=2</bdi></a>"
    ) in html


def test_a_heading_is_shown_under_the_title() -> None:
    span = Span(0, 1)
    headed = Hit(Passage("a", 0, 1, "x", "Side <effects>", (span,)), "T", UNKNOWN_SOURCE, 1.0, 1, span)
    assert '</p><p class="section"><bdi>Side &lt;effects&gt;</bdi></p><dl' in render_source(headed)


@pytest.mark.parametrize("url", ["http://a.org", "https://a.org/x?y=1#z", "HTTPS://A.ORG"])
def test_a_web_address_is_a_link(url: str) -> None:
    assert f'<a href="{url}"' in render_source(hit("x", source=Source("p", url, "l", "r", "0")))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "ftp://example.org/passwd",
        "//a.org",
        "a.org",
        "http:",
        "https:///x",
        "http://[",
        "",
    ],
)
def test_any_other_address_is_text(url: str) -> None:
    html = render_source(hit("x", source=Source("p", url, "l", "r", "0")))
    assert html.count("<a") == 1, "the one to the article beside the chat"
    assert f"Link {url}See it in the article" in TextContent(html).text


def test_a_quote_cannot_leave_its_attribute() -> None:
    html = render_source(hit("x", source=Source("p", 'https://a.org/" onclick="x', "l", "r", "0")))
    assert 'href="https://a.org/&quot; onclick=&quot;x"' in html


def test_a_reply_in_order() -> None:
    notices = (Notice("one", "First <b>"), Notice("two", "Second"))
    html = render_answer(Answer("q", AnswerKind.RELATED, notices, (hit("x"),)))
    words = [KIND_LABELS["RELATED"], "First &lt;b&gt;", "Second", "<figure", "<figcaption", DISCLAIMER]
    assert [html.count(word) for word in words] == [1] * len(words)
    assert sorted(words, key=html.index) == words


@pytest.mark.parametrize("kind", list(AnswerKind))
def test_every_kind_has_its_words_and_the_disclaimer_once(kind: AnswerKind) -> None:
    text = TextContent(render_turn(Answer("q", kind, (), (hit("x"), hit("y"))))).text
    assert text.count(DISCLAIMER) == 1
    assert KIND_LABELS[kind.value] in text


def test_only_urgent_replies_are_alerts() -> None:
    alerts = [kind for kind in AnswerKind if 'role="alert"' in render_answer(Answer("q", kind))]
    assert alerts == [AnswerKind.URGENT]


def card_notice(card_id: str, region: str) -> Notice:
    shown = card(card_id, region)
    contacts = tuple((contact.label, contact.number) for contact in shown.contacts)
    return Notice(card_id, shown.plain, shown.heading, contacts)


def test_a_card_to_the_letter() -> None:
    contacts = (("Police & <b>", "+1 (2) 3-4"), ("A line near you", ""))
    text = "Now <i>\nCall.\nPolice & <b>: +1 (2) 3-4\nA line near you"
    notice = Notice("crisis", text, "Now <i>", contacts)
    assert render_notice(notice) == (
        '<div class="card" role="alert" data-notice="crisis">'
        '<h4 class="heading">Now &lt;i&gt;</h4><ul class="contacts"><li><a href="tel:+1234">Police &amp; &lt;b&gt;: '
        '<span class="number">+1 (2) 3-4</span></a></li>'
        "<li><strong>A line near you</strong></li></ul><p>Call.</p></div>"
    )


@pytest.mark.parametrize("card_id", CARD_IDS)
@pytest.mark.parametrize("region", ["US", "GB", "EU", "AU", "CA", "IN", "neutral"])
def test_a_card_shows_every_line_of_its_text_once(card_id: str, region: str) -> None:
    notice = card_notice(card_id, region)
    text = TextContent(render_notice(notice)).text
    heading, words, *contacts = notice.text.split("\n")
    assert text == "".join([heading, *contacts, words])


def test_a_card_without_contacts_still_shows_its_words() -> None:
    assert render_notice(Notice("emergency", "Call for help now.")) == (
        '<div class="card" role="alert" data-notice="emergency"><p>Call for help now.</p></div>'
    )


@pytest.mark.parametrize("kind", [AnswerKind.URGENT, AnswerKind.FOUND])
def test_a_card_comes_before_the_passages_and_is_the_only_alert(kind: AnswerKind) -> None:
    html = render_turn(Answer("q", kind, (card_notice("emergency", "GB"),), (hit("x"),)))
    assert html.count('role="alert"') == 1
    assert html.index('<div class="card" role="alert"') < html.index('href="tel:999"') < html.index("<figure")


def test_other_notices_are_no_cards() -> None:
    assert render_notice(Notice("states_dose", "x")) == '<p class="notice" data-notice="states_dose">x</p>'


def test_a_question_is_text() -> None:
    assert "<bdi>&lt;img src=x&gt; ${value}</bdi>" in render_question("<img src=x> ${value}")
    assert "<bdi>a?</bdi>" in render_question("a\ud800")


def test_questions_are_buttons_with_their_exact_words_or_nothing() -> None:
    assert render_questions("Ask", ()) == ""
    assert render_questions("Ask <", ["a < b?"]) == (
        '<div class="suggestions"><p>Ask &lt;</p><ul><li><button type="button" class="suggestion" data-act="ask"'
        ' dir="auto">a &lt; b?</button></li></ul></div>'
    )


def test_what_is_known_of_an_article_stands_once_below_its_passages() -> None:
    html = render_answer(Answer("q", AnswerKind.FOUND, (), (hit("x"), hit("y"))))
    assert html.count('<dl class="facts">') == 1
    assert html.index('data-start="0"') < html.index('<dl class="facts">')
    assert html.count("See it in the article") == 2


def test_a_reply_in_short_is_its_kind_its_notices_and_the_first_passage() -> None:
    notices = (Notice("related", "Closest."), card_notice("emergency", "GB"))
    answer = Answer("q", AnswerKind.RELATED, notices, (hit("One."), hit("Two.")))
    assert reply_in_short(answer) == "Closest passages, not an answer. Passages shown: 2.\nClosest.\nOne."


def test_a_notice_can_name_whom_to_call_without_being_an_alert() -> None:
    notice = Notice("only_english", "Words. Call:\nEmergency: 999", contacts=(("Emergency", "999"),))
    assert render_notice(notice) == (
        '<div class="notice" data-notice="only_english"><p>Words. Call:</p><ul class="contacts"><li>'
        '<a href="tel:999">Emergency: <span class="number">999</span></a></li></ul></div>'
    )


def test_a_citation_is_the_passage_and_where_it_stands() -> None:
    assert citation(hit("A\r\n  passage.", source=KNOWN_SOURCE, at=7)) == (
        "A\r\n  passage.\n\nTitle\nPublisher: A & B\nLink: https://example.org/?a=1&b=2\nLicence: CC BY 4.0\n"
        f"Reviewed: 2024-05-01\nCharacters: 7 to 20\nSHA-256 of the file: {'0' * 64}"
    )
