"""Journeys over HTTP: whose they are, in which order they move, what happens when a request comes twice."""

import asyncio
import base64
import json

import pytest

from journeyman.errors import ServiceError
from journeyman.testing.browser import PageError
from journeyman.web.journeys import read_tx, write_tx

WEB = "11111111-0000-4000-8000-000000000001"
ASKED = {
    "client_id": "11111111-0000-4000-8000-000000000004",
    "redirect_uri": "http://127.0.0.1:5000/callback",
}
SIGN_UP = {"newPassword": "Passw0rd!", "reenterPassword": "Passw0rd!", "displayName": "Ada"}
CREDENTIALS = {"signInName": "ada@contoso.com", "password": "Passw0rd!"}


async def sign_up_page(site, person):
    page = await person.authorize(site.tenant, site.policy, ASKED)
    return await person.navigate(page, "unified", local="signup")


async def sign_up(site, person, email="ada@contoso.com"):
    page = await sign_up_page(site, person)
    answer = await person.submit(page, {**SIGN_UP, "email": email})
    assert answer.accepted
    return await person.go_on(page)


async def test_a_person_signs_up_and_the_application_gets_a_code(site, open_person):
    back = await sign_up(site, await open_person(site))

    assert back.url.startswith("http://127.0.0.1:5000/callback?")
    assert set(back.parameters) == {"state", "code"}


async def test_a_person_signs_in_with_the_account(site, open_person):
    await sign_up(site, await open_person(site))
    person = await open_person(site)
    page = await person.authorize(site.tenant, site.policy, ASKED)
    wrong = await person.submit(page, {**CREDENTIALS, "password": "Passw0rd?"})
    right = await person.submit(page, CREDENTIALS)
    back = await person.go_on(page)

    assert (wrong.accepted, right.accepted) == (False, True)
    assert "code" in back.parameters


async def test_another_browser_cannot_go_on(site, open_person):
    person, thief = await open_person(site), await open_person(site)
    page = await sign_up_page(site, person)
    await thief.authorize(site.tenant, site.policy, ASKED)
    stolen = await thief.submit(page, {**SIGN_UP, "email": "eve@contoso.com"})
    with pytest.raises(PageError, match=r"HTTP 400: .*AADB2C90046"):
        await thief.go_on(page)
    answer = await person.submit(page, {**SIGN_UP, "email": "ada@contoso.com"})

    assert (stolen.accepted, stolen.error_code) == (False, "AADB2C90046")
    assert answer.accepted


async def test_a_submission_needs_the_token_of_the_page(site, open_person):
    person = await open_person(site)
    first = await person.authorize(site.tenant, site.policy, ASKED)
    second = await person.navigate(first, "unified", local="signup")
    old = await person.submit(first, {**SIGN_UP, "email": "ada@contoso.com"})
    new = await person.submit(second, {**SIGN_UP, "email": "ada@contoso.com"})

    assert (old.accepted, old.error_code) == (False, "AADB2C90046")
    assert new.accepted


async def test_the_token_may_come_in_the_query(site, open_person):
    person = await open_person(site)
    page = await sign_up_page(site, person)
    without = dict(page.settings) | {"csrf": ""}
    path = f"SelfAsserted?csrf_token={page.settings['csrf']}&tx={page.settings['transId']}&x="
    answer = await person.post(type(page)(page.html, without), path, {**SIGN_UP, "email": "ada@contoso.com"})

    assert answer.accepted


async def test_the_back_button_shows_the_current_page(site, open_person):
    person = await open_person(site)
    first = await person.authorize(site.tenant, site.policy, ASKED)
    await person.navigate(first, "unified", local="signup")
    shown = await person.go_on(first)
    answer = await person.submit(shown, {**SIGN_UP, "email": "ada@contoso.com"})

    assert (shown.api, "email" in shown.fields) == ("SelfAsserted", True)
    assert answer.accepted


async def test_going_on_without_an_accepted_page_ends_the_journey(site, open_person):
    person = await open_person(site)
    page = await sign_up_page(site, person)
    back = await person.go_on(page)

    assert back.parameters["error"] == "server_error"
    assert back.parameters["error_description"].startswith("AADB2C90255: ")


