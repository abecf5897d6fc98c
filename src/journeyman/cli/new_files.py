"""New files of a command: all of them or none, never over a file that exists, private ones for their owner only."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from journeyman.errors import SettingsError


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to be written; a private one is readable by its owner only."""

    path: Path
    content: bytes
    private: bool = False


def refuse_existing(paths: Iterable[Path]) -> None:
    """Raise SettingsError when one of the files exists, or its folder does not."""
    for path in paths:
        if path.exists() or path.is_symlink():
            raise SettingsError(f"{path} exists and is not overwritten; name another folder with --out, or move it")
        if not path.parent.is_dir():
            raise SettingsError(f"{path.parent} is no folder; make it first, or name another one with --out")


def write_new(files: Iterable[NewFile]) -> None:
    """Write the files; when one cannot be written, those before it are removed again.

    Raises:
        SettingsError: a file exists, or cannot be written.
    """
    written: list[Path] = []
    try:
        for file in files:
            _write(file, written)
    except BaseException:
        for path in written:
            with suppress(OSError):
                path.unlink()
        raise


def _write(file: NewFile, written: list[Path]) -> None:
    # O_EXCL refuses a file that appeared since we looked, and a link that somebody put there.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        descriptor = os.open(file.path, flags, 0o600 if file.private else 0o644)
        written.append(file.path)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(file.content)
    except FileExistsError:
        raise SettingsError(f"{file.path} exists and is not overwritten; name another folder with --out") from None
    except OSError as error:
        raise SettingsError(f"{file.path} cannot be written ({error.strerror}); name another folder") from error
