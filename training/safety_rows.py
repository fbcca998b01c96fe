"""What the second look of the safety layer is trained on: questions, and the outcome each calls for."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path

from assistant.corpus import read_corpus
from assistant.safety.rulebook import rulebook
from assistant.safety.triage import PRIORITY, URGENT
from assistant.settings import ROOT
from evaluation.datasets import DEFAULT_SET, SETS_DIR
from evaluation.reading import Row, read_rows
from evaluation.safety_sets import LABELLED_FILES
from evaluation.splits import WRITTEN_SHARE_APART, half, half_of, kept_apart
from evaluation.written import ARTICLES

SETS = SETS_DIR / "safety"
ARTICLE = ("answerable", "unanswerable", "other_subject", "false_premise", "followup")
WRITTEN = 1500
"""So many questions of our articles on medicines and conditions are learnt."""
_MEDICAL = ("medicines", "conditions")
UNSURE = "unsure"
_HELD_OUT = 6
"""One row in so many is held out to choose the thresholds on."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; `label` is the outcome it calls for, or any other word if it calls for none.

    `everyday` questions were not written as look-alikes: false alarms among them are the worst. An `is_example` stands
    in the rules or in the must-catch list.
    """

    text: str
    label: str
    everyday: bool = False
    is_example: bool = False

    @property
    def outcome(self) -> str:
        """One of `PRIORITY`, empty if none is called for."""
        return self.label if self.label in PRIORITY else ""

    @property
    def is_held_out(self) -> bool:
        """Whether thresholds are chosen on it rather than weights."""
        return not self.is_example and sum(self.text.encode()) % _HELD_OUT == 0


def safety_rows(folders: Iterable[Path]) -> list[Asked]:
    """All rows, each text once: ours but for the test halves, and the tune half of every folder's questions.

    Raises `CorpusError` if the corpus cannot be read.
    """
    everyday = (row for folder in folders for row in _everyday(folder))
    examples = [replace(row, is_example=True) for row in (*_must_catch(), *_examples_of_rules())]
    rows = [*examples, *_ours(), *_about_articles(), *everyday]
    return list({row.text: row for row in reversed(rows)}.values())[::-1]


def _ours() -> list[Asked]:
    whole = [row for name in ("examples", "everyday", "seen") for row in read_rows(SETS / f"{name}.jsonl")]
    halves = [row for name in LABELLED_FILES for row in _tune_half(SETS / name)]
    return [
        Asked(row.text("q"), row.text("label"), row.text("label") == "ordinary") for row in whole + halves
    ]


def _must_catch() -> list[Asked]:
    return [Asked(row.text("q"), row.text("label")) for row in read_rows(SETS / "must_catch.jsonl")]


def _examples_of_rules() -> list[Asked]:
    rules = [rule.text for rule in rulebook().rules]
    matching = [
        Asked(text, rule.outcome)
        for rule in rules
        if rule.outcome in PRIORITY
        for text in rule.must_match
        if rule.outcome in URGENT or _by_rule(text).isdisjoint(URGENT)
    ]
    return matching + _labelled_by_rule(text for rule in rules for text in rule.must_not_match)


def _about_articles() -> list[Asked]:
    """What is asked about the first article, about those of the corpus, and about some of those in training."""
    first = [
        row.text("q") for name in ARTICLE for row in _tune_half(SETS_DIR / DEFAULT_SET / f"{name}.jsonl")
    ]
    documents = read_corpus(ROOT / "corpus").documents
    curated = [question.text for document in documents for question in document.curated]
    return [replace(row, everyday=True) for row in _labelled_by_rule([*first, *curated, *_written()])]


def _written() -> list[str]:
    """`WRITTEN` questions, the same every time, of medical articles that teach encoder and reader too."""
    rows = [(path, row) for path in sorted(ARTICLES.glob("*.jsonl")) for row in read_rows(path, "id")]
    names = [row.text("id") for _, row in rows]
    apart = kept_apart(names, round(WRITTEN_SHARE_APART * len(names)))
    texts = {
        asked["q"]
        for path, row in rows
        if path.stem.startswith(_MEDICAL) and row.text("id") not in apart
        for passage in row.fields["passages"]
        for asked in passage["questions"]
    }
    return sorted(texts, key=lambda text: sha256(text.encode("utf-8")).digest())[:WRITTEN]


def _labelled_by_rule(texts: Iterable[str]) -> list[Asked]:
    """Texts without a label: a judge's word stands, and what is left out is `unsure` or urgent by a rule alone.

    A personal decision is believed.
    """
    asked = [(text, _by_rule(text), judged().get(text, "")) for text in texts]
    return [
        Asked(text, judgement or ("personal_decision" if outcomes else "harmless"))
        for text, outcomes, judgement in asked
        if judgement != UNSURE and (judgement or outcomes.isdisjoint(URGENT))
    ]


@cache
def judged() -> dict[str, str]:
    """The outcome that a question without a label calls for, or `UNSURE` where a clinician might want a card.

    By one author, no clinician, of the questions on which the second look of November 2026 raised an urgent outcome
    or came near it. Whoever asks whether the medicine makes suicidal, or whether stopping it can kill, may ask of
    themselves: `UNSURE`, so that they keep the card that they get.
    """
    return {row.text("q"): row.text("label") for row in read_rows(SETS / "judged.jsonl")}


def _everyday(folder: Path) -> list[Asked]:
    """The tune half of a public set's questions; of training questions (`q`, no id) all, labelled by the rules."""
    paths = [path for path in folder.glob("*.jsonl") if "quer" in path.name or "questions" in path.name]
    rows = [row for path in sorted(paths) for row in read_rows(path)]
    public = [
        Asked(row.text("text"), "ordinary")
        for row in rows
        if "_id" in row.fields and half(row.text("_id") + row.text("text")) == "tune"
    ]
    training = _labelled_by_rule(row.text("q") for row in rows if "_id" not in row.fields)
    return [replace(row, everyday=True) for row in public + training]


def _by_rule(question: str) -> set[str]:
    book = rulebook()
    text = book.read(book.words(question))
    matched: set[str] = {rule.text.outcome for rule in book.rules if rule.matches(text)}
    return matched.intersection(PRIORITY)


def _tune_half(path: Path) -> list[Row]:
    return [row for row in read_rows(path) if half_of(row) == "tune"]
