"""Why a reply is what it is, as plain data for scripts and `ask --explain`."""

from typing import Any

from assistant.evidence.judging import Judgement
from assistant.evidence.query import Query
from assistant.evidence.ranked import Ranked
from assistant.evidence.ranking import Evidence

_PASSAGES = 5
_TOPICS = 3
_DIGITS = 4


def explanation(evidence: Evidence, judgement: Judgement) -> dict[str, Any]:
    """What was understood of the question, how the best passages scored, and the signals of the decision."""
    return {
        "understood": _understood(evidence.query),
        "topics": _topics(evidence),
        "passages": [_passage(ranked) for ranked in evidence.ranked[:_PASSAGES]],
        "missing": list(evidence.missing),
        "says_nothing_about": list(evidence.silent),
        "signals": {name: round(value, _DIGITS) for name, value in judgement.signals.items()},
        "probability": round(judgement.probability, _DIGITS),
    }


def _topics(evidence: Evidence) -> dict[str, float]:
    likeliest = evidence.asked.likeliest(_TOPICS) if evidence.asked else {}
    return {topic: round(probability, _DIGITS) for topic, probability in likeliest.items()}


def _understood(query: Query) -> dict[str, Any]:
    return {
        "text": query.text,
        "spelling": [{"wrong": change.wrong, "right": change.right} for change in query.changes],
        "covered": list(query.gate.covered),
        "mentioned": list(query.gate.mentioned),
        "uncovered": [entity.shown for entity in query.gate.uncovered],
        # The person's own words: some forms on the list are read but never shown.
        "lay_words": [
            {
                "words": query.text[expansion.span.start : expansion.span.end],
                "clinical": list(expansion.clinical),
                "weight": expansion.weight,
            }
            for expansion in query.expansions
        ],
    }


def _passage(ranked: Ranked) -> dict[str, Any]:
    parts = {
        "score": ranked.score,
        "dense": ranked.dense,
        "sentence": ranked.sentence,
        "lexical": ranked.lexical,
        "topic": ranked.topic,
        "curated": ranked.curated,
        "reads": ranked.reads,
    }
    rounded = {name: None if value is None else round(value, _DIGITS) for name, value in parts.items()}
    return {"passage": ranked.passage.passage_id, "topics": list(ranked.passage.topics), **rounded}
