"""A journey played without HTTP: real pages and transformations, REST profiles that a test answers for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.values import to_text
from journeyman.compiler import handlers
from journeyman.compiler.compiled import CompiledPolicy
from journeyman.journey.outcome import Fail, IssueTokens, Outcome, PageAnswer, ShowStep
from journeyman.journey.runner import Runner, build_runner
from journeyman.journey.session import Session
from journeyman.journey.state import Frame, JourneyState, load_state
from journeyman.journey.visit import Visit
from journeyman.providers.claims_transformation import ClaimsTransformationProvider
from journeyman.providers.grant import GrantProvider
from journeyman.providers.oauth2_error import OAuth2ErrorProvider
from journeyman.providers.self_asserted import build_self_asserted
from journeyman.technical_profile import Call, Continue, Provider
from journeyman.technical_profile import Outcome as ProfileOutcome
from journeyman.trace.records import StepRecord

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

Answer = ProfileOutcome | Exception | Callable[[Call], ProfileOutcome]


@dataclass
class FakeApi:
    """Stands for a REST profile: gives the answers of a test and keeps the calls."""

    answers: Mapping[str, Answer]
    calls: list[Call] = field(default_factory=list)

    async def execute(self, call: Call) -> ProfileOutcome:
        self.calls.append(call)
        answer = self.answers.get(call.profile.id, Continue())
        if isinstance(answer, Exception):
            raise answer
        return answer(call) if callable(answer) else answer

    def sent(self, profile_id: str) -> list[dict[str, object]]:
        """Return what each call of a profile sent, by its name on the wire."""
        return [{m.name: value for m, value in call.inputs} for call in self.calls if call.profile.id == profile_id]


@dataclass
class Play:
    """One journey: every move goes through the stored form of its state, as if another process took it up."""

    policy: CompiledPolicy
    runner: Runner
    api: FakeApi
    state: JourneyState
    session: Session | None = None
    at: datetime = NOON
    records: list[StepRecord] = field(default_factory=list)

    async def start(self, **parameters: str) -> Outcome:
        self.state.parameters.update(parameters)
        return await self._move(self.runner.advance)

    async def post(self, **fields: str) -> PageAnswer:
        posted = {name.casefold(): value for name, value in fields.items()}
        return await self._move(lambda state, visit: self.runner.submit(state, posted, visit))

    async def act(self, control: str, action: str, **fields: str) -> PageAnswer:
        posted = {name.casefold(): value for name, value in fields.items()}
        return await self._move(lambda state, visit: self.runner.act(state, (control, action), posted, visit))

    async def confirm(self) -> Outcome:
        return await self._move(self.runner.confirm)

    async def enter(self, **fields: str) -> Outcome:
        """Send a page that is accepted, and go on."""
        answer = await self.post(**fields)
        assert answer == PageAnswer(), answer
        return await self.confirm()

    async def select(self, exchange: str) -> Outcome:
        return await self._move(lambda state, visit: self.runner.select(state, exchange, visit))

    async def sign_up(self) -> Outcome:
        return await self._move(self.runner.sign_up)

    async def forgot_password(self) -> Outcome:
        return await self._move(self.runner.forgot_password)

    async def show_again(self) -> Outcome:
        return await self._move(self.runner.show_again)

    async def cancel(self) -> Outcome:
        async def cancel(state: JourneyState, visit: Visit) -> Outcome:
            return self.runner.cancel(state, visit)

        return await self._move(cancel)

    @property
    def claims(self) -> ClaimsBag:
        return self.state.claims

    def events(self) -> list[str]:
        """Return what happened, as ``event profile``."""
        return [f"{record.event} {record.profile_id}".strip() for record in self.records]

    async def _move(self, move: Callable[[JourneyState, Visit], Awaitable[object]]) -> object:
        self.state = load_state(self.state.to_bytes(), self.policy.claim_types)
        visit = Visit(now=self.at, host_name="login.example", ip_address="203.0.113.9", session=self.session)
        outcome = await move(self.state, visit)
        self.records += visit.records
        return outcome


Compile = Callable[[str], CompiledPolicy]
MakePlay = Callable[..., Play]


@pytest.fixture
def play(compile_policy_text: Compile) -> MakePlay:
    """``play(text, answers={...})`` makes a journey; ``answers`` is what REST profiles say, by profile id."""

    def make(
        text: str,
        *,
        answers: Mapping[str, Answer] | None = None,
        session: Session | None = None,
        language: str = "en",
        interactive: bool = True,
        grant: Mapping[str, object] | None = None,
    ) -> Play:
        policy = compile_policy_text(text)
        api = FakeApi(answers or {})
        runner = build_runner(
            policy,
            _providers(policy, api),
            tenant_object_id="00000000-0000-4000-8000-000000000001",
            redact=lambda claim_id, value: f"{policy.sensitivity(claim_id).value}:{len(to_text(value))}",
            key_text={"B2C_1A_Salt": "salt"}.get,
        )
        return Play(policy, runner, api, _state(policy, language, interactive, grant), session)

    return make


def _providers(policy: CompiledPolicy, api: FakeApi) -> dict[str, Provider]:
    makers: dict[str, Callable[..., Provider]] = {
        handlers.RESTFUL: lambda _: api,
        handlers.SELF_ASSERTED: lambda profile: build_self_asserted(profile, policy),
        handlers.CLAIMS_TRANSFORMATION: lambda _: ClaimsTransformationProvider(),
        handlers.NONE: lambda _: GrantProvider(),
        handlers.OAUTH2_ERROR: lambda _: OAuth2ErrorProvider(),
    }
    profiles = policy.technical_profiles.values()
    return {profile.id: makers[profile.handler](profile) for profile in profiles if profile.handler in makers}


def _state(
    policy: CompiledPolicy, language: str, interactive: bool, grant: Mapping[str, object] | None
) -> JourneyState:
    assert policy.relying_party is not None
    return JourneyState(
        id="00000000-0000-4000-8000-0000000000aa",
        correlation_id="00000000-0000-4000-8000-0000000000bb",
        tenant="contoso.onmicrosoft.com",
        policy_id=policy.policy_id,
        browser="0" * 64,
        parameters={"client_id": "11111111-1111-4111-8111-111111111111"},
        language=language,
        started_at=NOON,
        frames=[Frame(policy.relying_party.journey)],
        interactive=interactive,
        grant=dict(grant or {}),
    )


@pytest.fixture
def code_of() -> Callable[[object], str]:
    """Return the service code with which a journey failed."""

    def code(outcome: object) -> str:
        assert isinstance(outcome, Fail), outcome
        return outcome.error.service_code

    return code


@pytest.fixture
def claims_of() -> Callable[[object], dict[str, object]]:
    """Return the token claims with which a journey ended."""

    def claims(outcome: object) -> dict[str, object]:
        assert isinstance(outcome, IssueTokens), outcome
        return dict(outcome.claims)

    return claims


@pytest.fixture
def fields_of() -> Callable[[object], list[str]]:
    """Return the claim ids of the fields of the page that a journey shows."""

    def fields(outcome: object) -> list[str]:
        assert isinstance(outcome, ShowStep), outcome
        return [shown.claim_id for shown in outcome.page.fields]

    return fields
