from __future__ import annotations

from dataclasses import replace

import pytest

from journeyman.diagnostics import Severity
from journeyman.directory.errors import UserChangedError
from journeyman.directory.passwords import PasswordHasher
from journeyman.directory.store import UserStore
from journeyman.engine.registry import SPECS
from journeyman.errors import ServiceError
from journeyman.keys.sealing import EnvelopeSealer, local_master_key
from journeyman.providers.directory import Directory, build_directory
from journeyman.secret import Secret
from journeyman.storage.sqlite import open_sqlite
from journeyman.technical_profile import Continue, Refuse

EMAIL = "signInNames.emailAddress"
PERSISTED = (f"email PartnerClaimType='{EMAIL}'", 'newPassword PartnerClaimType="password"', "displayName", "city")
OUTPUTS = (
    "objectId",
    f"email PartnerClaimType='{EMAIL}'",
    "displayName",
    "city",
    'newUser PartnerClaimType="newClaimsPrincipalCreated"',
)
ADA = {"email": "ada@contoso.com", "newPassword": "Correct-horse-1", "displayName": "Ada"}


@pytest.fixture
async def directory(tmp_path, clock):
    database = open_sqlite(tmp_path / "journeyman.db")
    sealer = EnvelopeSealer(local_master_key(bytes(32)))
    passwords = PasswordHasher(memory_kib=64, time_cost=1)
    users = UserStore(database, sealer, clock, tenant_id="t", tenant_name="contoso.onmicrosoft.com")
    yield Directory(users, passwords, clock)
    passwords.close()
    await database.close()


@pytest.fixture
def run(xml, compile_policy_text, make_call, directory):
    """Run one directory profile; the key is the claim ``email`` unless ``key`` says otherwise."""

    async def run(
        operation,
        claims,
        *,
        key=f"email PartnerClaimType='{EMAIL}'",
        also=None,
        persisted=(),
        outputs=(),
        store=None,
        **metadata,
    ):
        profile = xml.profile(
            "Run",
            "directory",
            {"Operation": operation, **metadata},
            inputs=(key,) if also is None else (key, also),
            persisted=persisted,
            outputs=("objectId", *outputs),
        )
        declared = (
            *(xml.claim(name) for name in ("email", "displayName", "city", "extension_tier", "upn")),
            xml.claim("newPassword", control="Password"),
            xml.claim("newUser", "boolean"),
        )
        give = xml.profile("Give", "rest", outputs=("email", "upn"))
        policy = compile_policy_text(
            xml.policy(xml.step(Give="Give"), xml.step(Run="Run"), claims=declared, profiles=(give, profile))
        )
        call = make_call(policy, "Run", claims)
        return await build_directory(call.profile, store or directory).execute(call)

    return run


async def test_write_creates_an_account_and_says_so(run, directory):
    outcome = await run("Write", ADA, persisted=PERSISTED, outputs=OUTPUTS[1:])

    user = await directory.users.find_by_sign_in_name("ada@contoso.com")
    assert outcome == Continue(
        {"objectId": user.object_id, EMAIL: "ada@contoso.com", "displayName": "Ada", "newClaimsPrincipalCreated": True}
    )
    assert user.principal_name.endswith("@contoso.onmicrosoft.com")
    assert await directory.passwords.verify(user.password_hash, Secret("Correct-horse-1"))


async def test_the_key_is_written_also_when_it_is_not_among_the_persisted_claims(run, directory):
    await run("Write", ADA, persisted=PERSISTED[1:])

    assert await directory.users.find_by_sign_in_name("ADA@contoso.com") is not None


async def test_write_updates_an_account_and_a_new_password_ends_earlier_sign_ins(run, directory, clock):
    await run("Write", ADA, persisted=PERSISTED)
    clock.turn(hours=1)
    await run("Write", {"email": "ada@contoso.com", "displayName": "Countess"}, persisted=(PERSISTED[0], "displayName"))
    before = await directory.users.find_by_sign_in_name("ada@contoso.com")

    outcome = await run("Write", {**ADA, "newPassword": "Another-horse-2"}, persisted=PERSISTED, outputs=OUTPUTS[1:])

    user = await directory.users.find_by_sign_in_name("ada@contoso.com")
    assert before.attributes["displayname"] == "Countess"
    assert before.refresh_tokens_valid_from != clock.now()
    assert user.refresh_tokens_valid_from == clock.now()
    assert "newClaimsPrincipalCreated" not in outcome.values
    assert await directory.passwords.verify(user.password_hash, Secret("Another-horse-2"))


