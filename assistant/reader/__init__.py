"""The reader: does this passage answer this question, and with which words?

It reads both together, says how likely the passage answers, and points at the words. It never writes any.
"""

from assistant.reader.model import Reader, Reading, before
from assistant.reader.opening import OFF, open_reader, reader_revision, shipped_reader

__all__ = ["OFF", "Reader", "Reading", "before", "open_reader", "reader_revision", "shipped_reader"]