@pytest.mark.parametrize(("action", "extra"), [("cancelled", {}), ("error", {"code": "AADB2C90091"})])
async def test_the_person_may_cancel(site, open_person, action, extra):
    person = await open_person(site)
    back = await person.navigate(await sign_up_page(site, person), action, **extra)

    assert (back.parameters["error"], back.parameters["state"]) == ("access_denied", "state-of-the-test")
    assert back.parameters["error_description"].startswith("AADB2C90091: ")


async def test_a_forgotten_password_is_told_to_the_application(site, open_person):
    person = await open_person(site)
    page = await person.authorize(site.tenant, site.policy, ASKED)
    back = await person.navigate(page, "forgotPassword")

    assert back.parameters["error"] == "access_denied"
    assert back.parameters["error_description"].startswith("AADB2C90118: ")


async def test_a_choice_that_was_not_offered_is_refused(site, open_person):
    person = await open_person(site)
    page = await person.authorize(site.tenant, site.policy, ASKED)
    back = await person.navigate(page, "unified", social="SignUpWithLogonEmailExchange")

    assert back.parameters["error_description"].startswith("AADB2C90051: ")


async def test_an_unknown_action_is_refused(site, open_person):
    person = await open_person(site)
    page = await person.authorize(site.tenant, site.policy, ASKED)
    with pytest.raises(PageError, match="AADB2C90046"):
        await person.navigate(page, "banana")


async def test_a_page_that_is_sent_twice_at_once_is_accepted_once_and_harms_nobody(site, open_person):
    person = await open_person(site)
    page = await sign_up_page(site, person)
    answers = await asyncio.gather(*(person.submit(page, {**SIGN_UP, "email": "ada@contoso.com"}) for _ in range(4)))
    back = await person.go_on(page)

    assert [answer.accepted for answer in answers] == [True] * 4
    assert "code" in back.parameters


async def test_a_journey_ends_once(site, open_person):
    person = await open_person(site)
    page = await sign_up_page(site, person)
    await person.submit(page, {**SIGN_UP, "email": "ada@contoso.com"})
    ends = await asyncio.gather(*(person.go_on(page) for _ in range(4)), return_exceptions=True)

    assert len([end for end in ends if not isinstance(end, PageError)]) == 1
    assert all("AADB2C90046" in str(end) for end in ends if isinstance(end, PageError))


async def test_two_tabs_of_one_browser_do_not_disturb_each_other(site, open_person):
    person = await open_person(site)
    first, second = [await sign_up_page(site, person) for _ in range(2)]
    answers = [
        await person.submit(first, {**SIGN_UP, "email": "ada@contoso.com"}),
        await person.submit(second, {**SIGN_UP, "email": "eve@contoso.com"}),
    ]
    ends = [await person.go_on(first), await person.go_on(second)]

    assert [answer.accepted for answer in answers] == [True, True]
    assert all("code" in end.parameters for end in ends)


async def test_a_journey_survives_a_restart_at_every_step(deploy, open_person):
    site = await deploy()
    person = await open_person(site)
    page = await sign_up_page(site, person)
    await site.stop()
    second = await deploy(folder=site.engine.settings.folder)
    person.origin = second.origin
    answer = await person.submit(page, {**SIGN_UP, "email": "ada@contoso.com"})
    await second.stop()
    third = await deploy(folder=site.engine.settings.folder)
    person.origin = third.origin
    back = await person.go_on(page)

    assert answer.accepted
    assert "code" in back.parameters


async def test_two_nodes_on_one_store_take_turns_and_only_one_ends_a_journey(deploy, open_person):
    site = await deploy()
    other = await deploy(folder=site.engine.settings.folder)
    person = await open_person(site)
    page = await sign_up_page(site, person)
    person.origin = other.origin
    answer = await person.submit(page, {**SIGN_UP, "email": "ada@contoso.com"})
    twin = await open_person(other)
    twin._session.cookie_jar.update_cookies({c.key: c.value for c in person._session.cookie_jar})
    person.origin = site.origin
    ends = await asyncio.gather(person.go_on(page), twin.go_on(page), return_exceptions=True)

    assert answer.accepted
    assert len([end for end in ends if not isinstance(end, PageError)]) == 1


async def test_a_journey_is_forgotten_after_its_time(site, open_person):
    person = await open_person(site)
    page = await sign_up_page(site, person)
    site.clock.advance(hours=2)
    answer = await person.submit(page, {**SIGN_UP, "email": "ada@contoso.com"})

    assert answer.error_code == "AADB2C90046"


