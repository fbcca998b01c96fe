"""What passes between the readers of documents and whoever asked for them."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Dropped:
    """Words of the original that are not in the canonical text, or are there in another shape.

    `kind` is a word for people: menu, caption, page number, hyphen. `instead` is what stands there now,
    empty if nothing does.
    """

    kind: str
    text: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Canonical:
    """A document as the text that will be sliced and shown.

    `marked` says whether headings are marked as in Markdown (`## Uses`). `facts` are what the document says
    of itself: url, publisher.
    """

    text: str
    title: str = ""
    marked: bool = False
    dropped: tuple[Dropped, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
