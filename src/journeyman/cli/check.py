"""``journeyman check``: policy files in; diagnostics, verdicts and an exit code out.

Inside a tenant folder its ``journeyman.toml`` and its keys count; elsewhere development mode is
assumed, and nothing is known of keys.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from journeyman.cli.terminal import DONE, USAGE, WRONG, end, errors_in_words, note, say, say_json
from journeyman.compiler.compile_folder import CompileResult, compile_all
from journeyman.compiler.report import github_lines, json_object, sarif_object, text_lines
from journeyman.compiler.spec import KeyInfo
from journeyman.engine.key_files import known_keys
from journeyman.engine.registry import SPECS
from journeyman.errors import SettingsError
from journeyman.policy.load import load_policies
from journeyman.settings import Mode, Settings, find_tenant_folder, load_settings, settings_for_check

FORMATS: Final = ("text", "json", "sarif", "github")
MODES: Final = ("", "development", "production")


def check(paths: Sequence[Path], format: str, mode: str) -> None:
    """Compile ``paths``, print what is wrong with them and end with 0, 1 or 2."""
    with errors_in_words():
        if format not in FORMATS:
            raise SettingsError(f"--format {format!r} is unknown; write one of {', '.join(FORMATS)}")
        if mode not in MODES:
            raise SettingsError(f"--mode {mode!r} is unknown; write development or production")
        for path in paths:
            if not path.exists():
                raise SettingsError(f"{path} does not exist; name policy files or folders")
        result = compile_paths(paths, mode)
        _print(result, format)
        end(DONE if result.ok else WRONG)


def compile_paths(paths: Sequence[Path], mode: str) -> CompileResult:
    """Compile policy files with the settings of the tenant folder that they stand in, if they do."""
    folder = find_tenant_folder(paths[0])
    keys: Mapping[str, KeyInfo] | None = None
    if folder is None:
        settings = settings_for_check(paths, mode=Mode(mode or "development"))
    else:
        settings = load_settings(folder, environment=os.environ)
        keys = asyncio.run(known_keys(settings))
    production = mode == "production" or (not mode and not settings.development)
    return compile_all(_load(paths, settings, folder), specs=SPECS, keys=keys, engine_production=production)
