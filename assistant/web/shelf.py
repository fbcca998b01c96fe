"""The list of articles as HTML."""

from collections.abc import Mapping

from assistant.messages import READER
from assistant.storage.records import DocumentRecord
from assistant.web.markup import exact, place_link, render_facts

SEARCHED_FROM = 2
"""With so many articles there is a search; fewer are seen at a glance."""


def render_shelf(records: Mapping[str, DocumentRecord]) -> str:
    """Every article with what is known of it, and a search if there are several."""
    introduction = READER["none"] if not records else READER["one" if len(records) == 1 else "introduction"]
    return (
        f'<section class="shelf"><h2 id="side-title" tabindex="-1">{exact(READER["articles"])}</h2>'
        f"<p>{exact(introduction)}</p>{_search() if len(records) >= SEARCHED_FROM else ''}"
        f'<ul class="articles">{"".join(map(_entry, records.values()))}</ul>'
        f'<p class="nothing" role="status" hidden>{exact(READER["search_none"])}</p></section>'
    )


def _search() -> str:
    words = exact(READER["search"])
    return f'<label class="search"><span>{words}</span><input type="search" autocomplete="off"></label>'


def _entry(record: DocumentRecord) -> str:
    searched = " ".join([record.title, *record.subjects, record.source.publisher]).casefold()
    subjects = f"{READER['subjects']}: {', '.join(record.subjects)}" if record.subjects else ""
    return (
        f'<li data-words="{exact(searched)}"><h3><a class="open" dir="auto" href="{exact(place_link(record.doc_id))}">'
        f'{exact(record.title)}</a></h3><p class="subjects" dir="auto">{exact(subjects)}</p>'
        f"{render_facts(record.source)}</li>"
    )
