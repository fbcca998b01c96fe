"""How well passages are labelled with their topics, against labels given by hand."""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from assistant.sentences import sentence_spans
from assistant.topics.recogniser import TopicModel
from evaluation.topic_examples import SETS
from evaluation.topic_training import Encode

PASSAGES = SETS / "passages.jsonl"
_THRESHOLDS = np.arange(0.1, 0.75, 0.05)


def passage_figures(
    model: TopicModel, encode: Encode, path: Path = PASSAGES
) -> dict[float, dict[str, float]]:
    """Threshold -> precision, recall and F1 over all labels of all passages together."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    texts = [texts_of(row["heading"], row["text"]) for row in rows]
    vectors = [encode(each) for each in texts]
    right = [set(row["topics"]) for row in rows]
    figures = {}
    for threshold in _THRESHOLDS.tolist():
        labels = [
            set(model.label_passage(each, rows_, threshold=threshold))
            for each, rows_ in zip(texts, vectors, strict=True)
        ]
        figures[threshold] = agreement(zip(labels, right, strict=True))
    return figures


def texts_of(heading: str, text: str) -> list[str]:
    """What a passage is labelled by: its heading, if any, and its sentences."""
    sentences = [text[start:end] for start, end in sentence_spans(text, 0, len(text))]
    return [heading, *sentences] if heading else sentences


def agreement(pairs: Iterable[tuple[set[str], set[str]]]) -> dict[str, float]:
    """Precision, recall and F1 of (given, right) label sets, pooled."""
    pooled = [(len(given & right), len(given), len(right)) for given, right in pairs]
    both, given, right = (sum(column) for column in zip(*pooled, strict=True))
    return {
        "precision": both / given if given else 0.0,
        "recall": both / right if right else 0.0,
        "F1": 2 * both / (given + right) if given + right else 0.0,
    }
