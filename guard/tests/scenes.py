"""One guarded route for every kind of credential, and the subject that attacks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from journeyman_guard import (
    ApiKeyCheck,
    BasicCheck,
    BearerCheck,
    Check,
    ClientCertificateCheck,
    FailureLimit,
    Guard,
    JwtCheck,
    hashed_credential,
    load_certificates,
)
from journeyman_guard.conformance.forge import forge
from journeyman_guard.conformance.subject import Subject
from journeyman_guard.conformance.wire import Identity
from journeyman_guard.jwks import read_jwks

SECRET = "Pq7-canary_x3k9LmZ"
TARGET = "/api/loyalty"


class PublishedKeys:
    """Keys of an issuer that need no fetch."""

    def __init__(self, document: bytes) -> None:
        self._keys = read_jwks(document)

    async def find(self, key_id, algorithm):
        fitting = [found.key for found in self._keys if key_id in (None, found.key_id) and found.key.key_type == "RSA"]
        return fitting[0] if len(fitting) == 1 else None


@dataclass(frozen=True)
class Scene:
    """A check and who may pass it."""

    check: Check
    subject: Subject

    @property
    def guard(self) -> Guard:
        return Guard({f"GET {TARGET}": self.check}, limit=FailureLimit(0))


@pytest.fixture
def make_scene(authority: trustme.CA, issuer) -> Callable[[str], Scene]:
    """Return a check of one kind and a subject without an address."""

    def make(kind: str) -> Scene:
        subject = Subject(kind, "127.0.0.1", 0, tls=True, target=TARGET, user="journeys", secret=SECRET)
        match kind:
            case "basic":
                return Scene(BasicCheck((hashed_credential("journeys", SECRET),)), subject)
            case "api-key":
                return Scene(ApiKeyCheck("x-functions-key", (hashed_credential("k", SECRET),), query="code"), subject)
            case "bearer":
                return Scene(BearerCheck((hashed_credential("t", SECRET),)), subject)
            case "jwt":
                return _with_tokens(subject, issuer)
            case _:
                return _with_certificates(subject, authority)

    return make


def _with_tokens(subject: Subject, issuer) -> Scene:
    now_s = int(datetime.now(UTC).timestamp())
    claims = {"iss": "https://issuer.example", "aud": "api-1", "sub": "c", "scp": "read", "exp": now_s + 3_600}
    key = issuer.rsa_key
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    token = forge({"typ": "JWT", "alg": "RS256", "kid": "rsa-1"}, claims, key)
    check = JwtCheck("https://issuer.example", ("api-1",), PublishedKeys(issuer.jwks()), scopes=("read",))
    return Scene(check, replace(subject, secret=token, signing_key=pem, public_keys=(public,)))


def _with_certificates(subject: Subject, authority: trustme.CA) -> Scene:
    leaf = authority.issue_cert("client.example", common_name="client")
    identity = Identity(leaf.cert_chain_pems[0].bytes(), leaf.private_key_pem.bytes())
    pem = authority.cert_pem.bytes()
    key = load_pem_private_key(authority.private_key_pem.bytes(), None)
    check = ClientCertificateCheck(issuers=load_certificates(pem))
    return Scene(
        check, replace(subject, secret="", identity=identity, issuer=(x509.load_pem_x509_certificate(pem), key))
    )


@pytest.fixture
def ca_file(pem_files):
    return pem_files[2]
