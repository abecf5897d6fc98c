"""Signed tokens whose signature, header or form is wrong (RFC 7515, RFC 8725)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from journeyman_guard.conformance.case import Case
from journeyman_guard.conformance.forge import (
    attacker_curve_key,
    attacker_key,
    b64url,
    forge,
    forge_bytes,
    public_jwk,
    signature,
)
from journeyman_guard.conformance.subject import Subject

_NONE: Final = "Unsigned tokens are accepted: anyone can write one."
_KEY: Final = "The signature is not verified with the issuer's key: anyone can sign a token."
_CONFUSION: Final = "The token chooses the algorithm: the issuer's public key, which everybody has, serves as a secret."
_KID: Final = "The key id reaches a file, a database or the network: the attacker chooses the key."
_BROUGHT: Final = "The token brings its own key, and the API believes it."
_HEADER: Final = "A header that must not be ignored is ignored (RFC 7515 §4.1.11)."
_FORM: Final = "Something that is no signed JWT is read as one; two parties can read it differently."
_ATTACKER: Final = "https://attacker.invalid/keys"

Header = Mapping[str, object]


def token_cases(subject: Subject) -> Iterator[Case]:
    """Return the cases; all are made with an attacker's key or from the right token."""
    claims = {**subject.claims(), "exp": 4_102_444_800}
    header = {name: value for name, value in subject.token_header().items() if name in ("typ", "alg", "kid")}
    made = (
        *_unsigned(header, claims),
        *_foreign(header, claims),
        *_confused(subject, header, claims),
        *_key_ids(header, claims),
        *_brought(header, claims),
        *_odd_headers(header, claims),
        *_odd_forms(header, claims),
        *(_altered(subject) if subject.kind == "jwt" else ()),
    )
    for name, title, meaning, token in made:
        probe = subject.bare().with_header("Authorization", f"Bearer {token}")
        yield Case(f"token/{name}", title, meaning, probe)


Made = Iterator[tuple[str, str, str, str]]


def _unsigned(header: Header, claims: Header) -> Made:
    payload = b64url(json.dumps(claims).encode())
    for algorithm in ("none", "None", "NONE", "nOnE", "none ", ""):
        first = b64url(json.dumps({**header, "alg": algorithm}).encode())
        yield (
            f"alg-{algorithm or 'empty'}".replace(" ", "-space"),
            f"alg: {algorithm!r}, no signature",
            _NONE,
            f"{first}.{payload}.",
        )
    first = b64url(json.dumps({**header, "alg": "none"}).encode())
    yield (
        "alg-none-signed",
        "alg: none with a signature",
        _NONE,
        forge({**header, "alg": "none"}, claims, attacker_key()),
    )
    yield "alg-none-two-parts", "alg: none, two parts only", _NONE, f"{first}.{payload}"
    without = {name: value for name, value in header.items() if name != "alg"}
    yield "alg-missing", "a header without alg", _NONE, forge(without, claims, attacker_key())
    for name, value in (("null", None), ("list", ["RS256"]), ("number", 256), ("true", True)):
        yield f"alg-{name}", f"alg is {name}", _NONE, forge({**header, "alg": value}, claims, attacker_key())
    signed = b64url(json.dumps({**header, "alg": "RS256"}).encode())
    yield "no-signature", "a signed header and an empty signature", _NONE, f"{signed}.{payload}."
    yield "zero-signature", "a signature of zeros", _KEY, f"{signed}.{payload}.{b64url(bytes(256))}"
    yield "short-signature", "a signature of one byte", _KEY, f"{signed}.{payload}.AA"


