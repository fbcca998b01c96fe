"""An assistant by rule: a word in the question chooses the reply, so tests know it beforehand."""

import atexit
import hashlib
import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

from assistant.articles import Articles
from assistant.building import encode_corpus, split_corpus
from assistant.corpus import read_corpus
from assistant.errors import QuestionError
from assistant.feedback import FeedbackFile
from assistant.index import PassageIndex
from assistant.messages import NOTICES
from assistant.safety.triage import Triage
from assistant.safety.urgent import card_notices
from assistant.settings import ROOT
from assistant.types import Answer, AnswerKind, Hit, Notice, Passage, Source, Span
from tests.fakes import WordEncoder

HOSTILE_ARTICLE = (
    "* not a list * # not a heading, $$x^2$$ and $y$, <b>bold</b> \u2039guillemets\u203a _not_ **this**\r\n"
    "1986. A year, not a list.\tTabs\t\tstay.  Double  spaces   stay.\r\n"
    "\r\n"
    "    Four spaces are not code. \u202eright to left\u202c and back, a smile \U0001f642, e\u0301.\r"
    '${value} {{value}} {{{value}}} `code` ${alert(1)} \\ \\n __i18n__{"key": "x"}\n'
    "<script>alert(1)</script> <img src=x onerror=alert(1)> &amp; &lt; &#13; </blockquote></div><!-- \n"
    "![x](http://example.com/x.png) [link](http://example.com/) javascript:alert(1) <a href='//x.org'>\n"
    "An override that is never closed: \u202etxet\u2066 \"quoted\" 'so' ` end \u00a0\u2028 here.  \r\n"
    '<svg/onload=alert(1)> "><iframe src=javascript:alert(1)> </template></textarea></style></script><style>*{}\r\n'
    "{{constructor.constructor('alert(1)')()}} ${alert`1`} <%= 1 %> #{1} %0d%0a \\u003cscript> &#60;b&#62; ]]>\r\n"
    "Z\u0351\u036b\u0343\u036aa\u0302l\u034ago \ufdfd \U0001f468\u200d\U0001f469\u200d\U0001f467 "
    "\U0001d54f \ufeff\u200b\u200f\u061c \u05d0\u05d1\u05d2 123 \u0e01\u0e33 \uff1cb\uff1e\r\n"
)
FIRST_ARTICLE = (ROOT / "corpus" / "articles" / "clonazepam-2mg.txt").read_bytes().decode("utf-8")
LITTLE_ARTICLE = (
    "Little\n\nUses\n\nIt is for fits.A caption. It is for panic.\n\n## Risks ##\n\n- It makes sleepy.\n"
)
TEXTS = {"first": FIRST_ARTICLE, "hostile": HOSTILE_ARTICLE, "little": LITTLE_ARTICLE}
TITLES = {
    "first": FIRST_ARTICLE.splitlines()[0],
    "hostile": "A <b>hostile</b> ${value} \u202etitle",
    "little": "Little",
}
FACTS = {
    "first": Source("unknown", "unknown", "unknown", "unknown", ""),
    "hostile": Source("<i>A & B</i>", 'https://example.org/?a=1&b="2"', "CC BY 4.0", "2024-05-01", ""),
    "little": Source("Little Trust", "javascript:alert(1)", "unknown", "2026", ""),
}
SOURCES = {
    name: replace(facts, sha256=hashlib.sha256(TEXTS[name].encode()).hexdigest())
    for name, facts in FACTS.items()
}
EXAMPLES = {
    "first": ("What is clonazepam used for?", "How does clonazepam work?", "xyzzy is not answered"),
    "hostile": ("Is it hostile <img src=x onerror=alert(1)>?",),
    "little": (),
}
SKIPPED = {"little": "A caption."}


