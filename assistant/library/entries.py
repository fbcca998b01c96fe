"""Edits the text of sources.toml so that a person's comments and order stay."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.items import AoT

_LONGEST_ID = 60
_UNLETTERED = "article"


def entry_text(entry: Mapping[str, Any]) -> str:
    """One `[[article]]` as it is put at the end of sources.toml."""
    document = tomlkit.document()
    document.add("article", tomlkit.aot())
    _articles(document).append(_table(entry))
    return f"{tomlkit.dumps(document).strip()}\n"


def with_entry(sources: str, entry: str) -> str:
    """`sources` with one more article at its end."""
    return f"{sources.rstrip()}\n\n{entry}"


def without_entry(sources: str, doc_id: str) -> str:
    """`sources` without one article."""
    document = _parsed(sources)
    articles = _articles(document)
    del articles[_place(articles, doc_id)]
    return tomlkit.dumps(document)


def with_new_text(
    sources: str,
    doc_id: str,
    facts: Mapping[str, Any],
    sha256: str,
    original: Mapping[str, str],
    lost: Collection[str],
    skipped: Sequence[str] = (),
) -> str:
    """`sources` with another text for one article; `lost` are skipped texts that the new one has not,
    `skipped` further ones."""
    document = _parsed(sources)
    articles = _articles(document)
    article = articles[_place(articles, doc_id)]
    for name, value in {**facts, "sha256": sha256}.items():
        article[name] = _value(value)
    skips = article.get("skipped", [])
    for place in reversed(range(len(skips))):
        if skips[place]["text"] in lost:
            del skips[place]
    if "skipped" in article and not skips:
        del article["skipped"]
    if skipped and not skips:
        article["skipped"] = _skips(skipped)
    else:
        for table in _skips(skipped):
            skips.append(table)
    if "original" in article:
        article["original"] = _value(original)
        return tomlkit.dumps(document)
    # tomlkit would put a new key after the article's last comment; it belongs beside the text's own hash.
    beside = tomlkit.dumps({"sha256": sha256}).strip()
    both = f"{beside}\n{tomlkit.dumps({'original': _value(original)}).strip()}"
    return tomlkit.dumps(document).replace(beside, both, 1)


def with_facts(sources: str, doc_id: str, facts: Mapping[str, Any], skipped: Sequence[str]) -> str:
    """`sources` saying this of one article, whose text stays; exactly the texts `skipped` are never shown."""
    document = _parsed(sources)
    articles = _articles(document)
    article = articles[_place(articles, doc_id)]
    for name, value in facts.items():
        if article.get(name) != _value(value):
            article[name] = _value(value)
    skips = article.get("skipped", [])
    known = [skip["text"] for skip in skips]
    for place in reversed(range(len(skips))):
        if known[place] not in skipped:
            del skips[place]
    new = _skips([text for text in skipped if text not in known])
    if "skipped" in article and not skips:
        del article["skipped"]
        skips = []
    if not skips and new:
        article["skipped"] = new
    else:
        for table in new:
            skips.append(table)
    return tomlkit.dumps(document)


def new_id(title: str, file_name: str, taken: Collection[str]) -> str:
    """A short name for an article, made of its file's name or else its title, that is not taken yet."""
    stem = file_name.rsplit(".", 1)[0]
    base = _slug(stem) or _slug(title) or _UNLETTERED
    number, name = 1, base
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name


def _parsed(sources: str) -> tomlkit.TOMLDocument:
    # Without a last line end tomlkit would put the next table on the last line.
    return tomlkit.parse(sources if sources.endswith("\n") else f"{sources}\n")


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_ID].strip("-")


def _articles(document: tomlkit.TOMLDocument) -> AoT:
    articles = document["article"]
    assert isinstance(articles, AoT)
    return articles


def _place(articles: AoT, doc_id: str) -> int:
    return next(place for place, article in enumerate(articles) if article["id"] == doc_id)


def _table(entry: Mapping[str, Any]) -> Any:
    table = tomlkit.table()
    for name, value in entry.items():
        if name != "skipped":
            table.add(name, _value(value))
    if entry.get("skipped"):
        table.add("skipped", _skips(entry["skipped"]))
    return table


def _skips(texts: Sequence[str]) -> AoT:
    skips = tomlkit.aot()
    for text in texts:
        table = tomlkit.table()
        table.add("text", _value(text))
        skips.append(table)
    return skips


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        table.update(value)
        return table
    return list(value) if isinstance(value, tuple) else value
