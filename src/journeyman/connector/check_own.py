"""Check what this project adds to a RESTful technical profile: settings and metadata of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from journeyman.claims.resolvers import Resolver
from journeyman.compiler.compiled import ClaimMapping
from journeyman.compiler.spec import ProfileCheck
from journeyman.connector import own_rules, rules
from journeyman.connector.extensions import (
    HEADERS_ITEM,
    METHOD_ITEM,
    TIMEOUT_ITEM,
    header_claims,
    http_method,
    timeout_s,
)
from journeyman.connector.profile import AuthenticationType, authentication_type, send_claims_in, text_of
from journeyman.connector.request import SendClaimsIn, forbidden_header
from journeyman.diagnostics import Diagnostic, Rule, Severity
from journeyman.settings import BearerSettings, ClientAuthentication, ProfileSettings

_UNSUPPORTED: Final = {
    "HttpMethod": f"write {METHOD_ITEM}, which only this engine reads, or take it away",
    "Content-Type": "SendClaimsIn decides the content type; take it away",
    "NamespaceIdentifierPath": "take it away",
    "NamespaceIdentifierValue": "take it away",
}


def check_own(check: ProfileCheck, settings: ProfileSettings) -> Iterator[Diagnostic]:
    """Yield what is wrong with the settings of a profile and with its metadata of ours."""
    if settings.bearer is not None:
        yield from check_bearer(check, settings.bearer)
    if settings.cache_token:
        yield from _cache(check)
    yield from _method(check)
    yield from _headers(check)
    yield from _timeout(check)
    yield from _unsupported(check)


def constant_input(mapping: ClaimMapping) -> bool:
    """Whether an input claim is the same in every call, whoever it is for."""
    default = mapping.default
    return (
        mapping.always_use_default
        and default is not None
        and not any(isinstance(part, Resolver) for part in default.parts)
    )


def _found(
    check: ProfileCheck, rule: Rule, place: str, severity: Severity | None = None, **values: object
) -> Diagnostic:
    profile = check.profile.id
    return rule.at(check.place(place), element=profile, severity=severity, profile=profile, **values)


def check_bearer(check: ProfileCheck, bearer: BearerSettings) -> Iterator[Diagnostic]:
    """Yield what is wrong with a managed bearer that ``journeyman.toml`` sets on a profile."""
    if bearer.token_url.casefold().startswith("http:") and check.production:
        yield _found(check, own_rules.TOKEN_URL_HTTP, "AuthenticationType")
    kind = authentication_type(check.profile.metadata)
    if kind not in {AuthenticationType.BEARER, AuthenticationType.NONE, None}:
        value = text_of(check.profile.metadata, "AuthenticationType")
        yield _found(check, own_rules.REPLACED, "AuthenticationType", value=value)
    if check.keys is None:
        return
    info = check.keys.get(bearer.key.casefold())
    if info is None:
        severity = Severity.ERROR if check.engine_production else Severity.WARNING
        yield _found(check, own_rules.BEARER_KEY_MISSING, "AuthenticationType", severity, key=bearer.key)
        return
    reason = _unfit(info.kty, bearer, certificate=info.has_certificate, private=info.has_private_key)
    if info.kty and reason:
        method = bearer.client_authentication.value
        place = "AuthenticationType"
        yield _found(check, own_rules.BEARER_KEY_KIND, place, key=bearer.key, method=method, reason=reason)


def _unfit(kty: str, bearer: BearerSettings, *, certificate: bool, private: bool) -> str:
    match bearer.client_authentication:
        case ClientAuthentication.PRIVATE_KEY_JWT:
            return "" if private else "it holds no private key"
        case ClientAuthentication.TLS_CLIENT_AUTH:
            return "" if certificate and private else "it holds no certificate with a private key"
        case _:
            return "" if kty == "oct" else "it holds a key pair and not a secret"


def _cache(check: ProfileCheck) -> Iterator[Diagnostic]:
    for mapping in check.profile.input_claims:
        if not constant_input(mapping):
            yield _found(check, own_rules.TOKEN_OF_A_PERSON, mapping.claim.id, claim=mapping.claim.id)


def _method(check: ProfileCheck) -> Iterator[Diagnostic]:
    try:
        http_method(check.profile.metadata, send_claims_in(check.profile.metadata) or SendClaimsIn.BODY)
    except ValueError as error:
        value = text_of(check.profile.metadata, METHOD_ITEM)
        yield _found(check, own_rules.METHOD, METHOD_ITEM, value=value, reason=error)


def _headers(check: ProfileCheck) -> Iterator[Diagnostic]:
    inputs = {mapping.claim.id.casefold(): mapping for mapping in check.profile.input_claims}
    payload = text_of(check.profile.metadata, "ClaimUsedForRequestPayload").casefold()
    own = authentication_type(check.profile.metadata) in {AuthenticationType.BASIC, AuthenticationType.BEARER}
    for claim in header_claims(check.profile.metadata):
        mapping = inputs.get(claim.casefold())
        if mapping is None:
            reason = "is not an input claim"
            yield _found(check, own_rules.HEADER_CLAIM_NOT_INPUT, HEADERS_ITEM, claim=claim, reason=reason)
        elif claim.casefold() == payload:
            reason = "is the whole body by ClaimUsedForRequestPayload"
            yield _found(check, own_rules.HEADER_CLAIM_NOT_INPUT, HEADERS_ITEM, claim=claim, reason=reason)
        elif forbidden := forbidden_header(mapping.name, own_authorization=own):
            yield _found(check, rules.HEADER_CLAIM, claim, claim=claim, name=mapping.name, reason=forbidden)


def _timeout(check: ProfileCheck) -> Iterator[Diagnostic]:
    try:
        timeout_s(check.profile.metadata)
    except ValueError:
        yield _found(check, own_rules.TIMEOUT, TIMEOUT_ITEM)


def _unsupported(check: ProfileCheck) -> Iterator[Diagnostic]:
    for item, advice in _UNSUPPORTED.items():
        if item in check.profile.metadata:
            yield _found(check, own_rules.UNSUPPORTED_ITEM, item, item=item, advice=advice)
