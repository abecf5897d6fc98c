"""The paths of a tenant: a path and its query in, tenant, policy and endpoint out.

Fixed words are matched without regard to case; the policy may stand in the path, behind ``/tfp/`` or
in ``?p=``. Source: protocol.md §1.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Endpoint(Enum):
    """What a path asks for."""

    AUTHORIZE = "authorize"
    TOKEN = "token"  # noqa: S105  # the name of an endpoint
    LOGOUT = "logout"
    DISCOVERY = "discovery"
    KEYS = "keys"
    SELF_ASSERTED = "selfasserted"
    DISPLAY_CONTROL = "displaycontrolaction"
    PAGE = "page"
    FILE = "file"
    FEDERATION = "federation"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes.

    Attributes:
        policy: None when the path names none.
        query_form: the policy came from ``?p=`` alone.
        page: (page api, action) of ``/api/{page}/{action}``, as sent; (control, action) of a display control.
        file: the segments below ``/{tenant}/pages/``.
        first_version: ``/{tenant}/oauth2/token``, where clients name a ``resource`` instead of scopes.
    """

    tenant: str
    policy: str | None
    endpoint: Endpoint
    query_form: bool = False
    page: tuple[str, str] = ("", "")
    file: tuple[str, ...] = ()
    first_version: bool = False


_FIXED: Final = {
    ("oauth2", "v2.0", "authorize"): Endpoint.AUTHORIZE,
    ("oauth2", "v2.0", "token"): Endpoint.TOKEN,
    ("oauth2", "v2.0", "logout"): Endpoint.LOGOUT,
    ("v2.0", ".well-known", "openid-configuration"): Endpoint.DISCOVERY,
    ("discovery", "v2.0", "keys"): Endpoint.KEYS,
}


def match_path(path: str, query_policy: str | None) -> Target | None:
    """Find what a path means; None when it is no path of a tenant.

    Args:
        query_policy: the value of ``p`` in the query, None when it is not there.
    """
    parts = [part for part in path.split("/") if part]
    if len(parts) > 2 and parts[1].lower() == "pages":
        return Target(parts[0], None, Endpoint.FILE, file=tuple(parts[2:]))
    if parts and parts[0].lower() == "tfp":
        parts = parts[1:]
    if parts and parts[0].lower() == "te":
        parts = parts[1:]
    if len(parts) < 3:
        return None
    if [part.lower() for part in parts[-2:]] == ["oauth2", "authresp"] and len(parts) < 5:
        return Target(parts[0], parts[1] if len(parts) == 4 else None, Endpoint.FEDERATION)
    if len(parts) == 3 and [part.lower() for part in parts[1:]] == ["oauth2", "token"]:
        return Target(parts[0], None, Endpoint.TOKEN, first_version=True)
    first, second, third = (part.lower() for part in parts[-3:])
    fixed = _FIXED.get((first, second, third))
    if fixed is not None and len(parts) == 5:
        return Target(parts[0], parts[1], fixed)
    if fixed is not None and len(parts) == 4:
        return Target(parts[0], query_policy or None, fixed, query_form=bool(query_policy))
    return _page_path(parts)


def _page_path(parts: list[str]) -> Target | None:
    if len(parts) == 3 and parts[2].lower() == "selfasserted":
        return Target(parts[0], parts[1], Endpoint.SELF_ASSERTED)
    if len(parts) == 7 and [part.lower() for part in parts[2:4]] == ["selfasserted", "displaycontrolaction"]:
        # The fifth segment is a version, "vbeta" (pages.md §5 row 8).
        return Target(parts[0], parts[1], Endpoint.DISPLAY_CONTROL, page=(parts[5], parts[6]))
    if len(parts) == 5 and parts[2].lower() == "api":
        return Target(parts[0], parts[1], Endpoint.PAGE, page=(parts[3], parts[4]))
    return None
