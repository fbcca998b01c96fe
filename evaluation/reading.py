"""Reads the files of question sets, and says which line is wrong."""

import csv
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.errors import EvaluationError


@dataclass(frozen=True, slots=True)
class Row:
    """One object of a JSON-lines file, and where it stands."""

    where: str
    fields: dict[str, Any]

    def text(self, key: str, default: str | None = None) -> str:
        """The text under `key`; without a default it must be there and not be blank."""
        value = self.fields.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise EvaluationError(f'{self.where}: "{key}" must be text that is not blank.')
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts under `key`, at least one."""
        values = self.fields.get(key)
        if not isinstance(values, list) or not values or not all(isinstance(v, str) and v for v in values):
            raise EvaluationError(f'{self.where}: "{key}" must be a list of at least one text.')
        return tuple(values)


def read_rows(path: Path, id_key: str | None = None) -> list[Row]:
    """The rows of a JSON-lines file; every row has its own text under `id_key`, if one is given."""
    rows: list[Row] = []
    seen: set[str] = set()
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        row = Row(f"{path.name}, line {number}", _object(path, number, line))
        rows.append(row)
        if id_key is None:
            continue
        row_id = row.text(id_key)
        if row_id in seen:
            raise EvaluationError(f"{row.where}: the id {row_id} is used twice.")
        seen.add(row_id)
    return rows


def read_tsv(path: Path, columns: tuple[str, ...]) -> list[tuple[int, list[str]]]:
    """Line number and cells of each row of a tab-separated file with this header."""
    table = list(csv.reader(_lines(path), delimiter="\t", quoting=csv.QUOTE_NONE))
    if not table or tuple(table[0]) != columns:
        raise EvaluationError(
            f"{path.name}, line 1: the header must be: {' '.join(columns)} (tab-separated)."
        )
    rows = [(number, cells) for number, cells in enumerate(table[1:], start=2) if cells]
    for number, cells in rows:
        if len(cells) != len(columns):
            raise EvaluationError(
                f"{path.name}, line {number}: {len(columns)} tab-separated cells are needed."
            )
    return rows


def sha256_of(paths: Iterable[Path]) -> str:
    """SHA-256 over the names and bytes of the files, whatever their order."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _lines(path: Path) -> list[str]:
    try:
        # Not splitlines(): a question may hold characters that it takes for the end of a line.
        return path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        raise EvaluationError(f"{path.parent.name}: the file {path.name} is missing.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path.name} cannot be read as UTF-8 text: {error}") from error


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise EvaluationError(f"{path.name}, line {number} is not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise EvaluationError(f"{path.name}, line {number} must be a JSON object.")
    return fields
