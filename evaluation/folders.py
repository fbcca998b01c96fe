"""Reads a question set in the layout of the public sets.

`corpus.jsonl` (_id, title, text[, group]), `queries.jsonl` (_id, text[, group]), `qrels.tsv` with the header
query-id, corpus-id, score, and where there are any `queries_unanswerable.jsonl`. A `group` is a closed
corpus: its questions are asked of its passages only.
"""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from evaluation.errors import EvaluationError
from evaluation.judgements import Entry, GoldSpan, Question, QuestionSet, Role
from evaluation.reading import Row, read_rows, read_tsv, sha256_of

CORPUS = "corpus.jsonl"
_QUERIES = "queries.jsonl"
_QRELS = "qrels.tsv"
_UNANSWERABLE = "queries_unanswerable.jsonl"
_COLUMNS = ("query-id", "corpus-id", "score")

_Judgements = dict[str, list[GoldSpan]]


def read_folder(folder: Path) -> QuestionSet:
    """The set in `folder`. Raises `EvaluationError` saying which file and line is wrong."""
    corpus = {row.text("_id"): row for row in read_rows(folder / CORPUS, "_id")}
    queries = {row.text("_id"): row for row in read_rows(folder / _QUERIES, "_id")}
    gold = _read_qrels(folder / _QRELS, queries, corpus)
    if not gold:
        raise EvaluationError(f"{folder.name}: no question has a passage that answers it; see {_QRELS}.")
    collections = _collections(corpus)
    answerable = [_question(queries[query_id], Role.ANSWERABLE, tuple(gold[query_id])) for query_id in gold]
    unanswerable = _read_unanswerable(folder / _UNANSWERABLE, queries)
    questions = tuple(answerable + unanswerable)
    for question in questions:
        if question.group not in collections:
            raise EvaluationError(
                f"{folder.name}: question {question.question_id} is of the group {question.group!r}, "
                f"of which {CORPUS} has no passage."
            )
    paths = [path for path in folder.iterdir() if path.name in (CORPUS, _QUERIES, _QRELS, _UNANSWERABLE)]
    return QuestionSet(
        name=folder.resolve().name,
        questions=questions,
        collections=collections,
        parts=("all",),
        own=False,
        sha256=sha256_of(paths),
        unjudged=len(queries) - len(gold),
    )


def _read_qrels(path: Path, queries: Mapping[str, Row], corpus: Mapping[str, Row]) -> _Judgements:
    """The gold spans of each question that has one, in the order of `queries`."""
    gold: _Judgements = defaultdict(list)
    for number, (query_id, corpus_id, score) in read_tsv(path, _COLUMNS):
        where = f"{path.name}, line {number}"
        if query_id not in queries:
            raise EvaluationError(f"{where}: the question {query_id} is not in {_QUERIES}.")
        if corpus_id not in corpus:
            raise EvaluationError(f"{where}: the passage {corpus_id} is not in {CORPUS}.")
        if _group(queries[query_id]) != _group(corpus[corpus_id]):
            raise EvaluationError(f"{where}: {query_id} and {corpus_id} are not of the same group.")
        if (grade := _grade(where, score)) > 0:
            gold[query_id].append(GoldSpan(corpus_id, 0, len(corpus[corpus_id].text("text")), grade))
    return {query_id: gold[query_id] for query_id in queries if query_id in gold}


def _read_unanswerable(path: Path, answerable: Mapping[str, Row]) -> list[Question]:
    if not path.exists():
        return []
    rows = read_rows(path, "_id")
    for row in rows:
        if row.text("_id") in answerable:
            raise EvaluationError(f"{row.where}: the id {row.text('_id')} is also in {_QUERIES}.")
    return [_question(row, Role.UNANSWERABLE) for row in rows]


def _question(row: Row, role: Role, gold: tuple[GoldSpan, ...] = ()) -> Question:
    return Question(row.text("_id"), row.text("text"), role, group=_group(row), gold=gold)


def _collections(corpus: Mapping[str, Row]) -> dict[str, list[Entry]]:
    collections: dict[str, list[Entry]] = defaultdict(list)
    for doc_id, row in corpus.items():
        collections[_group(row)].append(Entry(doc_id, row.text("title", default=""), row.text("text")))
    return dict(collections)


def _group(row: Row) -> str:
    return row.text("group", default="")


def _grade(where: str, score: str) -> int:
    try:
        return int(score)
    except ValueError:
        raise EvaluationError(f"{where}: the score {score!r} is not a whole number.") from None
