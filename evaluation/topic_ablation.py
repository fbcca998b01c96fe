"""`python -m evaluation.topic_ablation [FILE...]`: what each piece of the topic model is worth.

Every recipe is fitted anew and asked by cross-validation, the development questions and any further
files of {"q", "topic"} lines. Nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click
import numpy as np

from assistant.encoder import open_encoder
from assistant.settings import BASE_ENCODER, TUNED_ENCODER
from assistant.topics.recogniser import CONDITION, MEDICINE
from evaluation.encoding import RememberingEncoder
from evaluation.fit_topics import HeldOut, ask_file, cross_validate, encode_ahead
from evaluation.topic_examples import SETS, Example, read_examples, read_questions
from evaluation.topic_training import Encode, Numbers, Recipe, fit

_ALL = Recipe()
RECIPES: Mapping[str, Recipe] = {
    "all": _ALL,
    "no words": replace(_ALL, words=0.0),
    "no named variations": replace(_ALL, names=0),
    "no chatty variations": replace(_ALL, chatty=False),
    "no statements": replace(_ALL, kinds=_ALL.kinds - {"statements", "label"}),
    "no mended examples": replace(_ALL, kinds=_ALL.kinds - {"mended"}),
    "first examples only": replace(_ALL, kinds=_ALL.kinds - {"mended", "more"}),
}
_NEAREST = 3


def ablate(encode: Encode, files: Sequence[Path], validate: bool = True) -> dict[str, list[float]]:
    """Recipe -> share right first, both domains together: cross-validated (on plain questions, and on the
    same naming a drug or condition), development questions, then each file.
    """
    return {"nearest 3": _nearest(encode, files)} | {
        name: _row(recipe, encode, files, validate) for name, recipe in RECIPES.items()
    }


def _row(recipe: Recipe, encode: Encode, files: Sequence[Path], validate: bool) -> list[float]:
    columns: list[list[HeldOut]] = []
    for domain in (MEDICINE, CONDITION):
        examples = read_examples(domain)
        held_out = [
            cross_validate(examples, domain, encode, recipe, by_name) for by_name in (False, True) if validate
        ]
        weights = fit(examples, domain, encode, recipe)
        columns.append(held_out + [ask_file(weights, path, encode) for path in (SETS / "dev.jsonl", *files)])
    return [_together(pair) for pair in zip(*columns, strict=True)]


def _together(parts: Sequence[HeldOut]) -> float:
    return float(np.average([part.accuracy() for part in parts], weights=[len(part.right) for part in parts]))


def _nearest(encode: Encode, files: Sequence[Path]) -> list[float]:
    """The simple baseline: the mean cosine of a topic's three nearest first-written questions."""
    rows = []
    for path in (SETS / "dev.jsonl", *files):
        parts = []
        for domain in (MEDICINE, CONDITION):
            examples = [example for example in read_examples(domain) if example.kind == "questions"]
            parts.append(_ask_nearest(examples, path, encode))
        rows.append(float(np.concatenate(parts).mean()))
    return rows


def _ask_nearest(examples: Sequence[Example], path: Path, encode: Encode) -> Numbers:
    topics = sorted({example.topic for example in examples})
    asked = [(text, topic) for text, topic in read_questions(path) if topic in topics]
    cosines = encode([text for text, _ in asked]) @ encode([example.text for example in examples]).T
    own = np.array([example.topic for example in examples])
    nearest = [np.sort(cosines[:, own == topic], axis=1)[:, -_NEAREST:].mean(axis=1) for topic in topics]
    best = np.argmax(nearest, axis=0)
    return np.array([topics[b] == topic for b, (_, topic) in zip(best, asked, strict=True)], np.float32)


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--encoder", default=TUNED_ENCODER, type=click.Choice([TUNED_ENCODER, BASE_ENCODER]))
def main(files: tuple[Path, ...], encoder: str) -> None:
    """What each piece of the topic model is worth."""
    encode = RememberingEncoder(open_encoder(encoder)).encode_passages
    encode_ahead(encode, Recipe())
    for name, row in ablate(encode, files).items():
        click.echo(f"{name:22}" + "".join(f"{value:8.3f}" for value in row))


if __name__ == "__main__":
    main()
