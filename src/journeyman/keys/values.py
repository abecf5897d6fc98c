"""A place named in ``keys.toml`` in, the value that is there out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from journeyman.errors import KeyStoreError
from journeyman.keys.creation import UPLOAD_LIMIT_BYTES
from journeyman.keys.declared import Holder, Source
from journeyman.keys.vault import VaultClient, vault_value


@dataclass(frozen=True, slots=True)
class ValueReader:
    """Read values; it blocks where the vault is asked.

    Attributes:
        folder: where ``keys.toml`` is; paths in it are relative to it.
        vault: is called when a value is in the vault.
    """

    folder: Path
    environ: Mapping[str, str] = field(repr=False)
    vault: Callable[[], VaultClient]

    def __call__(self, source: Source) -> bytes:
        """Return the bytes of a value. Raises KeyStoreError when they cannot be had."""
        match source.holder:
            case Holder.ENVIRONMENT:
                return self._of_environment(source.name)
            case Holder.VAULT:
                return vault_value(self.vault(), source.name).reveal_bytes()
            case _:
                return _of_file(self.folder / source.name)

    def _of_environment(self, name: str) -> bytes:
        value = self.environ.get(name)
        if value is None:
            raise KeyStoreError(f"the environment has no variable {name!r}; set it")
        return value.encode(errors="surrogateescape")


def _of_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(UPLOAD_LIMIT_BYTES + 1)
    except OSError as error:
        raise KeyStoreError(f"{path}: the file cannot be read ({error.strerror})") from error
    if len(content) > UPLOAD_LIMIT_BYTES:
        raise KeyStoreError(f"{path}: the file is longer than {UPLOAD_LIMIT_BYTES} bytes; it is not a policy key")
    return content
