"""A journey without pages and REST calls: steps per second, over the same transformations without a journey."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.measure import Effort, Side, compare, own_cpu_s
from benchmarks.tenant import TENANT
from journeyman.claims.transformations import Surroundings, run
from journeyman.compiler.compiled import CompiledPolicy
from journeyman.compiler.passes import compile_policy
from journeyman.engine.registry import SPECS
from journeyman.journey.outcome import IssueTokens
from journeyman.journey.runner import Runner, build_runner
from journeyman.journey.state import Frame, JourneyState
from journeyman.journey.visit import Visit
from journeyman.policy.load import load_policies
from journeyman.providers.claims_transformation import ClaimsTransformationProvider

STEPS = 200
POLICY = "B2C_1A_Steps"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


async def journey_steps(effort: Effort) -> list[Figure]:
    """Measure a journey of exchanges, each with one claims transformation and one precondition."""
    policy = _policy()
    runner = build_runner(
        policy,
        {"Copy": ClaimsTransformationProvider()},
        tenant_object_id="t",
        redact=lambda _, value: str(value),
        key_text=lambda _: None,
    )

    async def journeys(count: int) -> None:
        for _ in range(count):
            await _play(runner)

    sides = {"journey": Side(journeys, own_cpu_s), "bare": Side(_bare(policy), own_cpu_s)}
    costs = await compare(sides, effort.scaled(1 / 15))
    steps, bare = (STEPS / costs[side].cpu_s for side in ("journey", "bare"))
    return [Figure("REST-free journey: steps per second of one core", steps, "1/s", "its transformations alone", bare)]


async def _play(runner: Runner) -> None:
    state = JourneyState(
        id="00000000-0000-4000-8000-0000000000aa",
        correlation_id="00000000-0000-4000-8000-0000000000bb",
        tenant=TENANT,
        policy_id=POLICY,
        browser="0" * 64,
        parameters={},
        language="en",
        started_at=NOON,
        frames=[Frame("Steps")],
    )
    state.claims.set("from", "a value")
    outcome = await runner.advance(state, Visit(now=NOON, host_name="login.example", ip_address="203.0.113.9"))
    if not isinstance(outcome, IssueTokens):
        raise RuntimeError(f"the journey ended with {outcome}")


def _bare(policy: CompiledPolicy):
    (transformation,) = policy.technical_profiles["Copy"].output_transformations
    surroundings = Surroundings(
        now=NOON,
        relying_party_tenant_id=TENANT,
        trust_framework_tenant_id=TENANT,
        technical_profile_id="Copy",
        outputs={name: claim.data_type for name, claim in transformation.outputs},
    )

    async def work(count: int) -> None:
        for _ in range(count * STEPS):
            run(transformation.method, {"inputclaim": ["a value"]}, transformation.parameters, surroundings)

    return work


def _policy() -> CompiledPolicy:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "steps.xml"
        path.write_text(_text(), encoding="utf-8")
        merged, _ = load_policies([path], settings={}, tenant_name=TENANT).merged(POLICY)
    compiled, found = compile_policy(merged, specs=SPECS, keys=None, engine_production=False) if merged else (None, [])
    if compiled is None:
        raise RuntimeError(f"the policy does not compile: {[str(each) for each in found]}")
    return compiled


def _text() -> str:
    skip = (
        '<Preconditions><Precondition Type="ClaimsExist" ExecuteActionsIf="true"><Value>never</Value>'
        "<Action>SkipThisOrchestrationStep</Action></Precondition></Preconditions>"
    )
    steps = "".join(
        f'<OrchestrationStep Order="{order}" Type="ClaimsExchange">{skip}<ClaimsExchanges>'
        f'<ClaimsExchange Id="E{order}" TechnicalProfileReferenceId="Copy" /></ClaimsExchanges></OrchestrationStep>'
        for order in range(1, STEPS)
    )
    send = f'<OrchestrationStep Order="{STEPS}" Type="SendClaims" CpimIssuerTechnicalProfileReferenceId="JwtIssuer" />'
    claims = "".join(
        f'<ClaimType Id="{each}"><DataType>string</DataType></ClaimType>' for each in ("from", "to", "never")
    )
    return f"""<TrustFrameworkPolicy xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06"
 PolicySchemaVersion="0.3.0.0" TenantId="{TENANT}" PolicyId="{POLICY}" PublicPolicyUri="http://{TENANT}/{POLICY}">
<BuildingBlocks><ClaimsSchema>{claims}</ClaimsSchema><ClaimsTransformations>
<ClaimsTransformation Id="Copy" TransformationMethod="CopyClaim"><InputClaims>
<InputClaim ClaimTypeReferenceId="from" TransformationClaimType="inputClaim" /></InputClaims><OutputClaims>
<OutputClaim ClaimTypeReferenceId="to" TransformationClaimType="outputClaim" /></OutputClaims></ClaimsTransformation>
</ClaimsTransformations></BuildingBlocks><ClaimsProviders><ClaimsProvider><TechnicalProfiles>
<TechnicalProfile Id="Copy"><Protocol Name="Proprietary" Handler="Web.TPEngine.Providers.ClaimsTransformationProtocolProvider" />
<OutputClaims><OutputClaim ClaimTypeReferenceId="to" /></OutputClaims><OutputClaimsTransformations>
<OutputClaimsTransformation ReferenceId="Copy" /></OutputClaimsTransformations></TechnicalProfile>
<TechnicalProfile Id="JwtIssuer"><Protocol Name="None" /><OutputTokenFormat>JWT</OutputTokenFormat>
<CryptographicKeys><Key Id="issuer_secret" StorageReferenceId="B2C_1A_TokenSigningKeyContainer" />
<Key Id="issuer_refresh_token_key" StorageReferenceId="B2C_1A_TokenEncryptionKeyContainer" /></CryptographicKeys>
</TechnicalProfile>
</TechnicalProfiles></ClaimsProvider></ClaimsProviders>
<UserJourneys><UserJourney Id="Steps"><OrchestrationSteps>{steps}{send}</OrchestrationSteps></UserJourney></UserJourneys>
<RelyingParty><DefaultUserJourney ReferenceId="Steps" /><TechnicalProfile Id="PolicyProfile">
<Protocol Name="OpenIdConnect" /><OutputClaims><OutputClaim ClaimTypeReferenceId="to" /></OutputClaims>
</TechnicalProfile></RelyingParty></TrustFrameworkPolicy>"""
