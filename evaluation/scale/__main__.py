"""`python -m evaluation.scale [FOLDER] --work DIR`: from ten thousand passages to a million on this machine.

FOLDER is in the evaluation's layout; without one, text is generated. Its passages are encoded, and larger
collections are drawn near them (`extending.py` says how). Each size is built, opened and asked in processes of
its own; figures and plots are written to evaluation/results/. A million passages take about 9 GB in DIR.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from assistant.encoder import open_encoder, prepare_encoder
from assistant.settings import ROOT, read_settings
from evaluation.command import RESULTS_DIR
from evaluation.scale.extending import closeness
from evaluation.scale.plots import plots_of
from evaluation.scale.pool import pool_of, texts_for

_SHOWN = (
    ("passages", "{:.0f}"),
    ("build_seconds", "{:.0f}"),
    ("build_cpu", "{:.0f}"),
    ("index_megabytes", "{:.0f}"),
    ("build_megabytes", "{:.0f}"),
    ("serving_megabytes", "{:.0f}"),
    ("first_answer_seconds", "{:.1f}"),
    ("first_answer_cpu", "{:.1f}"),
    ("dense_top_10_ms_p95", "{:.1f}"),
    ("dense_top_10_cpu_ms_p50", "{:.1f}"),
    ("dense_top_10_cpu_ms_p95", "{:.1f}"),
    ("recall_at_10", "{:.4f}"),
    ("recall_at_200", "{:.4f}"),
    ("question_ms_p50", "{:.0f}"),
    ("question_ms_p95", "{:.0f}"),
    ("question_cpu_ms_p50", "{:.0f}"),
    ("question_cpu_ms_p95", "{:.0f}"),
)


def main() -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.scale", description=__doc__)
    parser.add_argument("folder", nargs="?", default="", help="corpus.jsonl, queries.jsonl and qrels.tsv")
    parser.add_argument(
        "--work", type=Path, required=True, help="folder for the indexes; each is deleted after"
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--out", type=Path, default=RESULTS_DIR, help="folder for the JSON and the plots")
    chosen = parser.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    chosen.out.mkdir(parents=True, exist_ok=True)
    prepare_encoder(read_settings())
    pool = pool_of(texts_for(chosen.folder), open_encoder(read_settings().encoder), chosen.work)
    sizes = [_measured(chosen.work, chosen.folder, count) for count in chosen.sizes]
    figures = {
        "corpus": Path(chosen.folder).resolve().name if chosen.folder else "generated",
        "cores": os.cpu_count(),
        "pool": {"passages": len(pool.vectors), "closeness": closeness(pool.vectors)},
        "sizes": sizes,
    }
    (chosen.out / "scale.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for title, plot in plots_of(sizes).items():
        (chosen.out / f"scale-{title.lower().replace(' ', '-').replace(',', '')}.png").write_bytes(plot)
    for name, shape in _SHOWN:
        sys.stdout.write(f"{name:26}" + "".join(f"{shape.format(each[name]):>12}" for each in sizes) + "\n")


def _measured(work: Path, folder: str, count: int) -> dict[str, Any]:
    figures: dict[str, Any] = {"passages": count}
    for what in ("build", "first", "serve"):
        command = [sys.executable, "-m", "evaluation.scale.product", what, str(work), folder, str(count)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True)
        figures |= json.loads(done.stdout.splitlines()[-1])
    shutil.rmtree(work / f"index-{count}")
    return figures


if __name__ == "__main__":
    main()
