"""How commands speak: results on standard output, everything else on standard error, errors in one line."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NoReturn, TypeVar

from journeyman.errors import JourneymanError, SettingsError

DONE = 0
WRONG = 1
USAGE = 2
INTERRUPTED = 130

_T = TypeVar("_T")


def say(text: str = "") -> None:
    """Print a line of the result."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Print a line that is not part of the result."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def say_json(value: Mapping[str, object] | Sequence[object]) -> None:
    """Print a result as JSON; letters that the terminal may not have are escaped there."""
    unicode = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    say(json.dumps(value, indent=2, ensure_ascii=not unicode))


def end(code: int) -> NoReturn:
    """End the command with an exit code."""
    raise SystemExit(code)


def utc_text(at: datetime | None) -> str | None:
    """Return a time as commands print it, ``2027-01-31T12:00:00Z``; None when there is none."""
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def argument(name: str, check: Callable[[str], _T], text: str) -> _T:
    """Return what ``check`` makes of an argument. Raises SettingsError, in one line, when it refuses it."""
    try:
        return check(text)
    except ValueError as error:
        raise SettingsError(f"{name} {text[:200]!r} {error}") from None


def write_what_the_terminal_has() -> None:
    """Write letters that the terminal's encoding lacks as escapes, because a name must not end a command."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Turn our own exceptions into text and an exit code: 2 for a wrong call or setting, else 1."""
    try:
        yield
    except SettingsError as error:
        # Settings report each of their problems in a line of its own.
        for line in str(error).splitlines():
            note(f"error: {line}")
        end(USAGE)
    except JourneymanError as error:
        note(f"error {error.code}: {error}")
        end(WRONG)
    except KeyboardInterrupt:
        end(INTERRUPTED)
    except BrokenPipeError:
        # The reader of a pipe has gone; the interpreter would complain once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        end(WRONG)
