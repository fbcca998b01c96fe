"""The errors a person can meet, each saying what to do next.

Surfaces catch `AssistantError` and show its message as one line; anything else is a bug.
"""


class AssistantError(Exception):
    """Base of every expected error."""


class QuestionError(AssistantError):
    """The question is not text that can be answered."""


class SettingsError(AssistantError):
    """A setting has a value that cannot be used."""


class CorpusError(AssistantError):
    """An article or `sources.toml` cannot be read or is not what it says."""


class ChangedArticleError(CorpusError):
    """An article's text is no longer the text that was accepted."""


class EncoderError(AssistantError):
    """The encoder's files are missing or are not the ones expected."""


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


class VerbatimError(AssistantError):
    """A passage is not the exact slice of its article."""
