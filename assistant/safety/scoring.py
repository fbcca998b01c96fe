"""How much a question calls for each outcome: a small trained transformer, run by onnxruntime.

`training/train_second_look.py` makes it; its card is assistant/models/second_look/README.md.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.word_pieces import word_pieces

if TYPE_CHECKING:
    from tokenizers import Tokenizer

OUTCOMES = ("crisis", "poisoning", "emergency", "personal_decision")
FOLDER = Path(__file__).resolve().parent.parent / "models" / "second_look"
MODEL, TOKENIZER = "model.onnx", "tokenizer.json"
STRETCH = 64
"""Word pieces that are read together; the next stretch begins half as many further on: a plea can hide in a story."""
MOST_STRETCHES = 8


class Scorer:
    """The model in one ONNX file. Any thread may ask; the same question gives the same scores."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # The graph is written as it is best run; to optimise it anew would change last bits.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            path.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = tokenizer()

    def scores(self, text: str) -> tuple[float, ...]:
        """Between 0 and 1 for each outcome: that of the stretch that calls for it most."""
        logits = [self._logits(stretch) for stretch in stretches(self._tokenizer, text)]
        most = logits[0] if len(logits) == 1 else np.max(logits, axis=0)
        likely: list[float] = (1 / (1 + np.exp(-most))).tolist()
        return tuple(likely)

    def _logits(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        ids = np.array([tokens], np.int64)
        [[logits]] = self._session.run(None, {"input_ids": ids})
        return np.asarray(logits, np.float32)


def stretches(read: "Tokenizer", text: str) -> Iterator[list[int]]:
    """The word pieces of the text in stretches that overlap by half, each with the two special tokens."""
    first, *pieces, last = read.encode(text).ids
    room = STRETCH - 2
    starts = range(0, max(1, len(pieces) - room // 2), room // 2)
    for start in starts[:MOST_STRETCHES]:
        yield [first, *pieces[start : start + room], last]


def tokenizer() -> "Tokenizer":
    """The base encoder's word pieces, without a limit of length."""
    return word_pieces(FOLDER / TOKENIZER)
