"""Whether a user flow can be served: a flow in, what keeps it from becoming a runnable policy out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from journeyman.compiler.compile_folder import compile_all
from journeyman.compiler.spec import KeyInfo
from journeyman.diagnostics import Diagnostic, Severity
from journeyman.engine import Engine
from journeyman.engine.registry import specs_of
from journeyman.keys.development import TOKEN_ENCRYPTION, TOKEN_SIGNING
from journeyman.management.identity_context import FlowProblem
from journeyman.policy.load import parse_text, together
from journeyman.policy.substitution import Substitutions
from journeyman.policy.user_flow.policies import user_flow_policy
from journeyman.settings.extensions_app import extensions_app_of
from journeyman.settings.identity import IdentitySettings, UserFlow

_MEMBERS: Final[Mapping[str, str]] = {
    "attributes": "userAttributeAssignments",
    "claims": "x_claims",
    "connectors": "apiConnectorConfiguration",
    "identity_providers": "identityProviders",
    "local_accounts": "x_localAccounts",
    "pages": "x_pages",
    "texts": "x_texts",
}
"""Key of a user flow in ``journeyman.toml`` -> member in the management API."""


async def flow_problems(engine: Engine, flow: UserFlow, identity: IdentitySettings) -> tuple[FlowProblem, ...]:
    """Compile a user flow, with other objects beside it, as the engine would; nothing is served."""
    await engine.keys.refresh()
    return await asyncio.to_thread(_problems, engine, flow, identity, engine.keys.infos())


def _problems(
    engine: Engine, flow: UserFlow, identity: IdentitySettings, keys: Mapping[str, KeyInfo]
) -> tuple[FlowProblem, ...]:
    settings = engine.settings
    text = user_flow_policy(
        flow,
        replace(identity, user_flows=(flow,)),
        tenant=engine.tenant.name,
        extensions_app=extensions_app_of(settings, engine.tenant.id),
    )
    parsed = parse_text(text, Substitutions(settings.values, settings.tenant_name))
    loaded = together([parsed], [], tenant_name=settings.tenant_name)
    compiled = compile_all(
        loaded, specs=specs_of(settings), keys=_with_token_keys(keys), engine_production=not settings.development
    )
    errors = [each for each in compiled.diagnostics if each.severity is Severity.ERROR]
    return tuple(_described(errors))


def _with_token_keys(keys: Mapping[str, KeyInfo]) -> Mapping[str, KeyInfo]:
    """Return the keys together with those that the engine makes as soon as there is a user flow."""
    made = {
        wanted.id.lower(): KeyInfo(
            wanted.id, "RSA", has_private_key=True, has_certificate=False, has_active_key=True, use=wanted.use
        )
        for wanted in (TOKEN_SIGNING, TOKEN_ENCRYPTION)
    }
    return {**made, **keys}


def _described(errors: list[Diagnostic]) -> Iterator[FlowProblem]:
    for each in errors:
        head, _, rest = each.element.partition(".")
        member = "/".join(part for part in (_MEMBERS.get(head, ""), rest) if part) if head in _MEMBERS else ""
        yield FlowProblem(member, f"{each.message.rstrip('.')}; {each.help}")
