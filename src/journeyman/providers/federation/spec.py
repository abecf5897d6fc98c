"""What the compiler knows of federated profiles. Source: technical-profiles.md §17, §18."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from journeyman.compiler.handlers import OAUTH2, OPENID_CONNECT
from journeyman.compiler.spec import HandlerSpec, ProfileCheck
from journeyman.connector.profile import key_reference
from journeyman.diagnostics import Diagnostic, Rule, Severity
from journeyman.policy.error_handlers import ErrorHandler
from journeyman.providers.federation.configuration import (
    ASSERTION_KEY,
    CLIENT_SECRET,
    FRAGMENT_MODE,
    ClientAuthentication,
)
from journeyman.providers.federation.error_handlers import ACTIONS, compile_match

_SHARED: Final = frozenset(
    {
        "authorization_endpoint",
        "ClaimsEndpoint",
        "ClaimsEndpointAccessTokenName",
        "ClaimsEndpointFormat",
        "ClaimsEndpointFormatName",
        "BearerTokenTransmissionMethod",
        "client_id",
        "ClientIdParamName",
        "ClientSecretIssuer",
        "ClientSecretKeyId",
        "ClientSecretParamName",
        "DiscoverMetadataByTokenIssuer",
        "end_session_endpoint",
        "external_user_identity_claim_id",
        "ExtraParamsInAccessTokenEndpointResponse",
        "ExtraParamsInClaimsEndpointRequest",
        "HttpBinding",
        "IdTokenAudience",
        "IncludeClaimResolvingInClaimsHandling",
        "ResponseErrorCodeParamName",
        "ProviderName",
        "ResolveJsonPathsInJsonTokens",
        "response_mode",
        "response_types",
        "scope",
        "SingleLogoutEnabled",
        "token_endpoint_auth_method",
        "token_signing_algorithm",
        "UsePolicyInRedirectUri",
        "UserAgentForClaimsExchange",
        "ValidTokenIssuerPrefixes",
        "AccessTokenEndpoint",
        "AdditionalRequestQueryParameters",
    }
)

MISSING_CREDENTIAL: Final = Rule(
    code="JM1473",
    severity=Severity.WARNING,
    message="the profile redeems a code, but has neither the cryptographic key {secret!r} nor {assertion!r}",
    help='add <Key Id="client_secret" StorageReferenceId="B2C_1A_…" /> unless the provider knows you as a public client',
    source="technical-profiles.md §17, §18",
)
UNCHECKED_ISSUER: Final = Rule(
    code="JM1474",
    severity=Severity.ERROR,
    message="DiscoverMetadataByTokenIssuer is true, but ValidTokenIssuerPrefixes names nobody whose tokens are accepted",
    help='add <Item Key="ValidTokenIssuerPrefixes">https://…</Item> with the beginning of each issuer',
    source="technical-profiles.md §18",
)
FRAGMENT: Final = Rule(
    code="JM1540",
    severity=Severity.WARNING,
    message="response_mode is 'fragment', and a browser sends no fragment to a server: 'form_post' is asked for",
    help='write <Item Key="response_mode">form_post</Item> or query',
    source="technical-profiles.md §17; OAuth 2.0 Multiple Response Type Encoding Practices §2.1",
)
UNKNOWN_HANDLER: Final = Rule(
    code="JM1542",
    severity=Severity.WARNING,
    message="the error handler never acts: {reason}",
    help="write ResponseMatch as $.error or $[?(@.error == 'invalid_grant')], and Reauthenticate or InvalidClient as Action",
    source="technical-profiles.md §17",
)
UNKNOWN_VALUE: Final = Rule(
    code="JM1543",
    severity=Severity.ERROR,
    message="{item} is {value!r}, but must be {known}",
    help="correct the metadata item",
    source="technical-profiles.md §17, §18",
)
_KNOWN_VALUES: Final = {
    "token_endpoint_auth_method": tuple(method.value for method in ClientAuthentication),
    "token_signing_algorithm": ("RS256", "RS512"),
}


def _check(subject: ProfileCheck) -> Iterator[Diagnostic]:
    profile = subject.profile
    credential = key_reference(profile, CLIENT_SECRET) or key_reference(profile, ASSERTION_KEY)
    types = (profile.metadata.get("response_types") or "").split()
    if "code" in types and credential is None:
        place = subject.place("response_types")
        yield MISSING_CREDENTIAL.at(place, secret=CLIENT_SECRET, assertion=ASSERTION_KEY)
    if (profile.metadata.get("response_mode") or "").strip().lower() == FRAGMENT_MODE:
        yield FRAGMENT.at(subject.place("response_mode"))
    for name, known in _KNOWN_VALUES.items():
        value = (profile.metadata.get(name) or "").strip()
        if value and value.lower() not in {each.lower() for each in known}:
            yield UNKNOWN_VALUE.at(subject.place(name), item=name, value=value, known=" or ".join(known))
    for handler in profile.error_handlers:
        if reason := _unusable(handler):
            yield UNKNOWN_HANDLER.at(handler.location, element=profile.id, reason=reason)
    by_issuer = profile.metadata.flag("DiscoverMetadataByTokenIssuer")
    if by_issuer and not profile.metadata.get("ValidTokenIssuerPrefixes"):
        yield UNCHECKED_ISSUER.at(subject.place("DiscoverMetadataByTokenIssuer"))


def _unusable(handler: ErrorHandler) -> str:
    if (handler.response_format or "json").casefold() != "json":
        return f"ErrorResponseFormat is {handler.response_format!r}, and only json is known"
    if compile_match(handler.response_match) is None:
        return f"ResponseMatch {handler.response_match!r} is no JSONPath that is known here"
    if handler.action.casefold() not in ACTIONS:
        return f"Action is {handler.action!r}"
    return ""


OAUTH2_SPEC: Final = HandlerSpec(
    handler=OAUTH2,
    metadata=_SHARED | {"AccessTokenResponseFormat", "ClaimsResponseFormat"},
    required_metadata=frozenset({"client_id", "authorization_endpoint", "AccessTokenEndpoint"}),
    check=_check,
    interactive=True,
    may_be_incomplete=True,
)
OPENID_CONNECT_SPEC: Final = HandlerSpec(
    handler=OPENID_CONNECT,
    metadata=_SHARED
    | {
        "issuer",
        "JWKS",
        "MarkAsFailureOnStatusCode5xx",
        "METADATA",
        "ReadBodyClaimsOnIdpRedirect",
        "UserMessageIfClaimsPrincipalDoesNotExist",
        "UserMessageIfInvalidPassword",
        "UserMessageIfOldPasswordUsed",
    },
    required_metadata=frozenset({"client_id", "METADATA"}),
    stands_in={"METADATA": frozenset({"JWKS", "issuer", "authorization_endpoint"})},
    check=_check,
    interactive=True,
    may_be_incomplete=True,
)
