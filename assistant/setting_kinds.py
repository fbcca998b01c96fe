"""Kinds of settings: each reads what is given, or the text of an environment variable, and says what is wrong with it.

By hand, for a library that does it takes a sixth of the time from starting a process to its first answer to import.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Read = Callable[[object], object]
"""Raises `ValueError` in words that complete the setting's name and a colon."""

_YES, _NO = ("1", "on", "t", "true", "y", "yes"), ("0", "off", "f", "false", "n", "no")


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """Words that show nowhere by accident; an empty one counts as none."""

    _words: str

    def get_secret_value(self) -> str:
        """The words."""
        return self._words

    def __len__(self) -> int:
        return len(self._words)

    def __repr__(self) -> str:
        return "Secret('**********')"


def setting(read: Read, default: Any, description: str) -> Any:
    """A field of a frozen dataclass of settings; `default` is a value, or a function that gives one."""
    told = {"read": read, "description": description}
    return (
        field(default_factory=default, metadata=told)
        if callable(default)
        else field(default=default, metadata=told)
    )


def path(value: object) -> Path:
    """A path, there or not."""
    if not isinstance(value, str | Path):
        raise ValueError("Input is not a valid path")
    return Path(value)


def yes_or_no(value: object) -> bool:
    """1 or 0, yes or no, on or off, true or false."""
    word = str(value).strip().lower()
    if word not in (*_YES, *_NO):
        raise ValueError("Input should be a valid boolean, unable to interpret input")
    return word in _YES


def text(pattern: str = "", least: int = 0) -> Callable[[object], str]:
    """Of at least so many characters, all of it as `pattern` says."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError("Input should be a valid string")
        if len(value) < least:
            raise ValueError(f"String should have at least {least} character{'s' if least > 1 else ''}")
        if pattern and not re.fullmatch(pattern, value):
            raise ValueError(f"String should match pattern '{pattern}'")
        return value

    return read


def whole(least: int, most: int) -> Callable[[object], int]:
    """A whole number within bounds, both included."""

    def read(value: object) -> int:
        if not re.fullmatch(r"\s*[+-]?[0-9]+\s*", str(value)):
            raise ValueError("Input should be a valid integer")
        number = int(str(value))
        if number < least:
            raise ValueError(f"Input should be greater than or equal to {least}")
        if number > most:
            raise ValueError(f"Input should be less than or equal to {most}")
        return number

    return read


def one_of(*words: str) -> Callable[[object], str]:
    """One of these words."""

    def read(value: object) -> str:
        if value not in words:
            *others, last = (f"'{word}'" for word in words)
            raise ValueError(f"Input should be {', '.join(others)} or {last}")
        return str(value)

    return read


def names(pattern: str, otherwise: str) -> Callable[[object], tuple[str, ...]]:
    """Several, with commas between them or as a list; `otherwise` says what one that `pattern` does not fit is not."""

    def read(value: object) -> tuple[str, ...]:
        if isinstance(value, str):
            value = [each.strip() for each in value.split(",") if each.strip()]
        if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
            raise ValueError("Input should be a valid tuple")
        for each in value:
            if not re.fullmatch(pattern, each):
                raise ValueError(f"{each!r} is not {otherwise}")
        return tuple(value)

    return read


def secret(least: int = 0) -> Callable[[object], Secret | None]:
    """A secret of at least so many characters, or none."""

    def read(value: object) -> Secret | None:
        if value is None:
            return None
        if not isinstance(value, str | Secret):
            raise ValueError("Input should be a valid string")
        found = value if isinstance(value, Secret) else Secret(value)
        if len(found) < least:
            raise ValueError(f"needs at least {least} characters")
        return found

    return read
