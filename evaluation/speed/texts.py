"""The articles and questions that speed is measured with: a folder's, or generated ones."""

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.corpus import Corpus
from assistant.corpus_files import ARTICLES, SOURCES
from assistant.language.english import word_ranks
from evaluation.errors import EvaluationError
from evaluation.folders import read_folder

_SEED = 20261124
_COMMON = 3_000
_QUESTIONS = 200


@dataclass(frozen=True, slots=True)
class Article:
    """One document to index."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Texts:
    """What is indexed and asked, and where it is from."""

    source: str
    articles: Sequence[Article]
    questions: Sequence[str]


def texts_of(folder: Path, most: int) -> Texts:
    """The first `most` entries of a folder in the evaluation's layout, and questions that they answer.

    Raises `EvaluationError` if they answer none.
    """
    found = read_folder(folder)
    collections = [each for each in found.collections.values() if not isinstance(each, Corpus)]
    entries = [entry for collection in collections for entry in collection][:most]
    articles = [Article(entry.title or f"Article {n}", entry.text) for n, entry in enumerate(entries)]
    names = {entry.doc_id for entry in entries}
    asked = [each.text for each in found.questions if any(gold.doc_id in names for gold in each.gold)]
    if not asked:
        raise EvaluationError(
            f"{found.name}: the first {most} articles answer no question. Give more --articles."
        )
    return Texts(found.name, articles, asked[:_QUESTIONS])


def generated(count: int) -> Texts:
    """Articles of English words drawn at random, common ones more often, the same every time.

    Of a leaflet's shape: 2 to 6 headings, paragraphs of 2 to 7 sentences, sentences of 6 to 28 words.
    """
    chance = random.Random(_SEED)
    words = list(word_ranks())[:_COMMON]
    weights = [1 / rank for rank in range(1, len(words) + 1)]

    def some(least: int, most: int) -> list[str]:
        return chance.choices(words, weights, k=chance.randint(least, most))

    def paragraph() -> str:
        return " ".join(f"{' '.join(some(6, 28)).capitalize()}." for _ in range(chance.randint(2, 7)))

    def article() -> Article:
        title = " ".join(some(2, 6)).capitalize()
        parts = (f"## {' '.join(some(1, 5))}\n\n{paragraph()}" for _ in range(chance.randint(2, 6)))
        return Article(title, "\n\n".join(parts))

    articles = [article() for _ in range(count)]
    return Texts("generated", articles, [f"what about {' '.join(some(3, 9))}?" for _ in range(_QUESTIONS)])


def write_corpus(texts: Texts, folder: Path) -> None:
    """The articles as a corpus that the assistant builds an index from."""
    (folder / ARTICLES).mkdir(parents=True)
    tables = []
    for number, article in enumerate(texts.articles):
        name = f"article-{number}"
        raw = f"{article.text}\n".encode()
        (folder / ARTICLES / f"{name}.txt").write_bytes(raw)
        entry = {
            "id": name,
            "file": f"{name}.txt",
            "title": " ".join(article.title.split()),
            "subjects": [" ".join(article.title.split())],
            "sha256": hashlib.sha256(raw).hexdigest(),
        }
        tables.append(
            "\n".join(["[[article]]", *(f"{key} = {json.dumps(value)}" for key, value in entry.items())])
        )
    (folder / SOURCES).write_text("\n\n".join(tables), encoding="utf-8")
