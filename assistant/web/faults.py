"""Where in our own code something went wrong: enough to find it, and no word of what was asked."""

import traceback
from pathlib import Path


def place_of(error: Exception) -> str:
    """File names and lines, outermost first. A traceback could quote the question."""
    frames = traceback.extract_tb(error.__traceback__)
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
