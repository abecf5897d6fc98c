"""Advice about a RESTful technical profile: a compiled profile in, warnings out.

Source: errors.md §5.1. Nothing here keeps a policy from being served: the real service takes all of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from yarl import URL

from journeyman.claims.claim_type import Sensitivity, UserInputType
from journeyman.claims.resolvers import Resolver
from journeyman.compiler.classify import SECRET_NAME
from journeyman.compiler.compiled import ClaimMapping
from journeyman.compiler.spec import ProfileCheck
from journeyman.connector import advice_rules as rules
from journeyman.connector.egress_map import origin_of
from journeyman.connector.profile import (
    AuthenticationType,
    authentication_type,
    input_claim_id,
    send_claims_in,
    text_of,
)
from journeyman.connector.request import SendClaimsIn
from journeyman.diagnostics import Diagnostic, Rule

_IN_URL: Final = frozenset({SendClaimsIn.URL, SendClaimsIn.QUERY_STRING})
_PLATFORM: Final = frozenset({"login.microsoftonline.com", "login.windows.net", "sts.windows.net"})
_SHARED: Final = frozenset({"common", "organizations", "consumers"})
_GRANT: Final = frozenset({"grant_type", "scope"})
_PLACEHOLDER: Final = re.compile(
    r"^your-|^your(tenant|app|api)"
    r"|\.ngrok(-free)?\.(io|app|dev)$|(^|\.)(webhook\.site|requestbin\.(com|net)|pipedream\.net)$"
)


def advise(check: ProfileCheck, mapped: Collection[str] = ()) -> Iterator[Diagnostic]:
    """Yield warnings about a profile whose ``ServiceUrl`` can be read; ``mapped`` are origins that are sent elsewhere."""
    try:
        url = URL(text_of(check.profile.metadata, "ServiceUrl"), encoded=True)
        host = (url.raw_host or "").lower()
    except ValueError:
        return
    yield from _query(check, url)
    yield from _literals(check)
    if url.raw_path.rstrip("/").lower().endswith("/token"):
        yield from _token_endpoint(check, url, host)
    yield from _passwords(check, url)
    yield from _claims_in_url(check)
    if check.engine_production and _PLACEHOLDER.search(host) and origin_of(url) not in mapped:
        yield _found(check, rules.PLACEHOLDER_HOST, "ServiceUrl", host=repr(host))


def _found(check: ProfileCheck, rule: Rule, place: str, **values: object) -> Diagnostic:
    profile = check.profile.id
    return rule.at(check.place(place), element=profile, severity=None, profile=profile, **values)


def _query(check: ProfileCheck, url: URL) -> Iterator[Diagnostic]:
    pairs = (pair.partition("=") for pair in url.raw_query_string.split("&"))
    names = [name for name, _, value in pairs if SECRET_NAME.search(name) and value and not value.startswith("{")]
    if names:
        yield _found(check, rules.SECRET_IN_QUERY, "ServiceUrl", names=", ".join(map(repr, names)))


def _literals(check: ProfileCheck) -> Iterator[Diagnostic]:
    for mapping in check.profile.input_claims:
        named = SECRET_NAME.search(mapping.name) or SECRET_NAME.search(mapping.claim.id)
        if named and _literal(mapping):
            yield _found(check, rules.SECRET_LITERAL, mapping.claim.id, claim=mapping.claim.id)


def _token_endpoint(check: ProfileCheck, url: URL, host: str) -> Iterator[Diagnostic]:
    mode = send_claims_in(check.profile.metadata)
    if mode not in {SendClaimsIn.FORM, None}:
        yield _found(check, rules.TOKEN_NOT_FORM, "SendClaimsIn", mode=mode.value if mode else "")
    for mapping in check.profile.input_claims:
        if mapping.name.lower() in _GRANT and _literal(mapping) and not mapping.always_use_default:
            yield _found(check, rules.GRANT_NOT_FORCED, mapping.claim.id, claim=mapping.claim.id)
    if host not in _PLATFORM or not _asks_for_itself(check):
        return
    tenant = url.raw_parts[1] if len(url.raw_parts) > 1 else ""
    if tenant.lower() in _SHARED:
        yield _found(check, rules.SHARED_TENANT, "ServiceUrl", tenant=tenant)
    if "/v2.0/" in url.raw_path.lower():
        yield from _scope(check)


def _scope(check: ProfileCheck) -> Iterator[Diagnostic]:
    for mapping in check.profile.input_claims:
        text = _literal(mapping) if mapping.name.lower() == "scope" else ""
        reason = "is percent-encoded" if "%" in text else "does not end with /.default"
        if text and ("%" in text or not text.endswith("/.default")):
            yield _found(check, rules.SCOPE_SHAPE, mapping.claim.id, reason=reason)


def _asks_for_itself(check: ProfileCheck) -> bool:
    grants = [_literal(one) for one in check.profile.input_claims if one.name.lower() == "grant_type"]
    return grants == ["client_credentials"]


def _passwords(check: ProfileCheck, url: URL) -> Iterator[Diagnostic]:
    metadata = check.profile.metadata
    how = "to an API that is called without any credential"
    if url.scheme == "http":
        how = "over plain http"
    elif send_claims_in(metadata) in _IN_URL:
        how = "in the URL"
    elif authentication_type(metadata) is not AuthenticationType.NONE or _is_token_endpoint(url):
        return
    for mapping in check.profile.input_claims:
        if mapping.claim.user_input_type is UserInputType.PASSWORD:
            yield _found(check, rules.PASSWORD_FORWARDED, mapping.claim.id, claim=mapping.claim.id, how=how)


def _is_token_endpoint(url: URL) -> bool:
    """Whether a password goes where the password grant sends it (RFC 6749 §4.3)."""
    return url.raw_path.rstrip("/").lower().endswith("/token")


def _claims_in_url(check: ProfileCheck) -> Iterator[Diagnostic]:
    metadata = check.profile.metadata
    if send_claims_in(metadata) not in _IN_URL:
        return
    bearer = input_claim_id(check.profile, "UseClaimAsBearerToken")
    claims = [
        mapping.claim.id
        for mapping in check.profile.input_claims
        if mapping.claim.sensitivity is not Sensitivity.PLAIN and mapping.claim.id != bearer
    ]
    if claims:
        yield _found(check, rules.CLAIMS_IN_URL, "SendClaimsIn", claims=", ".join(map(repr, claims)))


def _literal(mapping: ClaimMapping) -> str:
    """Return the text of a default that needs no resolver, "" when there is none."""
    parts = mapping.default.parts if mapping.default is not None else ()
    return "" if any(isinstance(part, Resolver) for part in parts) else "".join(map(str, parts)).strip()