async def test_an_account_that_must_be_new_is_refused(run):
    await run("Write", ADA, persisted=PERSISTED)
    flag = {"RaiseErrorIfClaimsPrincipalAlreadyExists": "true"}

    outcome = await run("Write", ADA, persisted=PERSISTED, **flag, UserMessageIfClaimsPrincipalAlreadyExists="Taken.")

    assert isinstance(outcome, Refuse)
    assert (outcome.user_message, outcome.service_code) == ("Taken.", "AADB2C99001")


async def test_an_account_that_must_exist_is_refused(run):
    flag = {"RaiseErrorIfClaimsPrincipalDoesNotExist": "true"}

    for operation, persisted in (
        ("Read", ()),
        ("Write", PERSISTED),
        ("DeleteClaims", PERSISTED),
        ("DeleteClaimsPrincipal", ()),
    ):
        outcome = await run(operation, ADA, persisted=persisted, **flag)

        assert isinstance(outcome, Refuse)
        assert (outcome.user_message, outcome.service_code) == ("We can't seem to find your account.", "AADB2C99002")


async def test_read_returns_what_the_account_has(run):
    await run("Write", ADA, persisted=PERSISTED)

    outcome = await run("Read", {"email": "ada@contoso.com"}, outputs=OUTPUTS[1:4])

    assert dict(outcome.values) == {
        "objectId": outcome.values["objectId"],
        EMAIL: "ada@contoso.com",
        "displayName": "Ada",
    }


async def test_read_of_nobody_returns_nothing_and_so_does_one_without_a_key(run):
    assert await run("Read", {"email": "nobody@contoso.com"}) == Continue()
    assert await run("Read", {}) == Continue()


async def test_a_weak_password_is_refused_with_the_rule(run, directory):
    outcome = await run("Write", {**ADA, "newPassword": "weak"}, persisted=PERSISTED)

    assert isinstance(outcome, Refuse)
    assert "8 to 256 characters" in outcome.user_message
    assert await directory.users.find_by_sign_in_name("ada@contoso.com") is None


async def test_an_account_is_not_created_by_its_object_id_or_principal_name(run):
    for key in ("objectId", 'upn PartnerClaimType="userPrincipalName"'):
        with pytest.raises(ServiceError) as caught:
            await run(
                "Write",
                {
                    "objectId": "00000000-0000-4000-8000-000000000009",
                    "upn": "x@contoso.onmicrosoft.com",
                    "displayName": "Ada",
                },
                key=key,
                persisted=("displayName",),
            )
        assert caught.value.service_code == "AADB2C99002"


async def test_delete_claims_empties_all_but_the_key(run, directory):
    await run("Write", {**ADA, "city": "London"}, persisted=PERSISTED)

    assert await run("DeleteClaims", {"email": "ada@contoso.com"}, persisted=(PERSISTED[0], "city")) == Continue()

    user = await directory.users.find_by_sign_in_name("ada@contoso.com")
    assert "city" not in user.attributes
    assert user.attributes["displayname"] == "Ada"


async def test_delete_claims_of_nobody_does_nothing(run):
    assert await run("DeleteClaims", {"email": "nobody@contoso.com"}, persisted=(PERSISTED[0], "city")) == Continue()


async def test_delete_claims_principal_deletes_the_account_if_there_is_one(run, directory):
    await run("Write", ADA, persisted=PERSISTED)

    for _ in range(2):
        assert await run("DeleteClaimsPrincipal", {"email": "ada@contoso.com"}) == Continue()
    assert await directory.users.find_by_sign_in_name("ada@contoso.com") is None


async def test_a_claim_that_the_directory_cannot_take_stops_the_journey(run):
    with pytest.raises(ServiceError) as caught:
        await run("Write", {**ADA, "displayName": "x" * 257}, persisted=PERSISTED)

    assert caught.value.service_code == "AADB2C90037"
    assert "x" * 20 not in str(caught.value)


class Contended:
    """A user store in which somebody else is always faster."""

    def __init__(self, users):
        self.users = users
        self.tries = 0

    def __getattr__(self, name):
        return getattr(self.users, name)

    async def update(self, user):
        self.tries += 1
        raise UserChangedError(user.object_id)


async def test_an_account_that_others_change_all_the_time_is_given_up(run, directory):
    await run("Write", ADA, persisted=PERSISTED)
    contended = Contended(directory.users)

    with pytest.raises(ServiceError) as caught:
        await run("Write", ADA, persisted=PERSISTED[:1], store=replace(directory, users=contended))

    assert caught.value.service_code == "AADB2C95053"
    assert contended.tries == 3


async def test_an_identity_that_another_account_has_is_refused(run):
    await run("Write", ADA, persisted=PERSISTED)

    outcome = await run(
        "Write", {**ADA, "upn": "countess"}, key='upn PartnerClaimType="signInNames.userName"', persisted=PERSISTED
    )

    assert isinstance(outcome, Refuse)
    assert outcome.service_code == "AADB2C99001"


