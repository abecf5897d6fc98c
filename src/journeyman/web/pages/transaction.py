"""What a page needs to talk back to the journey that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from journeyman.journey.page import PageApi


@dataclass(frozen=True, slots=True)
class Transaction:
    """One page of one journey in one browser.

    Attributes:
        tx: ``StateProperties=<base64url of {"TID": …}>``, as it goes into the query.
        csrf: the token that every request of the page brings; new on every page.
        base_path: ``/{tenant}/{policy}``, the policy in the case of its XML.
        brand: the display name of the tenant; made from its name when "".
        page_view_id: identifies this showing of the page in logs; "" for none.
    """

    tenant: str
    policy: str
    tx: str
    csrf: str
    correlation_id: str
    base_path: str
    brand: str = ""
    page_view_id: str = ""

    @property
    def query(self) -> str:
        """The query that every navigation of the page carries."""
        values = {"csrf_token": self.csrf, "tx": self.tx, "p": self.policy}
        return "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())

    @property
    def brand_name(self) -> str:
        """The name that a person sees: ``contoso.onmicrosoft.com`` reads Contoso."""
        first = self.tenant.split(".")[0]
        return self.brand or first[:1].upper() + first[1:]

    def link(self, api: PageApi, action: str, **extra: str) -> str:
        """Return the address of a navigation: ``link(PageApi.COMBINED, "unified", local="signup")``."""
        leading = "".join(f"{name}={quote(value, safe='')}&" for name, value in extra.items())
        return f"{self.base_path}/api/{api.value}/{action}?{leading}{self.query}"
