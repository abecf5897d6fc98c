"""Providers called directly: a compiled profile in, the Call that a journey would make out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.resolvers import Resolution
from journeyman.claims.values import ClaimValue
from journeyman.compiler.compiled import CompiledPolicy
from journeyman.journey.messages import localized_texts, texts_for
from journeyman.providers.self_asserted import SelfAssertedProvider, build_self_asserted
from journeyman.technical_profile import Call, Continue, Refuse, Submission, VerifiedControl

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

MakeCall = Callable[..., Call]


@pytest.fixture
def make_call() -> MakeCall:
    """``make_call(policy, "Profile", {"claim": value})``: the inputs and persisted claims that have a value."""

    def make(
        policy: CompiledPolicy, profile_id: str, claims: Mapping[str, ClaimValue] | None = None, **more: object
    ) -> Call:
        profile = policy.technical_profiles[profile_id]
        bag = ClaimsBag(claims)
        page = policy.content_definitions.get(profile.metadata.get("ContentDefinitionReferenceId") or "")
        localized = localized_texts(page, "en")
        values = {
            "inputs": tuple((m, bag[m.claim.id]) for m in profile.input_claims if m.claim.id in bag),
            "persisted": tuple((m, bag[m.claim.id]) for m in profile.persisted_claims if m.claim.id in bag),
            "page": page,
            "texts": texts_for(localized, profile.metadata),
            "localized": localized,
            **more,
        }
        return Call(
            profile=profile,
            claims=bag,
            resolution=_resolution(),
            journey_id="j",
            step="Order=1, Type=ClaimsExchange",
            exchange_id=profile_id,
            record=lambda _: None,
            **values,
        )

    return make


def _resolution() -> Resolution:
    return Resolution(
        policy_id="B2C_1A_Test",
        relying_party_tenant_id="contoso.onmicrosoft.com",
        trust_framework_tenant_id="contoso.onmicrosoft.com",
        tenant_object_id="t",
        correlation_id="c",
        deployment_mode="Production",
        culture="en",
        host_name="login.example",
        ip_address="203.0.113.9",
        kmsi=False,
        now=NOON,
        build_number="1.0.0.0",
    )


@dataclass
class Asked:
    """A page of one profile, sent as often as a test likes."""

    provider: SelfAssertedProvider
    call: Call
    verified: dict[str, str] = field(default_factory=dict)
    scopes: list[dict[str, ClaimValue]] = field(default_factory=list)
    refusal: Refuse | None = None
    controls: dict[str, VerifiedControl] = field(default_factory=dict)

    @property
    def fields(self) -> list[str]:
        """The claim ids of its fields, those that must be filled with a star."""
        shown = self.provider.shown(self.call.page)
        return [item.claim.id + "*" * item.required + "?" * item.verify for item in shown]

    async def send(self, **fields: str) -> Continue | Refuse:
        """Send the page; what its validation profiles would see is kept in ``scopes``."""

        async def validate(scope: ClaimsBag) -> Refuse | None:
            self.scopes.append(dict(scope))
            return self.refusal

        posted = {name.casefold(): value for name, value in fields.items()}
        return await self.provider.submit(Submission(self.call, posted, self.verified, validate, self.controls))


@pytest.fixture
def asked(xml, compile_policy_text, make_call) -> Callable[..., Asked]:
    """``asked(profile, claims=(...))``: the page of a profile called ``Ask``."""

    def make(
        profile: str, *, claims: tuple[str, ...], have: Mapping[str, ClaimValue] | None = None, **options: object
    ) -> Asked:
        profiles = (profile, *options.pop("profiles", ()))
        text = xml.policy(
            xml.step(Ask="Ask"),
            claims=claims,
            profiles=profiles,
            outputs=('objectId DefaultValue="u"',),
            subject="",
            **options,
        )
        policy = compile_policy_text(text)
        provider = build_self_asserted(policy.technical_profiles["Ask"], policy)
        return Asked(provider, make_call(policy, "Ask", have))

    return make
