"""Compiles the safety rules: `python -m tools.compile_rules`, after every change of `assistant/safety/rules/*.toml`.

Until then they are read as they are written, which takes a tenth of a second longer.
"""

import sys

from assistant.safety.compiled import COMPILED, compiled
from assistant.safety.rule_files import load_rules
from assistant.safety.rulebook import RULES_DIR


def main() -> None:
    """Writes the file beside the rules."""
    content = compiled(load_rules(RULES_DIR), RULES_DIR)
    (RULES_DIR / COMPILED).write_bytes(content)
    sys.stdout.write(f"Wrote {RULES_DIR / COMPILED}: {len(content):,} bytes\n")


if __name__ == "__main__":
    main()
