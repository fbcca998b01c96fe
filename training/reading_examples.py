"""What the reader is trained on: passages, and questions that each passage answers or not.

Every source is a set of articles whose passages can be confused with each other. A passage is asked what it answers
(`label` 1, with the span where it is known), near misses written for it, and the questions of its neighbours that look
most like it. Whole articles are in training or in development, never in both.
"""

import json
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from assistant.reader import before
from assistant.settings import ROOT
from evaluation.splits import PAGES_APART, WRITTEN_SHARE_APART, kept_apart

Row = dict[str, Any]
Span = tuple[int, int]
TWINS = ROOT / "training" / "twins"
FURTHER = ROOT / "training" / "further"
APART = "apart"
_SHARE_APART = 0.3
_WORDS = 100
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question put to a passage: `label` 1 if the passage answers it, and `span` (in its text) where that is known.

    `mine` is false for a question that was written for another passage of the article. `wrong`, of one that is not
    answered, is where in the question the words stand that the passage does not bear out, where its author marked them.
    """

    question: str
    label: int
    span: Span | None = None
    mine: bool = True
    wrong: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage of an article, what stands before it when it is read, and the questions put to it."""

    article: str
    passage_id: str
    before: str
    text: str
    asked: list[Asked] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Source:
    """The passages of one kind of material."""

    name: str
    training: list[ReadPassage]
    development: list[ReadPassage]


def rows_of(path: Path) -> list[Row]:
    """The JSON objects of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def handwritten(folder: Path) -> Source:
    """Questions hand-written for this project; the pages kept apart are those kept from the encoder."""
    rows = [row for name in ("articles.jsonl", "pages.jsonl") for row in rows_of(folder / name)]
    passages = {
        row["_id"]: ReadPassage(row["group"], row["_id"], before(row["title"], row["heading"]), row["text"])
        for row in rows
    }
    for row in rows_of(folder / "questions.jsonl"):
        for rank, passage_id in enumerate(row["gold"]):
            own = passages[passage_id]
            at = own.text.find(row["span"]) if rank == 0 and row["span"] else -1
            span = (at, at + len(row["span"])) if at >= 0 else None
            own.asked.append(Asked(row["q"], 1, span, mine=rank == 0))
        if not row["gold"] and row["near"]:
            passages[row["near"]].asked.append(Asked(row["q"], 0))
    return _parted("handwritten", passages.values(), kept_apart((row["group"] for row in rows), PAGES_APART))


def written(folder: Path) -> Source:
    """Articles written for this project together with their questions, one a line."""
    passages = _of_articles(folder)
    return _parted("written", passages, _some(passages, WRITTEN_SHARE_APART))


def further(folder: Path) -> Source:
    """The same of more articles: those kept apart lie in a folder of their own, so that they stay the same ones as
    others are added."""
    return Source("further", _of_articles(folder), _of_articles(folder / APART))


def _of_articles(folder: Path) -> list[ReadPassage]:
    return [passage for path in sorted(folder.glob("*.jsonl")) for passage in _articles(path)]


def _articles(path: Path) -> Iterator[ReadPassage]:
    for article in rows_of(path):
        for number, row in enumerate(article["passages"]):
            text, asked = row["text"], list[Asked]()
            for each in row["questions"]:
                at = text.find(each["span"]) if each["kind"] == "answerable" else -1
                span = (at, at + len(each["span"])) if at >= 0 else None
                asked.append(Asked(each["q"], int(each["kind"] == "answerable"), span, wrong=_marked(each)))
            name = f"{article['id']}#{number}"
            yield ReadPassage(article["id"], name, before(article["title"], row["heading"]), text, asked)


def _marked(row: Row) -> tuple[Span, ...]:
    at = row["q"].find(row["wrong"]) if "wrong" in row else -1
    return ((at, at + len(row["wrong"])),) if at >= 0 else ()


def twins(folder: Path, articles: Source) -> Source:
    """Questions about the passages of `articles` in twins: one that is answered, and one that differs from it in a
    single thing and is not.

    In `asked` the two stand next to each other, the answered one first. Articles that were kept apart stay apart.
    """
    found: dict[str, list[Asked]] = defaultdict(list)
    texts = {each.passage_id: each.text for each in (*articles.training, *articles.development)}
    for path in sorted(folder.glob("*.jsonl")):
        for row in rows_of(path):
            passage_id = f"{row['article']}#{row['passage']}"
            found[passage_id] += _twin(row, texts[passage_id])
    training, development = (
        [replace(each, asked=found[each.passage_id]) for each in passages if each.passage_id in found]
        for passages in (articles.training, articles.development)
    )
    return Source("twins", training, development)


def twin_articles(folder: Path) -> Source:
    """Articles written for this project with nothing but twins as their questions: see `twins`."""
    passages = [
        ReadPassage(
            article["id"],
            f"{article['id']}#{number}",
            before(article["title"], row["heading"]),
            row["text"],
            [asked for twin in row["twins"] for asked in _twin(twin, row["text"])],
        )
        for path in sorted(folder.glob("*.jsonl"))
        for article in rows_of(path)
        for number, row in enumerate(article["passages"])
    ]
    return _parted("twin articles", passages, _some(passages, WRITTEN_SHARE_APART))


def _twin(row: Row, text: str) -> tuple[Asked, Asked]:
    at = text.index(row["span"])
    return Asked(row["answerable"], 1, (at, at + len(row["span"]))), Asked(row["unanswerable"], 0)


def evaluation_folder(folder: Path) -> Source:
    """A set in the evaluation's layout: corpus.jsonl, queries.jsonl, qrels.tsv, queries_unanswerable.jsonl."""
    rows = {row["_id"]: row for row in rows_of(folder / "corpus.jsonl")}
    passages = {
        name: ReadPassage(row["group"], name, before(row["title"], ""), row["text"])
        for name, row in rows.items()
    }
    queries = {row["_id"]: row for row in rows_of(folder / "queries.jsonl")}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        query_id, passage_id, *_ = line.split("\t")
        if query_id in queries:
            query, row = queries[query_id], rows[passage_id]
            passages[passage_id].asked.append(Asked(query["text"], 1, _within(query, row)))
    unanswerable = folder / "queries_unanswerable.jsonl"
    for row in rows_of(unanswerable) if unanswerable.exists() else []:
        if row.get("near") in passages:
            passages[row["near"]].asked.append(Asked(row["text"], 0))
    apart = articles_apart(passage.article for passage in passages.values())
    return _parted(folder.name, passages.values(), apart)


