"""Policies that do not compile any more in; the last releases in which they did, compiled, out.

An engine that was running goes on serving such a policy as it last compiled. One that starts finds that form here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from journeyman.compiler.compiled import CompiledPolicy
from journeyman.compiler.passes import compile_policy
from journeyman.compiler.spec import KeyInfo
from journeyman.configuration.errors import DamagedObjectError
from journeyman.configuration.releases import ReleaseStore
from journeyman.diagnostics import Severity
from journeyman.engine.examination import Examiner
from journeyman.engine.registry import specs_of
from journeyman.engine.stored import Stored, uploaded_text
from journeyman.engine.tenant_policies import tenant_texts
from journeyman.policy.load import LoadedPolicies
from journeyman.policy.model import key
from journeyman.settings import Settings

_LOOKED_AT: Final = 20
"""How many releases are looked at; a start must not take as long as reading all of them."""


async def recalled(
    settings: Settings,
    examiner: Examiner,
    releases: ReleaseStore,
    stored: Stored,
    keys: Mapping[str, KeyInfo],
    policy_ids: Iterable[str],
) -> dict[str, CompiledPolicy]:
    """Return, by ``key(policy id)``, how policies compiled in the newest earlier release in which they do."""
    wanted, found = {key(policy_id) for policy_id in policy_ids}, dict[str, CompiledPolicy]()
    earlier = (one for one in await releases.list(limit=_LOOKED_AT + 1) if one.number < stored.release.number)
    for release in earlier:
        missing = sorted(wanted - found.keys())
        if not missing:
            break
        try:
            stored_texts = await releases.texts(release)
        except DamagedObjectError:
            # What is damaged is told where the release in force is read.
            continue
        texts = tuple(uploaded_text(name, data) for name, data in stored_texts.items())
        then = replace(stored, uploaded=texts, release=release)
        found |= await asyncio.to_thread(_compiled, settings, examiner, then, keys, missing)
    return found


def _compiled(
    settings: Settings, examiner: Examiner, then: Stored, keys: Mapping[str, KeyInfo], names: Iterable[str]
) -> dict[str, CompiledPolicy]:
    loaded = examiner.together(tenant_texts(settings, then))
    made = ((name, _one(settings, loaded, keys, name)) for name in names if name in loaded.policies)
    return {name: policy for name, policy in made if policy is not None}


def _one(settings: Settings, loaded: LoadedPolicies, keys: Mapping[str, KeyInfo], name: str) -> CompiledPolicy | None:
    merged, found = loaded.merged(name)
    if merged is None or any(one.severity is Severity.ERROR for one in found):
        return None
    return compile_policy(merged, specs=specs_of(settings), keys=keys, engine_production=not settings.development)[0]
