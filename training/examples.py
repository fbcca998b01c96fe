"""What the encoder is trained on: questions, the passages and questions like them, and near misses."""

import json
from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.splits import PAGES_APART, kept_apart

_TEXTS = ("articles.jsonl", "pages.jsonl")


@dataclass(frozen=True)
class Question:
    """A hand-written question; `gold` are the ids of the passages that answer it, none for a near miss."""

    text: str
    page: str
    gold: tuple[str, ...]
    span: str
    near: str


@dataclass(frozen=True)
class Material:
    """Passages as the encoder reads them (title, heading, text), and the questions asked of their pages."""

    passages: dict[str, str]
    pages: dict[str, list[str]]
    answerable: list[Question]
    near_misses: list[Question]
    paraphrases: dict[Question, list[Question]]
    near_to: dict[str, list[Question]]


def read_material(folder: Path) -> tuple[Material, Material]:
    """Training and development material: whole pages are in one or the other."""
    rows = [row for name in _TEXTS for row in _rows(folder / name)]
    names = {row["group"] for row in rows}
    development = kept_apart(names, PAGES_APART)
    questions = _rows(folder / "questions.jsonl")
    return _material(rows, questions, names - development), _material(rows, questions, development)


def _material(
    rows: Sequence[dict[str, Any]], questions: Sequence[dict[str, Any]], pages: AbstractSet[str]
) -> Material:
    own = [row for row in rows if row["group"] in pages]
    passages = {row["_id"]: _as_encoded(row) for row in own}
    by_page: dict[str, list[str]] = defaultdict(list)
    for row in own:
        by_page[row["group"]].append(row["_id"])
    answerable = [_question(row) for row in questions if row["page"] in pages and row["kind"] == "answerable"]
    near = [_question(row) for row in questions if row["page"] in pages and row["kind"] == "unanswerable"]
    near_to: dict[str, list[Question]] = defaultdict(list)
    for question in near:
        near_to[question.near].append(question)
    return Material(passages, dict(by_page), answerable, near, _paraphrases(answerable), dict(near_to))


def _as_encoded(row: dict[str, Any]) -> str:
    return ". ".join(part for part in (row["title"], row["heading"].rstrip(" ?"), row["text"]) if part)


def _question(row: dict[str, Any]) -> Question:
    return Question(row["q"], row["page"], tuple(row["gold"]), row["span"], row["near"])


def _paraphrases(questions: Sequence[Question]) -> dict[Question, list[Question]]:
    """Questions answered by the same words of the same passage."""
    by_passage: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        by_passage[question.gold[0]].append(question)
    return {
        question: [
            other
            for other in by_passage[question.gold[0]]
            if other is not question and (other.span in question.span or question.span in other.span)
        ]
        for question in questions
    }


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