async def test_extension_attributes_belong_to_the_application_that_the_profile_names(run, directory):
    app = "11111111-2222-3333-4444-555555555555"
    await run("Write", {**ADA, "extension_tier": "gold"}, persisted=(*PERSISTED, "extension_tier"), ClientId=app)

    user = await directory.users.find_by_sign_in_name("ada@contoso.com")
    other = await run("Read", {"email": "ada@contoso.com"}, outputs=("extension_tier",))
    same = await run("Read", {"email": "ada@contoso.com"}, outputs=("extension_tier",), ClientId=app)

    assert user.attributes["extension_11111111222233334444555555555555_tier"] == "gold"
    assert "extension_tier" not in other.values
    assert same.values["extension_tier"] == "gold"


async def test_the_application_of_the_tenant_and_none_at_all_are_the_same(run, directory):
    app = "11111111-2222-3333-4444-555555555555"
    directory.users.extensions_app = app
    key = "extension_11111111222233334444555555555555_tier"
    spelled = f'extension_tier PartnerClaimType="{key}"'
    ada = {"email": "ada@contoso.com"}
    await run("Write", {**ADA, "extension_tier": "gold"}, persisted=(*PERSISTED, "extension_tier"), ClientId=app)
    outcomes = [
        await run("Read", ada, outputs=(output,), **named)
        for output in ("extension_tier", spelled)
        for named in ({}, {"ClientId": app}, {"ClientId": app.replace("-", "").upper()})
    ]

    user = await directory.users.find_by_sign_in_name("ada@contoso.com")
    assert user.attributes["extension_00000000000000000000000000000000_tier"] == "gold"
    assert [list(outcome.values.values()).count("gold") for outcome in outcomes] == [1] * 6


# --- what the compiler finds -----------------------------------------------------------------------


@pytest.fixture
def findings(xml, tmp_path):
    """Compile a policy with one directory profile; return its diagnostics as ``code message``."""
    from journeyman.compiler.passes import compile_policy
    from journeyman.policy.load import load_policies

    def run(metadata, **parts):
        profile = xml.profile("Run", "directory", metadata, **{"outputs": ("objectId",), **parts})
        claims = tuple(xml.claim(name) for name in ("email", "shoeSize", "extension_tier"))
        give = xml.profile("Give", "rest", outputs=("email",))
        path = tmp_path / "policy.xml"
        path.write_text(
            xml.policy(xml.step(Give="Give"), xml.step(Run="Run"), claims=claims, profiles=(give, profile)),
            encoding="utf-8",
        )
        merged, _ = load_policies([path], settings={}, tenant_name=None).merged("B2C_1A_Test")
        _, found = compile_policy(merged, specs=SPECS, keys=None, engine_production=False)
        return {one.code: one for one in found if one.code.startswith("JM146")}

    return run


def test_a_profile_without_operation_that_has_a_key_an_unknown_operation_and_a_missing_key_are_errors(findings):
    assert set(findings({"Operation": "Update"}, inputs=("email",))) == {"JM1461"}
    assert set(findings({"Note": "x"}, inputs=("email",))) == {"JM1461"}
    assert set(findings({"Operation": "Read"})) == {"JM1462"}
    assert findings({"Note": "a template"}) == {}


def test_an_attribute_that_the_directory_does_not_have_is_an_error_unless_it_has_a_default(findings):
    found = findings({"Operation": "Read"}, inputs=("email",), outputs=("objectId", "shoeSize"))

    assert "Output Claim 'shoeSize' is not supported" in found["JM1463"].message
    assert findings({"Operation": "Read"}, inputs=("email",), outputs=("objectId", 'shoeSize DefaultValue="39"')) == {}


def test_extension_attributes_without_an_application_are_a_warning(findings):
    found = findings({"Operation": "Read"}, inputs=("email",), outputs=("objectId", "extension_tier"))
    app = {"ClientId": "a", "ApplicationObjectId": "b"}

    assert found["JM1464"].severity is Severity.WARNING
    assert findings({"Operation": "Read", **app}, inputs=("email",), outputs=("objectId", "extension_tier")) == {}


def test_of_several_keys_the_first_is_the_key_and_the_others_are_reported(findings):
    found = findings({"Operation": "Read"}, inputs=("email", "shoeSize"), outputs=("objectId",))["JM1462"]

    assert found.severity is Severity.WARNING
    assert found.message.endswith("this one has 2: 'email' is the key, the others have no effect")


async def test_an_account_is_never_found_by_a_later_key(run, directory):
    await run("Write", ADA, persisted=PERSISTED)

    outcome = await run(
        "Read",
        {"email": "ada@contoso.com"},
        key="upn PartnerClaimType='userPrincipalName'",
        also=f"email PartnerClaimType='{EMAIL}'",
    )

    assert outcome == Continue()
