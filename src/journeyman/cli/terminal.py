"""How commands speak: results on standard output, everything else on standard error, errors in one line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NoReturn

from journeyman.errors import JourneymanError, SettingsError

DONE = 0
WRONG = 1
USAGE = 2


def say(text: str = "") -> None:
    """Print a line of the result."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Print a line that is not part of the result."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def say_json(value: Mapping[str, object] | Sequence[object]) -> None:
    """Print a result as JSON."""
    say(json.dumps(value, indent=2, ensure_ascii=False))


def end(code: int) -> NoReturn:
    """End the command with an exit code."""
    raise SystemExit(code)


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Turn our own exceptions into text and an exit code: 2 for a wrong call or setting, else 1."""
    try:
        yield
    except SettingsError as error:
        note(f"error: {error}")
        end(USAGE)
    except JourneymanError as error:
        note(f"error {error.code}: {error}")
        end(WRONG)
    except KeyboardInterrupt:
        end(130)
    except BrokenPipeError:
        end(WRONG)
