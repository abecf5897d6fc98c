"""``journeyman flows``: the user flows of a tenant, read beside a running engine; nothing is changed.

An export is the policy that the engine itself makes of the flow, under the id of a custom policy, so that both can
be served side by side.
"""

from __future__ import annotations

import asyncio
import difflib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from journeyman.cli.new_files import NewFile, refuse_existing, write_new
from journeyman.cli.terminal import DONE, WRONG, argument, end, errors_in_words, note, say, say_json
from journeyman.compiler.compile_folder import compile_all
from journeyman.compiler.spec import KeyInfo
from journeyman.configuration.codec import encode
from journeyman.configuration.identity import find
from journeyman.diagnostics import Diagnostic, Severity
from journeyman.engine.key_files import known_keys
from journeyman.engine.registry import specs_of
from journeyman.engine.stored import Stored, stored_of
from journeyman.engine.tenant_policies import extensions_app_known
from journeyman.errors import SettingsError
from journeyman.policy.load import PolicyText, load_policies
from journeyman.policy.user_flow.policies import user_flow_policy
from journeyman.settings import FILE_NAME, Settings, load_settings
from journeyman.settings.identity import USER_FLOW_PREFIX, UserFlow
from journeyman.trace.printable import printable

_POLICY_ID: Final = re.compile(r"B2C_1A_[A-Za-z0-9_.-]{1,64}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Tenant:
    settings: Settings
    stored: Stored
    keys: Mapping[str, KeyInfo]

    def declared(self, flow: UserFlow) -> bool:
        return find(self.settings.identity.user_flows, flow.id) is not None

    def policy(self, flow: UserFlow, policy_id: str = "") -> bytes:
        """Return the policy of a flow."""
        return self._text(flow, policy_id).data

    def problems(self, flow: UserFlow) -> tuple[Diagnostic, ...]:
        """Return what is wrong with a flow, as an engine would find it; notes are left out."""
        settings = self.settings
        loaded = load_policies(
            (), settings=settings.values, tenant_name=settings.tenant_name, texts=(self._text(flow, ""),)
        )
        result = compile_all(
            loaded, specs=specs_of(settings), keys=self.keys, engine_production=not settings.development
        )
        return tuple(each for each in result.diagnostics if each.severity is not Severity.INFO)

    def _text(self, flow: UserFlow, policy_id: str) -> PolicyText:
        return user_flow_policy(
            flow,
            self.stored.identity,
            tenant=self.settings.tenant_name,
            extensions_app=extensions_app_known(self.settings, self.stored),
            policy_id=policy_id,
        )


def list_flows(folder: Path, *, as_json: bool) -> None:
    """Print the user flows; end with 1 when one has an error."""
    with errors_in_words():
        tenant = _open(folder)
        found = [(flow, tenant.problems(flow)) for flow in tenant.stored.identity.user_flows]
        if as_json:
            say_json([_summary(tenant, flow, problems) for flow, problems in found])
        for flow, problems in () if as_json else found:
            place = FILE_NAME if tenant.declared(flow) else "stored"
            say("  ".join((flow.id, flow.type.value, place, _state(problems))))
        if not found and not as_json:
            say(f"no user flow yet; declare one under [[user_flows]] in {FILE_NAME}, or make one in the portal")
        end(WRONG if any(_has_error(problems) for _, problems in found) else DONE)


def show_flow(folder: Path, flow_id: str, *, as_json: bool) -> None:
    """Print one user flow; end with 1 when it has an error."""
    with errors_in_words():
        tenant = _open(folder)
        flow = _named(tenant, flow_id)
        problems = tenant.problems(flow)
        if as_json:
            say_json({**_summary(tenant, flow, problems), "settings": encode(flow)})
        else:
            for line in (*_lines(encode(flow)), *_problem_lines(problems)):
                say(line)
        end(WRONG if _has_error(problems) else DONE)


def export_flow(folder: Path, flow_id: str, out: Path | None, policy_id: str) -> None:
    """Print or write the policy of a user flow; a flow with an error is not exported."""
    with errors_in_words():
        tenant = _open(folder)
        flow = _named(tenant, flow_id)
        wanted = argument("--id", _policy_id, policy_id) if policy_id else _custom(flow)
        errors = [each for each in tenant.problems(flow) if each.severity is Severity.ERROR]
        for each in errors:
            note(str(each))
        if errors:
            end(WRONG)
        text = tenant.policy(flow, wanted)
        if out is None:
            say(text.decode().rstrip("\n"))
        else:
            refuse_existing((out,))
            write_new((NewFile(out, text),))
            note(f"{out}: the policy {wanted}")
        end(DONE)


def _open(folder: Path) -> _Tenant:
    settings = load_settings(folder, environment=os.environ)
    return asyncio.run(_read(settings))


async def _read(settings: Settings) -> _Tenant:
    return _Tenant(settings, await stored_of(settings), await known_keys(settings))


def _named(tenant: _Tenant, flow_id: str) -> UserFlow:
    flows = tenant.stored.identity.user_flows
    flow = find(flows, flow_id) or find(flows, USER_FLOW_PREFIX + flow_id)
    if flow is None:
        known = [each.id for each in flows]
        written = flow_id if flow_id.upper().startswith(USER_FLOW_PREFIX) else USER_FLOW_PREFIX + flow_id
        near = difflib.get_close_matches(written, known, n=1, cutoff=0.75)
        remedy = f"did you mean {near[0]}?" if near else f"there is {', '.join(known) or 'none'}"
        raise SettingsError(f"there is no user flow {flow_id[:100]!r}; {remedy}")
    return flow


def _custom(flow: UserFlow) -> str:
    return f"B2C_1A_{flow.id[len(USER_FLOW_PREFIX) :]}"


def _policy_id(text: str) -> str:
    if not _POLICY_ID.fullmatch(text):
        raise ValueError("is not the id of a custom policy; write B2C_1A_ and up to 64 letters, digits, _, . and -")
    return text


# --- how it looks ------------------------------------------------------------------------------


def _has_error(problems: tuple[Diagnostic, ...]) -> bool:
    return any(each.severity is Severity.ERROR for each in problems)


def _state(problems: tuple[Diagnostic, ...]) -> str:
    errors = sum(each.severity is Severity.ERROR for each in problems)
    return f"{errors} error{'s' if errors > 1 else ''}" if errors else "ok"


def _summary(tenant: _Tenant, flow: UserFlow, problems: tuple[Diagnostic, ...]) -> dict[str, object]:
    return {
        "id": flow.id,
        "type": flow.type.value,
        "declared": tenant.declared(flow),
        "ok": not _has_error(problems),
        "problems": [
            {"code": each.code, "severity": each.severity.value, "message": each.message, "help": each.help}
            for each in problems
        ],
    }


def _lines(settings: dict[str, object]) -> Iterator[str]:
    """Yield the settings that say something, one on a line."""
    for name, value in settings.items():
        if value in ("", [], {}, None):
            continue
        if isinstance(value, list):
            yield f"{name}:"
            yield from (f"  {_one(each)}" for each in value)
        elif isinstance(value, dict):
            yield f"{name}:"
            yield from (f"  {key}: {_one(each)}" for key, each in value.items())
        else:
            yield f"{name}: {_one(value)}"


def _one(value: object) -> str:
    if isinstance(value, dict):
        said = (f"{key} {_one(each)}" for key, each in value.items() if each not in ("", [], {}, False, None))
        return ", ".join(said)
    if isinstance(value, list):
        return "; ".join(_one(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return printable(str(value))


def _problem_lines(problems: tuple[Diagnostic, ...]) -> Iterator[str]:
    for each in problems:
        yield f"{each.severity.value} {each.code} {each.message}"
        yield f"    help: {each.help}"