def _foreign(header: Header, claims: Header) -> Made:
    key = attacker_key()
    for algorithm in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"):
        token = forge({**header, "alg": algorithm}, claims, key, algorithm)
        yield f"foreign-{algorithm.lower()}", f"signed by another key, {algorithm}", _KEY, token
    without = {"typ": "JWT", "alg": "RS256"}
    yield "foreign-without-kid", "signed by another key, without a key id", _KEY, forge(without, claims, key)
    yield (
        "foreign-unknown-kid",
        "signed by another key with an unknown id",
        _KEY,
        forge({**without, "kid": "unknown"}, claims, key),
    )
    curve = {**header, "alg": "ES256"}
    yield "foreign-es256", "signed by another key, ES256", _KEY, forge(curve, claims, attacker_curve_key(), "ES256")
    text = f"{b64url(json.dumps(curve).encode())}.{b64url(json.dumps(claims).encode())}"
    yield (
        "es256-zeros",
        "ES256 with r and s zero, which a broken library takes for good",
        _KEY,
        f"{text}.{b64url(bytes(64))}",
    )
    yield "es256-empty", "ES256 with an empty signature", _KEY, f"{text}."


def _confused(subject: Subject, header: Header, claims: Header) -> Made:
    weak = {
        "empty": b"",
        "secret": b"secret",
        "zero": b"\0",
        "kid": str(header.get("kid", "")).encode(),
        "client": b"client_secret",
    }
    for name, secret in weak.items():
        token = forge({**header, "alg": "HS256"}, claims, secret, "HS256")
        yield f"hs256-{name}", f"HS256 with the secret {secret.decode()!r}", _CONFUSION, token
    public = attacker_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for number, pem in enumerate((public, *subject.public_keys)):
        whose = "the attacker's" if number == 0 else "the issuer's"
        for algorithm in ("HS256", "HS384", "HS512"):
            for name, secret in (("", pem), ("-stripped", pem.strip())):
                token = forge({**header, "alg": algorithm}, claims, secret, algorithm)
                title = f"{algorithm} with {whose} public key as the secret{', without its last line break' if name else ''}"
                yield f"{algorithm.lower()}-public-key-{number}{name}", title, _CONFUSION, token


def _key_ids(header: Header, claims: Header) -> Made:
    key_ids = {
        "null-device": ("../../../../../../dev/null", b""),
        "absolute-path": ("/dev/null", b""),
        "sql": ("x' UNION SELECT 'k' -- ", b"k"),
        "url": (_ATTACKER, b"k"),
        "command": ("x|echo k", b"k"),
        "nul": ("1\0", b""),
        "empty": ("", b""),
    }
    for name, (key_id, secret) in key_ids.items():
        token = forge({**header, "alg": "HS256", "kid": key_id}, claims, secret, "HS256")
        yield f"kid-{name}", f"key id {key_id!r}", _KID, token
        token = forge({**header, "alg": "RS256", "kid": key_id}, claims, attacker_key())
        yield f"kid-{name}-rs256", f"key id {key_id!r}, RS256", _KID, token
    kinds: dict[str, object] = {"number": 1, "list": ["1"], "object": {"a": 1}, "true": True, "long": "k" * 6_000}
    for name, value in kinds.items():
        yield f"kid-{name}", f"a key id that is {name}", _KID, forge({**header, "kid": value}, claims, attacker_key())


def _brought(header: Header, claims: Header) -> Made:
    key = attacker_key()
    certificate = base64.b64encode(_self_signed()).decode()
    brought: dict[str, object] = {
        "jwk": public_jwk(key, str(header.get("kid", "1"))),
        "jku": _ATTACKER,
        "x5u": _ATTACKER,
        "x5c": [certificate],
        "x5t": b64url(b"x" * 20),
        "x5t#S256": b64url(b"x" * 32),
    }
    for name, value in brought.items():
        token = forge({**header, "alg": "RS256", name: value}, claims, key)
        yield (
            f"brings-{name.replace('#', '-').lower()}",
            f"a token that brings or names its key in {name}",
            _BROUGHT,
            token,
        )
    everything = forge({**header, "alg": "RS256", **brought}, claims, key)
    yield "brings-all", "a token that brings its key in every way", _BROUGHT, everything


