"""Trains the reader: `python -m training.train_reader HANDWRITTEN SECTIONS OUT FOLDER...`.

HANDWRITTEN is the folder of questions hand-written for this project, SECTIONS a file of pages by section, each FOLDER a
set in the evaluation's layout; our own articles with their questions lie in training/articles/. Two stages:
  - the first warms up, mostly on questions made of the passages' own sentences: these are told apart only by looking
    for each part of a question in the passage;
  - the second learns from people's questions, near misses and the questions of neighbouring passages.
Binary cross-entropy on "it answers", cross-entropy on the first and last token of the answer where it is known.
Figures are printed of whole articles that were kept apart. The run is seeded, uses a GPU where there is one, and goes
on from its last checkpoint in OUT; at its end OUT/reader/ holds what ships, but for `tokenizer.json` and `SHA256SUMS`.
"""

import time
from collections.abc import Mapping
from pathlib import Path

import click
import torch

from assistant.encoder import open_encoder
from assistant.settings import ROOT, TUNED_ENCODER
from training.checkpoints import resume, save
from training.cloze import lay_forms
from training.export_reader import export
from training.reader_figures import reader_figures
from training.reader_packs import Packer
from training.reader_steps import Clozes, Draw, Material, Sections, material_of
from training.reader_trainer import Stage, Trainer, new_reader, open_tokenizer
from training.reading_examples import (
    Source,
    evaluation_folder,
    handwritten,
    rows_of,
    section_kinds,
    sections,
    written,
)

ARTICLES = ROOT / "training" / "articles"
LAY_TERMS = ROOT / "assistant" / "data" / "lay_terms.jsonl"
FOLDERS_SHARE = 0.18
FIRST = {"clozes": 0.7, "handwritten": 0.12, "written": 0.11, "sections": 0.04}
SECOND = {"clozes": 0.05, "handwritten": 0.29, "written": 0.45, "sections": 0.05}
"""How often each material is drawn from; the folders have about `FOLDERS_SHARE` in the second stage, by size."""
_SAVE_EVERY, _SAY_EVERY = 50, 20


@click.command()
@click.argument("pages", metavar="HANDWRITTEN", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument(
    "by_section", metavar="SECTIONS", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--steps", nargs=2, default=(750, 1600), show_default=True, help="Of the first and second stage."
)
@click.option("--threads", default=2, show_default=True)
def main(
    pages: Path, by_section: Path, out: Path, folders: tuple[Path, ...], steps: tuple[int, int], threads: int
) -> None:
    """Train, and write OUT/reader/."""
    torch.set_num_threads(threads)
    (out / "reader").mkdir(parents=True, exist_ok=True)
    sources = [handwritten(pages), written(ARTICLES)]
    sources += [evaluation_folder(folder) for folder in folders]
    encoder = open_encoder(TUNED_ENCODER)
    materials = {source.name: material_of(source.training, encoder.encode_passages) for source in sources}
    reader = new_reader()
    drawn = _materials(sources, materials, by_section)
    for number, (length, shares) in enumerate(zip(steps, (FIRST, SECOND), strict=True), start=1):
        stage = Stage(length, _shares(shares, materials, folders), falling=number == 2)
        train(Trainer(reader, drawn, stage), out / f"stage-{number}.pt")
    packer = Packer(open_tokenizer())
    for source in sources:
        kept_apart = material_of(source.development, encoder.encode_passages)
        click.echo(f"{source.name}: {reader_figures(reader, kept_apart, packer)}")
    export(reader, out / "reader")


def train(trainer: Trainer, checkpoint: Path) -> None:
    """Takes a stage to its end, on from its checkpoint."""
    begun = time.monotonic()
    for number in range(resume(trainer, checkpoint), trainer.stage.steps):
        loss = trainer.step(number)
        done = number + 1
        if done % _SAY_EVERY == 0:
            click.echo(
                f"step {done} of {trainer.stage.steps}, judged {loss.judged:.3f}, pointed {loss.pointed:.3f}, "
                f"{time.monotonic() - begun:.0f} s"
            )
        if done % _SAVE_EVERY == 0 or done == trainer.stage.steps:
            save(trainer, done, checkpoint)


def _materials(
    sources: list[Source], materials: Mapping[str, Material], by_section: Path
) -> Mapping[str, Draw]:
    questioned = {
        passage.article for source in sources for passage in (*source.training, *source.development)
    }
    passages = sections(by_section, without=questioned)
    everywhere = [*passages, *(passage for source in sources for passage in source.training)]
    return {
        **materials,
        "clozes": Clozes(everywhere, lay_forms(rows_of(LAY_TERMS))),
        "sections": Sections(passages, section_kinds(by_section)),
    }


def _shares(
    shares: Mapping[str, float], materials: Mapping[str, Material], folders: tuple[Path, ...]
) -> Mapping[str, float]:
    """The shares, those of the folders by how many questions were written for their passages."""
    sizes = {folder.name: materials[folder.name].size for folder in folders}
    scale = FOLDERS_SHARE * (1 - shares["clozes"]) / max(1, sum(sizes.values()))
    return {**shares, **{name: size * scale for name, size in sizes.items()}}


if __name__ == "__main__":
    main()
