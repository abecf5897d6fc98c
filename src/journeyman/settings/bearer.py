"""``[….bearer]``: a managed bearer of a profile or an API connector."""

from __future__ import annotations

from journeyman.settings.bearer_model import BearerSettings, ClientAuthentication
from journeyman.settings.table import Table
from journeyman.settings.values import one_of, policy_key, printable_text, token_url


def read_bearer(table: Table) -> BearerSettings | None:
    """Read the table; None when something that it needs is missing or wrong."""
    url = table.checked("token_url", token_url)
    client_id = table.checked("client_id", printable_text)
    key = table.checked("key", policy_key)
    method = table.checked("client_authentication", one_of(ClientAuthentication))
    scope = table.checked("scope", printable_text)
    audience = table.checked("audience", printable_text)
    for name, remedy in _NEEDED.items():
        if name not in table.values:
            table.problem(name, f"the managed bearer has no {name}; add {remedy}")
    table.finish()
    if url is None or client_id is None or key is None:
        return None
    return BearerSettings(url, client_id, key, method or ClientAuthentication.CLIENT_SECRET_BASIC, scope, audience)


_NEEDED = {
    "token_url": 'token_url = "https://…/token"',
    "client_id": 'client_id = "…"',
    "key": 'key = "B2C_1A_…", the policy key that holds the client secret',
}
