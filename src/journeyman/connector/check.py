"""Check a RESTful technical profile when the policy is loaded: a compiled profile in, diagnostics out.

Source: rest-connectors.md §8; the checks run in that order. Storage references are looked up by the
compiler, for all handlers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from journeyman.compiler.compiled import ClaimMapping, DeploymentMode
from journeyman.compiler.spec import ProfileCheck
from journeyman.connector import own_rules, rules
from journeyman.connector.advice import advise
from journeyman.connector.check_own import check_own
from journeyman.connector.errors import ConnectorError
from journeyman.connector.json_path import compile_path
from journeyman.connector.profile import (
    BEARER_KEY,
    CERTIFICATE_KEY,
    PASSWORD_KEY,
    USERNAME_KEY,
    AuthenticationType,
    authentication_type,
    key_reference,
    send_claims_in,
    text_of,
)
from journeyman.connector.request import SendClaimsIn, forbidden_header
from journeyman.connector.service_url import (
    compile_service_url,
    placeholders_in_origin,
    unmatched_placeholders,
    without_secrets,
)
from journeyman.diagnostics import Diagnostic, Rule, Severity
from journeyman.settings import OpenApis, ProfileSettings

BOOLEANS: Final = (
    "AllowInsecureAuthInProduction",
    "ClaimResolverUrlFormatting",
    "DebugMode",
    "IgnoreServerCertificateErrors",
    "IncludeClaimResolvingInClaimsHandling",
    "ResolveJsonPathsInJsonTokens",
)
NO_SETTINGS: Final = ProfileSettings()
_POLICY_KEYS: Final = {
    AuthenticationType.BASIC: (USERNAME_KEY, PASSWORD_KEY),
    AuthenticationType.CLIENT_CERTIFICATE: (CERTIFICATE_KEY,),
    AuthenticationType.API_KEY_HEADER: ("x-functions-key",),
}
_UNUSUAL_KEY_HEADERS: Final = ("authorization", "cookie", "content-")


@dataclass(frozen=True, slots=True)
class RestChecks:
    """The checks of a tenant: they look at its settings, too.

    Attributes:
        profiles: what ``journeyman.toml`` says of profiles, by profile id in lower case.
        mapped: the origins that the egress map sends elsewhere.
    """

    profiles: Mapping[str, ProfileSettings] = field(default_factory=dict)
    open_apis: OpenApis = OpenApis.DECLARED
    mapped: Collection[str] = ()

    def __call__(self, check: ProfileCheck) -> Iterator[Diagnostic]:
        """Yield what is wrong with a profile: first as the real service does, then what is ours."""
        settings = self.profiles.get(check.profile.id.lower(), NO_SETTINGS)
        managed = settings.bearer is not None
        for one in _OF_THE_CALL:
            yield from one(check)
        if not managed:
            yield from self._open_api(check)
        yield from _development_only(check)
        for one in () if managed else _OF_THE_CREDENTIAL:
            yield from one(check)
        for one in _OF_THE_CLAIMS:
            yield from one(check)
        yield from check_own(check, settings)
        if not any(_service_url(check)):
            yield from advise(check, self.mapped)

    def _open_api(self, check: ProfileCheck) -> Iterator[Diagnostic]:
        metadata = check.profile.metadata
        if authentication_type(metadata) is not AuthenticationType.NONE:
            return
        if self.open_apis is OpenApis.REFUSE:
            yield _found(check, own_rules.OPEN_API_REFUSED, "AuthenticationType")
        elif not metadata.flag("AllowInsecureAuthInProduction"):
            # Debugging counts as production for this rule (rest-connectors.md §8), as development for the others.
            debugging = check.engine_production and check.deployment_mode is DeploymentMode.DEBUGGING
            strict = self.open_apis is OpenApis.DECLARED and (check.production or debugging)
            severity = Severity.ERROR if strict else Severity.WARNING
            yield _found(check, rules.INSECURE_AUTHENTICATION, "AuthenticationType", severity)
        elif check.production:
            yield _found(check, rules.OPEN_API, "AllowInsecureAuthInProduction")


check_profile: Final = RestChecks()
"""The checks where no settings are known."""


def _found(
    check: ProfileCheck, rule: Rule, place: str, severity: Severity | None = None, **values: object
) -> Diagnostic:
    profile = check.profile.id
    return rule.at(check.place(place), element=profile, severity=severity, profile=profile, **values)


def _required(check: ProfileCheck) -> Iterator[Diagnostic]:
    for item in ("ServiceUrl", "AuthenticationType"):
        if item not in check.profile.metadata:
            yield _found(check, rules.METADATA_MISSING, item, item=item)


def _service_url(check: ProfileCheck) -> Iterator[Diagnostic]:
    if "ServiceUrl" not in check.profile.metadata:
        return
    text = text_of(check.profile.metadata, "ServiceUrl")
    if placeholders_in_origin(text):
        yield _found(check, rules.DYNAMIC_HOST, "ServiceUrl", value=without_secrets(text))
        return
    try:
        compile_service_url(text, check.profile.input_claims, placeholders=True, resolvers=True)
    except ConnectorError as error:
        yield _found(check, rules.SERVICE_URL, "ServiceUrl", value=without_secrets(text), reason=error.operator)


def _authentication_type(check: ProfileCheck) -> Iterator[Diagnostic]:
    metadata = check.profile.metadata
    if "AuthenticationType" in metadata and authentication_type(metadata) is None:
        value = text_of(metadata, "AuthenticationType")
        yield _found(check, rules.AUTHENTICATION_TYPE, "AuthenticationType", value=value)


def _send_claims_in(check: ProfileCheck) -> Iterator[Diagnostic]:
    if send_claims_in(check.profile.metadata) is None:
        value = text_of(check.profile.metadata, "SendClaimsIn")
        yield _found(check, rules.SEND_CLAIMS_IN, "SendClaimsIn", value=value)


def _booleans(check: ProfileCheck) -> Iterator[Diagnostic]:
    for item in BOOLEANS:
        value = check.profile.metadata.get(item)
        if value is not None and value.strip().casefold() not in {"true", "false"}:
            yield _found(check, rules.BOOLEAN, item, item=item)


def _https(check: ProfileCheck) -> Iterator[Diagnostic]:
    text = text_of(check.profile.metadata, "ServiceUrl")
    if not text.casefold().startswith("http://"):
        return
    rule = rules.HTTP_IN_PRODUCTION if check.production else rules.HTTP_IN_DEVELOPMENT
    yield _found(check, rule, "ServiceUrl", value=without_secrets(text))


def _development_only(check: ProfileCheck) -> Iterator[Diagnostic]:
    metadata = check.profile.metadata
    if metadata.flag("IgnoreServerCertificateErrors"):
        item, severity = "IgnoreServerCertificateErrors", Severity.ERROR if check.production else Severity.WARNING
        yield _found(check, rules.DEVELOPMENT_ONLY, item, severity, item=item)
    if metadata.flag("DebugMode") and check.production:
        yield _found(check, rules.DEBUG_MODE, "DebugMode")


def _keys(check: ProfileCheck) -> Iterator[Diagnostic]:
    profile = check.profile
    kind = authentication_type(profile.metadata)
    if kind is AuthenticationType.API_KEY_HEADER and profile.keys:
        yield from _api_key_headers(check)
        return
    for key_id in _POLICY_KEYS.get(kind, ()) if kind else ():
        if key_reference(profile, key_id) is None:
            yield _found(check, rules.KEY_MISSING, "AuthenticationType", key=key_id)


def _api_key_headers(check: ProfileCheck) -> Iterator[Diagnostic]:
    used, *others = check.profile.keys
    reason = forbidden_header(used, own_authorization=False)
    if reason:
        yield _found(check, rules.API_KEY_HEADER, used, key=used, reason=reason)
    elif used.casefold().startswith(_UNUSUAL_KEY_HEADERS):
        yield _found(
            check, rules.API_KEY_HEADER, used, Severity.WARNING, key=used, reason="it has a meaning of its own"
        )
    if others:
        names = ", ".join(repr(other) for other in others)
        yield _found(check, rules.API_KEY_HEADERS, others[0], used=used, others=names)


def _key_kinds(check: ProfileCheck) -> Iterator[Diagnostic]:
    kind = authentication_type(check.profile.metadata)
    wanted = {
        AuthenticationType.BASIC: (USERNAME_KEY, PASSWORD_KEY),
        AuthenticationType.BEARER: () if text_of(check.profile.metadata, "UseClaimAsBearerToken") else (BEARER_KEY,),
        AuthenticationType.CLIENT_CERTIFICATE: (CERTIFICATE_KEY,),
        AuthenticationType.API_KEY_HEADER: tuple(check.profile.keys)[:1],
    }
    for key_id in wanted.get(kind, ()) if kind else ():
        reference = key_reference(check.profile, key_id)
        info = check.keys.get(reference.casefold()) if check.keys is not None and reference else None
        if info is None or not info.kty:
            continue
        certificate = kind is AuthenticationType.CLIENT_CERTIFICATE
        if certificate and not (info.has_certificate and info.has_private_key):
            reason = "it holds no certificate with a private key"
            advice = f"upload a PFX file: journeyman keys upload {info.id} FILE"
            code = "AADB2C90028"
            yield _found(check, rules.KEY_KIND, key_id, id=info.id, key=key_id, reason=reason, advice=advice, code=code)
        if not certificate and info.kty != "oct":
            reason, code = "it holds a key pair and not a secret", "AADB2C90019"
            advice = f"store the secret under another name, not in {info.id}"
            yield _found(check, rules.KEY_KIND, key_id, id=info.id, key=key_id, reason=reason, advice=advice, code=code)


def _bearer(check: ProfileCheck) -> Iterator[Diagnostic]:
    profile = check.profile
    if authentication_type(profile.metadata) is not AuthenticationType.BEARER:
        return
    claim = text_of(profile.metadata, "UseClaimAsBearerToken")
    stored = key_reference(profile, BEARER_KEY) is not None
    if not claim and not stored:
        yield _found(check, rules.BEARER_SOURCE_MISSING, "UseClaimAsBearerToken")
    if claim and not _is_input(check, claim):
        yield _found(check, rules.BEARER_CLAIM_NOT_INPUT, "UseClaimAsBearerToken", claim=claim)
    if claim and stored:
        yield _found(check, rules.TWO_BEARER_SOURCES, "UseClaimAsBearerToken")


def _placeholders(check: ProfileCheck) -> Iterator[Diagnostic]:
    text = text_of(check.profile.metadata, "ServiceUrl")
    if placeholders_in_origin(text):
        return
    in_url = send_claims_in(check.profile.metadata) is SendClaimsIn.URL
    inputs: tuple[ClaimMapping, ...] = check.profile.input_claims if in_url else ()
    rule = rules.PLACEHOLDER if in_url else rules.PLACEHOLDER_NOT_FILLED
    for placeholder in unmatched_placeholders(text, inputs):
        yield _found(check, rule, "ServiceUrl", placeholder=placeholder)


def _header_claims(check: ProfileCheck) -> Iterator[Diagnostic]:
    if send_claims_in(check.profile.metadata) is not SendClaimsIn.HEADER:
        return
    kind = authentication_type(check.profile.metadata)
    own = kind in {AuthenticationType.BASIC, AuthenticationType.BEARER}
    bearer = text_of(check.profile.metadata, "UseClaimAsBearerToken").casefold()
    for mapping in check.profile.input_claims:
        reason = forbidden_header(mapping.name, own_authorization=own)
        if reason and not (kind is AuthenticationType.BEARER and mapping.claim.id.casefold() == bearer):
            claim = mapping.claim.id
            yield _found(check, rules.HEADER_CLAIM, claim, claim=claim, name=mapping.name, reason=reason)


def _payload(check: ProfileCheck) -> Iterator[Diagnostic]:
    claim = text_of(check.profile.metadata, "ClaimUsedForRequestPayload")
    if not claim:
        return
    if send_claims_in(check.profile.metadata) is not SendClaimsIn.BODY:
        yield _found(check, rules.PAYLOAD_WITHOUT_BODY, "ClaimUsedForRequestPayload")
    elif not _is_input(check, claim):
        yield _found(check, rules.PAYLOAD_CLAIM, "ClaimUsedForRequestPayload", claim=claim)


def _paths(check: ProfileCheck) -> Iterator[Diagnostic]:
    if not check.profile.metadata.flag("ResolveJsonPathsInJsonTokens"):
        return
    for mapping in check.profile.output_claims:
        if not mapping.always_use_default and compile_path(mapping.name) is None:
            yield _found(check, rules.JSON_PATH, mapping.claim.id, path=mapping.name, claim=mapping.claim.id)


def _is_input(check: ProfileCheck, claim_id: str) -> bool:
    return any(mapping.claim.id.casefold() == claim_id.casefold() for mapping in check.profile.input_claims)


_OF_THE_CALL: Final = (_required, _service_url, _authentication_type, _send_claims_in, _booleans, _https)
_OF_THE_CREDENTIAL: Final = (_keys, _key_kinds, _bearer)
_OF_THE_CLAIMS: Final = (_placeholders, _header_claims, _payload, _paths)
