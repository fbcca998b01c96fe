"""Chooses the second look's thresholds: `python -m training.second_look_thresholds OUT_FOLDER`.

From the scores of rows that the model in OUT_FOLDER never learnt from (`held_out.npz`), for each outcome:
  - alone: the least score at which it is raised without any rule in at most `LOOK_ALIKES` of the look-alikes that
    call for no card and `EVERYDAY` of the everyday questions (personal decision: `DECISIONS` of the look-alikes
    alone, for many everyday questions were labelled by the rules);
  - with a sign: the score that `SIGNS` of the questions reach that call for the outcome and of which a rule saw a
    sign.
Writes `assistant/models/second_look/thresholds.json`. Once the model lies beside it, list both anew, or neither is
used: `sha256sum model.onnx tokenizer.json thresholds.json > SHA256SUMS`.
"""

import json
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from assistant.safety.rulebook import rulebook
from assistant.safety.scoring import FOLDER, OUTCOMES
from assistant.safety.second_look import THRESHOLDS
from assistant.safety.triage import URGENT

LOOK_ALIKES, EVERYDAY, DECISIONS, SIGNS = 0.018, 0.008, 0.01, 0.98

Numbers = NDArray[np.float32]
Flags = NDArray[np.bool_]


def least_alone(scores: Numbers, calm: Flags, everyday: Flags) -> float:
    """The least threshold at which few enough of the calm rows are raised."""
    look_alikes = np.quantile(scores[calm & ~everyday], 1 - LOOK_ALIKES)
    return max(_up(look_alikes), _up(np.quantile(scores[calm & everyday], 1 - EVERYDAY)))


def least_with_a_sign(scores: Numbers, wanted: Flags, signs: Flags) -> float:
    """The threshold that nearly all rows reach which call for the outcome and show a sign of it."""
    return max(0.01, round(_up(np.quantile(scores[wanted & signs], 1 - SIGNS)) - 0.01, 2))


def _up(score: np.floating[Any]) -> float:
    return round(float(np.ceil(score * 100)) / 100, 2)


def _signs(texts: list[str]) -> dict[str, Flags]:
    book = rulebook()
    read = [book.read(book.words(text)) for text in texts]
    return {
        outcome: np.array(
            [any(rule.matches(text) for rule in book.rules if rule.text.outcome == outcome) for text in read]
        )
        for outcome in OUTCOMES
    }


@click.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(out: Path) -> None:
    """Choose the thresholds, write them, and say what they do to the held-out rows."""
    held = np.load(out / "held_out.npz")
    outcomes, everyday = held["outcomes"], held["everyday"]
    signs = _signs([str(text) for text in held["texts"]])
    alone, with_a_sign = {}, {}
    for column, outcome in enumerate(OUTCOMES):
        scores, wanted = held["scores"][:, column], outcomes == outcome
        if outcome in URGENT:
            alone[outcome] = least_alone(scores, ~np.isin(outcomes, URGENT), everyday)
            with_a_sign[outcome] = least_with_a_sign(scores, wanted, signs[outcome])
        else:
            alone[outcome] = _up(np.quantile(scores[(outcomes == "") & ~everyday], 1 - DECISIONS))
            with_a_sign[outcome] = 0.0
        raised = scores >= alone[outcome]
        click.echo(
            f"{outcome:18} alone {alone[outcome]:.2f}, with a sign {with_a_sign[outcome]:.2f}: raised alone "
            f"{raised[wanted].mean():.3f} of {wanted.sum()}, with rules "
            f"{(raised | signs[outcome] & (scores >= with_a_sign[outcome]))[wanted].mean():.3f}"
        )
    told = {"alone": alone, "with_a_sign": with_a_sign}
    (FOLDER / THRESHOLDS).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
