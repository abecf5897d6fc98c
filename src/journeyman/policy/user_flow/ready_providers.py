"""What the types of identity providers that need no discovery document of your own say in a technical profile.

Facts of the providers' public documentation; docs/how-to/identity-providers.md says what to register where.
Where a provider offers OpenID Connect and answers with the nonce it is used, because an ID token proves for whom a
code was given. Access tokens go into a header, not into the URL, where a provider takes them there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_BEARER: Final = {"BearerTokenTransmissionMethod": "AuthorizationHeader"}
_OPENID_CLAIMS: Final = {
    "userId": "sub", "displayName": "name", "givenName": "given_name", "surname": "family_name", "email": "email",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadyProvider:
    """A type of identity provider whose endpoints are known.

    Attributes:
        scope: what is asked for unless the settings say otherwise.
        claims: our claim -> theirs.
        issuer: the issuer under which its users are stored, where it is not the domain of the type.
    """

    protocol: str
    metadata: Mapping[str, str]
    scope: str
    claims: Mapping[str, str]
    issuer: str = ""


READY: Final[Mapping[str, ReadyProvider]] = {
    "Amazon": ReadyProvider(
        "OAuth2",
        {
            "ProviderName": "amazon",
            "authorization_endpoint": "https://www.amazon.com/ap/oa",
            "AccessTokenEndpoint": "https://api.amazon.com/auth/o2/token",
            "ClaimsEndpoint": "https://api.amazon.com/user/profile",
            "HttpBinding": "POST",
            **_BEARER,
        },
        "profile",
        {"userId": "user_id", "displayName": "name", "email": "email"},
    ),
    "Apple": ReadyProvider(
        "OpenIdConnect",
        {
            "ProviderName": "apple",
            "authorization_endpoint": "https://appleid.apple.com/auth/authorize",
            "AccessTokenEndpoint": "https://appleid.apple.com/auth/token",
            "JWKS": "https://appleid.apple.com/auth/keys",
            "issuer": "https://appleid.apple.com",
            "response_mode": "form_post",
            "HttpBinding": "POST",
            "ReadBodyClaimsOnIdpRedirect": "user.name.firstName user.name.lastName user.email",
        },
        "name email openid",
        {"userId": "sub", "givenName": "user.name.firstName", "surname": "user.name.lastName", "email": "email"},
        issuer="https://appleid.apple.com",
    ),
    "Facebook": ReadyProvider(
        "OAuth2",
        {
            "ProviderName": "facebook",
            "authorization_endpoint": "https://www.facebook.com/dialog/oauth",
            "AccessTokenEndpoint": "https://graph.facebook.com/oauth/access_token",
            "ClaimsEndpoint": "https://graph.facebook.com/me?fields=id,first_name,last_name,name,email",
            "HttpBinding": "GET",
            "AccessTokenResponseFormat": "json",
        },
        "email public_profile",
        {
            "userId": "id",
            "displayName": "name",
            "givenName": "first_name",
            "surname": "last_name",
            "email": "email",
        },
    ),
    "GitHub": ReadyProvider(
        "OAuth2",
        {
            "ProviderName": "github.com",
            "authorization_endpoint": "https://github.com/login/oauth/authorize",
            "AccessTokenEndpoint": "https://github.com/login/oauth/access_token",
            "ClaimsEndpoint": "https://api.github.com/user",
            "HttpBinding": "POST",
            "UserAgentForClaimsExchange": "journeyman",
            **_BEARER,
        },
        "read:user user:email",
        {"userId": "id", "displayName": "name", "email": "email"},
    ),
    "Google": ReadyProvider(
        "OpenIdConnect",
        {
            "ProviderName": "google",
            "METADATA": "https://accounts.google.com/.well-known/openid-configuration",
            "response_mode": "query",
            "HttpBinding": "POST",
        },
        "openid profile email",
        _OPENID_CLAIMS,
    ),
    # It offers OpenID Connect too, but its ID tokens do not repeat the nonce.
    "LinkedIn": ReadyProvider(
        "OAuth2",
        {
            "ProviderName": "linkedin",
            "authorization_endpoint": "https://www.linkedin.com/oauth/v2/authorization",
            "AccessTokenEndpoint": "https://www.linkedin.com/oauth/v2/accessToken",
            "ClaimsEndpoint": "https://api.linkedin.com/v2/userinfo",
            "HttpBinding": "POST",
            **_BEARER,
        },
        "openid profile email",
        _OPENID_CLAIMS,
    ),
    "Microsoft": ReadyProvider(
        "OpenIdConnect",
        {
            "ProviderName": "https://login.live.com",
            "METADATA": "https://login.live.com/.well-known/openid-configuration",
            "response_mode": "form_post",
            "HttpBinding": "POST",
        },
        "openid profile email",
        {"userId": "sub", "displayName": "name", "email": "email"},
    ),
    "QQ": ReadyProvider(
        "OAuth2",
        {
            "ProviderName": "qq",
            "authorization_endpoint": "https://graph.qq.com/oauth2.0/authorize",
            "AccessTokenEndpoint": "https://graph.qq.com/oauth2.0/token?fmt=json",
            "ClaimsEndpoint": "https://graph.qq.com/oauth2.0/me?fmt=json",
            "HttpBinding": "GET",
        },
        "get_user_info",
        {"userId": "openid"},
    ),
    "WeChat": ReadyProvider(
        "OAuth2",
        {
            "ProviderName": "wechat",
            "authorization_endpoint": "https://open.weixin.qq.com/connect/qrconnect",
            "AccessTokenEndpoint": "https://api.weixin.qq.com/sns/oauth2/access_token",
            "ClaimsEndpoint": "https://api.weixin.qq.com/sns/userinfo",
            "HttpBinding": "GET",
            "AccessTokenResponseFormat": "json",
            "ClientIdParamName": "appid",
            "ClientSecretParamName": "secret",
            "ExtraParamsInAccessTokenEndpointResponse": "openid",
            "ExtraParamsInClaimsEndpointRequest": "openid",
            "ResponseErrorCodeParamName": "errcode",
        },
        "snsapi_login",
        {"userId": "unionid", "displayName": "nickname"},
    ),
    "Weibo": ReadyProvider(
        "OAuth2",
        {
            "ProviderName": "weibo",
            "authorization_endpoint": "https://api.weibo.com/oauth2/authorize",
            "AccessTokenEndpoint": "https://api.weibo.com/oauth2/access_token",
            "ClaimsEndpoint": "https://api.weibo.com/2/users/show.json",
            "HttpBinding": "POST",
            "ExtraParamsInAccessTokenEndpointResponse": "uid",
            "ExtraParamsInClaimsEndpointRequest": "uid",
            "ResponseErrorCodeParamName": "error_code",
        },
        "",
        {"userId": "idstr", "displayName": "screen_name"},
    ),
}
"""The type's name in Graph -> its settings."""
