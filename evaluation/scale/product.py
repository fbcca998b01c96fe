"""The assistant at one size, as measured processes: `python -m evaluation.scale.product build|first|serve ...`.

Each prints what it measured as one line of JSON. Processor seconds are this process's own, on one thread.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter, process_time

from evaluation.speed.memory import folder_megabytes, peak_megabytes

_SHA256 = "0" * 64


def build(work: Path, folder: str, count: int) -> dict[str, object]:
    """Draws, encodes, gathers and publishes that many passages, as a build does once the articles are split."""
    from assistant.content import Sizes, write_content
    from assistant.encoder import open_encoder
    from assistant.encoding import encode_corpus
    from assistant.reader import reader_revision
    from assistant.settings import read_settings
    from assistant.storage.generations import publish
    from assistant.storage.manifest import Counts, EncoderRecord, FileRecord, Manifest
    from evaluation.scale.extending import DrawnEncoder, articles
    from evaluation.scale.pool import pool_of, texts_for

    settings = read_settings()
    real = open_encoder(settings.encoder)
    reader = reader_revision(real, settings.reader)
    pool = pool_of(texts_for(folder), real, work)
    encoder = DrawnEncoder(real, pool)
    drawn = list(articles(pool, count))
    documents = [document for document, _ in drawn]
    passages = [passage for _, own in drawn for passage in own]
    del drawn
    counts = Counts(len(documents), len(passages), sum(len(passage.sentences) for passage in passages))
    spent: dict[str, float] = {}

    def write(folder: Path) -> None:
        began = process_time()
        content = encode_corpus(documents, passages, encoder, folder=folder)
        spent["encode_and_gather_cpu"] = process_time() - began
        write_content(folder, content, Sizes())
        spent["write_cpu"] = process_time() - began - spent["encode_and_gather_cpu"]

    def finish(files: Mapping[str, FileRecord], sequence: int) -> Manifest:
        made_by = EncoderRecord(real.name, real.revision, real.dim, real.precision)
        return Manifest(_build_id(count), sequence, _SHA256, "drawn", made_by, counts, files, reader=reader)

    began, used = perf_counter(), process_time()
    published = publish(work / f"index-{count}", _build_id(count), write, finish)
    return {
        "sentences": counts.sentences,
        "build_seconds": perf_counter() - began,
        "build_cpu": process_time() - used,
        **spent,
        "build_megabytes": peak_megabytes(),
        "index_megabytes": folder_megabytes(published),
        "files_megabytes": {path.name: path.stat().st_size / 1e6 for path in sorted(published.iterdir())},
    }


def first(work: Path, folder: str, count: int) -> dict[str, object]:
    """From nothing to the first answer, imports included; and what that took of memory."""
    began = perf_counter()
    from assistant.answering import Assistant

    Assistant.open(work / f"index-{count}").ask("How is it treated?")
    return {
        "first_answer_seconds": perf_counter() - began,
        "first_answer_cpu": process_time(),
        "first_answer_megabytes": peak_megabytes(),
    }


def serve(work: Path, folder: str, count: int) -> dict[str, object]:
    """Asks every question: dense search alone against exact search, and whole questions."""
    from assistant.answering import Assistant
    from assistant.encoder import open_encoder
    from assistant.index import PassageIndex
    from assistant.settings import read_settings
    from evaluation.scale.pool import pool_of, texts_for
    from evaluation.scale.searching import percentiles, search_figures, timed

    settings = read_settings()
    index = PassageIndex.open(work / f"index-{count}")
    assistant = Assistant(index, open_encoder(settings.encoder), reader=settings.reader)
    questions = texts_for(folder).questions
    for question in questions[:20]:
        assistant.ask(question)
    whole = [timed(lambda q=question: assistant.ask(q)) for question in questions]  # type: ignore[misc]
    asked = pool_of(texts_for(folder), open_encoder(settings.encoder), work).questions
    vectors = work / f"index-{count}" / _build_id(count) / "vectors.npy"
    return {**percentiles("question", whole), **search_figures(index.store, asked, vectors)}


def _build_id(count: int) -> str:
    return f"{count:016x}"


if __name__ == "__main__":
    act = {"build": build, "first": first, "serve": serve}[sys.argv[1]]
    sys.stdout.write(json.dumps(act(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))) + "\n")
