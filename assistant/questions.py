"""Which questions can be asked: the same rule on every surface."""

from assistant.errors import QuestionError

LONGEST_QUESTION = 1_000


def clean_question(question: object) -> str:
    """The question without blank ends. Raises `QuestionError` if it is not 1 to 1,000 characters of text."""
    if not isinstance(question, str):
        raise QuestionError(f"A question must be text, not {type(question).__name__}.")
    cleaned = question.strip()
    if not cleaned:
        raise QuestionError("The question is empty. Type a question.")
    if len(cleaned) > LONGEST_QUESTION:
        raise QuestionError(
            f"The question has {len(cleaned):,} characters; at most {LONGEST_QUESTION:,} can be read. "
            "Shorten it."
        )
    if not cleaned.isascii() and any("\ud800" <= character <= "\udfff" for character in cleaned):
        raise QuestionError("The question is not valid Unicode text. Type it again.")
    return cleaned
