"""The JSON contract: an `Answer` as plain data, the same from every surface.

Offsets count Unicode characters of the article's file. Keys are only ever added, never renamed.
"""

import json
from typing import Any

from assistant.types import Answer, Hit, Span
from assistant.version import VERSION

_SCORE_DIGITS = 4


def answer_as_dict(answer: Answer) -> dict[str, Any]:
    """`answer` with the keys documented in the README, in their documented order."""
    return {
        "question": answer.question,
        "kind": answer.kind.value,
        "notices": [{"id": notice.id, "text": notice.text} for notice in answer.notices],
        "hits": [_hit(hit) for hit in answer.hits],
        "disclaimer": answer.disclaimer,
        "build_id": answer.build_id,
        "version": VERSION,
    }


def answer_as_json(answer: Answer) -> str:
    """`answer` as indented JSON text."""
    return json.dumps(answer_as_dict(answer), ensure_ascii=False, indent=2)


def _hit(hit: Hit) -> dict[str, Any]:
    passage, source = hit.passage, hit.source
    return {
        "rank": hit.rank,
        "score": round(hit.score, _SCORE_DIGITS),
        "doc_id": passage.doc_id,
        "title": hit.title,
        "heading": passage.heading,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "highlight": _span(hit.highlight),
        "source": {
            "publisher": source.publisher,
            "url": source.url,
            "licence": source.licence,
            "reviewed": source.reviewed,
            "sha256": source.sha256,
        },
    }


def _span(span: Span) -> dict[str, int]:
    return {"start": span.start, "end": span.end}
