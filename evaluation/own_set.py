"""Reads our own question sets: gold answers are exact quotes from the articles of the corpus.

`answerable.jsonl` (id, q, style, gold), and where there are any `unanswerable.jsonl` (id, q, near, missing),
`other_subject.jsonl` (id, q, subject, type), `false_premise.jsonl` (id, q, premise, gold) and
`followup.jsonl` (id, history, q, gold). A row may state its `part`; otherwise a hash decides on the half.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from assistant.corpus import Corpus
from assistant.types import Document
from evaluation.errors import EvaluationError
from evaluation.judgements import GoldSpan, Question, QuestionSet, Role
from evaluation.reading import Row, read_rows, sha256_of
from evaluation.splits import half_of

ANSWERABLE = "answerable.jsonl"
_READ_APART = {"id", "q", "gold", "history", "part"}
_WITH_GOLD = {Role.ANSWERABLE, Role.FALSE_PREMISE, Role.FOLLOWUP}


def read_own_set(folder: Path, corpus: Corpus) -> QuestionSet:
    """The set in `folder`, asked of `corpus`; figures are quoted for the test half.

    Raises `EvaluationError` saying which file and line is wrong.
    """
    paths = {role: folder / f"{role.value}.jsonl" for role in Role}
    present = {role: path for role, path in paths.items() if role is Role.ANSWERABLE or path.exists()}
    questions = [
        _question(row, role, corpus) for role, path in present.items() for row in read_rows(path, "id")
    ]
    if not any(question.role is Role.ANSWERABLE for question in questions):
        raise EvaluationError(f"{folder.name}: {ANSWERABLE} has no question.")
    _refuse_repeated([question.question_id for question in questions], folder.name)
    return QuestionSet(
        name=folder.resolve().name,
        questions=tuple(questions),
        collections={"": corpus},
        parts=("test", "tune"),
        own=True,
        sha256=sha256_of(present.values()),
    )


def _question(row: Row, role: Role, corpus: Corpus) -> Question:
    question_id, text = row.text("id"), row.text("q")
    told = {key: value for key, value in row.fields.items() if key not in _READ_APART}
    return Question(
        question_id=question_id,
        text=text,
        role=role,
        part=half_of(row),
        gold=_gold(row, corpus.documents) if role in _WITH_GOLD else (),
        history=row.texts("history") if role is Role.FOLLOWUP else (),
        about={key: str(value) for key, value in told.items()},
    )


def _gold(row: Row, documents: Sequence[Document]) -> tuple[GoldSpan, ...]:
    return tuple(span for quote in row.texts("gold") for span in _places(row, quote, documents))


def _places(row: Row, quote: str, documents: Sequence[Document]) -> list[GoldSpan]:
    """Every place where the quote stands: an article that repeats itself answers at each."""
    places = [
        GoldSpan(document.doc_id, match.start(), match.end())
        for document in documents
        for match in re.finditer(re.escape(quote), document.text)
    ]
    if not places:
        raise EvaluationError(f'{row.where}: no article says, word for word: "{quote}"')
    return places


def _refuse_repeated(ids: Sequence[str], name: str) -> None:
    repeated = sorted({question_id for question_id in ids if ids.count(question_id) > 1})
    if repeated:
        raise EvaluationError(f"{name}: used for more than one question: {', '.join(repeated)}")
