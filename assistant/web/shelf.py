"""The list of articles as HTML."""

from collections.abc import Mapping

from assistant.messages import READER
from assistant.storage.records import DocumentRecord
from assistant.web.markup import exact, place_link, render_facts


def render_shelf(records: Mapping[str, DocumentRecord]) -> str:
    """Every article with what is known of it, and a search among them."""
    introduction = READER["introduction" if records else "none"]
    return (
        f'<section class="shelf"><h2 id="side-title" tabindex="-1">{exact(READER["articles"])}</h2>'
        f"<p>{exact(introduction)}</p>{_search() if records else ''}"
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
