"""How much a document may cost. A file that needs more is refused, and the others go on."""

MIB = 1 << 20

MOST_BYTES = 20 * MIB
"""Of one file."""

MOST_UNPACKED = 100 * MIB
"""Of all that a packed file (.docx) unpacks to."""

MOST_CHARACTERS = 2_000_000
"""Of one canonical text: about 600 pages."""

MOST_OUTPUT = 32 * MIB
"""Bytes that the child process may write."""

MEMORY = 640 * MIB
"""Address space of the child process."""

CPU_SECONDS = 10
WALL_SECONDS = 40

MOST_FILES = 10_000
"""In one folder."""
