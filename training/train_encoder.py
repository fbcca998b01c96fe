"""Trains the encoder's adapter: `python -m training.train_encoder HANDWRITTEN OUT`.

HANDWRITTEN is the folder of questions hand-written for this project; our own articles with their questions lie in
training/articles/, twins of questions about them in training/twins/. Every step learns from three batches, in none of
which two rows are of one page:
  - 12 questions, each to be nearer to a passage that answers it, at times only the sentence, than to one of those of
    its page that look most like an answer, and to those of the others (multiple negatives ranking);
  - 6 questions, each to be nearer to another that the same words answer than to one that they do not answer, which is
    how curated questions are matched;
  - 6 passages, each to be nearer to a question that it answers than any to a near miss, by a soft margin.
Figures are printed of whole articles that were kept apart. The run is seeded and uses a GPU where there is one; with
--resume it goes on from its last checkpoint in OUT. At its end OUT/adapter.safetensors holds what ships.
"""

import random
from collections.abc import Iterator
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
from training.encoder_trainer import ADAPTER, SEED, adapter_of, new_model, new_trainer
from training.reader_steps import Encode, Material, material_of
from training.reading_examples import TWINS, Source, handwritten, twins, written

BATCHES = {ANSWERS: 12, ALIKE: 6, APART: 6}
PASSES = (2, 0.5)
"""Over the hand-written questions, and over those of our articles."""
HANDWRITTEN_SHARES = {ALIKE: 0.15, APART: 0.5}


@click.command()
@click.argument("pages", metavar="HANDWRITTEN", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in OUT.")
@click.option("--threads", default=2, show_default=True)
def main(pages: Path, out: Path, resume: bool, threads: int) -> None:
    """Train, and write OUT/adapter.safetensors."""
    torch.set_num_threads(threads)
    own = written(ARTICLES)
    rows = rows_of(handwritten(pages), own, twins(TWINS, own), open_encoder(BASE_ENCODER, ()).encode_passages)
    model = new_model()
    new_trainer(model, rows, len(rows[ANSWERS]) // BATCHES[ANSWERS], out).train(resume_from_checkpoint=resume)
    trained = out / ADAPTER
    save_file({name: weight.half() for name, weight in adapter_of(model).items()}, trained)
    merged = Model(Identity("trained", sha256_of(trained)), bundled_folder(), trained)
    encoder = SentenceTransformerEncoder(merged)
    for kept_apart in (pages_apart(read_handwritten(pages)), read_written()):
        click.echo(f"{kept_apart.name}: {encoder_figures(encoder.encode_passages, kept_apart)}")


def rows_of(pages: Source, own: Source, in_twins: Source, encode: Encode) -> dict[str, list[TextRow]]:
    """By loss, the rows of the whole run: as many batches of one as of another.

    `encode` gives unit rows, by which hard negatives are found.
    """
    chance = random.Random(SEED)
    answers = [
        row
        for source, passes in zip((pages, own), PASSES, strict=True)
        for material in [material_of(source.training, encode)]
        for row in _passed_over(material, passes, chance)
    ]
    others = {
        ALIKE: (alike_rows(pages.training), alike_rows(own.training, in_twins.training)),
        APART: (apart_rows(pages.training), apart_rows(own.training)),
    }
    steps = len(answers) // BATCHES[ANSWERS]
    rows = {ANSWERS: answers}
    for name, (of_pages, of_own) in others.items():
        count = steps * BATCHES[name]
        first = round(HANDWRITTEN_SHARES[name] * count)
        rows[name] = [*drawn(of_pages, first, chance), *drawn(of_own, count - first, chance)]
    return rows


def _passed_over(material: Material, passes: float, chance: random.Random) -> Iterator[TextRow]:
    """The rows of so many passes, each drawn anew; of a part of a pass, so many of its rows."""
    while passes > 0:
        rows = answer_rows(material, chance)
        yield from rows if passes >= 1 else chance.sample(rows, round(passes * len(rows)))
        passes -= 1


if __name__ == "__main__":
    main()
