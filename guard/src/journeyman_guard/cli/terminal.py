"""How the commands speak: results on standard output, everything else on standard error, errors in one line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

from journeyman_guard.errors import MisconfiguredError

DONE: Final = 0
WRONG: Final = 1
USAGE: Final = 2


def say(text: str) -> None:
    """Print a line of the result."""
    encoding = sys.stdout.encoding or "ascii"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def note(text: str) -> None:
    """Print a line that is not part of the result."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def say_json(value: object) -> None:
    """Print a result as JSON."""
    say(json.dumps(value, indent=2))


def read_file(path: Path, what: str) -> bytes:
    """Return the bytes of a file. Raises MisconfiguredError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise MisconfiguredError(f"{what} {path} cannot be read: {error.strerror}") from error


def read_secret(file: Path | None, variable: str | None, environment: dict[str, str]) -> str:
    """Return a secret from a file or a variable of the environment; never from the arguments. Raises MisconfiguredError."""
    if (file is None) == (variable is None):
        raise MisconfiguredError("give the secret either by --secret-file or by --secret-env")
    if variable is not None:
        secret = environment.get(variable, "")
    elif file == Path("-"):
        secret = sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    else:
        try:
            secret = read_file(file or Path(), "the secret file").decode("utf-8").removesuffix("\n").removesuffix("\r")
        except UnicodeError as error:
            raise MisconfiguredError(f"the secret file {file} is not UTF-8") from error
    if not secret:
        raise MisconfiguredError(f"the secret of {variable or file} is empty or not set")
    return secret
