"""One walk through a policy: what a person enters page by page in, the pages shown and the token out."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from journeyman.testing.browser import Answer, Browser, Page, Redirect

CLIENT_ID = "33333333-2222-3333-4444-555555555555"
REDIRECT_URI = "https://jwt.ms/"
TENANT = "contoso.onmicrosoft.com"
EMAIL, PASSWORD = "ann@contoso.com", "Canary-pass-1"  # the account that the tenant has

_FIELDS = re.compile(r"var SA_FIELDS = (\{.*?\});", re.DOTALL)


@dataclass
class Walk:
    """What happened.

    Attributes:
        pages: the pages in order; each has its fields by claim id.
        refusal: the answer to a page that was not accepted, which ended the walk.
        back: the parameters with which the application was called.
    """

    pages: list[Page] = field(default_factory=list)
    refusal: Answer | None = None
    back: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> dict[str, str]:
        """The values on the last page by claim id."""
        return values_on(self.pages[-1])

    @property
    def token(self) -> dict[str, Any]:
        """The claims of the id token."""
        return claims_in(self.back["id_token"])


def claims_in(token: str) -> dict[str, Any]:
    """Return the claims of a token; nothing is verified."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def token_in(back: Page | Redirect) -> dict[str, Any]:
    """Return the claims of the id token with which the application was called."""
    assert isinstance(back, Redirect), back.html[:200]
    return claims_in(back.parameters["id_token"])


def fields_on(page: Page) -> dict[str, dict[str, Any]]:
    """Return claim id -> the object that the page script gets."""
    found = _FIELDS.search(page.html)
    items = json.loads(found[1])["AttributeFields"] if found else []
    return {item["ID"]: item for item in items if "PRE" in item}  # a display control has no value of its own


def values_on(page: Page) -> dict[str, str]:
    """Return claim id -> the value that the page shows at first."""
    return {claim: html.unescape(item["PRE"]) for claim, item in fields_on(page).items()}


def chosen_on(page: Page) -> dict[str, str]:
    """Return what a browser sends when nothing is changed; the first option of a list stands chosen."""
    chosen = values_on(page)
    for claim, item in fields_on(page).items():
        if not chosen[claim] and item["IS_DROP"] and item["OPTIONS"]:
            chosen[claim] = item["OPTIONS"][0]["VAL"]
    return chosen


async def walk(origin: str, policy: str, entered: Sequence[Mapping[str, str]], request: Mapping[str, str]) -> Walk:
    """Open the authorize endpoint as the authors' links do, and go through the pages until the application is called.

    ``entered`` has the changes page by page; what it does not name stays as the page shows it.
    """
    result = Walk()
    query = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT_URI, "response_type": "id_token", "scope": "openid"}
    query |= {"response_mode": "form_post", **request}
    async with Browser(origin) as browser:
        now = await browser.authorize(TENANT, policy, query)
        while isinstance(now, Page):
            changes = entered[len(result.pages)] if len(result.pages) < len(entered) else {}
            result.pages.append(now)
            answer = await browser.submit(now, {**chosen_on(now), **changes})
            if not answer.accepted:
                result.refusal = answer
                return result
            now = await browser.go_on(now)
    assert isinstance(now, Redirect)
    result.back = now.parameters
    return result
