"""``[master_key]`` and ``[vault]``: tables in, where the master key comes from out."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Final

from journeyman.settings.model import MasterKeySettings, MasterKeySource, VaultSettings
from journeyman.settings.server import existing_file
from journeyman.settings.table import Table
from journeyman.settings.values import is_loopback, origin, split_url

_MOUNT: Final = re.compile(r"[A-Za-z0-9_.-]{1,128}(/[A-Za-z0-9_.-]{1,128}){0,7}")
_KEY: Final = re.compile(r"[A-Za-z0-9_.-]{1,128}")


def read_master_key(table: Table, folder: Path, vault: VaultSettings | None) -> MasterKeySettings:
    """Read ``[master_key]``; the source ``vault`` needs the table ``[vault]``."""
    source = table.checked("source", _source) or MasterKeySource.LOCAL
    path = table.checked("file", partial(_path, folder))
    if source is MasterKeySource.VAULT and vault is None:
        table.problem("source", 'the source is vault, and there is no vault; add [vault] with address = "https://…"')
    if source is MasterKeySource.VAULT and path is not None:
        table.problem("file", "a master key of the vault is not in a file; remove file")
    table.finish()
    return MasterKeySettings(source=source, file=path)


def read_vault(root: Table, folder: Path) -> VaultSettings | None:
    """Read ``[vault]``; None when it is absent."""
    if "vault" not in root.values:
        root.table("vault")
        return None
    table = root.table("vault")
    address = table.checked("address", _address)
    if "address" not in table.values:
        table.problem("address", 'the vault has no address; add address = "https://vault.example:8200"')
    settings = VaultSettings(
        address=address or "",
        namespace=table.checked("namespace", partial(_matching, _MOUNT)) or "",
        trust=existing_file(table, "trust", folder),
        token_file=table.checked("token_file", partial(_path, folder)),
        transit=table.checked("transit", partial(_matching, _MOUNT)) or "transit",
        key=table.checked("key", partial(_matching, _KEY)) or "journeyman",
    )
    table.finish()
    return settings


def _path(folder: Path, text: str) -> Path:
    if not text or "\0" in text:
        raise ValueError("is not a path; write one that is relative to the tenant folder, or begins with /")
    return (folder / text).absolute()


def _source(text: str) -> MasterKeySource:
    try:
        return MasterKeySource(text)
    except ValueError:
        raise ValueError(f'{text[:40]!r} is not known; write "local" or "vault"') from None


def _address(text: str) -> str:
    found = origin(text)
    if found.startswith("http://") and not is_loopback(split_url(found).hostname or ""):
        raise ValueError("would send the token in clear; write https://")
    return found


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text.strip("/")):
        raise ValueError("is not a name of the vault; use letters, digits, dots, hyphens and underscores")
    return text.strip("/")
