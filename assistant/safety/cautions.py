"""What a passage of an article states: a dose, or the article's own warning on a high-risk topic."""

from functools import lru_cache

from assistant.safety.rulebook import rulebook


@lru_cache(maxsize=4096)
def states_dose(passage: str) -> bool:
    """Whether the passage states an amount or how often to take it; a product's strength alone is not a dose."""
    book = rulebook()
    text = book.read_passage(passage)
    return any(pattern.ends(text) for pattern in book.dose_statement)


@lru_cache(maxsize=4096)
def warns_about(passage: str, topic: str) -> bool:
    """Whether the passage warns about `topic`, one of `Triage.topics`.

    Raises `KeyError` for a topic that no rule knows.
    """
    book = rulebook()
    text = book.read_passage(passage)
    return any(pattern.ends(text) for pattern in book.cautions[topic])
