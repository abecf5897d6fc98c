"""A clock that stands still, a real database, and keys that are made once because they are slow to make."""

from __future__ import annotations

import asyncio
import shlex
import subprocess
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding

from journeyman.keys.certificate import Purpose, issue, make_ca, self_signed
from journeyman.keys.creation import generate_rsa
from journeyman.keys.sealing import EnvelopeSealer, local_master_key
from journeyman.keys.stores.sql import SqlKeyStore
from journeyman.storage.sqlite import open_sqlite

NOON = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)


@dataclass
class StandingClock:
    instant: datetime = field(default=NOON)

    def now(self):
        return self.instant

    def monotonic_s(self):
        return self.instant.timestamp()

    def advance(self, **delta):
        self.instant += timedelta(**delta)


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
def now():
    return NOON


@pytest.fixture
def sealer():
    return EnvelopeSealer(local_master_key(bytes(range(32))))


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    path = tmp_path_factory.mktemp("database") / "journeyman.db"
    asyncio.run(open_sqlite(path).close())
    return path.read_bytes()


@pytest.fixture
async def database(tmp_path, empty_database):
    (tmp_path / "journeyman.db").write_bytes(empty_database)
    database = open_sqlite(tmp_path / "journeyman.db")
    yield database
    await database.close()


@pytest.fixture
def store(database, sealer, clock):
    return SqlKeyStore(database, sealer, "contoso.onmicrosoft.com", clock)


@pytest.fixture(scope="session")
def private_key():
    return generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def small_key():
    return generate_private_key(public_exponent=65537, key_size=1024)  # a size that must be refused


@pytest.fixture(scope="session")
def authority():
    return make_ca("Contoso test authority", now=NOON)


@pytest.fixture(scope="session")
def client_certificate(authority):
    return issue(authority, "CN=api.contoso.onmicrosoft.com", now=NOON, purpose=Purpose.CLIENT)


@pytest.fixture(scope="session")
def server_certificate(authority):
    return issue(authority, "CN=localhost", now=NOON, purpose=Purpose.SERVER, names=("localhost", "127.0.0.1"))


@pytest.fixture(scope="session")
def own_certificate():
    return self_signed("CN=app.contoso.onmicrosoft.com", now=NOON)


@pytest.fixture(scope="session")
def two_rsa_keys():
    first, second = generate_rsa(use="sig", now=NOON), generate_rsa(use="sig", now=NOON)
    return replace(first, sequence=1), replace(second, sequence=2)


@pytest.fixture(scope="session")
def sha1_certificate(tmp_path_factory):
    """A certificate that an authority has signed with SHA-1, made by openssl because the library refuses to."""
    folder = tmp_path_factory.mktemp("sha1")
    for command in (
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=ca -days 3650",
        "openssl req -newkey rsa:2048 -nodes -keyout a.key -out a.csr -subj /CN=weak",
        "openssl x509 -req -in a.csr -CA ca.pem -CAkey ca.key -sha1 -days 3650 -out a.pem",
    ):
        subprocess.run(shlex.split(command), cwd=folder, check=True, capture_output=True)
    return x509.load_pem_x509_certificate((folder / "a.pem").read_bytes())


@pytest.fixture(scope="session")
def garbled_certificate(own_certificate):
    """A certificate that opens, and whose basic constraints are no ASN.1."""
    der = own_certificate.certificate.public_bytes(Encoding.DER)
    constraints = bytes.fromhex("0603551d130101ff04023000")  # critical, an empty sequence
    assert constraints in der
    return x509.load_der_x509_certificate(der.replace(constraints, constraints[:-2] + b"\xff\xff"))
