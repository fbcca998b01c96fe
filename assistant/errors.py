"""The errors a person can meet, each saying what to do next.

Surfaces catch `AssistantError` and show its message as one line; anything else is a bug.
"""


class AssistantError(Exception):
    """Base of every expected error."""


class QuestionError(AssistantError):
    """The question is not text that can be answered."""


class BusyError(AssistantError):
    """More questions are waiting than can be answered soon."""


class UnavailableError(AssistantError):
    """There is no index to answer from at the moment; visitors need not know why."""


class SearchUnavailableError(AssistantError):
    """The server that searches vectors cannot be reached, does not answer in time, or refuses."""


class SignInError(AssistantError):
    """Whoever asks for the library has not the right to it, or not again before so many `seconds`."""

    def __init__(self, message: str, seconds: int = 0) -> None:
        super().__init__(message)
        self.seconds = seconds


class SettingsError(AssistantError):
    """A setting has a value that cannot be used."""


class CorpusError(AssistantError):
    """An article or `sources.toml` cannot be read or is not what it says."""


class ChangedArticleError(CorpusError):
    """An article's text is no longer the text that was accepted."""


class DocumentRefusedError(CorpusError):
    """A document cannot be brought in. `reason` is a word or two for scripts, always the same."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class EncoderError(AssistantError):
    """The encoder's files are missing or are not the ones expected."""


class ReaderError(AssistantError):
    """The reader's files are missing or are not the ones shipped."""


class IndexMissingError(AssistantError):
    """There is no index to open."""


class IndexDamagedError(AssistantError):
    """An index file is truncated, altered, missing or half written."""


class IndexStaleError(AssistantError):
    """The index was built from another corpus, encoder or format."""


class BuildBusyError(AssistantError):
    """Another build holds the lock."""


class PublishError(AssistantError):
    """A build could not write its index; the last good one still serves."""


class VanishingError(PublishError):
    """A build would lose so many passages that a person must say that this is meant."""


class ArticleError(AssistantError):
    """An article, or a place in one, cannot be shown."""


class VerbatimError(AssistantError):
    """A passage is not the exact slice of its article."""
