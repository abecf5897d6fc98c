"""``journeyman call``: one REST technical profile or API connector, alone; its exchange phase by phase, redacted, out."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.claim_type import Sensitivity
from journeyman.cli.call_report import report_json, report_lines
from journeyman.cli.terminal import DONE, WRONG, argument, end, errors_in_words, note, say, say_json
from journeyman.clock import SystemClock
from journeyman.compiler.compiled import CompiledPolicy
from journeyman.diagnostics import PolicyError
from journeyman.engine.alone.call import Called, Wanted, call_alone
from journeyman.engine.alone.connectors import find_connector, names_connector
from journeyman.engine.alone.faults import parse_fault
from journeyman.engine.alone.find import find_policy, find_profile, load_folder, read_claims
from journeyman.engine.stored import stored_of
from journeyman.errors import SettingsError
from journeyman.settings import Settings, find_tenant_folder, load_settings, settings_for_check
from journeyman.trace.records import Verdict

_FILE_LIMIT_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Options:
    """What was written on the command line."""

    profile: str | None
    folder: Path
    connector: str | None = None
    step: str | None = None
    paths: Sequence[Path] = ()
    policy: str | None = None
    claims: Sequence[str] = ()
    claim_files: Sequence[str] = ()
    parameters: Sequence[str] = ()
    show_headers: bool = False
    show_personal: bool = False
    dry_run: bool = False
    fault: str | None = None
    as_json: bool = False


def call(options: Options) -> None:
    """Run the profile, print what happened and end with 0, 1 or 2."""
    # What it would log is printed as a result.
    logging.getLogger("journeyman.api_call.call").addHandler(logging.NullHandler())
    with errors_in_words():
        wanted = _wanted(options)
        called = asyncio.run(call_alone(wanted, SystemClock()))
        if called.record is None and called.refusal is not None and called.missing:
            raise SettingsError(f"{wanted.profile.id} needs claims that have no value; add {_give(called.missing)}")
        if options.as_json:
            say_json(report_json(wanted, called))
        else:
            for line in report_lines(wanted, called, show_headers=options.show_headers):
                say(line)
            if called.missing:
                note(f"without a value, so not sent: {', '.join(called.missing)}; {_give(called.missing)}")
        end(_code(wanted, called))


def _code(wanted: Wanted, called: Called) -> int:
    """Return 1 for a call that failed, unless it was asked to."""
    if wanted.fault is not None:
        return DONE
    if called.record is not None and called.record.verdict is Verdict.NOT_SENT:
        return DONE
    return WRONG if called.failure is not None or called.refusal is not None or called.blocked else DONE


def _wanted(options: Options) -> Wanted:
    if (options.profile is None) == (options.connector is None):
        raise SettingsError("name a technical profile or, with --connector, an API connector, and not both")
    if options.dry_run and options.fault is not None:
        raise SettingsError("--dry-run sends nothing, so no fault can happen; leave --dry-run or --fault out")
    fault = None if options.fault is None else argument("--fault", parse_fault, options.fault)
    written = [_pair("--claim", text) for text in options.claims]
    written += [(name, _read(name, source)) for name, source in _files(options.claim_files)]
    settings, tenant = _settings(options.folder, options.paths)
    policy, profile_id = _policy(options, settings, tenant=tenant)
    claims = read_claims(policy, written)
    _warn_of_secrets(policy, claims, [name for name, _ in _files(options.claim_files)])
    return Wanted(
        settings=settings,
        policy=policy,
        profile=find_profile(policy, profile_id),
        claims=claims,
        parameters=dict(_pair("--parameter", text) for text in options.parameters),
        tenant=tenant,
        dry_run=options.dry_run,
        fault=fault,
        show_personal=options.show_personal,
    )


def _warn_of_secrets(policy: CompiledPolicy, claims: ClaimsBag, from_files: Sequence[str]) -> None:
    """Say that a secret was an argument, which every process of the machine can read while the command runs."""
    quiet = {name.casefold() for name in from_files}
    for name in claims:
        if policy.sensitivity(name) is Sensitivity.SECRET and name.casefold() not in quiet:
            note(f"warning: {name} is a secret, and arguments can be read by others; write --claim-file {name}=FILE")


def _settings(folder: Path, paths: Sequence[Path]) -> tuple[Settings, bool]:
    """Return the settings of the tenant folder at or above ``folder``; elsewhere those of a plain folder of policies.

    Args:
        paths: policy files and folders in place of those of the folder.
    """
    for path in (folder, *paths):
        if not path.exists():
            raise SettingsError(f"{path} does not exist; name a tenant folder or a folder of policies with --dir")
    found = find_tenant_folder(folder)
    settings = settings_for_check([folder]) if found is None else load_settings(found, environment=os.environ)
    if paths:
        settings = replace(settings, policy_paths=tuple(path.resolve() for path in paths))
    return settings, found is not None


def _policy(options: Options, settings: Settings, *, tenant: bool) -> tuple[CompiledPolicy, str]:
    """Return the policy and the id of the profile that is called."""
    stored = asyncio.run(stored_of(settings)) if tenant else None
    loaded = load_folder(settings, tenant=tenant, stored=stored, files_first=bool(options.paths))
    policy_id, profile_id, connector = options.policy, options.profile or "", options.connector
    if connector is None and names_connector(loaded, profile_id):
        connector = profile_id
    if connector is not None:
        place = find_connector(loaded, connector, policy_id, options.step)
        policy_id, profile_id = place.policy_id, place.profile_id
    elif options.step is not None:
        raise SettingsError("--step is for an API connector; leave it out, a technical profile is called as it stands")
    try:
        return find_policy(loaded, policy_id, profile_id, settings), profile_id
    except PolicyError as error:
        for diagnostic in error.diagnostics:
            note(str(diagnostic))
        raise


def _pair(option: str, text: str) -> tuple[str, str]:
    """Split ``name=value``. The value is not quoted in the error: it may be a secret."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        shown = name[:100] if equals or len(name) < 40 else f"{name[:10]}…"
        raise SettingsError(f"{option} {shown!r} is not NAME=VALUE; write {option} email=ada@contoso.example")
    return name.strip(), value


def _files(sources: Sequence[str]) -> list[tuple[str, str]]:
    pairs = [_pair("--claim-file", text) for text in sources]
    if sum(source == "-" for _, source in pairs) > 1:
        raise SettingsError("--claim-file reads standard input for one claim only; put the others into files")
    return pairs


def _read(name: str, source: str) -> str:
    """Return the text of a file, or of standard input for ``-``, without its last line break."""
    try:
        if source == "-":
            data = sys.stdin.buffer.read(_FILE_LIMIT_BYTES + 1)
        else:
            with Path(source).open("rb") as file:
                data = file.read(_FILE_LIMIT_BYTES + 1)
        if len(data) > _FILE_LIMIT_BYTES:
            raise SettingsError(f"--claim-file {name}: {source} is larger than 1 MiB; name a smaller file")
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise SettingsError(f"--claim-file {name}: {source} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise SettingsError(f"--claim-file {name}: {source} is not UTF-8; save it as UTF-8") from None
    return text.removesuffix("\n").removesuffix("\r")


def _give(missing: Sequence[str]) -> str:
    return " ".join(f"--claim {name}=…" for name in missing)
