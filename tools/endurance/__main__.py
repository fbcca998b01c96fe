"""Runs one of the trials and prints what came of it as JSON: `python -m tools.endurance --help`."""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from tools.endurance.kills import kill_builds
from tools.endurance.publishes import publish_under_load
from tools.endurance.served import publish_under_visitors
from tools.endurance.spoils import spoil_files


def main() -> None:
    """One trial, in a folder of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trial", choices=["kills", "publishes", "served", "spoils"])
    parser.add_argument("--count", type=int, help="300 kills, 100 publishes, 200 of each file if not given")
    parser.add_argument("--seconds", type=float, default=60, help="how long the publishes take")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        if asked.trial == "kills":
            result = kill_builds(folder / "index", asked.count or 300)
        elif asked.trial == "publishes":
            result = publish_under_load(folder / "index", asked.count or 100, asked.seconds)
        elif asked.trial == "served":
            result = publish_under_visitors(folder, asked.count or 100, asked.seconds)
        else:
            result = spoil_files(folder / "index", asked.count or 200)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
