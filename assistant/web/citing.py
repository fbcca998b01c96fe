"""A passage as text to take away: its words, and where anyone can find them."""

from assistant.messages import READER, WEB
from assistant.types import Hit
from assistant.web.markup import stated


def citation(hit: Hit) -> str:
    """The passage exactly, then title, section, publisher, link, licence, review date and place, a line each."""
    passage, source = hit.passage, hit.source
    facts = [
        (WEB["section"], passage.heading),
        (WEB["publisher"], stated(source.publisher)),
        (WEB["link"], stated(source.url)),
        (WEB["licence"], stated(source.licence)),
        (WEB["reviewed"], stated(source.reviewed)),
        (READER["characters"], READER["range"].format(start=passage.start, end=passage.end)),
        (READER["file_sha256"], source.sha256),
    ]
    lines = [f"{name}: {value}" for name, value in facts if value]
    return "\n".join([passage.text, "", hit.title, *lines])
