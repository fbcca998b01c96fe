"""Documents with known words give canonical text with those words, and tell what was left out."""

import re

import pytest

from assistant.errors import DocumentRefusedError
from assistant.ingest.proposals import skips_of, subjects_of
from assistant.ingest.sandbox import parse
from assistant.ingest.types import Dropped
from assistant.settings import ROOT
from tests.documents import BODY, TITLE, as_docx, as_html, as_markdown, as_pdf, as_text, docx, pdf

MADE = {"text": as_text, "markdown": as_markdown, "html": as_html, "docx": as_docx, "pdf": as_pdf}


def words(text: str) -> list[str]:
    return re.sub(r"(?m)^(#+|-) ", "", text).split()


def page(body: str) -> str:
    return parse("html", f"<html><body>{body}</body></html>".encode()).text


def dropped(kind: str, raw: bytes) -> list[tuple[str, str]]:
    return [(each.kind, each.text) for each in parse(kind, raw).dropped]


@pytest.mark.parametrize("kind", MADE)
def test_every_format_gives_the_words_it_was_made_of(kind: str) -> None:
    found = parse(kind, MADE[kind]())
    assert words(found.text) == words("\n".join([TITLE, *(text for _, text in BODY)]))
    assert found.title == TITLE
    assert found.text.endswith(".\n")


@pytest.mark.parametrize("kind", ["markdown", "html", "docx", "pdf"])
def test_headings_are_marked(kind: str) -> None:
    lines = parse(kind, MADE[kind]()).text.splitlines()
    assert [line for line in lines if line.startswith("#")] == [f"# {TITLE}", "## Uses", "## Effects"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_byte_order_marks_are_believed(encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    assert parse("text", (mark + as_text().decode()).encode(encoding)).text == as_text().decode()


@pytest.mark.parametrize("name", ["windows-1252", "iso-8859-1", "koi8-r", "utf-8"])
def test_a_page_says_its_own_encoding(name: str) -> None:
    assert words(parse("html", as_html(name)).text) == words("\n".join([TITLE, *(text for _, text in BODY)]))


def test_windows_apostrophes_in_a_page_that_claims_latin_1() -> None:
    raw = b"<meta charset=iso-8859-1><p>The doctor\x92s advice</p>"
    assert parse("html", raw).text == "The doctor’s advice\n"


def test_an_encoding_can_be_said() -> None:
    assert parse("text", "Für Erwachsene".encode("latin-1"), "latin-1").text == "Für Erwachsene\n"


def test_line_ends_become_ordinary_and_nothing_else_changes() -> None:
    text = "One  two\u00a0mg\r\n\r\n  ½ tablet\tTwo\x0cthree \r"
    assert parse("text", text.encode()).text == "One  two\u00a0mg\n\n  ½ tablet\tTwo\x0cthree\n"


def test_what_a_page_drops_is_told() -> None:
    found = parse("html", as_html())
    assert found.dropped == (
        Dropped("menu", "Home menu words"),
        Dropped("around the article", "We like biscuits"),
        Dropped("caption", "A caption of a picture"),
        Dropped("footer", "Small print"),
        Dropped("picture", "1 without words"),
    )
    assert found.facts == {"url": "https://example.org/pills", "publisher": "Example Trust"}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>10<sup>6</sup> units of B<sub>12</sub></p>", "10⁶ units of B12\n"),
        ("<p>a<sup>®</sup> b</p>", "a® b\n"),
        ("<p>x<sup>one<sup>two</sup>three</sup> y</p>", "xonetwothree y\n"),
        ("<p>5 mg<sup>a</sup> on the 4<sup>th</sup><sup>1, 2</sup></p>", "5 mgᵃ on the 4th¹, ²\n"),
        ('<ol start=3><li>a<li value="7">b<li>c</ol><ol start=x><li>d</ol>', "3. a\n7. b\n8. c\n\n1. d\n"),
        ("<p>one<br>two<br><br>three</p>", "one\ntwo\n\nthree\n"),
        ("<p>bold<b>er</b> and <i>so</i>\n on</p>", "bolder and so on\n"),
        ("one<div>two</div>three", "one\n\ntwo\n\nthree\n"),
        ("<ol><li>a<li>b<ul><li>c</ul><li>d</ol>", "1. a\n2. b\n- c\n3. d\n"),
        ("<ul><li><p>a</p><p>b</p></ul><p>c</p>", "- a\n  b\n\nc\n"),
        ("<table><tr><th>Age<th>Dose<tr><td>Adult<td>5&nbsp;mg</table>", "Age | Dose\nAdult | 5\u00a0mg\n"),
        ("<table><tr><td><p>a</p><p>b</p></td><td><h2>c</h2>d</td></table>", "a\n\nb\n\n## c\n\nd\n"),
        ("<dl><dt>Dose<dd>5 mg<dt>Form<dd>Tablet</dl>", "Dose\n5 mg\nForm\nTablet\n"),
        ("<pre>a  b\n c</pre>", "a  b\n c\n"),
        ("<p>Take <s>two</s>one</p>", "Take one\n"),
        ("<p>a &lt;b&gt; &amp; c</p>", "a <b> & c\n"),
        ("<p>x</p><!-- y --><template>z</template><noscript>n</noscript>", "x\n"),
        ("<p>me\u00addi\u200bcine</p>", "medicine\n"),
        ("<p dir=rtl>الجرعة ٥ ملغ</p>", "الجرعة ٥ ملغ\n"),
    ],
)
def test_markup(body: str, text: str) -> None:
    assert page(body) == text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<nav>lost words</nav>", "menu"),
        ("<div role=navigation>lost words</div>", "menu"),
        ('<ul class="breadcrumbs">lost words</ul>', "menu"),
        ('<div id="cookie-notice">lost words</div>', "banner"),
        ('<div id="onetrust-banner-sdk">lost words</div>', "banner"),
        ('<div class="CookieConsent">lost words</div>', "banner"),
        ('<div class="share-buttons x">lost words</div>', "sharing"),
        ('<aside class="note">lost words</aside>', "beside the article"),
        ("<form>lost words</form>", "form"),
        ("<footer>lost words</footer>", "footer"),
        ("<p hidden>lost words</p>", "hidden"),
        ('<p style="display: none">lost words</p>', "hidden"),
        ("<del>lost words</del>", "struck out"),
    ],
)
def test_what_stands_around_an_article_is_dropped_and_told(body: str, kind: str) -> None:
    raw = f"<body><p>{'kept ' * 20}</p>{body}</body>".encode()
    assert parse("html", raw).text == ("kept " * 20).strip() + "\n"
    assert dropped("html", raw) == [(kind, "lost words")]


