"""`build --compare`: which questions of our own sets get another answer from a new index than from the old."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.answering import Assistant
from assistant.encoder import Encoder
from assistant.index import PassageIndex
from assistant.reader import OFF
from assistant.settings import Settings
from assistant.types import Answer
from evaluation.datasets import SETS_DIR
from evaluation.judgements import Role
from evaluation.own_set import ANSWERABLE
from evaluation.reading import read_rows


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a set, with the turns before it."""

    name: str
    text: str
    history: tuple[str, ...]


def compare(settings: Settings, before: str, after: str, encoder: Encoder) -> Iterator[str]:
    """One line for each question whose kind of answer or passages differ, then how many of how many do.

    `before` and `after` are build ids. Raises `IndexDamagedError` or `IndexStaleError` if one cannot be
    opened, `EvaluationError` if a set cannot be read.
    """
    old, new = (_as_built(settings, each, encoder) for each in (before, after))
    questions = own_questions(SETS_DIR)
    different = 0
    for question in questions:
        first, second = _reply(old, question), _reply(new, question)
        if _shown(first) != _shown(second):
            different += 1
            yield f"{question.name} {question.text!r}: {_difference(first, second)}"
    yield f"answers: {different} of {len(questions)} questions get another answer"


def _as_built(settings: Settings, build_id: str, encoder: Encoder) -> Assistant:
    """The assistant of a generation, with the reader or without, as it was built."""
    index = PassageIndex.open_one(settings.index_dir, build_id, settings.searched_by)
    reader = index.manifest is not None and index.manifest.reader != OFF
    return Assistant(index, encoder, settings.top_k, settings.region, reader=reader)


def own_questions(sets_dir: Path) -> list[Asked]:
    """Every question of our own sets. Their judgements are not needed, so a lost quote is no hindrance."""
    found = []
    for folder in sorted(path.parent for path in sets_dir.glob(f"*/{ANSWERABLE}")):
        for role in Role:
            path = folder / f"{role.value}.jsonl"
            for row in read_rows(path, "id") if path.exists() else ():
                history = row.texts("history") if role is Role.FOLLOWUP else ()
                found.append(Asked(f"{folder.name}/{row.text('id')}", row.text("q"), tuple(history)))
    return found


def _reply(assistant: Assistant, question: Asked) -> Answer:
    about: Sequence[str] = ()
    for earlier in question.history:
        about = assistant.ask(earlier, about).about
    return assistant.ask(question.text, about)


def _shown(answer: Answer) -> tuple[object, ...]:
    return answer.kind, tuple((hit.passage.doc_id, hit.passage.text) for hit in answer.hits)


def _difference(first: Answer, second: Answer) -> str:
    if first.kind != second.kind:
        return f"{first.kind.value}, now {second.kind.value}"
    best = [answer.hits[0].passage.passage_id if answer.hits else "nothing" for answer in (first, second)]
    return f"{best[0]} first, now {best[1]}" if best[0] != best[1] else "other passages after the first"
