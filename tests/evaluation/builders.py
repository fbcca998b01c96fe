"""Small question sets and runs whose figures can be worked out by hand."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.types import AnswerKind, Passage, Span
from evaluation.interface import Reply
from evaluation.judgements import Part, Question, QuestionSet, Role
from evaluation.runner import Outcome, Run


@dataclass(frozen=True)
class Candidate:
    passage: Passage
    score: float
    highlight: Span


def passage(doc_id: str, text: str = "Some words.") -> Passage:
    return Passage(doc_id, 0, len(text), text, "", (Span(0, len(text)),))


def outcome(
    question_id: str,
    ranked: Sequence[str] = (),
    right: Iterable[str] = (),
    probability: float = 0.5,
    kind: AnswerKind = AnswerKind.FOUND,
    role: Role = Role.ANSWERABLE,
    part: Part = "all",
    grades: Mapping[str, int] | None = None,
) -> Outcome:
    """Passages are named by the ids of their documents."""
    candidates = [Candidate(passage(doc_id), 1.0, Span(0, 4)) for doc_id in ranked]
    relevant = {passage(doc_id).passage_id: (grades or {}).get(doc_id, 1) for doc_id in right}
    question = Question(question_id, f"What is {question_id}?", role, part)
    return Outcome(question, Reply(candidates, probability, kind), relevant)


def run_of(*outcomes: Outcome, own: bool = False, parts: tuple[Part, ...] = ("all",)) -> Run:
    questions = tuple(each.question for each in outcomes)
    question_set = QuestionSet("little", questions, {"": []}, parts, own, "0" * 64)
    return Run(question_set, outcomes, "b" * 16, {"version": "1"})


def write_rows(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@dataclass
class Folder:
    """A set in the public layout; change a field, then `write`."""

    corpus: list[dict[str, object]] = field(
        default_factory=lambda: [
            {"_id": "p1", "title": "Uses", "text": "For fits.", "group": "a"},
            {"_id": "p2", "title": "Effects", "text": "It makes some sleepy.", "group": "a"},
            {"_id": "p3", "title": "", "text": "For panic.", "group": "b"},
        ]
    )
    queries: list[dict[str, object]] = field(
        default_factory=lambda: [
            {"_id": "q1", "text": "fits?", "group": "a"},
            {"_id": "q2", "text": "panic?", "group": "b"},
        ]
    )
    unanswerable: list[dict[str, object]] = field(
        default_factory=lambda: [{"_id": "n1", "text": "dose?", "group": "a"}]
    )
    qrels: list[str] = field(default_factory=lambda: ["query-id\tcorpus-id\tscore", "q1\tp1\t1", "q2\tp3\t1"])

    def write(self, folder: Path) -> Path:
        write_rows(folder / "corpus.jsonl", self.corpus)
        write_rows(folder / "queries.jsonl", self.queries)
        write_rows(folder / "queries_unanswerable.jsonl", self.unanswerable)
        (folder / "qrels.tsv").write_text("\n".join(self.qrels) + "\n", encoding="utf-8")
        return folder