@pytest.mark.parametrize(
    "body",
    [
        '<div class="has-sidebar">{}</div>',
        '<div class="drug-related-effects">{}</div>',
        '<div class="footer">{}</div>',
        '<main class="menu">{}</main>',
        "<details><summary>{}</summary></details>",
        "<section><header>{}</header></section>",
    ],
)
def test_a_name_takes_no_article_with_it(body: str) -> None:
    assert page(body.format("<p>all the words of the page</p>")) == "all the words of the page\n"


def test_the_words_that_stand_for_a_picture_are_told() -> None:
    assert dropped("html", b"<p>Words.<img alt='Two white  tablets'><img alt=''></p>") == [
        ("picture", "Two white tablets"),
        ("picture", "1 without words"),
    ]


def test_an_empty_title_or_script_of_xhtml_takes_nothing_in() -> None:
    head = b'<?xml version="1.0"?><html><head><title/><script src="x"/></head>'
    assert parse("html", head + b'<body><p id="a"/><p>Words.</p></body></html>').text == "Words.\n"


def test_front_matter_is_no_text() -> None:
    raw = b"---\ntitle: x\n---\n# A\n\nWords.\n"
    assert parse("markdown", raw).text == "# A\n\nWords.\n"
    assert dropped("markdown", raw) == [("front matter", "title: x")]


def test_html_in_markdown_is_markup() -> None:
    assert parse("markdown", b"Take <b>one</b>.\n\n<script>x</script>\n").text == "Take one.\n"


LINES = [(72, 700 - 14 * number, 11, text) for number, text in enumerate(["a", "b"])]


