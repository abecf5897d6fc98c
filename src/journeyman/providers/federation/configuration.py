"""What a federated profile says of its identity provider: compiled metadata in, a checked configuration out.

Source: technical-profiles.md §1.2, §17, §18.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from journeyman.clock import Clock
from journeyman.compiler.compiled import Metadata, TechnicalProfile
from journeyman.connector.authenticator import ActiveKeys
from journeyman.connector.client import RestClient
from journeyman.connector.limits import CallRules
from journeyman.connector.profile import key_reference
from journeyman.technical_profile import UNOBSERVED, CallObserver
from journeyman.trace.redaction import Redactor

CLIENT_SECRET: Final = "client_secret"  # noqa: S105  # the Id of a key
ASSERTION_KEY: Final = "assertion_signing_key"
FRAGMENT_MODE: Final = "fragment"
AGAIN: Final = "again"
"""What a journey keeps of a request that an error handler of the policy repeats; a second one is not repeated."""
_ENDPOINTS: Final = (
    "METADATA",
    "JWKS",
    "issuer",
    "authorization_endpoint",
    "AccessTokenEndpoint",
    "ClaimsEndpoint",
    "end_session_endpoint",
)


class ClientAuthentication(Enum):
    """The metadata item ``token_endpoint_auth_method``."""

    POST = "client_secret_post"
    BASIC = "client_secret_basic"
    PRIVATE_KEY = "private_key_jwt"
    SIGNED_SECRET = "signed_client_secret"  # noqa: S105  # the name of a method
    NONE = "none"


@dataclass(frozen=True, slots=True)
class FederationServices:
    """What the federated profiles of one policy share.

    Attributes:
        client: sends our requests to the real Microsoft identity platform too, in development mode as well.
        origin: where browsers find us, without a trailing slash.
        observer: is told of every request to an identity provider before it is made and when it has ended.
    """

    client: RestClient
    keys: ActiveKeys
    clock: Clock
    rules: CallRules
    redactor: Redactor
    origin: str
    tenant: str
    policy_id: str
    observer: CallObserver = UNOBSERVED


@dataclass(frozen=True, slots=True)
class Configuration:
    """An identity provider and how we are known to it.

    Attributes:
        response_types: of the authorization request, in the order of the policy.
        response_mode: None sends none, so that the provider uses its default.
        extra: further parameters of the authorization request.
        token_by_get: whether the token endpoint is asked by GET, as some old providers want it.
        secret_issuer, secret_key_id: of client secrets that are signed with the policy key, as Apple wants them.
        endpoints: name of an endpoint in the metadata in lower case -> its URL; "" where the policy gives none.
        secret: the policy key with the client secret, None when there is none.
        assertion_key: likewise the key that signs client assertions.
        json_paths: whether names of output claims are paths into the answer.
        client_id_name, client_secret_name: how the provider calls these two parameters.
        error_member: the member of an answer that reports an error; "error" does so in any case.
        json_tokens: whether the token endpoint is known to answer JSON, whatever it calls it.
        user_member: the member of an answer without which it names nobody, "" for none.
    """

    client_id: str
    redirect_uri: str
    response_types: tuple[str, ...]
    response_mode: str | None
    scope: str
    extra: Mapping[str, str]
    authentication: ClientAuthentication
    token_by_get: bool
    secret: str | None
    assertion_key: str | None
    assertion_algorithm: str
    json_paths: bool
    user_agent: str
    client_id_name: str = "client_id"
    client_secret_name: str = CLIENT_SECRET
    error_member: str = "error"
    user_member: str = ""
    json_tokens: bool = False
    secret_issuer: str = ""
    secret_key_id: str = ""
    endpoints: Mapping[str, str] = field(default_factory=dict)

    @property
    def by_code(self) -> bool:
        """Whether a code comes back that is redeemed at the token endpoint."""
        return "code" in self.response_types


def configuration_of(profile: TechnicalProfile, services: FederationServices, *, openid_connect: bool) -> Configuration:
    """Read the metadata of a profile; the compiler has checked that what is required is there."""
    metadata = profile.metadata
    secret, assertion_key = key_reference(profile, CLIENT_SECRET), key_reference(profile, ASSERTION_KEY)
    has_credential = secret is not None or assertion_key is not None
    default_type = "code" if has_credential or not openid_connect else "id_token"
    return Configuration(
        client_id=item(metadata, services, "client_id"),
        redirect_uri=redirect_uri(metadata, services),
        response_types=tuple((item(metadata, services, "response_types") or default_type).split()),
        response_mode=_response_mode(item(metadata, services, "response_mode"), openid_connect=openid_connect),
        scope=item(metadata, services, "scope") or ("openid" if openid_connect else ""),
        extra=pairs(item(metadata, services, "AdditionalRequestQueryParameters")),
        authentication=_authentication(metadata, secret=secret is not None, assertion=assertion_key is not None),
        token_by_get=item(metadata, services, "HttpBinding").upper() == "GET",
        secret=secret,
        assertion_key=assertion_key,
        assertion_algorithm=item(metadata, services, "token_signing_algorithm").upper() or "RS256",
        json_paths=metadata.flag("ResolveJsonPathsInJsonTokens"),
        user_agent=item(metadata, services, "UserAgentForClaimsExchange"),
        client_id_name=item(metadata, services, "ClientIdParamName") or "client_id",
        client_secret_name=item(metadata, services, "ClientSecretParamName") or "client_secret",
        error_member=item(metadata, services, "ResponseErrorCodeParamName") or "error",
        user_member=item(metadata, services, "external_user_identity_claim_id"),
        json_tokens=item(metadata, services, "AccessTokenResponseFormat").lower() == "json",
        secret_issuer=item(metadata, services, "ClientSecretIssuer"),
        secret_key_id=item(metadata, services, "ClientSecretKeyId"),
        endpoints={name.lower(): item(metadata, services, name) for name in _ENDPOINTS},
    )


def item(metadata: Metadata, services: FederationServices, name: str) -> str:
    """Return a metadata item with its placeholders filled, "" when it is not there."""
    text = (metadata.get(name) or "").strip()
    return text.replace("{tenant}", services.tenant).replace("{policy}", services.policy_id)


def redirect_uri(metadata: Metadata, services: FederationServices) -> str:
    """Return where the identity provider sends the browser; the policy is part of it only when asked for."""
    policy = f"/{services.policy_id.lower()}" if metadata.flag("UsePolicyInRedirectUri") else ""
    return f"{services.origin}/{services.tenant}{policy}/oauth2/authresp"


def pairs(text: str) -> dict[str, str]:
    """Read ``a=1,b=2``."""
    found = (part.partition("=") for part in text.split(",") if part.strip())
    return {name.strip(): value.strip() for name, _, value in found}


def names(text: str) -> tuple[str, ...]:
    """Read ``a, b``."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _response_mode(text: str, *, openid_connect: bool) -> str | None:
    if text.lower() == FRAGMENT_MODE:
        return "form_post"
    return text or ("form_post" if openid_connect else None)


def _authentication(metadata: Metadata, *, secret: bool, assertion: bool) -> ClientAuthentication:
    wanted = (metadata.get("token_endpoint_auth_method") or "").strip().lower()
    for method in ClientAuthentication:
        if method.value == wanted:
            return method
    if secret:
        return ClientAuthentication.POST
    return ClientAuthentication.PRIVATE_KEY if assertion else ClientAuthentication.NONE
