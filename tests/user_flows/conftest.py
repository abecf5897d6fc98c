"""User flows that are declared in journeyman.toml and run over HTTP, and a person who goes through them."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from journeyman.testing.browser import Answer, Browser, Page, Redirect

TENANT = "contoso.onmicrosoft.com"
CLIENT = "11111111-2222-3333-4444-555555555501"
CALLBACK = "http://127.0.0.1:5000/callback"
APPLICATION = f"""
[[applications]]
client_id = "{CLIENT}"
name = "Phone"
type = "native"
redirect_uris = ["{CALLBACK}"]
allow_implicit = true
"""
PASSWORD = "Passw0rd!"
EMAIL = "ada@contoso.com"


def flow(kind: str, more: str = "", *, id: str = "B2C_1_flow") -> str:
    """Return a declared user flow."""
    return f'\n[[user_flows]]\nid = "{id}"\ntype = "{kind}"\n{more}\n'


@dataclass
class Traveller:
    """A person with a browser, on the pages of the user flows of one tenant."""

    served: Any
    browser: Browser
    policy: str = "B2C_1_flow"

    async def start(self, **parameters: str) -> Page | Redirect:
        """Open the authorize endpoint."""
        asked = {"client_id": CLIENT, "redirect_uri": CALLBACK, **parameters}
        return await self.browser.authorize(TENANT, self.policy, asked)

    async def sign_up_page(self, **parameters: str) -> Page:
        """Open the sign-up page behind the link of the sign-in page."""
        page = await self.start(**parameters)
        found = await self.browser.navigate(page, "unified", local="signup")
        assert isinstance(found, Page)
        return found

    async def prove(self, page: Page, email: str = EMAIL) -> None:
        """Send a code to an address and type it in."""
        about = {"claim_id": "email", "claim_value": email}
        assert (
            await self.browser.post(page, "SelfAsserted", {"request_type": "VERIFICATION_REQUEST", **about})
        ).accepted
        newest = (await self.served.engine.mailbox.list())[0].message
        assert newest.to == email
        form = {"request_type": "VALIDATION_REQUEST", **about, "user_input": newest.code}
        assert (await self.browser.post(page, "SelfAsserted", form)).accepted

    async def submit(self, page: Page, **fields: str) -> Page | Redirect:
        """Send a page and go on."""
        answer = await self.browser.submit(page, fields)
        assert answer.accepted, answer
        return await self.browser.go_on(page)

    async def refused(self, page: Page, **fields: str) -> Answer:
        """Send a page that is refused."""
        answer = await self.browser.submit(page, fields)
        assert not answer.accepted
        return answer

    async def sign_up(self, email: str = EMAIL, **fields: str) -> Mapping[str, Any]:
        """Make an account, its address proved, and return the claims of the ID token."""
        page = await self.sign_up_page()
        await self.prove(page, email)
        return await self.claims(await self.submit(page, email=email, **new_password(PASSWORD), **fields))

    async def sign_in(self, name: str = EMAIL, password: str = PASSWORD) -> Mapping[str, Any]:
        """Sign in and return the claims of the ID token."""
        page = await self.start()
        assert isinstance(page, Page)
        return await self.claims(await self.submit(page, signInName=name, password=password))

    async def claims(self, end: Page | Redirect) -> Mapping[str, Any]:
        """Redeem the code and return the claims of the ID token."""
        return claims_of((await self.tokens(end))["id_token"])

    async def tokens(self, end: Page | Redirect) -> Mapping[str, Any]:
        """Redeem the code that a journey ended with."""
        assert isinstance(end, Redirect), end
        assert "code" in end.parameters, end.parameters
        form = {
            "grant_type": "authorization_code",
            "code": end.parameters["code"],
            "code_verifier": self.browser.verifier,
        }
        return await self.ask(form)

    async def ask(self, form: Mapping[str, str], *, status: int = 200) -> Mapping[str, Any]:
        """Post to the token endpoint."""
        answered, body = await self.browser.redeem(TENANT, self.policy, {"client_id": CLIENT, **form})
        assert answered == status, body
        return body


def new_password(password: str) -> dict[str, str]:
    """Return the two fields of a new password."""
    return {"newPassword": password, "reenterPassword": password}


def claims_of(token: str) -> Mapping[str, Any]:
    """Return the payload of a token."""
    payload = token.split(".")[1]
    found: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found


@pytest.fixture(scope="session")
def token_keys() -> Mapping[str, str]:
    """Keys of tokens, made once: each takes a while."""
    made = {}
    for name, use in (("TokenSigning", "sig"), ("TokenEncryption", "enc"), ("JourneymanPlatformSigning", "sig")):
        key = RSAKey.generate_key(2048, {"use": use})
        jwk = {**key.as_dict(private=True), "kid": name}
        file = name if name.startswith("Journeyman") else f"{name}KeyContainer"
        made[f"keys/B2C_1A_{file}.jwks"] = json.dumps({"keys": [jwk]})
    return made


Travel = Callable[..., Awaitable[Traveller]]


@pytest.fixture
async def travel(serve_tenant: Any, token_keys: Mapping[str, str]) -> AsyncIterator[Travel]:
    """``traveller = await travel(toml)``: serve a tenant with these settings, or the one that is served already."""
    served: list[Any] = []
    async with AsyncExitStack() as opened:

        async def begin(settings: str = "", *, policy: str = "B2C_1_flow", **options: Any) -> Traveller:
            if settings:
                text = APPLICATION + settings
                served.append(await serve_tenant(token_keys, settings=text, **options))
            browser = await opened.enter_async_context(Browser(served[-1].origin))
            return Traveller(served[-1], browser, policy)

        yield begin
