"""The checks of ``guard.toml``: one table in, one check out.

Tokens and certificates need ``cryptography`` and ``joserfc``, which take a tenth of a second to import, so a check imports what it
needs when the file has one.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from journeyman_guard.check import Check
from journeyman_guard.checks.anyone import AnyoneCheck
from journeyman_guard.checks.api_key import ApiKeyCheck
from journeyman_guard.checks.basic import BasicCheck
from journeyman_guard.checks.bearer import BearerCheck
from journeyman_guard.combine import all_of, any_of
from journeyman_guard.configuration.secret_source import clear_secret, read_credentials
from journeyman_guard.configuration.table import Table
from journeyman_guard.errors import MisconfiguredError
from journeyman_guard.token_rules import SKEW_S, JwtRules

if TYPE_CHECKING:
    from cryptography import x509

    from journeyman_guard.jwks import JwksCache

ANYONE: Final = "anyone"
"""The name of the check that lets everyone in; no table may take it."""

Environment = Mapping[str, str]


def read_checks(tables: Table, environment: Environment, realm: str) -> dict[str, Check]:
    """Return the checks by name. Raises MisconfiguredError."""
    names = tables.names()
    if ANYONE in names:
        raise tables.wrong(ANYONE, "this name is taken: it lets everyone in")
    found: dict[str, Check] = {ANYONE: AnyoneCheck()}
    combined: dict[str, Table] = {}
    for name in names:
        table = tables.table(name)
        if table.has("all_of") or table.has("any_of"):
            combined[name] = table
        else:
            found[name] = _built(table, environment, realm)
    for name, table in combined.items():
        found[name] = _combine(table, found)
    return found


def named_check(checks: Mapping[str, Check], name: str, table: Table, key: str) -> Check:
    """Return a check by its name. Raises MisconfiguredError."""
    if name not in checks:
        raise table.wrong(key, f"there is no check {name!r}; there are {', '.join(sorted(checks))}")
    return checks[name]


def _built(table: Table, environment: Environment, realm: str) -> Check:
    kind = table.text("type")
    build = _KINDS.get(kind)
    if build is None:
        raise table.wrong("type", f"{kind!r} is not a check; there are {', '.join(_KINDS)}")
    try:
        check = build(table, environment, table.text("realm", realm))
    except MisconfiguredError as error:
        text = str(error)
        raise MisconfiguredError(text if text.startswith(table.place) else f"{table.place}: {text}") from error
    table.require_nothing_else()
    return check


def _combine(table: Table, found: Mapping[str, Check]) -> Check:
    if table.has("all_of") and table.has("any_of"):
        raise table.wrong("any_of", "give either all_of or any_of")
    key = "all_of" if table.has("all_of") else "any_of"
    names = table.texts(key)
    if ANYONE in names:
        raise table.wrong(key, f"{ANYONE} does not belong into a combination")
    checks = [named_check(found, name, table, key) for name in names]
    if len(checks) < 2:
        raise table.wrong(key, "names at least two checks")
    table.require_nothing_else()
    return all_of(*checks) if key == "all_of" else any_of(*checks)


def _basic(table: Table, environment: Environment, realm: str) -> Check:
    return BasicCheck(read_credentials(table, "users", environment, "user"), realm)


def _api_key(table: Table, environment: Environment, realm: str) -> Check:
    keys = read_credentials(table, "keys", environment, "name")
    return ApiKeyCheck(table.text("header"), keys, realm, table.optional_text("query"))


def _bearer(table: Table, environment: Environment, realm: str) -> Check:
    return BearerCheck(read_credentials(table, "tokens", environment, "name"), realm)


def _jwt(table: Table, _environment: Environment, realm: str) -> Check:
    from journeyman_guard.checks.jwt import JwtCheck

    issuer = table.text("issuer")
    return JwtCheck(
        issuer=issuer,
        audiences=table.texts("audiences"),
        keys=_keys(table, issuer),
        scopes=table.texts("scopes"),
        roles=table.texts("roles"),
        algorithms=table.texts("algorithms") or ("RS256",),
        realm=realm,
        authorized_parties=table.texts("authorized_parties"),
        skew_s=table.number("skew_s", SKEW_S),
    )


def _keys(table: Table, issuer: str) -> JwksCache:
    from journeyman_guard.jwks import JwksCache
    from journeyman_guard.jwks_fetch import DiscoveryFetch, HttpsFetch, discovery_url

    fetch = HttpsFetch(trust=_trust(table))
    if table.has("jwks_url"):
        return JwksCache(table.text("jwks_url"), fetch=fetch)
    return JwksCache(table.text("discovery_url", discovery_url(issuer)), fetch=DiscoveryFetch(issuer, fetch))


def _introspection(table: Table, environment: Environment, realm: str) -> Check:
    from journeyman_guard.checks.introspection import IntrospectionCheck, IntrospectionEndpoint

    endpoint = IntrospectionEndpoint(
        table.text("url"),
        table.text("client_id"),
        clear_secret(table, environment, "client_secret"),
        trust=_trust(table),
    )
    rules = JwtRules(
        issuer=table.text("issuer", ""),
        audiences=table.texts("audiences"),
        scopes=table.texts("scopes"),
        roles=table.texts("roles"),
        authorized_parties=table.texts("authorized_parties"),
        skew_s=table.number("skew_s", SKEW_S),
    )
    return IntrospectionCheck(endpoint, rules, keep_s=table.number("keep_s", 30), realm=realm)


def _client_certificate(table: Table, _environment: Environment, _realm: str) -> Check:
    from journeyman_guard.checks.client_certificate import ClientCertificateCheck
    from journeyman_guard.revocation import RevocationLists

    issuers = tuple(found for path in table.paths("issuers") for found in _certificates(path, table))
    lists = table.paths("revocation_lists")
    return ClientCertificateCheck(
        thumbprints=table.texts("thumbprints"),
        issuers=issuers,
        subjects=table.texts("subjects"),
        names=table.texts("names"),
        revocations=RevocationLists(lists, issuers) if lists else None,
    )


def _certificates(path: Path, table: Table) -> tuple[x509.Certificate, ...]:
    from journeyman_guard.checks.client_certificate import load_certificates

    try:
        return load_certificates(path.read_bytes())
    except OSError as error:
        raise table.wrong("issuers", f"{path} cannot be read") from error


def _trust(table: Table) -> ssl.SSLContext | None:
    path = table.path("trust")
    if path is None:
        return None
    try:
        return ssl.create_default_context(cafile=str(path))
    except OSError as error:
        raise table.wrong("trust", f"{path} is not a readable PEM file of authorities") from error


_KINDS: Final[Mapping[str, Callable[[Table, Environment, str], Check]]] = {
    "basic": _basic,
    "api_key": _api_key,
    "bearer": _bearer,
    "jwt": _jwt,
    "introspection": _introspection,
    "client_certificate": _client_certificate,
}
