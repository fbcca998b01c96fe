"""Reads the articles written together with their questions as a question set, one closed collection an article."""

from collections.abc import Sequence
from pathlib import Path

from assistant.settings import ROOT
from assistant.topics.recogniser import CONDITION, MEDICINE
from evaluation.judgements import Entry, GoldSpan, Question, QuestionSet, Role
from evaluation.reading import Row, read_rows, sha256_of
from evaluation.splits import WRITTEN_SHARE_APART, kept_apart

ARTICLES = ROOT / "training" / "articles"
FURTHER_APART = ROOT / "training" / "further" / "apart"
_DOMAINS = {"medicines": MEDICINE, "conditions": CONDITION}

Article = tuple[Row, str]
"""With its domain, empty where that is not known."""


def read_written(folder: Path = ARTICLES) -> QuestionSet:
    """The articles in `folder` that teach neither encoder nor reader. Raises `EvaluationError`."""
    articles = _articles(folder)
    names = [row.text("id") for row, _ in articles]
    apart = kept_apart(names, round(WRITTEN_SHARE_APART * len(names)))
    return _set("written", [each for each in articles if each[0].text("id") in apart], folder)


def read_further(folder: Path = FURTHER_APART) -> QuestionSet:
    """Further articles, all of which teach neither encoder nor reader. Raises `EvaluationError`."""
    return _set("further", _articles(folder), folder)


def _articles(folder: Path) -> list[Article]:
    return [
        (row, _DOMAINS.get(path.stem.rsplit("-", 1)[0], ""))
        for path in sorted(folder.glob("*.jsonl"))
        for row in read_rows(path, "id")
    ]


def _set(name: str, articles: Sequence[Article], folder: Path) -> QuestionSet:
    questions = tuple(question for row, _ in articles for question in _questions(row))
    collections = {row.text("id"): _entries(row, domain) for row, domain in articles}
    return QuestionSet(name, questions, collections, ("all",), False, sha256_of(folder.glob("*.jsonl")))


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
    found = list[Question]()
    for number, passage in enumerate(article.fields["passages"]):
        doc_id = _doc_id(article, number)
        for place, asked in enumerate(passage["questions"]):
            role = Role(asked["kind"])
            gold = (GoldSpan(doc_id, 0, len(passage["text"])),) if role is Role.ANSWERABLE else ()
            found.append(Question(f"{doc_id}.{place}", asked["q"], role, "all", article.text("id"), gold))
    return found


def _doc_id(article: Row, number: int) -> str:
    return f"{article.text('id')}#{number}"
