"""Find one policy for commands that show it: a folder or files, and an id in; the merged policy out."""

from __future__ import annotations

import asyncio
import difflib
import os
from collections.abc import Sequence
from pathlib import Path

from journeyman.cli.terminal import WRONG, end, note
from journeyman.diagnostics import Severity
from journeyman.engine.stored import stored_of
from journeyman.engine.tenant_policies import load_tenant_policies, tenant_texts
from journeyman.errors import SettingsError
from journeyman.policy.load import LoadedPolicies, load_policies
from journeyman.policy.model import Policy, key
from journeyman.settings import Settings, find_tenant_folder, load_settings


def merged_policy(policy_id: str, folder: Path, paths: Sequence[Path]) -> Policy:
    """Return a policy merged with its bases; ends the command with 1 when it cannot be merged.

    Args:
        folder: the tenant folder, or one below it.
        paths: policy files and folders, in place of those of the settings.

    Raises:
        SettingsError: there is no such policy, file or folder.
    """
    loaded = _load(folder, paths)
    policy, diagnostics = loaded.merged(policy_id)
    if policy is None:
        if key(policy_id) not in loaded.policies:
            raise SettingsError(_unknown(loaded, policy_id))
        for diagnostic in diagnostics:
            if diagnostic.severity is Severity.ERROR:
                note(str(diagnostic))
        end(WRONG)
    return policy


def nearest(written: str, known: Sequence[str]) -> str:
    """Return a question that names what may have been meant; "" when nothing is near."""
    by_key = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(written.casefold(), by_key, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(by_key[name] for name in near)}?" if near else ""


def _load(folder: Path, paths: Sequence[Path]) -> LoadedPolicies:
    for path in paths:
        if not path.exists():
            raise SettingsError(f"{path} does not exist; name policy files or folders")
    settings = _settings(folder, paths)
    places = tuple(paths) or (settings.policy_paths if settings else ())
    if not places:
        raise SettingsError(
            f"{folder} is no tenant folder: there is no journeyman.toml; name one with --dir, or policies with --paths"
        )
    there = [path for path in places if path.exists()]
    if settings is None:
        return load_policies(there, settings={}, tenant_name=None, relative_to=Path.cwd())
    stored = asyncio.run(stored_of(settings))
    texts = tenant_texts(settings, stored)
    return load_tenant_policies(settings, texts, paths=there, relative_to=Path.cwd(), files_first=bool(paths))


def _settings(folder: Path, paths: Sequence[Path]) -> Settings | None:
    found = find_tenant_folder(paths[0] if paths else folder)
    return None if found is None else load_settings(found, environment=os.environ)


def _unknown(loaded: LoadedPolicies, policy_id: str) -> str:
    known = sorted(each.policy_id for each in loaded.policies.values())
    listed = ", ".join(known) or "none"
    broken = "".join(f"\n{each}" for each in loaded.diagnostics if each.severity is Severity.ERROR)
    return f"there is no policy {policy_id[:200]!r}{nearest(policy_id, known)} (there are: {listed}){broken}"
