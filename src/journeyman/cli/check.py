"""``journeyman check``: policy files in; diagnostics, verdicts and an exit code out.

Inside a tenant folder its ``journeyman.toml`` and its keys count; elsewhere development mode is
assumed, and nothing is known of keys. Nothing is written, so it works beside a running engine.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from journeyman.cli.flow_places import FLOW, at_place_of_flows
from journeyman.cli.terminal import DONE, WRONG, end, errors_in_words, say, say_json
from journeyman.compiler.compile_folder import CompileResult, compile_all
from journeyman.compiler.report import github_lines, json_object, sarif_object, text_lines
from journeyman.compiler.spec import KeyInfo
from journeyman.diagnostics import Severity
from journeyman.engine.key_files import known_keys
from journeyman.engine.registry import SPECS, specs_of
from journeyman.engine.stored import Stored, stored_of
from journeyman.engine.tenant_policies import load_tenant_policies, tenant_texts
from journeyman.engine.unused_settings import unused_profile_settings
from journeyman.errors import SettingsError
from journeyman.policy.load import load_policies
from journeyman.settings import FILE_NAME, Mode, Settings, find_tenant_folder, load_settings

FORMATS: Final = ("text", "json", "sarif", "github")


def check(paths: Sequence[Path], format: str, mode: str) -> None:
    """Compile ``paths``, print what is wrong with them and end with 0, 1 or 2."""
    with errors_in_words():
        if format not in FORMATS:
            raise SettingsError(f"--format {format[:20]!r} is unknown; write text, json, sarif or github")
        if mode and mode not in {known.value for known in Mode}:
            raise SettingsError(f"--mode {mode[:20]!r} is unknown; write development or production")
        for path in paths:
            if not path.exists():
                raise SettingsError(f"{path} does not exist; name policy files or folders")
        result = compile_paths(paths, mode)
        if not result.verdicts:
            raise SettingsError(f"{', '.join(map(str, paths))}: no policy file (*.xml) is there; name another folder")
        _print(result, format)
        end(DONE if _passes(result) else WRONG)


def compile_paths(paths: Sequence[Path], mode: str) -> CompileResult:
    """Compile policy files with the settings of the tenant folder that they stand in, if they do.

    A file of a tenant folder is compiled together with the folder's other policies, because its base is
    among them; the result speaks of the named files.

    Raises:
        JourneymanError: the settings or the keys of the tenant folder cannot be read.
    """
    settings = _settings(paths)
    if settings is None:
        return _compile(paths, production=mode == Mode.PRODUCTION.value)
    production = mode == Mode.PRODUCTION.value or (not mode and not settings.development)
    keys, stored = asyncio.run(_known(settings))
    named = tuple(_policies_in(path, settings) for path in paths)
    asked = [path for group in named for path in group]
    inside = all(_below(path, settings.policy_paths) for path in asked)
    result = _compile_in(settings, stored, keys, asked, inside=inside, production=production)
    of_flows = any(path.resolve() in {settings.folder, settings.folder / FILE_NAME} for path in paths)
    return at_place_of_flows(_only(asked, result, of_flows=of_flows), settings)


async def _known(settings: Settings) -> tuple[Mapping[str, KeyInfo], Stored]:
    return await known_keys(settings), await stored_of(settings)


def _settings(paths: Sequence[Path]) -> Settings | None:
    folder = find_tenant_folder(paths[0]) or find_tenant_folder(Path.cwd())
    return None if folder is None else load_settings(folder, environment=os.environ)


def _policies_in(path: Path, settings: Settings) -> tuple[Path, ...]:
    """Return the policies that a path names: for a tenant folder itself those of its settings."""
    resolved = path.resolve()
    if resolved == settings.folder / FILE_NAME:
        return ()
    return settings.policy_paths if resolved == settings.folder else (resolved,)


def _compile(paths: Sequence[Path], *, production: bool) -> CompileResult:
    there = [path for path in paths if path.exists()]
    loaded = load_policies(there, settings={}, tenant_name=None, relative_to=Path.cwd())
    return compile_all(loaded, specs=SPECS, keys=None, engine_production=production)


def _compile_in(
    settings: Settings,
    stored: Stored,
    keys: Mapping[str, KeyInfo],
    asked: Sequence[Path],
    *,
    inside: bool,
    production: bool,
) -> CompileResult:
    """Compile the policies of a tenant folder, or files from elsewhere upon what the tenant has uploaded.

    A file stands before the uploaded policy of its id: it is what is to be checked.
    """
    there = [path for path in (settings.policy_paths if inside else asked) if path.exists()]
    texts = tenant_texts(settings, stored)
    loaded = load_tenant_policies(settings, texts, paths=there, relative_to=Path.cwd(), files_first=True)
    result = compile_all(loaded, specs=specs_of(settings), keys=keys, engine_production=production)
    unused = tuple(unused_profile_settings(settings, loaded)) if inside else ()
    return replace(result, diagnostics=(*result.diagnostics, *unused))


def _only(paths: Sequence[Path], result: CompileResult, *, of_flows: bool) -> CompileResult:
    """Keep what is said of the named files, and errors elsewhere only when they make one of those unusable.

    Args:
        of_flows: whether user flows are asked for, too.
    """

    def asked(path: str) -> bool:
        return (of_flows and path.startswith(FLOW)) or _below(Path(path).resolve(), paths)

    verdicts = tuple(verdict for verdict in result.verdicts if asked(verdict.path))
    usable = all(verdict.ok for verdict in verdicts)
    diagnostics = tuple(
        diagnostic
        for diagnostic in result.diagnostics
        if diagnostic.location.path == FILE_NAME
        or asked(diagnostic.location.path)
        or (not usable and diagnostic.severity is Severity.ERROR)
    )
    return replace(result, verdicts=verdicts, diagnostics=diagnostics)


def _below(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _passes(result: CompileResult) -> bool:
    errors = any(diagnostic.severity is Severity.ERROR for diagnostic in result.diagnostics)
    return result.ok and not errors


def _print(result: CompileResult, format: str) -> None:
    match format:
        case "json":
            say_json(json_object(result.verdicts, result.diagnostics))
        case "sarif":
            say_json(sarif_object(result.diagnostics))
        case "github":
            for line in github_lines(result.diagnostics):
                say(line)
        case _:
            for line in text_lines(result.verdicts, result.diagnostics):
                say(line)
