"""Trains the reader: `python -m training.train_reader HANDWRITTEN SECTIONS OUT FOLDER...`.

HANDWRITTEN is the folder of questions hand-written for this project, SECTIONS a file of pages by section, each FOLDER a
set in the evaluation's layout; our own articles with their questions lie in training/articles/, twins of questions
about them in training/twins/, articles with nothing but twins in training/twins/articles/, and further ones with their
questions in training/further/. Three stages:
  - the first warms up, mostly on questions made of the passages' own sentences: these are told apart only by looking
    for each part of a question in the passage;
  - the second learns from people's questions, near misses and the questions of neighbouring passages;
  - the third also learns from twins, questions that differ in a single thing, of which the passage answers one, and
    mostly from the further articles, asked most often what is not known yet.
Binary cross-entropy on "it answers" and on which words of the question the passage does not bear out, cross-entropy on
the first and last token of the answer where it is known, and of twins the logistic loss of the difference.
With --from, the first two stages are passed over: the third goes on from an exported reader.
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
from training.exchanged import Exchanged
from training.export_reader import export
from training.practice import Practice
from training.reader_figures import reader_figures, twin_figures
from training.reader_packs import Packer
from training.reader_steps import Clozes, Draw, Material, Sections, Twins, material_of
from training.reader_trainer import SEED, Stage, Trainer, new_reader, open_tokenizer
from training.reading_examples import (
    FURTHER,
    TWINS,
    Source,
    evaluation_folder,
    further,
    handwritten,
    rows_of,
    section_kinds,
    sections,
    twin_articles,
    twins,
    written,
)
from training.shipped_reader import take_back

ARTICLES = ROOT / "training" / "articles"
LAY_TERMS = ROOT / "assistant" / "data" / "lay_terms.jsonl"
FIRST = {"clozes": 0.7, "handwritten": 0.12, "written": 0.11, "sections": 0.04, "folders": 0.05}
SECOND = {"clozes": 0.05, "handwritten": 0.28, "written": 0.45, "sections": 0.05, "folders": 0.17}
THIRD = {
    "clozes": 0.001,
    "handwritten": 0.06,
    "written": 0.04,
    "sections": 0.004,
    "twins": 0.06,
    "exchanged": 0.02,
    "further": 0.785,
    "folders": 0.03,
}
"""Smaller materials are soon learnt by heart: their near misses were told at AUROC .95 to .99, the further .86."""
STAGES = (FIRST, SECOND, THIRD)
"""By stage how often each material is drawn from; that of the folders is theirs together, each by its size."""
THIRD_RATE = 2.2
_SAVE_EVERY, _SAY_EVERY = 50, 20


@click.command()
@click.argument("pages", metavar="HANDWRITTEN", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument(
    "by_section", metavar="SECTIONS", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--steps",
    nargs=3,
    default=(750, 1600, 7400),
    show_default=True,
    help="Of the first, second and third stage.",
)
@click.option(
    "--from",
    "exported",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of an exported reader for the third stage to go on from.",
)
@click.option("--threads", default=2, show_default=True)
def main(
    pages: Path,
    by_section: Path,
    out: Path,
    folders: tuple[Path, ...],
    steps: tuple[int, int, int],
    exported: Path | None,
    threads: int,
) -> None:
    """Train, and write OUT/reader/."""
    torch.set_num_threads(threads)
    (out / "reader").mkdir(parents=True, exist_ok=True)
    own = written(ARTICLES)
    sources = [handwritten(pages), own, *(evaluation_folder(folder) for folder in folders)]
    more, in_twins = further(FURTHER), [twins(TWINS, own), twin_articles(TWINS / "articles")]
    encoder = open_encoder(TUNED_ENCODER)
    materials = {source.name: material_of(source.training, encoder.encode_passages) for source in sources}
    lost = dict[str, float]()
    drawn = {
        **_materials(sources, materials, by_section),
        more.name: Practice(material_of(more.training, encoder.encode_passages), lost),
        "twins": Twins([passage for source in in_twins for passage in source.training], own.training),
        "exchanged": Exchanged(
            [passage for source in sources for passage in source.training], encoder.encode_passages
        ),
    }
    reader = take_back(new_reader(), exported) if exported else new_reader()
    for number in (3,) if exported else (1, 2, 3):
        stage = _stage(number, steps[number - 1], _shares(STAGES[number - 1], materials, folders))
        train(Trainer(reader, drawn, stage), out / f"stage-{number}.pt", lost)
    packer = Packer(open_tokenizer())
    for source in (*sources, more):
        kept_apart = material_of(source.development, encoder.encode_passages)
        click.echo(f"{source.name}: {reader_figures(reader, kept_apart, packer)}")
    for source in in_twins:
        click.echo(f"{source.name}: {twin_figures(reader, source.development, packer)}")
    export(reader, out / "reader")


def _stage(number: int, length: int, shares: Mapping[str, float]) -> Stage:
    if number < 3:
        return Stage(length, shares, falling=number == 2)
    return Stage(length, shares, falling=True, rate=THIRD_RATE, seed=SEED + 1)


def train(trainer: Trainer, checkpoint: Path, lost: dict[str, float]) -> None:
    """Takes a stage to its end, on from its checkpoint; `lost` is what its `Practice` goes by."""
    begun = time.monotonic()
    for number in range(resume(trainer, checkpoint, lost), trainer.stage.steps):
        loss = trainer.step(number)
        done = number + 1
        if done % _SAY_EVERY == 0:
            click.echo(
                f"step {done} of {trainer.stage.steps}, judged {loss.judged:.3f}, pointed {loss.pointed:.3f}, "
                f"told apart {loss.told:.3f}, doubted {loss.doubted:.3f}, {time.monotonic() - begun:.0f} s"
            )
        if done % _SAVE_EVERY == 0 or done == trainer.stage.steps:
            save(trainer, done, checkpoint, lost)


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
    """The shares, that of the folders parted by how many questions were written for their passages."""
    sizes = {folder.name: materials[folder.name].size for folder in folders}
    scale = shares["folders"] / max(1, sum(sizes.values()))
    parted = {name: size * scale for name, size in sizes.items()}
    return {**{name: share for name, share in shares.items() if name != "folders"}, **parted}


if __name__ == "__main__":
    main()
