"""The rules that ship with the assistant, read once, at the first question."""

from pathlib import Path

from assistant.once import Once
from assistant.safety.compiled import read_compiled
from assistant.safety.rule import Rulebook

RULES_DIR = Path(__file__).resolve().parent / "rules"


@Once
def rulebook() -> Rulebook:
    """Compiled beforehand; where the rules were changed since, as they are written.

    Raises `ValueError` naming the file or rule that cannot be used.
    """
    if book := read_compiled(RULES_DIR):
        return book
    # Late: what reads them as they are written takes longer to import than to read them compiled.
    from assistant.safety.rule_files import load_rules

    return load_rules(RULES_DIR)
