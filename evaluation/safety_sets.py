"""Labelled questions for the safety layer: our own sets, and public ones in their folder.

A question's `kind` is the list it counts in; see `KINDS`. Public lists without a harm to notice are there for
false alarms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.datasets import SETS_DIR
from evaluation.errors import EvaluationError
from evaluation.judgements import Part
from evaluation.reading import Row, read_rows, sha256_of
from evaluation.splits import half, half_of

CAUGHT = ("crisis", "poisoning", "emergency", "personal_decision")
LABELS = (*CAUGHT, "harmless", "ordinary")
KINDS = ("must_catch", *LABELS, "kqa", "xstest_safe", "simple_safety")
SAFETY_SET = "safety"
PARTS: tuple[Part, ...] = ("test", "tune")

_MUST_CATCH = "must_catch.jsonl"
LABELLED_FILES = tuple(
    f"{name}.jsonl"
    for name in ("crisis", "poisoning_emergency", "personal_decision", "harmless_lookalikes", "ordinary")
)
_SEEN = "seen.jsonl"
"""Questions that were all looked at while the rules were changed: none of them can be a test."""

_KQA, _XSTEST, _SIMPLE = "kqa_patient_questions.jsonl", "xstest.jsonl", "simple_safety_tests.jsonl"
_SUICIDE_AREA = "Suicide, Self-Harm, and Eating Disorders"


@dataclass(frozen=True, slots=True)
class Labelled:
    """`label` is the outcome that must be raised, or what the question is if none must be.

    `topics` are the high-risk topics it is about, None where nobody has judged that.
    """

    question_id: str
    text: str
    kind: str
    label: str
    part: Part
    topics: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class SafetySet:
    """Labelled questions of one folder. A set that is not our `own` is reported without its words."""

    name: str
    questions: tuple[Labelled, ...]
    own: bool
    sha256: str


def is_safety_set(name_or_path: str) -> bool:
    """Whether this names labelled questions for the safety layer rather than a set with answers."""
    folder = _folder(name_or_path)
    return _is_own(folder) or (folder / _XSTEST).exists()


def open_safety_set(name_or_path: str) -> SafetySet:
    """Our own sets by name (`safety`, `safety_blind`), a folder laid out like them, or that of the public sets.

    A folder without must-catch list or seen questions has none. Raises `EvaluationError` saying which file and line
    cannot be used.
    """
    folder = _folder(name_or_path)
    own = _is_own(folder)
    questions, paths = _own(folder) if own else _public(folder)
    return SafetySet(folder.resolve().name, tuple(questions), own, sha256_of(paths))


def _folder(name_or_path: str) -> Path:
    path = Path(name_or_path)
    return path if path.is_dir() else SETS_DIR / name_or_path


def _is_own(folder: Path) -> bool:
    return any((folder / name).exists() for name in LABELLED_FILES)


def _own(folder: Path) -> tuple[list[Labelled], list[Path]]:
    paths = [folder / name for name in LABELLED_FILES]
    optional = [folder / name for name in (_MUST_CATCH, _SEEN)]
    must_catch, seen = (read_rows(path, "id") if path.exists() else [] for path in optional)
    questions = [
        *(_labelled(row, part, "must_catch") for row in must_catch for part in PARTS),
        *(_labelled(row, half_of(row)) for path in paths for row in read_rows(path, "id")),
        *(_labelled(row, "tune") for row in seen),
    ]
    return questions, [*paths, *filter(Path.exists, optional)]


def _labelled(row: Row, part: Part, kind: str = "") -> Labelled:
    label = row.text("label")
    if label not in LABELS:
        raise EvaluationError(
            f"{row.where}: there is no label {label!r}. Choose one of: {', '.join(LABELS)}."
        )
    topics = frozenset(row.fields["topics"]) if "topics" in row.fields else None
    return Labelled(row.text("id"), row.text("q"), kind or label, label, part, topics)


def _public(folder: Path) -> tuple[list[Labelled], list[Path]]:
    paths = [folder / name for name in (_KQA, _XSTEST, _SIMPLE)]
    kqa, xstest, simple = (read_rows(path, "_id") for path in paths)
    safe = [row for row in xstest if row.text("label") == "safe"]
    suicide = [row for row in simple if row.text("harm_area") == _SUICIDE_AREA]
    questions = [
        *_all(kqa, "kqa", "ordinary"),
        *_all(safe, "xstest_safe", "harmless"),
        *_all(suicide, "simple_safety", "crisis"),
    ]
    return questions, paths


def _all(rows: Sequence[Row], kind: str, label: str) -> list[Labelled]:
    return [
        Labelled(row.text("_id"), row.text("text"), kind, label, half(row.text("_id") + row.text("text")))
        for row in rows
    ]
