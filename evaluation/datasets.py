"""Opens a question set by its name or its folder, whichever layout it has."""

from pathlib import Path

from assistant.corpus import read_corpus
from evaluation.errors import EvaluationError
from evaluation.folders import CORPUS, read_folder
from evaluation.handwritten import QUESTIONS, pages_apart, read_handwritten
from evaluation.judgements import QuestionSet
from evaluation.own_set import ANSWERABLE, read_own_set
from evaluation.written import read_further, read_written

SETS_DIR = Path(__file__).parent / "sets"
DEFAULT_SET = "clonazepam"
OF_TRAINING = {"written": read_written, "further": read_further}


def open_set(name_or_path: str, corpus_dir: Path) -> QuestionSet:
    """The set of that name in `evaluation/sets`, or in that folder; our own are asked of `corpus_dir`.

    Of training material, which is `written`, `further` or a folder of hand-written pages, the part is opened that
    teaches neither encoder nor reader; the judge `read` is fitted on it.
    Raises `EvaluationError`, or `CorpusError` if our own articles cannot be read.
    """
    path = Path(name_or_path)
    if read := OF_TRAINING.get(name_or_path):
        return read()
    folder = path if path.is_dir() else SETS_DIR / name_or_path
    if (folder / ANSWERABLE).exists():
        return read_own_set(folder, read_corpus(corpus_dir))
    if (folder / QUESTIONS).exists():
        return pages_apart(read_handwritten(folder))
    if (folder / CORPUS).exists():
        return read_folder(folder)
    raise EvaluationError(
        f"There is no question set {name_or_path}: give the name of a folder in evaluation/sets or the path "
        f"of a folder that has {CORPUS} or {ANSWERABLE}."
    )
