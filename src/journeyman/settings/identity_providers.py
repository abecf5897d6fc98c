"""``[[identity_providers]]``: its tables in, checked identity providers of user flows out.

Source: graph-api.md §5 for names and values; which combinations are refused is this project's decision.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

from journeyman.settings.applications import LOOPBACK_HOSTS
from journeyman.settings.identity import IdentityProvider
from journeyman.settings.provider_types import APPLE, OPENID_CONNECT, ProviderType, provider_type
from journeyman.settings.table import Table
from journeyman.settings.values import policy_key, split_url

CLAIMS: Final = ("userId", "displayName", "givenName", "surname", "email")
RESPONSE_TYPES: Final = ("code", "id_token")
RESPONSE_MODES: Final = ("form_post", "query")

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_TITLE: Final = re.compile(r"[^\x00-\x1f\x7f<>]{1,128}")
_WORD: Final = re.compile(r"[!-~]{1,256}")
_SCOPE: Final = re.compile(r"[!-~]+( [!-~]+)*")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}")
_APPLE_ID: Final = re.compile(r"[A-Za-z0-9]{10}")


def read_identity_providers(tables: Iterator[Table]) -> tuple[IdentityProvider, ...]:
    """Read the identity providers; two of one id are a problem."""
    found: dict[str, IdentityProvider] = {}
    for table in tables:
        provider = _read(table)
        table.finish()
        if provider is None:
            continue
        if provider.id.casefold() in found:
            table.problem("id", f"the identity provider {provider.id} is declared twice; give one another id")
        found[provider.id.casefold()] = provider
    return tuple(found.values())


def _read(table: Table) -> IdentityProvider | None:
    kind = table.checked("type", provider_type)
    if "type" not in table.values:
        table.problem("type", 'an identity provider has no type; add type = "Google", or "OpenIDConnect" for any other')
    client_id = table.checked("client_id", _matching(_WORD, "the id that the provider gave you"))
    if "client_id" not in table.values:
        table.problem("client_id", 'an identity provider has no client_id; add client_id = "…", given by the provider')
    title = table.checked("name", _matching(_TITLE, "a text of 1 to 128 characters without < and >"))
    identifier = table.checked("id", _matching(_ID, "letters, digits, _ and -"))
    provider = IdentityProvider(
        id=identifier or (kind.id if kind else ""),
        type=kind.name if kind else "",
        display_name=title or (kind.title if kind else ""),
        client_id=client_id or "",
        secret_key=table.checked("secret_key", policy_key),
        metadata_url=table.checked("metadata_url", metadata_url) or "",
        scope=table.checked("scope", _matching(_SCOPE, "scopes with one blank between them")) or "",
        response_type=table.checked("response_type", partial(_one_of, RESPONSE_TYPES)) or "code",
        response_mode=table.checked("response_mode", partial(_one_of, RESPONSE_MODES)) or "form_post",
        claims_mapping=_claims(table.table("claims")),
        domain_hint=table.checked("domain_hint", _matching(_DOMAIN, "a name like contoso.com")) or "",
        developer_id=table.checked("developer_id", _matching(_APPLE_ID, "the 10 characters of the team id")) or "",
        key_id=table.checked("key_id", _matching(_APPLE_ID, "the 10 characters of the key id")) or "",
    )
    if kind is None:
        return None
    for key, what in wrong_with(provider, kind):
        table.problem(key, what)
    return provider if provider.id and client_id else None


def wrong_with(provider: IdentityProvider, kind: ProviderType) -> Iterator[tuple[str, str]]:
    """Yield which settings of a provider do not go together, by their keys in ``journeyman.toml``."""
    if kind is OPENID_CONNECT:
        yield from _wrong_with_openid_connect(provider)
    else:
        yield from _wrong_with_ready(provider, kind)
    if (provider.developer_id or provider.key_id) and kind is not APPLE:
        yield "developer_id", 'developer_id and key_id belong to type = "Apple"; remove them'
    if bool(provider.developer_id) != bool(provider.key_id):
        yield "key_id", "developer_id and key_id are needed together; add the missing one"
    if provider.secret_key is None and provider.response_type == "code":
        yield (
            "secret_key",
            'a code is redeemed with a secret; add secret_key = "B2C_1A_…", the policy key that holds it',
        )


def _wrong_with_openid_connect(provider: IdentityProvider) -> Iterator[tuple[str, str]]:
    if not provider.id:
        yield "id", 'a provider of type OpenIDConnect has no id; add id = "OIDC-V1-Contoso"'
    if not provider.display_name:
        yield "name", 'a provider of type OpenIDConnect has no name; add name = "…", the text of its button'
    if not provider.metadata_url:
        yield "metadata_url", "add metadata_url, the https address of its .well-known/openid-configuration"
    if "openid" not in (provider.scope or "openid").split():
        yield "scope", "an OpenID provider gives no ID token without the scope openid; add it"
    if provider.response_type == "id_token" and provider.response_mode == "query":
        yield "response_mode", 'an ID token never travels in a query; write response_mode = "form_post"'


def _wrong_with_ready(provider: IdentityProvider, kind: ProviderType) -> Iterator[tuple[str, str]]:
    if provider.id.casefold() != kind.id.casefold():
        yield "id", f"the provider of type {kind.name} is {kind.id}; leave id out"
    for key, value, usual in (
        ("metadata_url", provider.metadata_url, ""),
        ("response_type", provider.response_type, "code"),
        ("response_mode", provider.response_mode, "form_post"),
        ("claims", provider.claims_mapping, {}),
        ("domain_hint", provider.domain_hint, ""),
    ):
        if value != usual:
            yield key, f'is settled for type = "{kind.name}"; remove it, or use type = "OpenIDConnect"'


def metadata_url(text: str) -> str:
    """Return the address of a discovery document. Raises ValueError when it is none."""
    parts = split_url(text)
    remedy = "is no address of a discovery document; write https://…/.well-known/openid-configuration"
    if parts.scheme not in {"https", "http"} or not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise ValueError(remedy)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        raise ValueError("is http; whoever can read it could put other keys in, so use https")
    return text


def _claims(table: Table) -> Mapping[str, str]:
    found = {name: table.checked(name, _matching(_WORD, "the name of their claim")) for name in CLAIMS}
    table.finish()
    return {name: theirs for name, theirs in found.items() if theirs}


def _one_of(known: tuple[str, ...], text: str) -> str:
    if text not in known:
        raise ValueError(f"{text!r} is not known; write {' or '.join(known)}")
    return text


def _matching(pattern: re.Pattern[str], description: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(f"is not valid; write {description}")
        return text

    return check
