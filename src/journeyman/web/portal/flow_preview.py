"""The pages of a policy as they look, without a journey: a served policy and a language in, drawn pages out.

A preview belongs to no journey and can send nothing: its Content-Security-Policy forbids requests and forms. What
only a journey knows, such as a custom template or a prefilled field, is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.responses import HTMLResponse, Response

from journeyman.claims.resolvers import Resolution
from journeyman.compiler.compiled import CompiledPolicy, Journey, Step, StepType
from journeyman.engine.policies import ServedPolicy
from journeyman.journey.page import Page, PageApi
from journeyman.journey.page_builder import build_page
from journeyman.journey.selection import Options
from journeyman.technical_profile import InteractiveProvider
from journeyman.web.pages.render import render_page
from journeyman.web.pages.security import PageSecurity, new_nonce, page_headers
from journeyman.web.pages.transaction import Transaction

_SELECTIONS: Final = frozenset({StepType.COMBINED_SIGN_IN_AND_SIGN_UP, StepType.CLAIMS_PROVIDER_SELECTION})


@dataclass(frozen=True, slots=True)
class Preview:
    """One page of a policy; ``title`` says where it stands."""

    title: str
    page: Page


def previews(served: ServedPolicy, language: str, now: datetime, host: str) -> tuple[Preview, ...]:
    """Return the pages of the journey and of the sub journeys that it reaches, in the order of the steps."""
    policy = served.policy
    resolution = _resolution(policy, language, now, host)
    found: list[Preview] = []
    for journey in _journeys(policy, served.relying_party.journey):
        for step in journey.steps:
            found += _of_step(served, step, resolution)
    return tuple(found)


def preview_answer(preview: Preview, tenant: str, policy_id: str) -> Response:
    """Draw a page so that it can be looked at and nothing else."""
    nonce = new_nonce()
    transaction = Transaction(tenant, policy_id, "", "", "preview", f"/{tenant}/{policy_id}")
    headers = page_headers(PageSecurity(nonce))
    directives = headers["Content-Security-Policy"].split("; ")
    kept = [one for one in directives if not one.startswith(("connect-src", "form-action"))]
    headers["Content-Security-Policy"] = "; ".join([*kept, "connect-src 'none'", "form-action 'none'"])
    return HTMLResponse(render_page(preview.page, transaction, nonce=nonce), headers=headers)


def _journeys(policy: CompiledPolicy, first: str) -> list[Journey]:
    found = [policy.journeys[first]]
    for journey in found:
        names = (name for step in journey.steps for name in step.sub_journeys)
        found += [policy.sub_journeys[name] for name in names if policy.sub_journeys[name] not in found]
    return found


def _of_step(served: ServedPolicy, step: Step, resolution: Resolution) -> Iterator[Preview]:
    policy, providers = served.policy, served.runner.pipeline.providers
    options = _options(policy, step)
    selection = step.type in _SELECTIONS
    interactive = 0
    for exchange in step.exchanges:
        provider = providers.get(exchange.profile_id)
        if not isinstance(provider, InteractiveProvider):
            continue
        interactive += 1
        content = policy.content_definitions[step.content_definition or provider.content_definition]
        profile = policy.technical_profiles[exchange.profile_id]
        page = build_page(
            policy,
            step,
            content,
            profile=profile,
            shown=provider.shown(content),
            prefill={},
            options=options if selection else (),
            resolution=resolution,
        )
        yield Preview(f"{step.order}. {profile.id}", page)
    if step.type is StepType.CLAIMS_PROVIDER_SELECTION and not interactive and step.content_definition:
        content = policy.content_definitions[step.content_definition]
        page = build_page(
            policy, step, content, profile=None, shown=(), prefill={}, options=options, resolution=resolution
        )
        yield Preview(f"{step.order}. {PageApi.PROVIDER_SELECTION.value}", page)


def _options(policy: CompiledPolicy, step: Step) -> Options:
    """Return what the step offers: its target exchanges, which stand in one of the next steps."""
    targets = {
        exchange.id.casefold(): exchange.profile_id
        for journey in (*policy.journeys.values(), *policy.sub_journeys.values())
        for each in journey.steps
        for exchange in each.exchanges
    }
    wanted = [one.target_exchange for one in step.selections if one.target_exchange is not None]
    known = [(name, targets[name.casefold()]) for name in wanted if name.casefold() in targets]
    return tuple((name, policy.technical_profiles[profile]) for name, profile in known)


def _resolution(policy: CompiledPolicy, language: str, now: datetime, host: str) -> Resolution:
    return Resolution(
        policy_id=policy.policy_id,
        relying_party_tenant_id=policy.tenant_id,
        trust_framework_tenant_id=policy.trust_framework_tenant_id,
        tenant_object_id=policy.tenant_object_id or "",
        correlation_id="preview",
        deployment_mode=policy.deployment_mode.value,
        culture=language or policy.languages.default,
        host_name=host,
        ip_address="",
        kmsi=False,
        now=now,
        build_number="",
    )
