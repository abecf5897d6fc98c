from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from journeyman.compiler.compiled import SessionBehavior, SsoScope
from journeyman.journey.outcome import IssueTokens, ShowStep
from journeyman.journey.session import Session, load_session, scope_name, session_expiry, sign_out_urls
from journeyman.technical_profile import Continue

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ENTRY = {"objectId": "user-1", "since": "2026-02-28"}


def a_session(**changes):
    values = {
        "id": "s",
        "created_at": NOON - timedelta(hours=2),
        "expires_at": NOON + timedelta(hours=1),
        "auth_time": int((NOON - timedelta(hours=2)).timestamp()),
        "entries": {"SM": dict(ENTRY)},
        **changes,
    }
    return Session(**values)


@pytest.fixture
def sign_in(xml):
    """A page whose profile is managed by SM, and a flag that tells where the account came from."""

    def build(*, profile=None, manager="session", extra=(), steps=()):
        claims = (
            xml.claim("password", control="Password"),
            xml.claim("fromSession", "boolean"),
            xml.claim("since", "date"),
            xml.claim("name", control="TextBox"),
        )
        profiles = (
            xml.profile(
                "SignIn",
                "page",
                outputs=("password", "objectId"),
                validations=("Check",),
                session="SM",
                **(profile or {}),
            ),
            xml.profile("Check", "rest", inputs=("password",), outputs=("objectId",)),
            xml.profile(
                "SM",
                manager,
                persisted=("objectId", "since") if manager == "session" else (),
                outputs=('fromSession DefaultValue="true"',) if manager == "session" else (),
            ),
            xml.profile("Edit", "page", outputs=("name",)),
            *extra,
        )
        outputs = ('objectId PartnerClaimType="sub"', 'fromSession DefaultValue="false"')
        return xml.policy(xml.step(SignIn="SignIn"), *steps, claims=claims, profiles=profiles, outputs=outputs)

    return build


ANSWERS = {"Check": Continue({"objectId": "user-2"})}


async def test_a_session_stands_in_for_the_profile_and_tells_so(sign_in, play, claims_of):
    journey = play(sign_in(), session=a_session())

    tokens = await journey.start()

    assert claims_of(tokens) == {"sub": "user-1", "fromSession": True}
    assert journey.state.auth_time == int((NOON - timedelta(hours=2)).timestamp())
    assert journey.api.calls == []


async def test_a_sign_in_writes_what_the_session_profile_persists_and_only_that(sign_in, play, claims_of):
    journey = play(sign_in(), answers=ANSWERS)
    await journey.start()

    tokens = await journey.enter(password="Correct-horse-1")

    assert claims_of(tokens) == {"sub": "user-2", "fromSession": False}
    assert journey.state.session_writes == {"SM": {"objectId": "user-2"}}
    assert journey.state.auth_time == int(NOON.timestamp())


@pytest.mark.parametrize(
    "parameters", [{"prompt": "login"}, {"max_age": "7199"}, {"max_age": "0"}, {"prompt": "login consent"}]
)
async def test_a_request_for_a_new_sign_in_shows_the_page_and_drops_what_the_session_held(sign_in, play, parameters):
    session = a_session(entries={"SM": dict(ENTRY), "SM-MFA": {"mfa": True}})
    journey = play(sign_in(), answers=ANSWERS, session=session)

    assert isinstance(await journey.start(**parameters), ShowStep)
    assert isinstance(await journey.enter(password="Correct-horse-1"), IssueTokens)
    assert session.entries == {}


async def test_a_session_within_max_age_counts_and_keeps_its_entries(sign_in, play):
    session = a_session()

    assert isinstance(await play(sign_in(), session=session).start(max_age="7200"), IssueTokens)
    assert session.entries == {"SM": ENTRY}


async def test_an_entry_of_another_session_profile_does_not_count(sign_in, play):
    assert isinstance(await play(sign_in(), session=a_session(entries={"Other": ENTRY})).start(), ShowStep)


async def test_the_noop_session_profile_never_takes_part_and_keeps_nothing(sign_in, play):
    journey = play(sign_in(manager="noop"), answers=ANSWERS, session=a_session())

    assert isinstance(await journey.start(), ShowStep)
    await journey.enter(password="Correct-horse-1")
    assert journey.state.session_writes == {}


async def test_a_disabled_profile_is_not_restored(sign_in, play, code_of):
    extra = {"enabled": "false"}
    journey = play(sign_in(profile=extra), session=a_session())

    assert code_of(await journey.start()) == "AADB2C90037"
    assert "objectId" not in journey.claims


async def test_an_entry_that_no_longer_fits_its_claim_type_does_not_count(sign_in, play):
    broken = a_session(entries={"SM": {"objectId": "user-1", "since": "not a date"}})
    journey = play(sign_in(), session=broken)

    assert isinstance(await journey.start(), ShowStep)
    assert "objectId" not in journey.claims


