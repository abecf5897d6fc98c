from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from journeyman_guard import (
    AnyoneCheck,
    ApiKeyCheck,
    BasicCheck,
    Caller,
    ClientCertificateCheck,
    MisconfiguredError,
    Refused,
    all_of,
    any_of,
    hashed_credential,
)

BASIC = BasicCheck((hashed_credential("u", "p"),))
KEY = ApiKeyCheck("x-key", (hashed_credential("k", "secret"),))
CERTIFICATE = ClientCertificateCheck(thumbprints=("00" * 32,))
GOOD_BASIC, GOOD_KEY = ("authorization", "Basic dTpw"), ("x-key", "secret")


@dataclass(frozen=True)
class Accepting:
    """Accept, with these claims."""

    subject: str
    claims: dict = field(default_factory=dict)

    async def check(self, request):
        return Caller(self.subject, (self.subject,), self.claims)


class Broken:
    """Fail without a decision."""

    async def check(self, request):
        raise RuntimeError("broken")


async def test_all_of_needs_every_check(request_with):
    check = all_of(BASIC, KEY)

    caller = await check.check(request_with(GOOD_BASIC, GOOD_KEY))
    refusals = []
    for headers in ((GOOD_BASIC,), (GOOD_KEY,), ()):
        with pytest.raises(Refused) as refused:
            await check.check(request_with(*headers))
        refusals.append(refused.value.challenges[0].split(" ")[0])

    assert (caller.subject, caller.methods) == ("u", ("basic", "api_key"))
    assert refusals == ["ApiKey", "Basic", "Basic"]


async def test_of_claims_with_one_name_the_first_check_wins(request_with):
    check = all_of(Accepting("a", {"x": 1}), Accepting("b", {"x": 2, "y": 3}))

    assert (await check.check(request_with())).claims == {"x": 1, "y": 3}


@pytest.mark.parametrize(
    ("headers", "subject"), [((GOOD_BASIC,), "u"), ((GOOD_KEY,), "k"), ((GOOD_BASIC, GOOD_KEY), "u")]
)
async def test_any_of_needs_one_check(request_with, headers, subject):
    assert (await any_of(CERTIFICATE, BASIC, KEY).check(request_with(*headers))).subject == subject


async def test_a_refusal_of_any_of_has_the_challenges_of_all(request_with):
    with pytest.raises(Refused) as refused:
        await any_of(CERTIFICATE, BASIC, KEY, KEY).check(request_with())

    assert refused.value.status == 401
    assert refused.value.challenges == ('Basic realm="api", charset="UTF-8"', 'ApiKey realm="api"')
    assert refused.value.reason == (
        "there is no client certificate; there is no Authorization header; there is no header x-key; there is no header x-key"
    )


async def test_where_no_credential_could_help_any_of_answers_403(request_with):
    with pytest.raises(Refused) as refused:
        await any_of(CERTIFICATE).check(request_with())

    assert (refused.value.status, refused.value.challenges) == (403, ())


async def test_a_check_that_fails_without_a_decision_lets_nobody_in(request_with):
    for check in (any_of(Broken(), Accepting("a")), all_of(Accepting("a"), Broken())):
        with pytest.raises(RuntimeError, match="broken"):
            await check.check(request_with())


@pytest.mark.parametrize("combine", [all_of, any_of])
def test_a_combination_of_nothing_is_not_made(combine):
    with pytest.raises(MisconfiguredError, match="at least one check"):
        combine()


def test_a_combination_waits_when_one_of_its_checks_may():
    class Slow:
        async def check(self, request):
            raise AssertionError("whether a check waits is known without asking it")

    assert all_of(AnyoneCheck(), AnyoneCheck()).never_waits
    assert not any_of(AnyoneCheck(), Slow()).never_waits
    assert not all_of(AnyoneCheck(), Slow()).never_waits