def test_lines_of_a_pdf_become_paragraphs() -> None:
    rows = [
        (700, "The first paragraph goes over"),
        (686, "two lines of the page."),
        (660, "The second stands"),
    ]
    raw = pdf([[(72, base, 11, text) for base, text in [*rows, (646, "apart.")]]])
    assert parse("pdf", raw).text == (
        "The first paragraph goes over two lines of the page.\n\nThe second stands apart.\n"
    )


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        ("It is a medica-", "tion for fits.", "It is a medication for fits."),
        ("Take clonaz-", "epam at noon.", "Take clonazepam at noon."),
        ("Take a low-", "dose tablet.", "Take a low-dose tablet."),
        ("Between 10-", "20 tablets.", "Between 10-20 tablets."),
        ("Ask Mary-", "Ann of it.", "Ask Mary-Ann of it."),
    ],
)
def test_a_hyphen_goes_only_where_that_is_certain(first: str, second: str, text: str) -> None:
    found = parse("pdf", pdf([[(72, 700, 11, first), (72, 686, 11, second)]]))
    assert found.text == text + "\n"
    joined = [each for each in found.dropped if each.kind == "hyphen"]
    assert len(joined) == ("-" not in text)


def test_a_hyphen_that_the_document_itself_writes_stays() -> None:
    lines = ["The re-", "lease of it.", "A re-lease of it."]
    raw = pdf([[(72, 700 - 14 * number, 11, text) for number, text in enumerate(lines)]])
    assert "The re-lease of it." in parse("pdf", raw).text


def test_running_heads_and_page_numbers_go_and_are_told() -> None:
    def page(number: int) -> list[tuple[float, float, float, str]]:
        text = [(72, 700, 11, f"Part {number} begins"), (72, 686, 11, "and ends.")]
        return [(72, 800, 9, "Leaflet 2024"), *text, (290, 30, 9, str(number))]

    found = parse("pdf", pdf([page(number) for number in range(1, 5)]))
    assert found.text.splitlines()[::2] == [f"Part {number} begins and ends." for number in range(1, 5)]
    assert [each.kind for each in found.dropped] == ["running head", "page number"] * 4


def test_a_number_at_the_end_of_a_page_that_is_no_page_number_stays() -> None:
    pages = [[(72, 700, 11, "The dose is"), (72, 686, 11, number)] for number in ("1", "2", "3")]
    assert parse("pdf", pdf(pages)).text == "The dose is 1\n\nThe dose is 2\n\nThe dose is 3\n"


def test_a_sentence_that_goes_on_over_the_page_is_one() -> None:
    pages = [[(72, 100, 11, "It is given for")], [(72, 780, 11, "fits and panic.")]]
    assert parse("pdf", pdf(pages)).text == "It is given for fits and panic.\n"


def test_tables_and_footnotes_of_a_word_document() -> None:
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    rows = "".join(f"<w:tr>{cell.format(one)}{cell.format(two)}</w:tr>" for one, two in ["ab", "cd"])
    assert parse("docx", docx(f"<w:tbl>{rows}</w:tbl>")).text == "a | b\nc | d\n"


class TestProposals:
    ARTICLE = (ROOT / "corpus/articles/clonazepam-2mg.txt").read_text(encoding="utf-8")

    def test_the_first_articles_glued_caption_is_found(self) -> None:
        assert [each.text for each in skips_of(self.ARTICLE)] == [
            "Tramadol: Side Effects, Dosage, Uses, and More"
        ]

    def test_boilerplate_is_proposed_and_names_with_two_capitals_are_not(self) -> None:
        text = "Title\n\nWe use cookies.\n\nShare this page\n\nMcDonald wrote of OxyContin.\n\n© 2020 Us\n"
        assert [each.text for each in skips_of(text)] == [
            "We use cookies.",
            "Share this page",
            "© 2020 Us",
        ]

    @pytest.mark.parametrize(
        ("title", "text", "subjects"),
        [
            ("Clonazepam", "Klonopin is a name of clonazepam.", ("clonazepam", "Klonopin")),
            ("A tablet", "Sertraline. Zoloft. Sertraline. Ibuprofen.", ("sertraline", "Zoloft")),
            ("A tablet", "Sertraline once.", ()),
            ("A tablet", "Sertraline, ibuprofen. " * 3, ()),
            ("Sleeping well", "Go to bed early.", ()),
        ],
    )
    def test_subjects_are_the_medicines_it_names(
        self, title: str, text: str, subjects: tuple[str, ...]
    ) -> None:
        assert subjects_of(title, text) == subjects


def test_a_refusal_says_why_to_people_and_to_scripts() -> None:
    with pytest.raises(
        DocumentRefusedError, match=r"^its characters cannot be decoded \(byte 3 is not utf-8"
    ) as told:
        parse("text", b"caf\xe9")
    assert told.value.reason == "undecodable"