def write_articles(folder: Path) -> Path:
    """A corpus folder with the three articles."""
    (folder / "articles").mkdir(parents=True)
    tables = []
    for name, text in TEXTS.items():
        (folder / "articles" / f"{name}.txt").write_bytes(text.encode())
        source = SOURCES[name]
        entry = {
            "id": name,
            "file": f"{name}.txt",
            "title": TITLES[name],
            "publisher": source.publisher,
            "url": source.url,
            "licence": source.licence,
            "reviewed": source.reviewed,
            "sha256": source.sha256,
            "subjects": [f"{name} <s>subject</s>"],
            "examples": list(EXAMPLES[name]),
        }
        lines = ["[[article]]", *(f"{key} = {json.dumps(value)}" for key, value in entry.items())]
        if name in SKIPPED:
            lines += ["[[article.skipped]]", f"text = {json.dumps(SKIPPED[name])}"]
        tables.append("\n".join(lines))
    (folder / "sources.toml").write_text("\n\n".join(tables), encoding="utf-8")
    return folder


def open_articles(folder: Path) -> Articles:
    """The three articles, indexed in memory."""
    corpus = read_corpus(write_articles(folder))
    encoder = WordEncoder(["fits", "panic"])
    content = encode_corpus(corpus.documents, split_corpus(corpus, encoder), encoder)
    return Articles(PassageIndex.in_memory(content), folder)


def hit_at(doc_id: str, span: Span, highlight: Span, rank: int = 1, heading: str = "") -> Hit:
    """The slice of a test article as a hit."""
    passage = Passage(doc_id, *span, TEXTS[doc_id][slice(*span)], heading, (Span(*span),))
    return Hit(passage, TITLES[doc_id], SOURCES[doc_id], 1 / rank, rank, highlight)


HOSTILE_HIT = hit_at("hostile", Span(0, len(HOSTILE_ARTICLE)), Span(90, 160), heading="<u>Uses</u> ${value}")
LITTLE_HIT = hit_at("little", Span(14, 29), Span(14, 29), heading="Uses")


def first_article_hits() -> tuple[Hit, ...]:
    """The first article whole, and three slices of it."""
    spans = [Span(0, len(FIRST_ARTICLE)), Span(74, 400), Span(600, 1100), Span(1100, 1350)]
    return tuple(hit_at("first", s, Span(s.start, s.start + 60), rank) for rank, s in enumerate(spans, 1))


class FakeAssistant:
    """Keeps the real one's contract, without an index."""

    def __init__(self) -> None:
        folder = Path(mkdtemp())
        atexit.register(shutil.rmtree, folder)
        self.corpus_dir = folder / "corpus"
        self.articles = open_articles(self.corpus_dir)
        wanted = "ASSISTANT_FEEDBACK_FILE" in os.environ
        self.feedback = FeedbackFile(Path(os.environ["ASSISTANT_FEEDBACK_FILE"])) if wanted else None

    def ask(self, question: str, about: Sequence[str] = ()) -> Answer:
        """The reply its words ask for."""
        if not question.strip():
            raise QuestionError("Type a question first.")
        if len(question) > 1000:
            raise QuestionError("Ask in at most 1,000 characters.")
        if "break" in question:
            raise RuntimeError(f"cannot answer {question}")
        if "slowly" in question:
            time.sleep(1.5)
        if "hostile" in question:
            return Answer(question, AnswerKind.FOUND, hits=(HOSTILE_HIT,))
        if "clonazepam" in question:
            return Answer(question, AnswerKind.FOUND, hits=first_article_hits())
        if "fits" in question:
            return Answer(
                question, AnswerKind.RELATED, (Notice("related", NOTICES["related"]),), (LITTLE_HIT,)
            )
        if "aspirin" in question:
            return Answer(question, AnswerKind.NOT_COVERED, (Notice("not_covered", "Not about aspirin."),))
        if "overdose" in question:
            return Answer(question, AnswerKind.URGENT, card_notices(Triage(("emergency",)), "US"))
        return Answer(question, AnswerKind.NOT_FOUND, (Notice("not_found", "Not in these articles."),))
