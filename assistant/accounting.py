"""The plain account of a build: what came, changed, went and stayed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.content import IndexContent
from assistant.storage.records import record_of
from assistant.topics.labelling import domain_of
from assistant.types import Document, Passage

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of a kind."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.added + other.added,
            self.changed + other.changed,
            self.removed + other.removed,
            self.unchanged + other.unchanged,
        )

    def __str__(self) -> str:
        return (
            f"{self.added} added, {self.changed} changed, {self.removed} removed, {self.unchanged} unchanged"
        )


@dataclass(frozen=True, slots=True)
class Account:
    """Articles and passages against the generation before.

    A passage is unchanged if its article's title, its heading and its words are. Within an article, as many
    passages as went and came count as changed. `losing` names the articles that lose passages, with how many.
    `encoded` and `reused` count texts: passages, their sentences with and without title and heading, curated
    questions. `recognised` and `topics_reused` count passages by where their topics come from.
    """

    articles: Tally
    passages: Tally
    losing: tuple[tuple[str, int], ...] = ()
    encoded: int = 0
    reused: int = 0
    recognised: int = 0
    topics_reused: int = 0

    @property
    def removed_from(self) -> str:
        """The articles that lose most passages, for people."""
        most = sorted(self.losing, key=lambda each: (-each[1], each[0]))
        named = [f"{doc_id}: {count}" for doc_id, count in most[:_MOST_NAMED]]
        return ", ".join([*named, "…"] if len(most) > _MOST_NAMED else named)

    def with_work(self, encoded: int, reused: int, recognised: int, topics_reused: int) -> "Account":
        """The account with what encoding and recognising took."""
        return replace(
            self, encoded=encoded, reused=reused, recognised=recognised, topics_reused=topics_reused
        )

    def lines(self) -> Iterator[str]:
        """The account for people."""
        yield f"articles: {self.articles}"
        yield f"passages: {self.passages}"
        yield f"vectors: {self.encoded} made anew, {self.reused} taken over"
        yield f"topics: {self.recognised} passages read anew, {self.topics_reused} taken over"


def account_of(
    before: IndexContent | None, documents: Sequence[Document], passages: Sequence[Passage]
) -> Account:
    """What a build of these documents and passages changes; `before` is None if there was no index."""
    old_records = {record.doc_id: record for record in before.documents} if before else {}
    new_records = {document.doc_id: record_of(document, domain_of(document)) for document in documents}
    old = _by_article(before.passages if before else ())
    new = _by_article(passages)
    articles, of_passages, losing = Tally(), Tally(), []
    for doc_id in dict.fromkeys((*old_records, *new_records)):
        was, now = old_records.get(doc_id), new_records.get(doc_id)
        same_title = was is not None and now is not None and was.title == now.title
        tally = _tally(old.get(doc_id, Counter()), new.get(doc_id, Counter()), same_title)
        same = was == now and not (tally.added or tally.changed or tally.removed)
        articles += Tally(was is None, not same and was is not None and now is not None, now is None, same)
        of_passages += tally
        if tally.removed:
            losing.append((doc_id, tally.removed))
    return Account(articles, of_passages, tuple(losing))


_Contents = Counter[tuple[str, str]]


def _by_article(passages: Sequence[Passage]) -> dict[str, _Contents]:
    found: dict[str, _Contents] = {}
    for passage in passages:
        found.setdefault(passage.doc_id, Counter())[passage.heading, passage.text] += 1
    return found


def _tally(old: _Contents, new: _Contents, same_title: bool) -> Tally:
    unchanged = (old & new).total() if same_title else 0
    went, came = old.total() - unchanged, new.total() - unchanged
    changed = min(went, came)
    return Tally(came - changed, changed, went - changed, unchanged)
