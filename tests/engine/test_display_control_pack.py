"""The starter pack LocalAccounts with display controls, unchanged, through the real pages."""

from __future__ import annotations

import pytest

from journeyman.testing.browser import Browser

pytestmark = pytest.mark.corpus

EMAIL, SECRET = "ada@contoso.com", "Canary-pass-1"
POLICY = "B2C_1A_signup_signin"
CONTROL = "SelfAsserted/DisplayControlAction/vbeta/emailVerificationControl"
FORM = {"newPassword": SECRET, "reenterPassword": SECRET, "displayName": "Ada", "givenName": "Ada", "surName": "L"}


@pytest.fixture
def pack(corpus):
    folder = corpus / "starterpack" / "DisplayControls" / "LocalAccounts"
    return {path.name: path.read_text(encoding="utf-8-sig") for path in sorted(folder.glob("*.xml"))}


async def test_a_person_signs_up_with_the_code_of_the_display_control(pack, serve_tenant):
    served = await serve_tenant(pack)
    async with Browser(served.origin) as browser:
        page = await browser.authorize(served.tenant, POLICY, served.request)
        page = await browser.navigate(page, "unified", local="signup")
        early = await browser.submit(page, {**FORM, "email": EMAIL})
        assert (await browser.post(page, f"{CONTROL}/SendCode", {"email": EMAIL})).accepted
        code = (await served.engine.mailbox.list())[0].message.code
        wrong = await browser.post(page, f"{CONTROL}/VerifyCode", {"email": EMAIL, "verificationCode": "none"})
        right = await browser.post(page, f"{CONTROL}/VerifyCode", {"email": EMAIL, "verificationCode": code})
        accepted = await browser.submit(page, {**FORM, "email": EMAIL})
        back = await browser.go_on(page)

    assert early.message == "The claims for verification control have not been verified."
    assert (wrong.accepted, wrong.message) == (False, "That code is incorrect. Please try again.")
    assert (right.accepted, accepted.accepted) == (True, True)
    assert "code" in back.parameters
    assert (await served.engine.users.find_by_sign_in_name(EMAIL)).attributes["displayname"] == "Ada"


