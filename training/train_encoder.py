"""Trains the encoder's adapter: `python -m training.train_encoder HANDWRITTEN OUT`.

HANDWRITTEN is the folder of questions hand-written for this project; our own articles with their questions lie in
training/articles/, questions of FAQs and how people ask the same in training/faq/. Two runs are made from the base
weights, `PASSAGES_FIRST` and `QUESTIONS_FIRST`, and what ships is the mean of both (Wortsman et al. 2022), as one
adapter of twice the rank. Every step learns from three batches, in none of which two rows are of one page:
  - questions, each to be nearer to a passage that answers it, at times only the sentence, than to one of those of
    its page that look most like an answer, and to those of the others (multiple negatives ranking);
  - questions, each to be nearer to another that asks the same, or that the same words answer, than to one that asks
    something else, which is how curated questions are matched;
  - passages, each to be nearer to a question that it answers than any to a near miss, by a soft margin.
Figures are printed of whole articles and pages that were kept apart. The runs are seeded and use a GPU where there is
one; with --resume each goes on from its last checkpoint in OUT. At its end OUT/adapter.safetensors holds what ships.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click
import torch
from safetensors.torch import save_file

from assistant.encoder import bundled_folder, open_encoder
from assistant.encoder.models import Identity, Model
from assistant.encoder.reference import SentenceTransformerEncoder
from assistant.settings import BASE_ENCODER
from assistant.storage.files import sha256_of
from evaluation.handwritten import pages_apart, read_handwritten
from evaluation.written import ARTICLES, read_written
from training.encoder_figures import encoder_figures
from training.encoder_rows import (
    ALIKE,
    ANSWERS,
    APART,
    TextRow,
    alike_rows,
    answer_rows,
    apart_rows,
    drawn,
)
from training.encoder_trainer import ADAPTER, SEED, adapter_of, mean_of, new_model, new_trainer
from training.faq_entries import faq_figures, faq_rows, read_faq
from training.reader_steps import Encode, Material, material_of
from training.reading_examples import Source, handwritten, written


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a run learns from: `passes` over the hand-written questions and over those of our articles, `batches` by
    loss, and `alike`, the share of hand-written pages among alike questions; the rest are of FAQs if `from_faq`."""

    name: str
    passes: tuple[float, float]
    batches: Mapping[str, int]
    alike: float
    from_faq: bool


PASSAGES_FIRST = Recipe("passages", (2, 0.5), {ANSWERS: 12, ALIKE: 8, APART: 6}, 1.0, False)
QUESTIONS_FIRST = Recipe("questions", (0.6, 0.1), {ANSWERS: 12, ALIKE: 24, APART: 6}, 0.15, True)
RECIPES = (PASSAGES_FIRST, QUESTIONS_FIRST)
APART_SHARE = 0.5
"""Of near misses, so many are of hand-written pages."""


@click.command()
@click.argument("pages", metavar="HANDWRITTEN", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in OUT.")
@click.option("--threads", default=2, show_default=True)
def main(pages: Path, out: Path, resume: bool, threads: int) -> None:
    """Train, and write OUT/adapter.safetensors."""
    torch.set_num_threads(threads)
    own = written(ARTICLES)
    encode = open_encoder(BASE_ENCODER, ()).encode_passages
    adapters = []
    for recipe in RECIPES:
        rows = rows_of(recipe, handwritten(pages), own, encode)
        model, steps = new_model(), len(rows[ANSWERS]) // recipe.batches[ANSWERS]
        has_begun = any((out / recipe.name).glob("checkpoint-*"))
        new_trainer(model, rows, steps, out / recipe.name).train(resume_from_checkpoint=resume and has_begun)
        adapters.append({name: weight.half() for name, weight in adapter_of(model).items()})
    trained = out / ADAPTER
    save_file(mean_of(*adapters), trained)
    merged = Model(Identity("trained", sha256_of(trained)), bundled_folder(), trained)
    encoder = SentenceTransformerEncoder(merged)
    for kept_apart in (pages_apart(read_handwritten(pages)), read_written()):
        click.echo(f"{kept_apart.name}: {encoder_figures(encoder.encode_passages, kept_apart)}")
    click.echo(f"faq: {faq_figures(encoder.encode_passages, read_faq()[1])}")


def rows_of(recipe: Recipe, pages: Source, own: Source, encode: Encode) -> dict[str, list[TextRow]]:
    """By loss, the rows of the whole run: as many batches of one as of another.

    `encode` gives unit rows, by which hard negatives are found.
    """
    chance = random.Random(SEED)
    answers = [
        row
        for source, passes in zip((pages, own), recipe.passes, strict=True)
        for material in [material_of(source.training, encode)]
        for row in _passed_over(material, passes, chance)
    ]
    alike = faq_rows(read_faq()[0]) if recipe.from_faq else alike_rows(own.training)
    others = {
        ALIKE: (alike_rows(pages.training), alike, recipe.alike),
        APART: (apart_rows(pages.training), apart_rows(own.training), APART_SHARE),
    }
    steps = len(answers) // recipe.batches[ANSWERS]
    rows = {ANSWERS: answers}
    for name, (of_pages, of_others, share) in others.items():
        count = steps * recipe.batches[name]
        first = round(share * count)
        rows[name] = [*drawn(of_pages, first, chance), *drawn(of_others, count - first, chance)]
    return rows


def _passed_over(material: Material, passes: float, chance: random.Random) -> Iterator[TextRow]:
    """The rows of so many passes, each drawn anew; of a part of a pass, so many of its rows."""
    while passes > 0:
        rows = answer_rows(material, chance)
        yield from rows if passes >= 1 else chance.sample(rows, round(passes * len(rows)))
        passes -= 1


if __name__ == "__main__":
    main()
