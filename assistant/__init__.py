"""A question-and-answer assistant over trusted articles that answers only in their own words.

>>> from assistant import Assistant
>>> Assistant.open().ask("What is clonazepam used for?").hits[0].passage.text
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from assistant.errors import AssistantError
from assistant.types import Answer, AnswerKind, Hit, Notice, Passage, Source, Span
from assistant.version import VERSION as __version__

if TYPE_CHECKING:
    from assistant.answering import Assistant
    from assistant.building import build_index
    from assistant.corpus import Corpus

__all__ = [
    "Answer",
    "AnswerKind",
    "Assistant",
    "AssistantError",
    "Corpus",
    "Hit",
    "Notice",
    "Passage",
    "Source",
    "Span",
    "__version__",
    "build_index",
]

_LATE = {
    "Assistant": "assistant.answering",
    "Corpus": "assistant.corpus",
    "build_index": "assistant.building",
}


def __getattr__(name: str) -> Any:
    # The engine pulls in numpy, FAISS and the settings: only whoever asks for it pays.
    if name in _LATE:
        return getattr(import_module(_LATE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
