"""`python -m evaluation.fit_topics`: fits the topics to their examples and writes the numbers.

Needs scikit-learn and torch; the assistant itself reads the numbers with numpy alone. Run it after the
encoder, the topics or their examples change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from assistant.encoder import open_encoder
from assistant.settings import BASE_ENCODER, TUNED_ENCODER
from assistant.topics.recogniser import CONDITION, MEDICINE, NONE, TopicModel, read_topics, weights_file
from assistant.topics.weights import DomainWeights, write_weights
from evaluation.encoding import RememberingEncoder
from evaluation.topic_examples import SETS, Example, named, read_examples, read_questions
from evaluation.topic_passages import passage_figures
from evaluation.topic_training import Encode, Numbers, Recipe, cooled, fit, varied

FOLDS = 5
_TEMPERATURES = np.geomspace(0.3, 2.0, 60)
_BINS = np.linspace(0, 1, 11)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Questions asked of a model that never saw them: `probabilities` [questions, topics]."""

    topics: tuple[str, ...]
    right: NDArray[np.intp]
    probabilities: Numbers

    def accuracy(self, k: int = 1) -> float:
        """The share of questions about a topic with it among the first `k`."""
        about = self.right != self.topics.index(NONE)
        best = np.argsort(-self.probabilities[about], axis=1)[:, :k]
        return float((best == self.right[about, None]).any(axis=1).mean())

    def none_found(self) -> float:
        """The share of off-topic questions taken for `NONE` (0 if there are none)."""
        none = self.topics.index(NONE)
        off = self.right == none
        return float((self.probabilities[off].argmax(axis=1) == none).mean()) if off.any() else 0.0

    def none_wrongly(self) -> float:
        """The share of questions about a topic taken for `NONE`."""
        none = self.topics.index(NONE)
        return float((self.probabilities[self.right != none].argmax(axis=1) == none).mean())

    def sharpened(self, temperature: float) -> "HeldOut":
        """The same answers, the model's scores divided by `temperature`."""
        powers = self.probabilities.astype(np.float64) ** (1 / temperature)
        return HeldOut(self.topics, self.right, powers / powers.sum(axis=1, keepdims=True))

    def surprise(self) -> float:
        """Mean negative log probability of the right topic."""
        picked = self.probabilities[np.arange(len(self.right)), self.right]
        return float(-np.log(np.maximum(picked, 1e-12)).mean())

    def calibration_error(self) -> float:
        """Mean gap between stated probability and accuracy over ten equal bins, by their questions."""
        stated = self.probabilities.max(axis=1)
        correct = self.probabilities.argmax(axis=1) == self.right
        bins = np.digitize(stated, _BINS[1:-1])
        gaps = [
            abs(stated[bins == b].mean() - correct[bins == b].mean()) * (bins == b).mean() for b in set(bins)
        ]
        return float(sum(gaps))


def cross_validate(
    examples: Sequence[Example], domain: str, encode: Encode, recipe: Recipe, by_name: bool = False
) -> HeldOut:
    """Each fold of the first-written questions and of the off-topic ones, asked of a fit without it.

    Examples written after reading such mistakes (`mended`) stay out of all fits here. `by_name` asks
    the held-out questions with a drug or condition named in them.
    """
    asked = [example for example in examples if example.kind in ("questions", NONE)]
    others = [example for example in examples if example.kind not in ("questions", NONE, "mended")]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    right: list[int] = []
    rows: list[Numbers] = []
    topics: tuple[str, ...] = ()
    for kept, held in folds.split(asked, [example.topic for example in asked]):
        out = [asked[place] for place in held]
        secret = {example.text.lower() for example in out}
        seen = [example for example in others if example.text.lower() not in secret]
        weights = fit([asked[place] for place in kept] + seen, domain, encode, recipe)
        out = [named(each, domain, 0) if by_name and each.topic != NONE else each for each in out]
        rows.append(ask(weights, [example.text for example in out], encode))
        right += [weights.topics.index(example.topic) for example in out]
        topics = weights.topics
    return HeldOut(topics, np.array(right), np.concatenate(rows))


