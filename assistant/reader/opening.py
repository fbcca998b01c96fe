"""The reader that ships with the package, where it is wanted."""

from assistant.encoder import Encoder
from assistant.encoder.models import identity_of
from assistant.errors import ReaderError
from assistant.once import Once
from assistant.reader.model import FILES, FOLDER, Reader, unusable
from assistant.settings import TUNED_ENCODER
from assistant.storage.checksums import SUMS, verify_listed
from assistant.storage.files import sha256_of

OFF = "off"
"""What a build records where passages are not read."""


def open_reader(encoder: Encoder, switched_on: bool) -> Reader | None:
    """The shipped reader, or None if it is not used. Raises `ReaderError` if it is not as shipped."""
    return shipped_reader() if _is_used(encoder, switched_on) else None


def reader_revision(encoder: Encoder, switched_on: bool) -> str:
    """The SHA-256 of the list of the reader's files: equal revisions, equal readings; `off` where it is not used.

    Raises `ReaderError` if there is no such list.
    """
    if not _is_used(encoder, switched_on):
        return OFF
    try:
        return sha256_of(FOLDER / SUMS)
    except OSError as error:
        raise ReaderError(unusable(FOLDER, error)) from error


def _is_used(encoder: Encoder, switched_on: bool) -> bool:
    """Only beside the encoder `tuned`: what follows from a reading is fitted to both together."""
    tuned = identity_of(TUNED_ENCODER)
    return (
        switched_on and tuned is not None and (encoder.name, encoder.revision) == (tuned.name, tuned.revision)
    )


@Once
def shipped_reader() -> Reader:
    """The reader that ships, whatever encoder is beside it: to be asked for early, and then used by `open_reader`.

    Raises `ReaderError` if it is not as shipped.
    """
    try:
        # Altered numbers could load all the same and judge otherwise.
        verify_listed(FOLDER, *FILES)
    except (OSError, ValueError) as error:
        raise ReaderError(unusable(FOLDER, error)) from error
    return Reader(FOLDER)
