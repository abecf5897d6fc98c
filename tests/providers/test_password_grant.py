from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from journeyman.directory.errors import SignInError, SignInFailure
from journeyman.directory.user import User
from journeyman.providers.password_grant import PasswordGrantProvider
from journeyman.technical_profile import Continue, Refuse

ADA = User(
    object_id="11111111-2222-3333-4444-555555555555",
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    principal_name="ada@contoso.onmicrosoft.com",
    attributes={"displayname": "Ada Lovelace", "givenname": "Ada"},
)


class Door:
    """Stands for the directory's check: lets in, or says why not; keeps what it was asked."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    async def check_password(self, name, password):
        self.asked.append((name, password.reveal()))
        if isinstance(self.answer, SignInFailure):
            raise SignInError(self.answer)
        return self.answer


@pytest.fixture
def sign_in(xml, compile_policy_text, make_call):
    async def sign_in(answer, *inputs, metadata=None, claims=None):
        items = {"ProviderName": "https://sts.windows.net/", **(metadata or {})}
        given = (
            'signInName PartnerClaimType="username" Required="true"',
            'password Required="true"',
            'grant_type DefaultValue="password" AlwaysUseDefaultValue="true"',
            *inputs,
        )
        profile = xml.profile(
            "login", "OpenIdConnect", items, inputs=given, outputs=('objectId PartnerClaimType="oid"',)
        )
        names = ("signInName", "password", "grant_type", "continue")
        give = xml.profile("Give", "rest", outputs=names[:2])
        declared = tuple(xml.claim(name) for name in names)
        policy = compile_policy_text(
            xml.policy(xml.step(Give="Give"), xml.step(Login="login"), claims=declared, profiles=(give, profile))
        )
        door = Door(answer)
        call = make_call(
            policy, "login", {"signInName": "ada", "password": "Correct-horse-1"} if claims is None else claims
        )
        return door, await PasswordGrantProvider(door, "tenant-id").execute(call)

    return sign_in


async def test_the_right_password_returns_the_claims_of_the_account_that_it_has(sign_in):
    door, outcome = await sign_in(ADA)

    assert door.asked == [("ada", "Correct-horse-1")]
    assert dict(outcome.values) == {
        "oid": ADA.object_id,
        "given_name": "Ada",
        "name": "Ada Lovelace",
        "upn": "ada@contoso.onmicrosoft.com",
        "tid": "tenant-id",
    }


@pytest.mark.parametrize(
    ("failure", "message", "code"),
    [
        (SignInFailure.UNKNOWN_USER, "We can't seem to find your account.", "AADB2C90053"),
        (SignInFailure.WRONG_PASSWORD, "Your password is incorrect.", "AADB2C90054"),
        (
            SignInFailure.DISABLED,
            "Your account has been locked. Contact your support person to unlock it, then try again.",
            "AADB2C90111",
        ),
        (
            SignInFailure.LOCKED,
            "Your account is temporarily locked to prevent unauthorized use. Try again later.",
            "AADB2C90114",
        ),
    ],
)
async def test_each_reason_has_its_text(sign_in, failure, message, code):
    _, outcome = await sign_in(failure)

    assert isinstance(outcome, Refuse)
    assert (outcome.user_message, outcome.service_code) == (message, code)


async def test_the_policy_may_change_a_text(sign_in):
    _, outcome = await sign_in(SignInFailure.WRONG_PASSWORD, metadata={"UserMessageIfInvalidPassword": "No."})

    assert outcome.user_message == "No."


async def test_without_name_and_password_nobody_is_let_in_by_accident(sign_in):
    door, _ = await sign_in(SignInFailure.UNKNOWN_USER, claims={})

    assert door.asked == [("", "")]


async def test_a_password_that_must_be_changed_is_refused_or_told_when_the_policy_goes_on(sign_in):
    expired = replace(ADA, must_change_password=True)

    _, refused = await sign_in(expired)
    _, told = await sign_in(
        expired,
        'continue PartnerClaimType="continueOnPasswordExpiration"',
        claims={"signInName": "ada", "password": "p", "continue": "true"},
    )

    assert refused.user_message == "Your password has expired."
    assert told == Continue({"passwordExpired": True})
