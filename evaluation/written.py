"""Reads the articles written together with their questions as a question set, one closed collection an article."""

from collections.abc import Sequence
from pathlib import Path

from assistant.settings import ROOT
from assistant.topics.recogniser import CONDITION, MEDICINE
from evaluation.judgements import Entry, GoldSpan, Question, QuestionSet, Role
from evaluation.reading import Row, read_rows, sha256_of
from evaluation.splits import WRITTEN_SHARE_APART, kept_apart

ARTICLES = ROOT / "training" / "articles"
_DOMAINS = {"medicines": MEDICINE, "conditions": CONDITION}


def read_written(folder: Path = ARTICLES) -> QuestionSet:
    """The articles in `folder` that teach neither encoder nor reader. Raises `EvaluationError`."""
    paths = sorted(folder.glob("*.jsonl"))
    rows = [
        (row, _DOMAINS.get(path.stem.rsplit("-", 1)[0], ""))
        for path in paths
        for row in read_rows(path, "id")
    ]
    names = [row.text("id") for row, _ in rows]
    apart = kept_apart(names, round(WRITTEN_SHARE_APART * len(names)))
    collections: dict[str, Sequence[Entry]] = {}
    questions: list[Question] = []
    for row, domain in rows:
        if row.text("id") in apart:
            collections[row.text("id")] = _entries(row, domain)
            questions += _questions(row)
    return QuestionSet("written", tuple(questions), collections, ("all",), False, sha256_of(paths))


def _entries(article: Row, domain: str) -> list[Entry]:
    return [
        Entry(
            _doc_id(article, number),
            ". ".join(part for part in (article.text("title"), passage["heading"]) if part),
            passage["text"],
            domain,
        )
        for number, passage in enumerate(article.fields["passages"])
    ]


def _questions(article: Row) -> list[Question]:
    found = []
    for number, passage in enumerate(article.fields["passages"]):
        doc_id = _doc_id(article, number)
        for place, asked in enumerate(passage["questions"]):
            role = Role(asked["kind"])
            gold = (GoldSpan(doc_id, 0, len(passage["text"])),) if role is Role.ANSWERABLE else ()
            found.append(Question(f"{doc_id}.{place}", asked["q"], role, "all", article.text("id"), gold))
    return found


def _doc_id(article: Row, number: int) -> str:
    return f"{article.text('id')}#{number}"
