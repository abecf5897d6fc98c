from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from journeyman.compiler.passes import compile_policy
from journeyman.engine.registry import SPECS
from journeyman.mail.mailer import Message
from journeyman.mail.unavailable import UnavailableMailer
from journeyman.policy.load import load_policies
from journeyman.providers.aad_sspr import build_aad_sspr
from journeyman.state.memory import MemoryStateStore
from journeyman.state.one_time_codes import OneTimeCodes
from journeyman.technical_profile import Continue

ADA = {"email": "ada@contoso.com"}
INPUTS = {
    "SendCode": ('email PartnerClaimType="emailAddress"',),
    "VerifyCode": ('email PartnerClaimType="emailAddress"', 'code PartnerClaimType="verificationCode"'),
}


@dataclass
class KeptMail:
    """Keeps what was sent."""

    sent: list[Message] = field(default_factory=list)

    async def send(self, message: Message) -> None:
        self.sent.append(message)


@pytest.fixture
def mail():
    return KeptMail()


@pytest.fixture
def policy_of(xml):
    def text(operation, inputs=None):
        profile = xml.profile("Run", "sspr", {"Operation": operation}, inputs=inputs or INPUTS.get(operation, ()))
        claims = tuple(xml.claim(name) for name in ("email", "code"))
        give = xml.profile("Give", "rest", outputs=("email", "code", "objectId"))
        return xml.policy(xml.step(Give="Give"), xml.step(Run="Run"), claims=claims, profiles=(give, profile))

    return text


@pytest.fixture
def run(policy_of, compile_policy_text, make_call, clock, mail):
    codes = OneTimeCodes(MemoryStateStore(clock), clock)

    async def run(operation, claims, mailer=mail):
        call = make_call(compile_policy_text(policy_of(operation)), "Run", claims)
        return await build_aad_sspr(call.profile, codes, mailer, "contoso").execute(call)

    return run


async def test_a_code_is_mailed_and_proves_the_address_once(run, mail):
    assert await run("SendCode", ADA) == Continue()
    (message,) = mail.sent
    assert (message.to, message.subject) == ("ada@contoso.com", "contoso account email verification code")
    wrong = await run("VerifyCode", {**ADA, "code": "none"})

    assert wrong.user_message == "The verification has failed, please try again."
    assert await run("VerifyCode", {"email": "ADA@contoso.com", "code": message.code}) == Continue()
    gone = await run("VerifyCode", {**ADA, "code": message.code})
    assert gone.user_message == "The code has expired."


async def test_an_address_gets_ten_codes_an_hour_and_five_tries(run, mail):
    for _ in range(10):
        assert await run("SendCode", ADA) == Continue()
    for _ in range(5):
        await run("VerifyCode", {**ADA, "code": "none"})

    assert (await run("VerifyCode", {**ADA, "code": mail.sent[-1].code})).message_id == (
        "UserMessageIfVerificationFailedNoRetry"
    )
    assert (await run("SendCode", ADA)).user_message == "You have sent too many requests, please try again later."
    assert len(mail.sent) == 10


@pytest.mark.parametrize(
    "address", ["", "nobody", "a b@contoso.com", "ſam@contoso.com", "a@b.example\r\nBcc: c@d.example"]
)
async def test_an_address_to_which_nothing_may_be_mailed_is_refused(run, mail, address):
    refused = await run("SendCode", {"email": address} if address else {})

    assert refused.user_message == "The email service has encountered an internal error, please try again later."
    assert mail.sent == []


async def test_without_a_mail_transport_the_person_is_told(run):
    assert (await run("SendCode", ADA, UnavailableMailer())).message_id == "UserMessageIfInternalError"


def test_the_compiler_reports_an_unknown_operation_and_a_missing_claim(policy_of, tmp_path):
    found = []
    for operation, inputs in (("Resend", None), ("VerifyCode", INPUTS["SendCode"]), ("SendCode", ("email",))):
        path = tmp_path / "policy.xml"
        path.write_text(policy_of(operation, inputs), encoding="utf-8")
        merged, _ = load_policies([path], settings={}, tenant_name=None).merged("B2C_1A_Test")
        diagnostics = compile_policy(merged, specs=SPECS, keys=None, engine_production=False)[1]
        found += [(one.code, one.message.split("'")[1]) for one in diagnostics if one.code.startswith("JM149")]

    assert found == [("JM1495", "Resend"), ("JM1496", "verificationCode"), ("JM1496", "emailAddress")]
