"""Builds many articles, changes one, builds again: what was done again, and how long it took against the first.

`python -m tools.thousand --articles 1000 --encoder tuned`; with `--encoder words` an arithmetic encoder stands in,
which shows what a build costs besides encoding.
"""

import argparse
import hashlib
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from assistant.building import BuildReport, build_index
from assistant.corpus import Corpus
from assistant.encoder import Encoder, open_encoder
from assistant.language.english import word_ranks
from assistant.types import Document, Source
from tests.fakes import WordEncoder

_SECTIONS, _SENTENCES = 4, 4
_WORDS = (12, 18)
_UNKNOWN = "unknown"


def articles(count: int, changed: int | None = None) -> Corpus:
    """That many articles of random common words, always the same; in the `changed` one a sentence differs."""
    words = sorted(word_ranks(), key=word_ranks().__getitem__)[200:5200]
    return Corpus(tuple(_article(number, words, number == changed) for number in range(count)))


def _article(number: int, words: list[str], changed: bool) -> Document:
    chance = random.Random(number)
    sections = [
        f"Part {section}\n\n" + " ".join(_sentence(chance, words) for _ in range(_SENTENCES))
        for section in range(_SECTIONS)
    ]
    last = " This sentence is new." if changed else ""
    text = f"Article {number}\n\n" + "\n\n".join(sections) + f"{last}\n"
    source = Source(*[_UNKNOWN] * 4, hashlib.sha256(text.encode()).hexdigest())
    return Document(f"article-{number}", f"Article {number}", text, source, ("little",), domain="medicine")


def _sentence(chance: random.Random, words: list[str]) -> str:
    return " ".join(chance.choices(words, k=chance.randint(*_WORDS))).capitalize() + "."


def measure(count: int, encoder: Encoder, index_dir: Path) -> dict[str, Any]:
    """Both builds: what was encoded and recognised, seconds, and the second's seconds as a share."""
    first, first_seconds = _timed(articles(count), encoder, index_dir)
    second, second_seconds = _timed(articles(count, changed=count // 2), encoder, index_dir)
    return {
        "articles": count,
        "encoder": encoder.name,
        "first": _work(first, first_seconds),
        "one changed": _work(second, second_seconds),
        "ratio of seconds": round(second_seconds / first_seconds, 4),
    }


def _timed(corpus: Corpus, encoder: Encoder, index_dir: Path) -> tuple[BuildReport, float]:
    start = time.monotonic()
    report = build_index(corpus, encoder, index_dir)
    return report, time.monotonic() - start


def _work(report: BuildReport, seconds: float) -> dict[str, Any]:
    assert report.account is not None
    return {
        "passages": report.passages,
        "account": list(report.account.lines()),
        "seconds": round(seconds, 1),
    }


def main() -> None:
    """Measures in a folder of its own and prints what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--encoder", default="tuned", help="as in ASSISTANT_ENCODER, or: words")
    asked = parser.parse_args()
    encoder = WordEncoder(["the"]) if asked.encoder == "words" else open_encoder(asked.encoder)
    with tempfile.TemporaryDirectory() as folder:
        result = measure(asked.articles, encoder, Path(folder))
    sys.stdout.write(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