async def test_a_claim_that_the_policy_no_longer_declares_is_left_out(sign_in, play, claims_of):
    session = a_session(entries={"SM": {"objectId": "user-1", "retired": "x"}})

    assert claims_of(await play(sign_in(), session=session).start())["sub"] == "user-1"


async def test_a_page_that_only_asks_for_data_does_not_renew_the_proof_of_identity(sign_in, xml, play):
    journey = play(sign_in(steps=(xml.step(Edit="Edit"),)), session=a_session())
    await journey.start()

    await journey.enter(name="Ada")

    assert journey.state.auth_time == int((NOON - timedelta(hours=2)).timestamp())


async def test_defaults_of_a_session_profile_are_resolved_and_win_when_they_must(xml, play, claims_of):
    profiles = (
        xml.profile("Call", "rest", outputs=("objectId",), session="SM"),
        xml.profile(
            "SM",
            "session",
            {"IncludeClaimResolvingInClaimsHandling": "true"},
            persisted=("objectId",),
            outputs=(
                'policy DefaultValue="{Policy:PolicyId}"',
                'hint DefaultValue="{OIDC:LoginHint}"',
                'objectId DefaultValue="never"',
                'objectIdAgain DefaultValue="always" AlwaysUseDefaultValue="true"',
            ),
        ),
    )
    claims = tuple(xml.claim(name) for name in ("policy", "hint", "objectIdAgain"))
    text = xml.policy(xml.step(Call="Call"), claims=claims, profiles=profiles)
    journey = play(text, session=a_session())

    await journey.start()

    assert dict(journey.claims) == {"objectId": "user-1", "policy": "B2C_1A_Test", "objectIdAgain": "always"}


async def test_a_combined_page_is_passed_over_when_the_session_knows_the_local_account(xml, play):
    profiles = (
        xml.profile("SignIn", "page", outputs=("objectId",), session="SM"),
        xml.profile("SM", "session", persisted=("objectId",)),
    )
    step = xml.step(
        "CombinedSignInAndSignUp", xml.selections(local="SignInExchange"), page="api.signin", SignInExchange="SignIn"
    )

    sign_up = xml.step(SignUpExchange="SignIn", skip_if="objectId")
    tokens = await play(xml.policy(step, sign_up, profiles=profiles), session=a_session()).start()

    assert tokens.subject == "user-1"


async def test_a_choice_of_providers_takes_the_one_that_the_session_knows(xml, play):
    profiles = (
        xml.profile("One", "page", outputs=("objectId",)),
        xml.profile("Two", "page", outputs=("objectId",), session="SM"),
        xml.profile("SM", "session", persisted=("objectId",)),
    )
    select = xml.step("ClaimsProviderSelection", xml.selections("ToOne", "ToTwo"), page="api.select")
    text = xml.policy(select, xml.step(ToOne="One", ToTwo="Two"), profiles=profiles)
    journey = play(text, session=a_session())

    tokens = await journey.start()

    assert tokens.subject == "user-1"
    assert journey.state.selection == "ToTwo"


def test_a_session_survives_its_stored_form():
    session = a_session(clients=["a"], persistent=True)

    assert load_session("s", session.to_bytes()) == session


@pytest.mark.parametrize(
    ("scope", "name"),
    [
        (SsoScope.SUPPRESSED, None),
        (SsoScope.TENANT, "tenant"),
        (SsoScope.APPLICATION, "application-app"),
        (SsoScope.POLICY, "policy-b2c_1a_test"),
    ],
)
def test_the_scope_names_who_shares_a_session(scope, name):
    assert scope_name(SessionBehavior(scope), policy_id="B2C_1A_Test", client_id="app") == name


@pytest.mark.parametrize(
    ("behavior", "persistent", "ends"),
    [
        (SessionBehavior(rolling=True, lifetime_s=900), False, NOON + timedelta(seconds=900)),
        (SessionBehavior(rolling=False, lifetime_s=86_400), False, NOON - timedelta(hours=2) + timedelta(days=1)),
        (SessionBehavior(rolling=True, keep_alive_days=7), True, NOON + timedelta(days=7)),
        (SessionBehavior(rolling=False, keep_alive_days=7), True, NOON + timedelta(days=7)),
    ],
)
def test_a_session_ends_as_its_behavior_says(behavior, persistent, ends):
    assert session_expiry(behavior, a_session(), NOON, persistent=persistent) == ends


def test_a_session_knows_each_provider_at_which_it_ends_once():
    leave = {"#profile": "Google", "#signOut": "https://idp.example/leave"}
    session = a_session(entries={"SM": dict(ENTRY), "A": leave, "B": leave, "C": {"#profile": "GitHub", "#signOut": 1}})

    assert sign_out_urls(session) == ("https://idp.example/leave",)
