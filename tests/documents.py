"""Documents made for tests: the same known words as text, Markdown, HTML, Word and PDF."""

import zipfile
from collections.abc import Iterable, Sequence
from html import escape
from io import BytesIO

TITLE = "About little pills"
BODY = [
    ("h", "Uses"),
    ("p", "They are given for fits — 0.5 mg, twice a day — and for “panic” in adults & teenagers."),
    ("p", "Nobody knows quite why they help; see the low-dose advice below."),
    ("h", "Effects"),
    ("i", "Sleepiness"),
    ("i", "Dizziness (in about 1 of 10 people)"),
    ("p", "Tell your doctor if it lasts longer than 2 weeks."),
]


def as_text() -> bytes:
    """Plain text, blank lines between paragraphs."""
    return "\n\n".join([TITLE, *(text for _, text in BODY)]).encode() + b"\n"


def as_markdown() -> bytes:
    """Headings, a list, emphasis and a link."""
    marks = {"h": "## ", "p": "", "i": "- "}
    lines = [f"# {TITLE}", *(marks[kind] + text for kind, text in BODY)]
    text = "\n\n".join(lines).replace("twice a day", "*twice* a [day](https://example.org)")
    return text.encode()


def as_html(encoding: str = "utf-8") -> bytes:
    """A page with everything that stands around an article."""
    tags = {"h": "h2", "p": "p", "i": "li"}
    parts = "\n".join(f"<{tags[kind]}>{escape(text)}</{tags[kind]}>" for kind, text in BODY)
    parts = parts.replace("<li>", "<ul><li>", 1).replace("</li>\n<p>", "</li></ul>\n<p>")
    page = f"""<!DOCTYPE html><html><head><meta charset="{encoding}"><title>Site name</title>
<link rel="canonical" href="https://example.org/pills"><meta property="og:site_name" content="Example Trust">
<style>p {{ color: red }}</style></head><body><nav><a href="/">Home menu words</a></nav>
<div class="cookie-banner">We like biscuits</div><article><h1>{TITLE}</h1>{parts}
<figure><img src="a.png"><figcaption>A caption of a picture</figcaption></figure></article>
<footer>Small print</footer><script>alert("script words")</script></body></html>"""
    return page.encode(encoding, "xmlcharrefreplace")


def docx(body: str, **members: str) -> bytes:
    """A Word document with this body; `members` are further files, `_` for `.` and `__` for `/` in names."""
    main = (
        '<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w='
        f'"http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>'
    )
    types = (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>'
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = (
        '<?xml version="1.0"?><Relationships xmlns='
        '"http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    return zipped({"[Content_Types].xml": types, "_rels/.rels": links, "word/document.xml": main, **members})


def zipped(members: dict[str, str]) -> bytes:
    """A ZIP file of these."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return packed.getvalue()


def as_docx() -> bytes:
    """Headings and list items by Word's own styles; one word deleted and one inserted by tracked changes."""
    styles = {"h": "Heading2", "i": "ListParagraph", "t": "Heading1"}

    def paragraph(kind: str, text: str) -> str:
        style = f'<w:pPr><w:pStyle w:val="{styles[kind]}"/></w:pPr>' if kind in styles else ""
        first, _, rest = escape(text).partition(" ")
        return (
            f'<w:p>{style}<w:r><w:t xml:space="preserve">{first} </w:t></w:r>'
            '<w:del w:id="1" w:author="a"><w:r><w:delText>deleted</w:delText></w:r></w:del>'
            f'<w:ins w:id="2" w:author="a"><w:r><w:t>{rest}</w:t></w:r></w:ins></w:p>'
        )

    names = {"Heading1": "heading 1", "Heading2": "heading 2", "ListParagraph": "List Paragraph"}
    sheet = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in names.items()
    )
    styles_xml = (
        '<?xml version="1.0"?><w:styles xmlns:w='
        f'"http://schemas.openxmlformats.org/wordprocessingml/2006/main">{sheet}</w:styles>'
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = (
        '<?xml version="1.0"?><Relationships xmlns='
        '"http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        f'Type="{office}/styles" Target="styles.xml"/></Relationships>'
    )
    body = "".join(paragraph(kind, text) for kind, text in [("t", TITLE), *BODY])
    return docx(body, **{"word/styles.xml": styles_xml, "word/_rels/document.xml.rels": links})


Line = tuple[float, float, float, str]
"""Left, baseline, size, text; points from the lower left corner."""


def pdf(pages: Sequence[Iterable[Line]], more: str = "", page_more: str = "") -> bytes:
    """A PDF with these lines in Helvetica; `more` are objects numbered from 4 + 2 × pages."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in enumerate(pages):
        shown = "".join(
            f"BT /F1 {size} Tf {left} {base} Td ({_escaped(text)}) Tj ET\n"
            for left, base, size, text in lines
        )
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> "
            f"{page_more} >> /Contents {5 + 2 * number} 0 R >>"
        )
        objects.append(f"<< /Length {len(shown)} >>\nstream\n{shown}endstream")
    objects += [more] if more else []
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    end += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + end.encode()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def as_pdf() -> bytes:
    """One page: large headings, paragraphs of wrapped lines, bullets, one word parted by a hyphen."""
    lines: list[Line] = [(72, 780, 20, TITLE)]
    top = 740.0
    for kind, text in BODY:
        size = 15.0 if kind == "h" else 11.0
        text = f"• {text}" if kind == "i" else text
        for line in _wrapped(text, 60):
            lines.append((72, top, size, line))
            top -= 14
        top -= 12
    return pdf([lines])


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