def ask(weights: DomainWeights, texts: Sequence[str], encode: Encode) -> Numbers:
    """Probabilities [texts, topics]."""
    return np.stack([weights.probabilities(text, v) for text, v in zip(texts, encode(texts), strict=True)])


def ask_file(weights: DomainWeights, path: Path, encode: Encode) -> HeldOut:
    """The questions of a file that belong to the domain, asked of a model."""
    questions = [(text, topic) for text, topic in read_questions(path) if topic in weights.topics]
    right = np.array([weights.topics.index(topic) for _, topic in questions])
    return HeldOut(weights.topics, right, ask(weights, [text for text, _ in questions], encode))


def best_temperature(held_out: HeldOut) -> float:
    """The temperature at which the held-out questions surprise the model least."""
    return float(min(_TEMPERATURES, key=lambda each: held_out.sharpened(each).surprise()))


def fit_all(encode: Encode, recipe: Recipe) -> dict[str, DomainWeights]:
    """Fits both domains and prints what cross-validation and the development questions say."""
    fitted = {}
    for domain in (MEDICINE, CONDITION):
        examples = read_examples(domain)
        held_out = cross_validate(examples, domain, encode, recipe)
        temperature = best_temperature(held_out)
        fitted[domain] = cooled(fit(examples, domain, encode, recipe), temperature)
        cool = held_out.sharpened(temperature)
        click.echo(
            f"{domain}: {len(examples)} examples; cross-validated right first {cool.accuracy():.3f}, "
            f"in three {cool.accuracy(3):.3f}; off-topic found {cool.none_found():.3f}, on-topic taken "
            f"for off-topic {cool.none_wrongly():.3f}; temperature {temperature:.2f}, calibration error "
            f"{held_out.calibration_error():.3f} -> {cool.calibration_error():.3f}"
        )
        fresh = ask_file(fitted[domain], SETS / "dev.jsonl", encode)
        click.echo(f"  development questions: first {fresh.accuracy():.3f}, in three {fresh.accuracy(3):.3f}")
    return fitted


def encode_ahead(encode: Encode, recipe: Recipe) -> None:
    """Encodes every text a fit will need, the short ones together: several times faster than as they come."""
    examples = {domain: read_examples(domain) for domain in (MEDICINE, CONDITION)}
    texts = {each.text for domain, of in examples.items() for each in varied(of, domain, recipe)}
    encode(sorted(texts, key=lambda text: (len(text), text)))


def report_passages(fitted: Mapping[str, DomainWeights], encode: Encode) -> None:
    """Prints how well passages are labelled at every threshold."""
    model = TopicModel(read_topics(), fitted)
    for threshold, figures in passage_figures(model, encode).items():
        click.echo(f"  passages at {threshold:.2f}: " + ", ".join(f"{k} {v:.2f}" for k, v in figures.items()))


@click.command()
@click.option(
    "--encoder",
    "encoders",
    multiple=True,
    default=(TUNED_ENCODER, BASE_ENCODER),
    show_default=True,
    help="Name or folder of an encoder; may be given again.",
)
def main(encoders: tuple[str, ...]) -> None:
    """Fit the topics to their examples, for each encoder, and write the numbers."""
    for name in encoders:
        encoder = open_encoder(name)
        encode = RememberingEncoder(encoder).encode_passages
        click.echo(f"Encoder {encoder.name}")
        encode_ahead(encode, Recipe())
        fitted = fit_all(encode, Recipe())
        report_passages(fitted, encode)
        out = weights_file(encoder.name)
        write_weights(out, fitted, encoder.revision)
        click.echo(f"Wrote {out} ({out.stat().st_size / 1e6:.2f} MB)")


if __name__ == "__main__":
    main()
