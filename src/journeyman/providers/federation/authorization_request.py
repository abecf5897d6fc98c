"""The request with which the browser goes to an identity provider: a configuration and claims in, a URL out.

Input claims become further parameters; they cannot replace those that keep the exchange safe.
Source: technical-profiles.md §17, §18; OpenID Connect Core §3.1.2.1; RFC 7636.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from journeyman.claims.values import to_wire_text
from journeyman.errors import ServiceError
from journeyman.providers.federation.configuration import Configuration
from journeyman.technical_profile import InputClaim

RESERVED: Final = frozenset(
    {
        "client_id",
        "client_secret",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "redirect_uri",
        "request",
        "request_uri",
        "response_mode",
        "response_type",
        "state",
    }
)
"""Parameters that neither a claim nor ``AdditionalRequestQueryParameters`` may set; our decision."""


def authorization_url(
    configuration: Configuration,
    endpoint: str,
    inputs: Iterable[InputClaim],
    own: Mapping[str, str],
    *,
    more: Mapping[str, str] | None = None,
) -> str:
    """Return the URL of an authorization request, without ``state``.

    Args:
        own: parameters that this very request has, such as ``nonce``.
        more: further parameters, as those of the policy.

    Raises:
        ServiceError: AADB2C90289, the endpoint is no web address.
    """
    scheme, host, path, query, _ = urlsplit(endpoint)
    if scheme not in {"https", "http"} or not host:
        detail = "the authorization endpoint of the identity provider is not a web address"
        raise ServiceError(detail, service_code="AADB2C90289")
    added = {**configuration.extra, **{mapping.name: to_wire_text(value) for mapping, value in inputs}, **(more or {})}
    reserved = RESERVED | {configuration.client_id_name.lower(), configuration.client_secret_name.lower()}
    parameters = {name: value for name, value in added.items() if name.lower() not in reserved}
    parameters |= {
        configuration.client_id_name: configuration.client_id,
        "redirect_uri": configuration.redirect_uri,
        "response_type": " ".join(configuration.response_types),
    }
    if configuration.scope:
        parameters["scope"] = configuration.scope
    if configuration.response_mode is not None:
        parameters["response_mode"] = configuration.response_mode
    joined = urlencode({**parameters, **own})
    return urlunsplit((scheme, host, path, f"{query}&{joined}" if query else joined, ""))


def code_challenge(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636 §4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
