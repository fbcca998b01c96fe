"""Reads a folder of hand-written training questions as a question set, one closed collection a page.

`pages.jsonl` (about conditions) and `articles.jsonl` (about medicines) hold the passages (_id, group, title,
heading, text), `questions.jsonl` (page, q, kind, gold) the questions.
"""

from collections.abc import Container, Iterator
from dataclasses import replace
from pathlib import Path

from assistant.topics.recogniser import CONDITION, MEDICINE
from evaluation.judgements import Entry, GoldSpan, Question, QuestionSet, Role
from evaluation.reading import Row, read_rows, sha256_of
from evaluation.splits import PAGES_APART, kept_apart

QUESTIONS = "questions.jsonl"
_TEXTS = {"pages.jsonl": CONDITION, "articles.jsonl": MEDICINE}
_ROLES = {
    "answerable": Role.ANSWERABLE,
    "unanswerable": Role.UNANSWERABLE,
    "other_subject": Role.OTHER_SUBJECT,
}


def read_handwritten(folder: Path) -> QuestionSet:
    """The set in `folder`; questions with a false premise are left out. Raises `EvaluationError`."""
    paths = [folder / name for name in (*_TEXTS, QUESTIONS)]
    collections: dict[str, list[Entry]] = {}
    lengths: dict[str, int] = {}
    for path in paths[:-1]:
        domain = _TEXTS[path.name]
        for row in read_rows(path, "_id"):
            title = ". ".join(part for part in (row.text("title", ""), row.text("heading", "")) if part)
            entry = Entry(row.text("_id"), title, row.text("text"), domain)
            collections.setdefault(row.text("group"), []).append(entry)
            lengths[entry.doc_id] = len(entry.text)
    questions = tuple(_questions(paths[-1], lengths))
    return QuestionSet("handwritten", questions, collections, ("all",), False, sha256_of(paths))


def pages_apart(pages: QuestionSet) -> QuestionSet:
    """The pages that teach neither encoder nor reader."""
    return only_pages(pages, kept_apart(pages.collections, PAGES_APART))


def only_pages(pages: QuestionSet, names: Container[str]) -> QuestionSet:
    """The pages of these names and the questions asked of them."""
    return replace(
        pages,
        questions=tuple(question for question in pages.questions if question.group in names),
        collections={name: page for name, page in pages.collections.items() if name in names},
    )


def _questions(path: Path, lengths: dict[str, int]) -> Iterator[Question]:
    for number, row in enumerate(read_rows(path), start=1):
        if role := _ROLES.get(row.text("kind")):
            gold = tuple(GoldSpan(doc_id, 0, lengths[doc_id]) for doc_id in _gold(row))
            yield Question(f"h{number}", row.text("q"), role, "all", row.text("page"), gold)


def _gold(row: Row) -> list[str]:
    return [str(doc_id) for doc_id in row.fields["gold"]]