def _odd_headers(header: Header, claims: Header) -> Made:
    key = attacker_key()
    odd: dict[str, Mapping[str, object]] = {
        "crit": {"crit": ["exp"], "exp": 1},
        "crit-unknown": {"crit": ["http://example.invalid/x"]},
        "crit-empty": {"crit": []},
        "b64": {"b64": False, "crit": ["b64"]},
        "zip": {"zip": "DEF"},
        "cty": {"cty": "JWT"},
        "enc": {"enc": "A256GCM", "alg": "dir"},
        "typ-other": {"typ": "logout+jwt"},
        "typ-dpop": {"typ": "dpop+jwt"},
        "typ-number": {"typ": 1},
    }
    for name, members in odd.items():
        yield (
            f"header-{name}",
            f"a header with {json.dumps(members)}",
            _HEADER,
            forge({**header, **members}, claims, key),
        )
    doubled = b'{"alg":"none","typ":"JWT","alg":"RS256"}'
    yield (
        "header-alg-twice",
        "a header that names alg twice",
        _HEADER,
        forge_bytes(doubled, json.dumps(claims).encode(), key),
    )
    for name, data in (
        ("array", b"[]"),
        ("text", b'"alg"'),
        ("broken", b"{"),
        ("empty", b""),
        ("latin", b'{"alg":"\xe4"}'),
    ):
        token = forge_bytes(data, json.dumps(claims).encode(), key)
        yield f"header-{name}", f"a header that is {name}", _FORM, token


def _odd_forms(header: Header, claims: Header) -> Made:
    token = forge(header, claims, attacker_key())
    first, payload, signed = token.split(".")
    yield "one-part", "one part only", _FORM, first
    yield "four-parts", "four parts", _FORM, f"{token}.{signed}"
    yield "five-parts", "five parts, as an encrypted token has them", _FORM, f"{first}..{payload}.{signed}.{signed}"
    yield "dots", "two dots", _FORM, ".."
    yield (
        "json-form",
        "the JSON form of a signed token",
        _FORM,
        json.dumps({"payload": payload, "protected": first, "signature": signed}),
    )
    yield "payload-array", "claims that are an array", _FORM, forge(header, b"[]", attacker_key())
    yield "payload-empty", "no claims", _FORM, f"{first}..{signed}"
    yield "payload-nested", "claims nested ten thousand deep", _FORM, forge(header, b"[" * 5_000, attacker_key())
    yield "padded", "parts with padding", _FORM, f"{first}=.{payload}==.{signed}="
    yield "standard-alphabet", "characters of the other Base64", _FORM, f"{first}.{payload}+/.{signed}"


def _altered(subject: Subject) -> Made:
    token = subject.secret
    first, payload, signed = token.split(".")
    changed = b64url(
        json.dumps({**subject.claims(), "sub": "somebody-else", "roles": ["Admin"], "scp": "admin"}).encode()
    )
    yield "altered-claims", "the right token with other claims", _KEY, f"{first}.{changed}.{signed}"
    header = b64url(json.dumps({**subject.token_header(), "x": 1}).encode())
    yield "altered-header", "the right token with another header", _KEY, f"{header}.{payload}.{signed}"
    yield "cut-signature", "the right token without its signature", _NONE, f"{first}.{payload}."
    yield "no-last-part", "the right token without its last part", _NONE, f"{first}.{payload}"
    own = signature(f"{first}.{payload}".encode(), attacker_key(), "RS256")
    yield "signed-anew", "the right token signed by another key", _KEY, f"{first}.{payload}.{b64url(own)}"
    none = b64url(json.dumps({**subject.token_header(), "alg": "none"}).encode())
    yield "right-as-none", "the right claims with alg: none", _NONE, f"{none}.{payload}."
    yield "break-inside", "the right token with a tab inside", _FORM, f"{first}.\t{payload}.{signed}"
    yield "padded-right", "the right token with padding", _FORM, f"{first}.{payload}.{signed}=="


def _self_signed() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, attacker_key().public_key(), 1, now - timedelta(days=1), now + timedelta(days=1)
    )
    return builder.sign(attacker_key(), SHA256()).public_bytes(Encoding.DER)
