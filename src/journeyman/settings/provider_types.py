"""The types of identity providers that user flows know, by their names in Graph: what each is called and where it is found.

How each is spoken to stands in policy/user_flow/ready_providers.py. Source: graph-api.md §5.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ProviderType:
    """A type of identity provider.

    Attributes:
        name: as in Graph.
        id: of the one provider of this type that a tenant may have; "" when it may have several.
        title: the text of the button unless another is given.
        domain: the ``domain_hint`` that chooses it, and the issuer under which its users are stored; "" when each
            provider of this type has its own.
        refused: why it cannot be used here, "" when it can.
    """

    name: str
    id: str
    title: str
    domain: str = ""
    refused: str = ""


OPENID_CONNECT: Final = ProviderType("OpenIDConnect", "", "")
APPLE: Final = ProviderType("Apple", "Apple-Managed-OIDC", "Apple", "apple.com")

PROVIDER_TYPES: Final = (
    ProviderType("Amazon", "Amazon-OAUTH", "Amazon", "amazon.com"),
    APPLE,
    ProviderType("Facebook", "Facebook-OAUTH", "Facebook", "facebook.com"),
    ProviderType("GitHub", "GitHub-OAUTH", "GitHub", "github.com"),
    ProviderType("Google", "Google-OAUTH", "Google", "google.com"),
    ProviderType("LinkedIn", "LinkedIn-OAUTH", "LinkedIn", "linkedin.com"),
    ProviderType("Microsoft", "MSA-OIDC", "Microsoft Account", "live.com"),
    OPENID_CONNECT,
    ProviderType("QQ", "QQ-OAUTH", "QQ", "qq.com"),
    ProviderType(
        "Twitter",
        "Twitter-OAUTH1",
        "Twitter",
        "twitter.com",
        refused="speaks OAuth 1.0a, which is not built yet",
    ),
    ProviderType("WeChat", "WeChat-OAUTH", "WeChat", "wechat.com"),
    ProviderType("Weibo", "Weibo-OAUTH", "Weibo", "weibo.com"),
)

_ALIASES: Final = {"applemanaged": APPLE, "x": next(each for each in PROVIDER_TYPES if each.name == "Twitter")}
_BY_NAME: Final[Mapping[str, ProviderType]] = {each.name.casefold(): each for each in PROVIDER_TYPES} | _ALIASES


def provider_type(name: str) -> ProviderType:
    """Return the type of this name, in any letter case. Raises ValueError when there is none or it cannot be used."""
    found = _BY_NAME.get(name.strip().casefold())
    if found is None:
        near = difflib.get_close_matches(name.casefold(), _BY_NAME, n=1, cutoff=0.6)
        known = ", ".join(each.name for each in PROVIDER_TYPES if not each.refused)
        remedy = f"did you mean {_BY_NAME[near[0]].name!r}?" if near else f"known are {known}"
        raise ValueError(f"{name!r} is no type of identity provider; {remedy}")
    if found.refused:
        raise ValueError(f"{found.name!r} cannot be used: the provider {found.refused}; use another one")
    return found
