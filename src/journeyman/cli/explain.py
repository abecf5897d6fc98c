"""``journeyman explain``: the merged policy, every part with the file and line it comes from."""

from __future__ import annotations

import asyncio
import difflib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from journeyman.cli.terminal import DONE, WRONG, end, errors_in_words, note, say, say_json
from journeyman.diagnostics import Severity
from journeyman.engine.stored import stored_of
from journeyman.engine.tenant_policies import load_tenant_policies, tenant_texts
from journeyman.errors import SettingsError
from journeyman.policy.explain import Explained, explain
from journeyman.policy.explained import Part
from journeyman.policy.load import LoadedPolicies, load_policies
from journeyman.policy.model import Policy, key
from journeyman.settings import Settings, find_tenant_folder, load_settings
from journeyman.trace.printable import printable


def run_explain(policy_id: str, element: str | None, folder: Path, paths: Sequence[Path], *, as_json: bool) -> None:
    """Print a merged policy, or the elements of it that have the id ``element``."""
    with errors_in_words():
        loaded = _load(folder, paths)
        policy = _merged(loaded, policy_id)
        found = explain(policy, element)
        if not found:
            raise SettingsError(f"{policy.policy_id} has no element {element!r}{_near(element or '', policy)}")
        if as_json:
            say_json(_object(policy, found))
        else:
            for line in _lines(found):
                say(line)
        end(DONE)


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


def _merged(loaded: LoadedPolicies, policy_id: str) -> Policy:
    policy, diagnostics = loaded.merged(policy_id)
    if policy is None:
        if key(policy_id) not in loaded.policies:
            raise SettingsError(_unknown(loaded, policy_id))
        for diagnostic in diagnostics:
            if diagnostic.severity is Severity.ERROR:
                note(str(diagnostic))
        end(WRONG)
    return policy


def _unknown(loaded: LoadedPolicies, policy_id: str) -> str:
    known = sorted(each.policy_id for each in loaded.policies.values())
    listed = ", ".join(known) or "none"
    broken = "".join(f"\n{each}" for each in loaded.diagnostics if each.severity is Severity.ERROR)
    return f"there is no policy {policy_id[:200]!r}{_nearest(policy_id, known)} (there are: {listed}){broken}"


def _near(element: str, policy: Policy) -> str:
    return _nearest(element, sorted({each.id for each in explain(policy)}))


def _nearest(written: str, known: Sequence[str]) -> str:
    by_key = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(written.casefold(), by_key, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(by_key[name] for name in near)}?" if near else ""


# --- how it looks ------------------------------------------------------------------------------


def _lines(found: Sequence[Explained]) -> Iterator[str]:
    """Yield a tree, each line with its place behind it in one column."""
    rows = [row for element in found for row in _rows(element)]
    width = min(100, max(len(text) for text, _ in rows))
    for text, place in rows:
        yield f"{text:<{width}}  {place}".rstrip()


def _rows(element: Explained) -> Iterator[tuple[str, str]]:
    yield f"{element.kind} {printable(element.id)}", str(element.location)
    for part in element.parts:
        yield from _part_rows(part, depth=1)


def _part_rows(part: Part, *, depth: int) -> Iterator[tuple[str, str]]:
    value = " ".join(printable(part.value).split())
    # A section may be put together from several files: its entries say where they are from.
    place = "" if part.parts and not part.value else _place(part)
    yield f"{'  ' * depth}{part.name} {value}".rstrip(), place
    for inner in part.parts:
        yield from _part_rows(inner, depth=depth + 1)


def _place(part: Part) -> str:
    return part.location.path if not part.location.line else str(part.location)


def _object(policy: Policy, found: Sequence[Explained]) -> dict[str, object]:
    elements = [
        {
            "kind": element.kind,
            "id": element.id,
            "path": element.location.path,
            "line": element.location.line,
            "column": element.location.column,
            "parts": [_part_object(part) for part in element.parts],
        }
        for element in found
    ]
    return {"policy": policy.policy_id, "files": list(policy.files), "elements": elements}


def _part_object(part: Part) -> dict[str, object]:
    made: dict[str, object] = {
        "name": part.name,
        "value": part.value,
        "path": part.location.path,
        "line": part.location.line,
        "column": part.location.column,
    }
    if part.parts:
        made["parts"] = [_part_object(inner) for inner in part.parts]
    return made
