"""A verification control as a person meets it: real pages in a real browser, codes by the built-in mail."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

APP = "11111111-0000-4000-8000-000000000004"
TEXTS = """
<LocalizedString ElementType="DisplayControl" ElementId="mailControl" StringId="but_send_code">Mail me a code</LocalizedString>
<LocalizedString ElementType="InputValidation" ElementId="Strong" StringId="Classes">Use both of these:</LocalizedString>
<LocalizedString ElementType="Predicate" ElementId="Digit" StringId="HelpText">a digit</LocalizedString>
"""
PREDICATES = """<Predicates>
<Predicate Id="Long" Method="IsLengthRange"><UserHelpText>8 to 64 characters.</UserHelpText>
<Parameters><Parameter Id="Minimum">8</Parameter><Parameter Id="Maximum">64</Parameter></Parameters></Predicate>
<Predicate Id="Digit" Method="IncludesCharacters"><UserHelpText>digit</UserHelpText>
<Parameters><Parameter Id="CharacterSet">0-9</Parameter></Parameters></Predicate>
<Predicate Id="Upper" Method="IncludesCharacters"><UserHelpText>an uppercase letter</UserHelpText>
<Parameters><Parameter Id="CharacterSet">A-Z</Parameter></Parameters></Predicate>
<Predicate Id="Adult" Method="IsDateRange"><UserHelpText>A day in the nineties.</UserHelpText>
<Parameters><Parameter Id="Minimum">1990-01-01</Parameter><Parameter Id="Maximum">1999-12-31</Parameter></Parameters>
</Predicate></Predicates><PredicateValidations>
<PredicateValidation Id="Strong"><PredicateGroups>
<PredicateGroup Id="Length"><PredicateReferences><PredicateReference Id="Long" /></PredicateReferences></PredicateGroup>
<PredicateGroup Id="Classes"><UserHelpText>Use:</UserHelpText><PredicateReferences MatchAtLeast="2">
<PredicateReference Id="Digit" /><PredicateReference Id="Upper" /></PredicateReferences></PredicateGroup>
</PredicateGroups></PredicateValidation>
<PredicateValidation Id="Nineties"><PredicateGroups><PredicateGroup Id="Day"><PredicateReferences>
<PredicateReference Id="Adult" /></PredicateReferences></PredicateGroup></PredicateGroups></PredicateValidation>
</PredicateValidations>"""


def policy(xml, *, control=True):
    """A sign-up page: an address proved by a control, a password and a birthday with predicates."""
    code = 'code ControlClaimType="VerificationCode" Required="true"'
    block = xml.control(
        "mailControl",
        'email Required="true"',
        code,
        actions={"SendCode": ("Send",), "VerifyCode": ("Verify",)},
    )
    address = 'email PartnerClaimType="emailAddress"'
    send = xml.profile("Send", "sspr", {"Operation": "SendCode"}, inputs=(address,))
    proof = (address, 'code PartnerClaimType="verificationCode"')
    verify = xml.profile("Verify", "sspr", {"Operation": "VerifyCode"}, inputs=proof)
    display = (*(("@mailControl",) if control else ()), 'secret Required="true"', "birthday", "name")
    ask = xml.profile("Ask", "page", display=display, outputs=("email", "secret", "birthday", "name"))
    strong = '<PredicateValidationReference Id="Strong" />'
    claims = (
        xml.claim("email", control="EmailBox", label="Email Address"),
        xml.claim("code", control="TextBox", label="Verification Code"),
        xml.claim("secret", control="Password", label="Passphrase", inner=strong),
        xml.claim("birthday", "date", "DateTimeDropdown", "Birthday", '<PredicateValidationReference Id="Nineties" />'),
        xml.claim("name", control="TextBox", label="Name"),
    )
    return xml.policy(
        xml.step(Ask="Ask"),
        claims=claims,
        profiles=(send, verify, ask),
        blocks=PREDICATES + block,
        resources=TEXTS,
        outputs=('objectId PartnerClaimType="sub" DefaultValue="u"', "email"),
        id="B2C_1A_Control",
    )


@pytest_asyncio.fixture(loop_scope="session")
async def signing_up(deploy_for_browser, open_tab, xml):
    """Serve the policy and open its page: ``site, tab = await signing_up()``."""

    async def start(*, control=True, **view):
        site = await deploy_for_browser(
            prepare=lambda folder: (folder / "policies" / "Control.xml").write_text(
                policy(xml, control=control), encoding="utf-8"
            )
        )
        asked = {
            "client_id": APP,
            "redirect_uri": "http://127.0.0.1:5000/callback",
            "response_type": "id_token",
            "response_mode": "form_post",
            "scope": "openid",
            "nonce": "n",
        }
        watched = await open_tab(f"{site.url('/oauth2/v2.0/authorize', 'B2C_1A_Control')}?{urlencode(asked)}", **view)
        return site, watched

    return start


async def code_of(site) -> str:
    (newest, *_) = await site.engine.mailbox.list(10)
    return newest.message.code


async def test_a_person_proves_an_address_and_goes_on(signing_up):
    site, watched = await signing_up()
    tab = watched.tab
    await expect(tab.locator("#mailControl_but_send_code")).to_have_text("Mail me a code")
    await expect(tab.locator("#code")).to_be_hidden()
    await expect(tab.locator("#continue")).to_have_attribute("aria-disabled", "true")
    await tab.fill("#email", "ada@contoso.com")
    await tab.click("#mailControl_but_send_code")
    await expect(tab.locator("#mailControl_success_message")).to_contain_text("Verification code has been sent.")
    await expect(tab.locator("#code")).to_be_focused()
    await tab.fill("#code", "nothing")
    await tab.keyboard.press("Enter")
    error = tab.locator("#mailControl_error_message")
    await expect(error).to_have_text("The verification has failed, please try again.")
    await tab.fill("#code", await code_of(site))
    await tab.click("#mailControl_but_verify_code")
    await expect(tab.locator("#mailControl_but_change_claims")).to_be_focused()
    await expect(tab.locator("#code")).to_be_hidden()
    await expect(tab.locator("#email")).to_have_attribute("readonly", "")
    await expect(tab.locator("#continue")).to_have_attribute("aria-disabled", "false")
    await tab.fill("#secret", "Passw0rd!")
    async with tab.expect_request(re.compile(r"127\.0\.0\.1:5000/callback")) as sent:
        await tab.click("#continue")

    assert "id_token=" in ((await sent.value).post_data or "")


async def test_the_page_is_not_sent_before_the_code_and_changing_the_address_starts_again(signing_up):
    _, watched = await signing_up()
    tab = watched.tab
    await tab.fill("#email", "ada@contoso.com")
    await tab.fill("#secret", "Passw0rd!")
    await tab.click("#continue", force=True)
    await expect(tab.locator("#mailControl_info_message")).to_be_visible()
    await tab.click("#mailControl_but_send_code")
    await expect(tab.locator("#code")).to_be_visible()
    await tab.click("#mailControl_but_change_claims")

    await expect(tab.locator("#email")).to_be_focused()
    await expect(tab.locator("#code")).to_be_hidden()
    assert not [url for url in watched.requests if url.partition("?")[0].endswith("/SelfAsserted")]


async def test_predicates_are_told_in_the_words_of_the_policy_before_anything_is_sent(signing_up):
    _, watched = await signing_up(control=False)
    tab = watched.tab
    years = await tab.locator("#birthday_year option").all_inner_texts()
    await tab.fill("#secret", "short")
    await tab.press("#secret", "Enter")

    error = tab.locator("#secret_error p")
    await expect(error).to_have_text("8 to 64 characters.\nUse both of these:\na digit\nan uppercase letter")
    assert years == ["Year", *(str(year) for year in range(1999, 1989, -1))]


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
async def test_every_state_of_the_control_can_be_read_and_fits(signing_up, faint_texts, width, dark):
    _, watched = await signing_up(width=width, dark=dark)
    tab = watched.tab
    await tab.fill("#email", "ada@contoso.com")
    await tab.click("#mailControl_but_send_code")
    await expect(tab.locator("#code")).to_be_visible()

    assert await faint_texts(tab) == []
    assert await tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert watched.complaints == []
