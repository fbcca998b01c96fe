"""Compiles assistant/data/drug_names.tsv.gz from the package drug-named-entity-recognition.

    pip install drug-named-entity-recognition==2.0.9
    python tools/compile_english_words.py && python tools/compile_drug_names.py

One line per drug: its name, a count, and the names it is found by. A misspelt word may stand for the first
`count` of them: the name of a drug listed by MedlinePlus, the NHS or Wikipedia, and common brands.
A name that starts with `~` is a generic name and not a brand.
Only this tool imports the package: importing it takes seconds. The output is the same for the same input.
"""

import gzip
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import version
from itertools import chain
from pathlib import Path

from drug_named_entity_recognition.drugs_finder import (  # type: ignore[import-untyped]
    drug_canonical_to_data,
    drug_variant_to_canonical,
    drug_variant_to_variant_data,
)

PACKAGE = "drug-named-entity-recognition"
HERE = Path(__file__).parent
OUTPUT = HERE.parent / "assistant" / "data" / "drug_names.tsv.gz"
ENGLISH = HERE.parent / "assistant" / "data" / "english_words.txt.gz"
DROPPED = HERE / "drug_names_dropped.txt"
BRANDS = HERE / "common_brands.txt"
EVERYDAY = {"medline_plus_id", "nhs_url", "wikipedia_url"}
SHORTEST = 5
"""Shorter names are mostly abbreviations of chemicals; the few that people use are in entities.tsv."""

_WORD = re.compile(rf"[^\W\d_]{{{SHORTEST},}}")
_PHRASE = re.compile(r"[^\W\d_]{3,}(?:[ -][^\W\d_]{3,}){1,2}")
_NOT_A_DRUG = re.compile(r"template|=|drug/|vaccine|allergen|pollen|transfusion|supplement|sanitizer")
_TAIL = re.compile(r" \(.*\)$| (sublingual|buccal|injection|nasal|oral|topical|ophthalmic|rectal)\b.*$")


def main() -> None:
    """Writes the file and says how many names it holds."""
    names = compile_names()
    lines = [f"# {PACKAGE} {version(PACKAGE)} (MIT); see README.md"]
    for drug, (common, others) in sorted(names.items()):
        lines.append("\t".join([drug, str(len(common)), *common, *others]))
    data = ("\n".join(lines) + "\n").encode()
    OUTPUT.write_bytes(gzip.compress(data, 9, mtime=0))
    sys.stdout.write(f"{OUTPUT}: {len(names):,} drugs, {sum(map(len, chain(*names.values()))):,} names\n")


def compile_names() -> dict[str, tuple[list[str], list[str]]]:
    """Drug -> (names that people misspell, its other names), both marked `~` if generic."""
    dropped, english, brands = set(_listed(DROPPED)), _english(), set(_listed(BRANDS))
    everyday = {name for name, data in drug_canonical_to_data.items() if data.keys() & EVERYDAY}
    aliases: defaultdict[str, set[str]] = defaultdict(set)
    for variant, (canonical, *_) in drug_variant_to_canonical.items():
        common = canonical in everyday
        known = common or "drugbank_id" in drug_canonical_to_data.get(canonical, {})
        if known and not _NOT_A_DRUG.search(canonical) and _usable(variant, common, dropped, english):
            aliases[_short(canonical)].add(variant.replace("-", " "))
    singles = {name: drug for drug, found in aliases.items() for name in found if name.isalpha()}
    names: dict[str, tuple[list[str], list[str]]] = {}
    for drug, found in aliases.items():
        kept = sorted(name for name in found if not _redundant(name, singles))
        own = {name for name in kept if drug in everyday and (name == drug or _generic(name))}
        names[drug] = (
            [_marked(name) for name in kept if name in own | brands],
            [_marked(name) for name in kept if name not in own | brands],
        )
    return names


def _short(canonical: str) -> str:
    short = _TAIL.sub("", canonical)
    return short if short in drug_canonical_to_data else canonical


def _usable(name: str, everyday: bool, dropped: set[str], english: set[str]) -> bool:
    if name in dropped or _NOT_A_DRUG.search(name):
        return False
    if _WORD.fullmatch(name):
        return True
    words = set(re.split("[ -]", name))
    return everyday and bool(_PHRASE.fullmatch(name)) and not words & dropped and not words <= english


def _redundant(name: str, singles: dict[str, str]) -> bool:
    """A phrase that contains a one-word name is found by that word."""
    return any(word in singles for word in re.split("[ -]", name)) and name not in singles


def _generic(name: str) -> bool:
    return drug_variant_to_variant_data.get(name, {}).get("is_brand") is False


def _marked(name: str) -> str:
    return f"~{name}" if _generic(name) else name


def _english() -> set[str]:
    return set(gzip.decompress(ENGLISH.read_bytes()).decode().split())


def _listed(file: Path) -> Iterator[str]:
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield from line.split()


if __name__ == "__main__":
    main()