def articles_apart(articles: Iterable[str]) -> frozenset[str]:
    """Which articles of a set in the evaluation's layout nothing is learnt from."""
    names = set(articles)
    return kept_apart(names, round(_SHARE_APART * len(names)))


def _within(query: Row, row: Row) -> tuple[int, int] | None:
    if "answer" not in query or "start" not in row:
        return None
    start, end = (place - row["start"] for place in query["answer"])
    return (start, end) if 0 <= start < end <= len(row["text"]) else None


def sections(path: Path, without: Container[str] = ()) -> list[ReadPassage]:
    """Pages whose sections answer the question that their heading was made of: the heading itself is left out.

    Pages that are questioned elsewhere are given as `without`: some of those may have to be kept apart.
    """
    passages = []
    for page in rows_of(path):
        if page["page"] in without:
            continue
        for number, section in enumerate(page["sections"]):
            for part, text in enumerate(_parts(section["text"])):
                passages.append(
                    ReadPassage(page["page"], f"{page['page']}#{number}.{part}", f"{page['focus']}. ", text)
                )
    return passages


def section_kinds(path: Path) -> dict[str, str]:
    """By passage id, what kind of question a section of `sections` answers."""
    kinds = {
        f"{page['page']}#{number}": section["qtype"]
        for page in rows_of(path)
        for number, section in enumerate(page["sections"])
    }
    return {passage.passage_id: kinds[passage.passage_id.rsplit(".", 1)[0]] for passage in sections(path)}


def _parts(text: str) -> Iterator[str]:
    """Stretches of about 100 words that end where sentences end."""
    words = 0
    own: list[str] = []
    for sentence in SENTENCE_END.split(" ".join(text.split())):
        own.append(sentence)
        words += len(sentence.split())
        if words >= _WORDS:
            yield " ".join(own)
            own, words = [], 0
    if words >= _WORDS // 4:
        yield " ".join(own)


def _some(passages: Iterable[ReadPassage], share: float) -> frozenset[str]:
    articles = {passage.article for passage in passages}
    return kept_apart(articles, round(share * len(articles)))


def _parted(name: str, passages: Iterable[ReadPassage], development: frozenset[str]) -> Source:
    parts: dict[bool, list[ReadPassage]] = defaultdict(list)
    for passage in passages:
        parts[passage.article in development].append(passage)
    return Source(name, parts[False], parts[True])


def by_article(passages: Iterable[ReadPassage]) -> dict[str, list[ReadPassage]]:
    """The passages of each article."""
    found: dict[str, list[ReadPassage]] = defaultdict(list)
    for passage in passages:
        found[passage.article].append(passage)
    return found


def questions_of(passages: Sequence[ReadPassage]) -> dict[str, list[tuple[Asked, ReadPassage]]]:
    """By article, the questions that were written for one of its passages."""
    found: dict[str, list[tuple[Asked, ReadPassage]]] = defaultdict(list)
    for passage in passages:
        found[passage.article] += [(asked, passage) for asked in passage.asked if asked.mine]
    return found
