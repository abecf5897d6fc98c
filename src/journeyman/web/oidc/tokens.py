"""Make tokens: a grant and the issuer of its policy in, signed JWTs out.

Source: protocol.md §8.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from journeyman.claims.values import Json
from journeyman.engine import Engine, ServedPolicy
from journeyman.errors import KeyStoreError
from journeyman.keys.jose import sign_jwt
from journeyman.keys.keyset import Key
from journeyman.providers.jwt_issuer import JwtIssuer
from journeyman.web.oidc.grants import Grant
from journeyman.web.public_errors import key_failure


@dataclass(frozen=True, slots=True)
class Minting:
    """What all tokens of one answer share; ``now_s`` is seconds since 1970."""

    issuer: JwtIssuer
    issuer_name: str
    policy_id: str
    key: Key
    now_s: int


def minting_for(engine: Engine, served: ServedPolicy, issuer_profile: str, *, now: datetime) -> Minting:
    """Gather what the tokens of a policy need. Raises ServiceError when its signing key cannot be used."""
    issuer = served.issuer(issuer_profile)
    return Minting(
        issuer=issuer,
        issuer_name=issuer.name(engine.origin, engine.tenant.id, served.policy.policy_id),
        policy_id=served.policy.policy_id,
        key=signing_key(engine, issuer.signing_key),
        now_s=int(now.timestamp()),
    )


def signing_key(engine: Engine, key_id: str) -> Key:
    """Return the active key of a policy key, for the tokens of one answer; it is noted in the audit trail.

    Raises:
        ServiceError: AADB2C90019 and its like, when there is none.
    """
    try:
        key = engine.keys.active(key_id)
    except KeyStoreError as error:
        raise key_failure(error) from error
    engine.signings.note(key_id, key.kid)
    return key


def sign(key: Key, claims: Mapping[str, Json]) -> str:
    """Sign a token. Raises ServiceError when the key has no private part."""
    try:
        return sign_jwt(key, claims)
    except KeyStoreError as error:
        raise key_failure(error) from error


def id_token(minting: Minting, grant: Grant, *, code: str | None = None, access_token: str | None = None) -> str:
    """Sign the id token of a grant; ``c_hash`` and ``at_hash`` bind what is sent beside it."""
    claims = _claims(minting, grant, audience=grant.client_id, lifetime_s=minting.issuer.id_s)
    if grant.nonce:
        claims["nonce"] = grant.nonce
    if code is not None:
        claims["c_hash"] = half_hash(code)
    if access_token is not None:
        claims["at_hash"] = half_hash(access_token)
    return sign(minting.key, claims)


def access_token(minting: Minting, grant: Grant, *, audience: str, scopes: tuple[str, ...]) -> str:
    """Sign an access token for ``audience`` (a client id); ``scopes`` are names without their resource."""
    claims = _claims(minting, grant, audience=audience, lifetime_s=minting.issuer.access_s)
    claims["azp"] = grant.client_id
    if scopes:
        claims["scp"] = " ".join(scopes)
    return sign(minting.key, claims)


def _claims(minting: Minting, grant: Grant, *, audience: str, lifetime_s: int) -> dict[str, Json]:
    claims: dict[str, Json] = dict(grant.claims)
    if minting.issuer.acr:
        claims["acr"] = minting.policy_id.lower()
    if grant.subject is not None:
        claims["sub"] = grant.subject
    elif grant.user_id is not None:
        claims.setdefault("sub", grant.user_id)
    claims.update(
        {
            "ver": "1.0",
            "iss": minting.issuer_name,
            "aud": audience,
            "iat": minting.now_s,
            "nbf": minting.now_s,
            "exp": minting.now_s + lifetime_s,
            "auth_time": grant.auth_time,
        }
    )
    return claims


def half_hash(text: str) -> str:
    """Return the left half of a SHA-256 in base64url (OpenID Connect Core §3.3.2.11)."""
    return encode(hashlib.sha256(text.encode()).digest()[:16])


def encode(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def client_info(grant: Grant, *, tenant_id: str) -> str:
    """Return the ``client_info`` by which MSAL names an account (protocol.md §5.3)."""
    user = grant.claims.get("oid") or grant.user_id or grant.subject or ""
    return _document({"uid": f"{user}-{grant.policy_id.lower()}", "utid": tenant_id})


def profile_info(grant: Grant, *, tenant_id: str) -> str:
    """Return the ``profile_info`` of a token answer."""
    return _document(
        {
            "ver": "1.0",
            "tid": tenant_id,
            "sub": None,
            "name": grant.claims.get("name"),
            "preferred_username": None,
            "idp": grant.claims.get("idp"),
        }
    )


def _document(members: Mapping[str, Json]) -> str:
    return encode(json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode())
