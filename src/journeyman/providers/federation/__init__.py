"""Sign-in at an identity provider, by OAuth 2.0 or OpenID Connect: a technical profile in, claims about a person out.

A profile runs in two halves. ``execute`` makes the authorization request to which the browser is sent;
``receive`` takes what it brings back, redeems the code, checks the tokens and maps their claims.
Source: technical-profiles.md §17, §18, §25.
"""

from journeyman.providers.federation.configuration import FederationServices
from journeyman.providers.federation.oauth2 import OAuth2Provider, build_oauth2
from journeyman.providers.federation.openid_connect import OpenIdConnectProvider, build_openid_connect
from journeyman.providers.federation.spec import OAUTH2_SPEC, OPENID_CONNECT_SPEC

__all__ = [
    "OAUTH2_SPEC",
    "OPENID_CONNECT_SPEC",
    "FederationServices",
    "OAuth2Provider",
    "OpenIdConnectProvider",
    "build_oauth2",
    "build_openid_connect",
]
