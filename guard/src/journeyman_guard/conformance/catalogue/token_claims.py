"""Tokens with a good signature and wrong claims; they need the issuer's signing key, so they are for test issuers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from journeyman_guard.conformance.case import Case
from journeyman_guard.conformance.forge import forge, load_signing_key
from journeyman_guard.conformance.subject import Subject

_TIME: Final = "The dates of a token are not checked: a token that leaked once is good for ever."
_AUDIENCE: Final = "The audience is not checked: a token that somebody gave to another API opens this one."
_ISSUER: Final = "The issuer is not checked: tokens of another tenant or service open this API."
_RIGHT: Final = "Scope and role are not checked: any token for this API may do everything."
_PINNED: Final = "The algorithm is not pinned."
_LEAVE_OUT: Final = object()
_HOUR_S: Final = 3_600


def token_claim_cases(subject: Subject) -> Iterator[Case]:
    """Return the cases; none without the signing key."""
    if subject.kind != "jwt" or subject.signing_key is None:
        return
    key = load_signing_key(subject.signing_key)
    header = subject.token_header()
    algorithm = str(header.get("alg", "RS256"))
    claims = subject.claims()
    now_s = int(datetime.now(UTC).timestamp())
    for name, title, meaning, changes in (*_times(now_s), *_audiences(claims), *_issuers(claims), *_rights(claims)):
        changed = {**claims, **changes}
        kept = {key_: value for key_, value in changed.items() if value is not _LEAVE_OUT}
        token = forge(header, json.dumps(kept).replace('"__huge__"', "1e999").encode(), key, algorithm)
        yield _case(subject, name, title, meaning, token)
    if isinstance(key, RSAPrivateKey):
        other = "RS384" if algorithm != "RS384" else "RS512"
        yield _case(
            subject, "other-hash", f"signed with {other}", _PINNED, forge({**header, "alg": other}, claims, key, other)
        )
    twice = json.dumps({**claims, "exp": now_s - _HOUR_S})[:-1] + f', "exp": {now_s + _HOUR_S}}}'
    yield _case(
        subject, "claim-twice", "a claim twice, first expired", _TIME, forge(header, twice.encode(), key, algorithm)
    )
    unknown = {**header, "kid": "unknown-to-the-issuer"}
    yield _case(
        subject,
        "unknown-kid",
        "a good signature under an unknown key id",
        _ISSUER,
        forge(unknown, claims, key, algorithm),
    )


Change = tuple[str, str, str, Mapping[str, object]]


def _times(now_s: int) -> Iterator[Change]:
    yield "expired-hour", "expired an hour ago", _TIME, {"exp": now_s - _HOUR_S}
    yield "expired-minutes", "expired eleven minutes ago", _TIME, {"exp": now_s - 660}
    yield "expired-1970", "expired in 1970", _TIME, {"exp": 0}
    yield "expired-negative", "a negative expiry", _TIME, {"exp": -1}
    yield "no-expiry", "no expiry", _TIME, {"exp": _LEAVE_OUT}
    yield "expiry-null", "an expiry that is null", _TIME, {"exp": None}
    yield "expiry-text", "an expiry that is a text", _TIME, {"exp": str(now_s + _HOUR_S)}
    yield "expiry-word", "an expiry that is a word", _TIME, {"exp": "never"}
    yield "expiry-true", "an expiry that is true", _TIME, {"exp": True}
    yield "expiry-list", "an expiry in a list", _TIME, {"exp": [now_s + _HOUR_S]}
    yield "expiry-infinite", "an infinite expiry", _TIME, {"exp": "__huge__"}
    yield "not-yet", "not valid before an hour from now", _TIME, {"nbf": now_s + _HOUR_S, "exp": now_s + 2 * _HOUR_S}
    yield "not-yet-text", "a start that is a text", _TIME, {"nbf": "tomorrow"}
    yield "issued-later", "issued an hour from now", _TIME, {"iat": now_s + _HOUR_S, "exp": now_s + 2 * _HOUR_S}


def _audiences(claims: Mapping[str, object]) -> Iterator[Change]:
    right = claims.get("aud")
    audience = str(right[0] if isinstance(right, list) and right else right)
    wrong: dict[str, object] = {
        "other": "another-api",
        "missing": _LEAVE_OUT,
        "null": None,
        "empty": "",
        "empty-list": [],
        "list-of-others": ["another-api", "third-api"],
        "longer": audience + "x",
        "shorter": audience[:-1],
        "slash": audience + "/",
        "spaced": f"x {audience}",
        "comma": f"x,{audience}",
        "object": {audience: True},
        "nested": [[audience]],
        "star": "*",
    }
    if audience.swapcase() != audience:
        wrong["case"] = audience.swapcase()
    for name, value in wrong.items():
        yield f"audience-{name}", f"audience: {name.replace('-', ' ')}", _AUDIENCE, {"aud": value}


def _issuers(claims: Mapping[str, object]) -> Iterator[Change]:
    issuer = str(claims.get("iss", ""))
    wrong: dict[str, object] = {
        "other": "https://issuer.invalid/",
        "missing": _LEAVE_OUT,
        "null": None,
        "empty": "",
        "list": [issuer],
        "longer": issuer + ".attacker.invalid",
        "shorter": issuer[:-1],
        "slash": issuer.rstrip("/") if issuer.endswith("/") else issuer + "/",
        "http": issuer.replace("https://", "http://", 1) if issuer.startswith("https://") else "https" + issuer,
        "user": issuer.replace("://", "://x@", 1) if "://" in issuer else issuer + "@x",
    }
    if issuer.swapcase() != issuer:
        wrong["case"] = issuer.swapcase()
    for name, value in wrong.items():
        yield f"issuer-{name}", f"issuer: {name}", _ISSUER, {"iss": value}


def _rights(claims: Mapping[str, object]) -> Iterator[Change]:
    named = [name for name in ("scp", "scope", "roles") if name in claims]
    if not named:
        return
    first = claims[named[0]]
    words = (
        first.split(" ") if isinstance(first, str) else [str(word) for word in first] if isinstance(first, list) else []
    )
    none: dict[str, object] = dict.fromkeys(named, _LEAVE_OUT)
    yield "rights-missing", "no scope and no role", _RIGHT, none
    yield "rights-empty", "an empty scope", _RIGHT, {**none, "scp": ""}
    yield "rights-other", "another scope", _RIGHT, {**none, "scp": "something.else"}
    yield "rights-joined", "the scopes without spaces", _RIGHT, {**none, "scp": "x".join(words) + "x"}
    yield (
        "rights-longer",
        "a scope that begins with the right one",
        _RIGHT,
        {**none, "scp": " ".join(f"{word}.all" for word in words)},
    )
    yield "rights-star", "a star as scope", _RIGHT, {**none, "scp": "*"}
    yield "rights-comma", "the scopes with commas", _RIGHT, {**none, "scp": "a," + ",".join(words) + ",b"}
    yield "rights-object", "scopes that are an object", _RIGHT, {**none, "scp": dict.fromkeys(words, True)}


def _case(subject: Subject, name: str, title: str, meaning: str, token: str) -> Case:
    probe = subject.bare().with_header("Authorization", f"Bearer {token}")
    return Case(f"token-claims/{name}", title, meaning, probe)