async def test_a_journey_moves_at_its_own_policy_only(site, open_person):
    person = await open_person(site)
    page = await sign_up_page(site, person)
    hosts = {**page.settings["hosts"], "tenant": f"/{site.tenant}/B2C_1A_OfPolicy", "policy": "B2C_1A_OfPolicy"}
    elsewhere = type(page)(page.html, {**page.settings, "hosts": hosts})
    answer = await person.submit(elsewhere, {**SIGN_UP, "email": "ada@contoso.com"})
    with pytest.raises(PageError, match="AADB2C90046"):
        await person.go_on(elsewhere)

    assert answer.error_code == "AADB2C90046"


async def test_a_policy_that_is_gone_loses_its_journeys(deploy, open_person):
    site = await deploy()
    person = await open_person(site)
    page = await sign_up_page(site, person)
    (site.engine.settings.folder / "policies" / "SignUpOrSignIn.xml").unlink()
    site.engine.policies = await site.engine.reload()
    with pytest.raises(PageError, match="HTTP 404"):
        await person.go_on(page)
    hosts = {**page.settings["hosts"], "tenant": f"/{site.tenant}/B2C_1A_OfPolicy"}
    with pytest.raises(PageError, match="AADB2C90046"):
        await person.go_on(type(page)(page.html, {**page.settings, "hosts": hosts}))


async def test_an_application_that_is_gone_is_told_about_its_own_end(deploy, open_person):
    site = await deploy()
    person = await open_person(site)
    page = await sign_up_page(site, person)
    await person.submit(page, {**SIGN_UP, "email": "ada@contoso.com"})
    await site.stop()
    later = await deploy(
        folder=site.engine.settings.folder,
        change=lambda text: text.replace(ASKED["client_id"], "22222222-0000-4000-8000-000000000004"),
    )
    person.origin = later.origin
    back = await person.go_on(page)

    assert back.parameters["error"] == "unauthorized_client"
    assert back.parameters["error_description"].startswith("AADB2C90018: ")


async def test_several_values_of_a_field_are_one_value(site, open_person):
    person = await open_person(site)
    page = await sign_up_page(site, person)
    form = [("email", "ada@contoso.com"), ("newPassword", "Passw0rd!"), ("reenterPassword", "Passw0rd!")]
    answer = await person.post(page, "SelfAsserted", [*form, ("displayName", "Ada"), ("displayName", "Lovelace")])

    assert answer.accepted


async def test_an_email_code_is_sent_and_checked(site, open_person):
    person = await open_person(site)
    page = await person.authorize(site.tenant, "B2C_1A_VerifiedEmail", ASKED)
    about = {"claim_id": "email", "claim_value": "ada@contoso.com"}
    sent = await person.post(page, "SelfAsserted", {"request_type": "VERIFICATION_REQUEST", **about})
    (message,) = await site.engine.mailbox.list(10)
    wrong = await person.post(page, "SelfAsserted", {"request_type": "VALIDATION_REQUEST", **about, "user_input": "x"})
    right = await person.post(
        page, "SelfAsserted", {"request_type": "VALIDATION_REQUEST", **about, "user_input": message.message.code}
    )

    assert (sent.accepted, wrong.accepted, right.accepted) == (True, False, True)


@pytest.mark.parametrize(
    "tx",
    [
        "", "StateProperties=", "StateProperties=!!!", "StateProperties=" + "A" * 5000, "x\0y", "StateProperties=bnVsbA",
        "StateProperties=" + base64.urlsafe_b64encode(b'{"TID":7}').decode(),
        "StateProperties=" + base64.urlsafe_b64encode(b"[" * 150).decode(),
    ],
)  # fmt: skip
def test_a_transaction_id_that_is_none_is_a_lost_journey(tx):
    with pytest.raises(ServiceError, match="cannot be loaded"):
        read_tx(tx)


def test_a_transaction_id_names_its_journey():
    journey = "00000000-0000-4000-8000-000000000001"
    tx = write_tx(journey)

    assert tx.startswith("StateProperties=")
    assert json.loads(base64.urlsafe_b64decode(tx.removeprefix("StateProperties=") + "==")) == {"TID": journey}
    assert read_tx(tx) == journey
