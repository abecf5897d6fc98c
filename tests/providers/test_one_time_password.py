from __future__ import annotations

from dataclasses import replace

import pytest

from journeyman.compiler.compiled import Metadata
from journeyman.compiler.passes import compile_policy
from journeyman.engine.registry import SPECS
from journeyman.errors import ServiceError
from journeyman.policy.load import load_policies
from journeyman.providers.one_time_password import build_one_time_password, code_rules
from journeyman.state.memory import MemoryStateStore
from journeyman.state.one_time_codes import OneTimeCodes
from journeyman.technical_profile import Continue

ADA = {"email": "ada@contoso.com"}
INPUTS = {
    "GenerateCode": ('email PartnerClaimType="identifier"',),
    "VerifyCode": ('email PartnerClaimType="identifier"', 'typed PartnerClaimType="otpToVerify"'),
}
OUTPUTS = {"GenerateCode": ('otp PartnerClaimType="otpGenerated"',), "VerifyCode": ()}


@pytest.fixture
def policy_of(xml):
    def text(metadata, *, inputs=None, outputs=None):
        operation = metadata.get("Operation", "")
        profile = xml.profile(
            "Run",
            "otp",
            metadata,
            inputs=INPUTS.get(operation, ()) if inputs is None else inputs,
            outputs=OUTPUTS.get(operation, ()) if outputs is None else outputs,
        )
        claims = tuple(xml.claim(name) for name in ("email", "typed", "otp"))
        give = xml.profile("Give", "rest", outputs=("email", "typed", "objectId"))
        return xml.policy(xml.step(Give="Give"), xml.step(Run="Run"), claims=claims, profiles=(give, profile))

    return text


@pytest.fixture
def run(policy_of, compile_policy_text, make_call, clock):
    codes = OneTimeCodes(MemoryStateStore(clock), clock)

    async def run(operation, claims, *, journey="j", **metadata):
        policy = compile_policy_text(policy_of({"Operation": operation, **metadata}))
        call = replace(make_call(policy, "Run", claims), journey_id=journey)
        return await build_one_time_password(call.profile, codes).execute(call)

    return run


async def generate(run, **options):
    outcome = await run("GenerateCode", ADA, **options)
    return outcome.values["otpGenerated"]


async def test_a_generated_code_verifies_once_whatever_the_case_of_the_identifier(run):
    code = await generate(run)

    assert (len(code), code.isdecimal()) == (6, True)
    assert await run("VerifyCode", {"email": "ADA@contoso.com", "typed": code}) == Continue()
    gone = await run("VerifyCode", {**ADA, "typed": code})
    assert (gone.user_message, gone.message_id) == (
        "You have exceeded the maximum time allowed.",
        "UserMessageIfSessionDoesNotExist",
    )


async def test_a_code_of_another_browser_does_not_verify_and_leaves_this_one_alone(run):
    ours, theirs = await generate(run), await generate(run, journey="other")
    if ours != theirs:
        assert (await run("VerifyCode", {**ADA, "typed": theirs})).message_id.endswith("RetryAllowed")

    assert await run("VerifyCode", {**ADA, "typed": ours}) == Continue()


async def test_the_texts_are_those_of_the_documentation_unless_the_policy_has_others(run):
    code = await generate(run, NumRetryAttempts="1")
    typed = {**ADA, "typed": "no code"}
    wrong = await run("VerifyCode", typed, UserMessageIfInvalidCode="Not this one")
    dead = await run("VerifyCode", {**ADA, "typed": code})
    again = await run("GenerateCode", ADA, **{"UserMessage.MaxRetryAttemped": "Enough"})

    assert wrong.user_message == "Not this one"
    assert dead.user_message == "You have exceeded the number of retries allowed."
    assert again.user_message == "Enough"


async def test_the_fourth_code_of_three_is_refused_and_another_identifier_is_not(run):
    for _ in range(3):
        await generate(run, NumCodeGenerationAttempts="3")
    fourth = await run("GenerateCode", ADA, NumCodeGenerationAttempts="3")
    other = await run("GenerateCode", {"email": "eve@contoso.com"}, NumCodeGenerationAttempts="3")

    assert fourth.user_message == "You have exceeded the number of code generation attempts allowed."
    assert isinstance(other, Continue)


async def test_without_an_identifier_the_profile_fails(run):
    with pytest.raises(ServiceError, match="the input claim 'identifier' has no value"):
        await run("GenerateCode", {"email": "  "})


def test_the_rules_of_codes_are_read_from_the_metadata():
    rules = code_rules(
        Metadata(
            {"CodeExpirationInSeconds": "1200", "CodeLength": "8", "CharacterSet": "a-z0-9A-Z", "ReuseSameCode": "true"}
        )
    )

    assert (rules.lifetime.total_seconds(), rules.length, len(rules.characters), rules.reuse) == (1200, 8, 62, True)
    assert (rules.tries, rules.issues) == (5, 10)


# --- what the compiler checks --------------------------------------------------------------------


@pytest.fixture
def findings(policy_of, tmp_path):
    def run(metadata, **options):
        path = tmp_path / "policy.xml"
        path.write_text(policy_of(metadata, **options), encoding="utf-8")
        merged, _ = load_policies([path], settings={}, tenant_name=None).merged("B2C_1A_Test")
        _, found = compile_policy(merged, specs=SPECS, keys=None, engine_production=False)
        return [(one.code, one.message) for one in found if one.code.startswith("JM149")]

    return run


@pytest.mark.parametrize(
    ("item", "value", "message"),
    [
        ("CodeExpirationInSeconds", "59", "CodeExpirationInSeconds is '59', but must be a number from 60 to 1200"),
        ("CodeExpirationInSeconds", "ten", "CodeExpirationInSeconds is 'ten', but must be a number from 60 to 1200"),
        ("CodeLength", "65", "CodeLength is '65', but must be a number from 1 to 64"),
        ("CharacterSet", "0-8", "CharacterSet '0-8' holds 9 characters, but must hold 10"),
        (
            "CharacterSet",
            "9-0",
            "CharacterSet cannot be used: the parameter CharacterSet has a range that runs backwards",
        ),
        ("CharacterSet", "!-\U0010ffff", "CharacterSet '!-\\U0010ffff' holds too many characters"),
    ],
)
def test_rules_out_of_range_are_an_error(findings, item, value, message):
    assert findings({"Operation": "GenerateCode", item: value}) == [("JM1491", message)]


def test_an_unknown_operation_and_missing_claims_are_errors(findings):
    assert findings({"Operation": "Guess"}, inputs=(), outputs=("otp",))[0] == (
        "JM1490",
        "Operation is 'Guess', but must be GenerateCode or VerifyCode",
    )
    missing = findings({"Operation": "VerifyCode"}, inputs=("email",))
    assert [message.split("'")[1] for _, message in missing] == ["identifier", "otpToVerify"]
    assert findings({"Operation": "GenerateCode"}, outputs=("otp",))[0][0] == "JM1492"
    assert findings({"Operation": "GenerateCode"}) == []
