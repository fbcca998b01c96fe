"""How much memory a process has held, and how large a folder is."""

import resource
import sys
from pathlib import Path

MEGABYTE = 1_000_000


def peak_megabytes() -> float:
    """The most that this process ever held resident."""
    status = Path("/proc/self/status")
    if status.exists():
        # Unlike getrusage, not that of the process which started this one.
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024 / MEGABYTE
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MEGABYTE


def folder_megabytes(folder: Path) -> float:
    """The bytes of all its files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / MEGABYTE
