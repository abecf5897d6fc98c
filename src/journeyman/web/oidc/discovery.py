"""Discovery documents and key sets: a policy in, what its clients read about it out.

Source: protocol.md §2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from journeyman.claims.values import Json
from journeyman.compiler.compiled import CompiledPolicy

CORS: Final = {"Access-Control-Allow-Origin": "*"}
CORS_PREFLIGHT: Final = {
    **CORS,
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "3600",
}
CACHE_S: Final = 3600
CACHE_IN_DEVELOPMENT_S: Final = 60
"""A tenant folder whose store was deleted has new keys; nobody should wait an hour for that on a laptop."""


def cached(*, development: bool) -> dict[str, str]:
    """Return the headers of a document that anybody may read and keep for a while."""
    return {**CORS, "Cache-Control": f"public, max-age={CACHE_IN_DEVELOPMENT_S if development else CACHE_S}"}


def policy_document(
    policy: CompiledPolicy, *, issuer: str, origin: str, tenant: str, query_form: bool
) -> Mapping[str, Json]:
    """Return the discovery document of a policy; its endpoints carry the policy in lower case.

    Args:
        tenant: the tenant segment of the paths.
        query_form: whether the document was asked for with ``?p=``, which its endpoints then use too.
    """
    name = policy.policy_id.lower()

    def endpoint(path: str) -> str:
        return f"{origin}/{tenant}{path}?p={name}" if query_form else f"{origin}/{tenant}/{name}{path}"

    outputs = policy.relying_party.output_claims if policy.relying_party else ()
    always = ["sub", "tfp", "iss", "iat", "exp", "aud", "acr", "nonce", "auth_time"]
    claims = list(dict.fromkeys([*(mapping.name for mapping in outputs), *always]))
    return {
        "issuer": issuer,
        "authorization_endpoint": endpoint("/oauth2/v2.0/authorize"),
        "token_endpoint": endpoint("/oauth2/v2.0/token"),
        "end_session_endpoint": endpoint("/oauth2/v2.0/logout"),
        "jwks_uri": endpoint("/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "response_types_supported": [
            "code",
            "code id_token",
            "id_token",
            "code token",
            "code id_token token",
            "id_token token",
            "token",
        ],
        "scopes_supported": ["openid"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": [*claims],
        "grant_types_supported": ["authorization_code", "implicit", "refresh_token", "password", "client_credentials"],
        "code_challenge_methods_supported": ["S256", "plain"],
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "claims_parameter_supported": False,
    }


def platform_document(*, origin: str, tenant: str, tenant_id: str) -> Mapping[str, Json]:
    """Return the document of the tenant itself, which clients need for client credentials."""
    return {
        "issuer": platform_issuer(origin, tenant_id),
        "authorization_endpoint": f"{origin}/{tenant}/oauth2/v2.0/authorize",
        "token_endpoint": f"{origin}/{tenant}/oauth2/v2.0/token",
        "jwks_uri": f"{origin}/{tenant}/discovery/v2.0/keys",
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
    }


def platform_issuer(origin: str, tenant_id: str) -> str:
    """Return the issuer of tokens that the tenant itself gives to applications."""
    return f"{origin}/{tenant_id}/v2.0"
