"""Play one sign-up through the real pages and print what happened: the calls, the refusal, the token."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from journeyman.demo.folder import POLICY, TENANT, DemoFolder
from journeyman.engine import Engine
from journeyman.testing.browser import Browser, Page, PageError, Redirect
from journeyman.trace.records import CallRecord, Verdict
from journeyman.trace.render import call_lines

SECURED: Final = (
    "REST-CheckLoyaltyNumber",
    "REST-RegisterMember",
    "REST-GetBenefits",
    "REST-GetWelcomeGift",
    "REST-GetDeliveryWindow",
)
"""The five calls to the API; REST-AcquireAccessToken fetches the bearer of the third."""

Say = Callable[[str], None]


async def play(engine: Engine, folder: DemoFolder, redirect_uri: str, say: Say) -> bool:
    """Sign somebody up and say whether all went as it should.

    Raises:
        PageError: a page did not come as expected.
    """
    email = f"demo-{secrets.token_hex(4)}@example.com"
    say(f"A sign-up as {email}, played through the real pages:")
    async with Browser(engine.origin) as browser:
        page = await _sign_up_page(browser, folder, redirect_uri)
        form = _form(email)
        refused = await browser.submit(page, {**form, "loyaltyNumber": "12345671"})
        say(f'  loyalty number 1234 5671: the API refuses, the page says "{refused.message}"')
        accepted = await browser.submit(page, {**form, "loyaltyNumber": "98765432"})
        say(f"  loyalty number 9876 5432: {'accepted' if accepted.accepted else accepted.message}")
        answer = await browser.go_on(page) if accepted.accepted else page
        claims = await _redeem(browser, folder, answer, redirect_uri)
    records = await _records(engine)
    for line in _lines(records):
        say(line)
    say("")
    say("The claims of the id token:")
    for name, value in claims.items():
        say(f"  {name:<14} {value if isinstance(value, str) else json.dumps(value)}")
    done = {record.profile_id for record in records if record.verdict is Verdict.OK}
    return not refused.accepted and set(SECURED) <= done and "sub" in claims


async def _sign_up_page(browser: Browser, folder: DemoFolder, redirect_uri: str) -> Page:
    parameters = {"client_id": folder.app_client_id, "redirect_uri": redirect_uri}
    first = await browser.authorize(TENANT, POLICY, parameters)
    if isinstance(first, Redirect):
        raise PageError(first.parameters.get("error_description", "no sign-in page came"))
    page = await browser.navigate(first, "unified", local="signup")
    if isinstance(page, Redirect):
        raise PageError(page.parameters.get("error_description", "no sign-up page came"))
    return page


def _form(email: str) -> dict[str, str]:
    password = f"{secrets.token_urlsafe(12)}aA1!"
    return {"email": email, "displayName": "Demo Person", "newPassword": password, "reenterPassword": password}


async def _redeem(
    browser: Browser, folder: DemoFolder, answer: Page | Redirect, redirect_uri: str
) -> Mapping[str, Any]:
    if isinstance(answer, Page) or "code" not in answer.parameters:
        reason = "" if isinstance(answer, Page) else answer.parameters.get("error_description", "")
        raise PageError(f"the journey ended without a code: {reason}")
    form = {
        "grant_type": "authorization_code",
        "client_id": folder.app_client_id,
        "code": answer.parameters["code"],
        "redirect_uri": redirect_uri,
        "code_verifier": browser.verifier,
    }
    status, body = await browser.redeem(TENANT, POLICY, form)
    if status != 200:
        raise PageError(f"the token endpoint answered {status}: {body.get('error_description', '')}")
    payload = body["id_token"].split(".")[1]
    claims: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


async def _records(engine: Engine) -> list[CallRecord]:
    await engine.trace_writer.flush()
    newest = (await engine.traces.journeys(1))[0]
    entries = await engine.traces.journey(newest.journey_id)
    return [entry.record for entry in entries if isinstance(entry.record, CallRecord)]


def _lines(records: list[CallRecord]) -> Iterator[str]:
    for record in records:
        place = f"call {SECURED.index(record.profile_id) + 1} of 5" if record.profile_id in SECURED else "for call 3"
        yield ""
        yield f"{place}: {record.profile_id}, {record.authentication}"
        yield from (f"  {line}" for line in call_lines(record))