PROVIDER = "Web.TPEngine.Providers."
OTP = f"""<?xml version="1.0" encoding="utf-8"?>
<TrustFrameworkPolicy xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06" PolicySchemaVersion="0.3.0.0"
  TenantId="yourtenant.onmicrosoft.com" PolicyId="B2C_1A_Otp" PublicPolicyUri="http://yourtenant.onmicrosoft.com/B2C_1A_Otp">
<BasePolicy><TenantId>yourtenant.onmicrosoft.com</TenantId><PolicyId>B2C_1A_signup_signin</PolicyId></BasePolicy>
<BuildingBlocks><ClaimsSchema><ClaimType Id="otp"><DataType>string</DataType></ClaimType></ClaimsSchema>
<DisplayControls><DisplayControl Id="emailVerificationControl"><Actions>
<Action Id="SendCode"><ValidationClaimsExchange>
<ValidationClaimsExchangeTechnicalProfile TechnicalProfileReferenceId="GenerateOtp" />
<ValidationClaimsExchangeTechnicalProfile TechnicalProfileReferenceId="REST-SendOtp" />
</ValidationClaimsExchange></Action><Action Id="VerifyCode"><ValidationClaimsExchange>
<ValidationClaimsExchangeTechnicalProfile TechnicalProfileReferenceId="VerifyOtp" />
</ValidationClaimsExchange></Action></Actions></DisplayControl></DisplayControls></BuildingBlocks>
<ClaimsProviders><ClaimsProvider><DisplayName>Codes</DisplayName><TechnicalProfiles>
<TechnicalProfile Id="GenerateOtp"><DisplayName>Generate</DisplayName>
<Protocol Name="Proprietary" Handler="{PROVIDER}OneTimePasswordProtocolProvider, Web.TPEngine" />
<Metadata><Item Key="Operation">GenerateCode</Item><Item Key="CodeLength">8</Item></Metadata>
<InputClaims><InputClaim ClaimTypeReferenceId="email" PartnerClaimType="identifier" /></InputClaims>
<OutputClaims><OutputClaim ClaimTypeReferenceId="otp" PartnerClaimType="otpGenerated" /></OutputClaims></TechnicalProfile>
<TechnicalProfile Id="REST-SendOtp"><DisplayName>Send</DisplayName>
<Protocol Name="Proprietary" Handler="{PROVIDER}RestfulProvider, Web.TPEngine" />
<Metadata><Item Key="ServiceUrl">https://contoso-api.azurewebsites.net/mail</Item>
<Item Key="AuthenticationType">Basic</Item><Item Key="SendClaimsIn">Body</Item></Metadata>
<CryptographicKeys><Key Id="BasicAuthenticationUsername" StorageReferenceId="B2C_1A_MailUser" />
<Key Id="BasicAuthenticationPassword" StorageReferenceId="B2C_1A_MailPassword" /></CryptographicKeys>
<InputClaims><InputClaim ClaimTypeReferenceId="email" PartnerClaimType="to" />
<InputClaim ClaimTypeReferenceId="otp" PartnerClaimType="otp" /></InputClaims></TechnicalProfile>
<TechnicalProfile Id="VerifyOtp"><DisplayName>Verify</DisplayName>
<Protocol Name="Proprietary" Handler="{PROVIDER}OneTimePasswordProtocolProvider, Web.TPEngine" />
<Metadata><Item Key="Operation">VerifyCode</Item></Metadata>
<InputClaims><InputClaim ClaimTypeReferenceId="email" PartnerClaimType="identifier" />
<InputClaim ClaimTypeReferenceId="verificationCode" PartnerClaimType="otpToVerify" /></InputClaims></TechnicalProfile>
</TechnicalProfiles></ClaimsProvider></ClaimsProviders>
<RelyingParty><DefaultUserJourney ReferenceId="SignUpOrSignIn" /><TechnicalProfile Id="PolicyProfile">
<DisplayName>P</DisplayName><Protocol Name="OpenIdConnect" /><OutputClaims>
<OutputClaim ClaimTypeReferenceId="objectId" PartnerClaimType="sub" /></OutputClaims><SubjectNamingInfo ClaimType="sub" />
</TechnicalProfile></RelyingParty></TrustFrameworkPolicy>
"""


async def test_a_one_time_password_is_delivered_by_a_secured_api_and_stays_out_of_the_records(
    pack, rest_api, serve_tenant
):
    keys = {"keys/B2C_1A_MailUser.txt": "journey", "keys/B2C_1A_MailPassword.txt": "Canary-basic-secret"}
    served = await serve_tenant({**pack, "Otp.xml": OTP, **keys}, settings=rest_api.settings)
    async with Browser(served.origin) as browser:
        page = await browser.authorize(served.tenant, "B2C_1A_Otp", served.request)
        page = await browser.navigate(page, "unified", local="signup")
        rest_api.refusal = "The mailbox is full."
        refused = await browser.post(page, f"{CONTROL}/SendCode", {"email": EMAIL})
        rest_api.refusal = ""
        assert (await browser.post(page, f"{CONTROL}/SendCode", {"email": EMAIL})).accepted
        code = str(rest_api.received[-1]["otp"])
        right = await browser.post(page, f"{CONTROL}/VerifyCode", {"email": EMAIL, "verificationCode": code})
        accepted = await browser.submit(page, {**FORM, "email": EMAIL})

    await served.engine.trace_writer.flush()
    traces = served.engine.traces
    records = repr([await traces.journey(one.journey_id) for one in await traces.journeys()])
    assert (refused.message, rest_api.received[-1]["to"], len(code)) == ("The mailbox is full.", EMAIL, 8)
    assert (right.accepted, accepted.accepted) == (True, True)
    assert "REST-SendOtp" in records
    assert code not in records
