"""Which provider runs a technical profile: protocol, handler and formats in, a registry name out.

Source: technical-profiles.md §1.4.
"""

from __future__ import annotations

from typing import Final

from journeyman.policy.connector_profile import HANDLER
from journeyman.policy.model import TechnicalProfile, key

RESTFUL: Final = "Web.TPEngine.Providers.RestfulProvider"
API_CONNECTOR: Final = HANDLER
API_CALLS: Final = frozenset({RESTFUL, API_CONNECTOR})
"""Handlers whose profiles call an API with a credential of policy keys."""
SELF_ASSERTED: Final = "Web.TPEngine.Providers.SelfAssertedAttributeProvider"
CLAIMS_TRANSFORMATION: Final = "Web.TPEngine.Providers.ClaimsTransformationProtocolProvider"
DIRECTORY: Final = "Web.TPEngine.Providers.AzureActiveDirectoryProvider"
ONE_TIME_PASSWORD: Final = "Web.TPEngine.Providers.OneTimePasswordProtocolProvider"  # noqa: S105  # the name of a handler
AAD_SSPR: Final = "Web.TPEngine.Providers.AadSsprProtocolProvider"
SESSION_NOOP: Final = "Web.TPEngine.SSO.NoopSSOSessionProvider"
SESSION_DEFAULT: Final = "Web.TPEngine.SSO.DefaultSSOSessionProvider"
SESSION_EXTERNAL_LOGIN: Final = "Web.TPEngine.SSO.ExternalLoginSSOSessionProvider"
SESSION_OAUTH: Final = "Web.TPEngine.SSO.OAuthSSOSessionProvider"
SESSION_SAML: Final = "Web.TPEngine.SSO.SamlSSOSessionProvider"

PASSWORD_GRANT: Final = "OpenIdConnect password grant"  # noqa: S105  # the name of a grant
JWT_ISSUER: Final = "JWT issuer"
SAML_ISSUER: Final = "SAML issuer"
USER_INFO_ISSUER: Final = "UserInfo issuer"
OAUTH2_ERROR: Final = "OAuth2Error issuer"
OPENID_CONNECT: Final = "OpenIdConnect identity provider"
OAUTH2: Final = "OAuth2 identity provider"
OAUTH1: Final = "OAuth1 identity provider"
SAML2: Final = "SAML2 identity provider"
NONE: Final = "Protocol None"

_ISSUERS: Final = {
    ("none", "jwt"): JWT_ISSUER,
    ("openidconnect", "jwt"): JWT_ISSUER,
    ("none", "saml2"): SAML_ISSUER,
    ("saml2", "saml2"): SAML_ISSUER,
    ("none", "json"): USER_INFO_ISSUER,
    ("oauth2", "oauth2error"): OAUTH2_ERROR,
}
"""(protocol, OutputTokenFormat) -> issuer."""
_PROVIDER_ITEMS: Final = frozenset({"metadata", "authorization_endpoint", "partnerentity"})
"""Metadata that an identity provider needs and no issuer has: federated profiles carry a format too."""


def handler_of(profile: TechnicalProfile) -> str:
    """Return the registry name of the provider that runs ``profile``, "" when it has no protocol."""
    protocol = profile.protocol
    if protocol is None:
        return ""
    if key(protocol.name) == "proprietary":
        return (protocol.handler or "").split(",")[0].strip()
    issuer = _ISSUERS.get((key(protocol.name), key(profile.output_token_format or "")))
    if issuer and not _PROVIDER_ITEMS & profile.metadata.keys():
        return issuer
    if key(protocol.name) == "openidconnect" and _is_password_grant(profile):
        return PASSWORD_GRANT
    names = {"openidconnect": OPENID_CONNECT, "oauth2": OAUTH2, "oauth1": OAUTH1, "saml2": SAML2, "none": NONE}
    return names.get(key(protocol.name), protocol.name)


def _is_password_grant(profile: TechnicalProfile) -> bool:
    return any(
        key(claim.partner_claim_type or claim.claim_type) == "grant_type"
        and key(claim.default_value or "") == "password"
        for claim in profile.input_claims
    )
