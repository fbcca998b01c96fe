"""The trained reader, run by onnxruntime.

`training/train_reader.py` makes it; its card is assistant/models/reader/README.md.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ReaderError
from assistant.reader.spans import best_spans
from assistant.reader.states import PassageStates, States, beside, beside_nothing, states_of
from assistant.types import Span
from assistant.word_pieces import word_pieces

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

FOLDER = Path(__file__).resolve().parent.parent / "models" / "reader"
GRAPH, WEIGHTS, TOKENIZER = "reader.onnx", "weights.bin", "tokenizer.json"
FILES = (GRAPH, WEIGHTS, TOKENIZER)
PASSAGE_TOKENS, QUESTION_TOKENS = 256, 64
"""Word pieces that are read of a passage with its title and heading, and of a question."""
_MOST_WORDS_BEFORE = 40
_QUESTIONS_KEPT = 4
_LAYERS, _WIDTH = 4, 384
_OF_QUESTION = ("logits", "points")
_OF_PASSAGE = (
    *(f"own_{kind}_{layer}" for kind in ("keys", "values") for layer in range(_LAYERS)),
    "own_states",
)
_ASKS, _ASKS_NOT = np.ones(1, np.float32), np.zeros(1, np.float32)
_NOTHING = beside_nothing(_LAYERS, _WIDTH)


class Reading(NamedTuple):
    """What the reader makes of one passage: the logit of "it answers", and the words it points at, in the text read,
    where that is above 0."""

    logit: float
    span: Span | None


class _Loaded(NamedTuple):
    graph: "InferenceSession"
    tokenizer: "Tokenizer"


class Reader:
    """One graph for passages and questions, loaded in the background; the first question waits for it.

    Any thread may ask, and the same question about the same passages gives the same readings. What questions see of a
    passage is computed once and kept for the passages read last.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` holds `FILES`, already verified."""
        self._graph = _Graph(folder)
        self._kept = PassageStates(self._graph.read_passage)
        # Asked for twice: whether all of a question is read, and to read it.
        self._ids = lru_cache(_QUESTIONS_KEPT)(self._graph.ids_of)

    def reads_whole(self, question: str) -> bool:
        """Whether all of the question is read: what a story asks often stands at its end. Raises `ReaderError`."""
        return len(self._ids(question)) <= QUESTION_TOKENS

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """One reading a passage, each given with title and heading `before` it. Raises `ReaderError`."""
        if not passages:
            return []
        states = [self._kept.of(passage) for passage in passages]
        ids = _cut(self._ids(question), QUESTION_TOKENS)
        logits, points = self._graph.run(_OF_QUESTION, ids, asks=_ASKS, **beside(states))
        answering = np.flatnonzero(logits > 0)
        offsets = [states[place].offsets for place in answering]
        spans = dict(zip(answering.tolist(), best_spans(points[answering], offsets), strict=True))
        return [Reading(logit, spans.get(place)) for place, logit in enumerate(logits.tolist())]


class _Graph:
    """What a reader asks. It knows no reader: what a reader keeps of it would else hold the reader for ever."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        pool = ThreadPoolExecutor(1)
        self._loading = pool.submit(_load, folder)
        pool.shutdown(wait=False)

    def ids_of(self, question: str) -> Sequence[int]:
        ids: Sequence[int] = self._loaded.tokenizer.encode(question).ids
        return ids

    def read_passage(self, passage: str) -> States:
        read = self._loaded.tokenizer.encode(passage)
        ids = _cut(read.ids, PASSAGE_TOKENS)
        *kept, states = self.run(_OF_PASSAGE, ids, asks=_ASKS_NOT, **_NOTHING)
        offsets = np.array(read.offsets[: len(ids)], np.int64)
        # The first and last token belong to no word.
        offsets[[0, -1]] = 0
        by_token = [each[0] for each in kept]
        return states_of(by_token[:_LAYERS], by_token[_LAYERS:], states[0], offsets)

    def run(
        self, outputs: Sequence[str], ids: Sequence[int], **inputs: NDArray[np.generic]
    ) -> list[NDArray[np.float32]]:
        found: list[NDArray[np.float32]] = self._loaded.graph.run(
            outputs, {"ids": np.array([ids], np.int64), **inputs}
        )
        return found

    @property
    def _loaded(self) -> "_Loaded":
        try:
            return self._loading.result()
        except Exception as error:
            raise ReaderError(unusable(self._folder, error)) from error


def before(title: str, heading: str) -> str:
    """What is read in front of a passage; of an endless title only the first words."""
    parts = (part for part in (title.strip(), heading.rstrip(" ?")) if part)
    words = "".join(f"{part}. " for part in parts).split(" ")
    return " ".join(words if len(words) <= _MOST_WORDS_BEFORE else [*words[:_MOST_WORDS_BEFORE], ""])


def unusable(folder: Path, error: Exception) -> str:
    """The words for a reader that cannot be used."""
    return (
        f"The reader in {folder} cannot be used ({error}). Get the project anew, or set ASSISTANT_READER=off and "
        "run: python -m assistant build"
    )


def _load(folder: Path) -> _Loaded:
    return _Loaded(_session(folder / GRAPH), word_pieces(folder / TOKENIZER))


def _cut(ids: Sequence[int], most: int) -> list[int]:
    """The first ids and the last, which ends a text."""
    return list(ids) if len(ids) <= most else [*ids[: most - 1], ids[-1]]


def _session(path: Path) -> "InferenceSession":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # The graph was written as it is best run.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    # Hardly two questions have the same lengths: what was planned for each would be kept and never used again.
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
