"""What can go wrong with a question set or a limit, each message saying what to do next."""

from assistant.errors import AssistantError


class EvaluationError(AssistantError):
    """A question set, a limit or an output folder cannot be used."""
