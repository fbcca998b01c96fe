"""Parts of a Word document that are no text of the article: left out, and told to whoever brings it in."""

import pytest

from assistant.ingest.sandbox import parse
from assistant.ingest.types import Dropped
from tests.documents import docx

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*runs: str) -> str:
    return f"<w:p>{''.join(runs)}</w:p>"


def with_part(name: str, content: str) -> dict[str, str]:
    """A further part of the package, and the relation that makes it one."""
    relation = f'<Relationship Id="r1" Type="{_OFFICE}/{name}" Target="{name}.xml"/>'
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    return {
        f"word/{name}.xml": f'<?xml version="1.0"?>{content}',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{package}">{relation}</Relationships>',
    }


MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


@pytest.mark.parametrize(
    ("body", "text", "dropped"),
    [
        (
            paragraph(
                run("Take "),
                "<w:del><w:r><w:delText>two </w:delText></w:r><w:r><w:delText>or three</w:delText></w:r></w:del>",
                f'<w:ins w:id="2">{run("one")}</w:ins>',
            ),
            "Take one\n",
            [Dropped("deleted by a tracked change", "two or three")],
        ),
        (paragraph(run("seen"), run(" hidden", "<w:vanish/>")), "seen\n", [Dropped("hidden", "hidden")]),
        (paragraph(run("seen"), run(" too", '<w:vanish w:val="0"/>')), "seen too\n", []),
        (
            paragraph(run("Dose: "), f"<m:oMath {MATH}><m:r><m:t>a+b</m:t></m:r></m:oMath>"),
            "Dose:\n",
            [Dropped("formula", "a+b")],
        ),
        (
            paragraph(run("10"), run("6", '<w:vertAlign w:val="superscript"/>'), run(" cells")),
            "10⁶ cells\n",
            [],
        ),
        (
            paragraph(run("Text")) + '<w:altChunk r:id="x" xmlns:r="r"/>',
            "Text\n",
            [Dropped("document within the document", "it is not read: give it by itself")],
        ),
    ],
    ids=["tracked change", "hidden", "not hidden", "formula", "raised", "document in it"],
)
def test_what_is_no_text_is_told(body: str, text: str, dropped: list[Dropped]) -> None:
    found = parse("docx", docx(body))
    assert (found.text, list(found.dropped)) == (text, dropped)


def test_footnotes_are_marked_as_word_marks_them() -> None:
    notes = f'<w:footnotes {_W}><w:footnote w:id="2">{paragraph(run("The note."))}</w:footnote></w:footnotes>'
    body = paragraph(run("Text"), '<w:r><w:footnoteReference w:id="2"/></w:r>', run(" goes on [1]."))
    assert (
        parse("docx", docx(body, **with_part("footnotes", notes))).text
        == "Text¹ goes on [1].\n\n1. The note.\n"
    )


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("comments", f'<w:comments {_W}><w:comment w:id="0">{{}}</w:comment></w:comments>', "comment"),
        ("header1", f"<w:hdr {_W}>{{}}</w:hdr>", "page header"),
        ("footer2", f"<w:ftr {_W}>{{}}</w:ftr>", "page footer"),
    ],
)
def test_what_stands_beside_the_text_is_told(name: str, content: str, kind: str) -> None:
    part = content.format(paragraph(run("Is this")) + paragraph(run("right?")))
    found = parse("docx", docx(paragraph(run("The words.")), **with_part(name, part)))
    assert (found.text, found.dropped) == ("The words.\n", (Dropped(kind, "Is this right?"),))
