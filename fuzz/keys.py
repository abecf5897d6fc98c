"""What the loaders of policy keys promise for any input: keys that can be used, or an error in words without the input.

Each promise is judged by something else than the code that keeps it: the standard library's JSON, base64 and TOML.
"""

from __future__ import annotations

import base64
import contextlib
import json
import tomllib
from datetime import UTC, datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from journeyman.errors import JourneymanError
from journeyman.keys.certificate import self_signed
from journeyman.keys.creation import read_certificate, read_pfx
from journeyman.keys.declared import read_declared
from journeyman.keys.jwk import keys_from_jwks
from journeyman.keys.keyset import Key
from journeyman.keys.names import policy_key_id
from journeyman.keys.pfx_cost import _rounds
from journeyman.keys.record import decode_key, encode_key
from journeyman.keys.sealing import EnvelopeSealer, local_master_key
from journeyman.secret import Secret

NOW: Final = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)
CANARY: Final = "canary-7f3c1c5e"
ROUNDS: Final = 20_000  # more are allowed and slow, and would end the fuzzer by its time limit
SEALER: Final = EnvelopeSealer(local_master_key(bytes(range(32))))
_ISSUED: Final = self_signed("CN=fuzz", now=NOW)


def pfx_file(data: bytes) -> None:
    """Two bytes choose the password, the rest is the file."""
    password, content = (b"", b"pw", CANARY.encode(), b"\xff")[data[0] % 4] if data else b"", data[1:]
    if sum(_rounds(content, 0, len(content), 0)) > ROUNDS:
        return
    with _in_words():
        key = read_pfx(content, Secret(password), now=NOW)
        assert key.private_key is not None, "a PFX without a private key is refused"
        _can_be_stored(key)


def pem_file(data: bytes) -> None:
    """The bytes are the file."""
    with _in_words():
        key = read_certificate(data, now=NOW)
        assert key.certificates[0].public_key() == key.public_key, "the first certificate belongs to the key"
        _can_be_stored(key)


def jwks_file(data: bytes) -> None:
    """The bytes are the file."""
    with _in_words():
        keys = keys_from_jwks(data, now=NOW)
        members = json.loads(data.decode("utf-8-sig"))["keys"]
        assert len(keys) == len(members), "no key is lost"
        assert len({key.kid for key in keys}) == len(keys), "a kid stands once"
        for key, member in zip(keys, members, strict=True):
            if key.secret is not None:
                padded = member["k"].rstrip("=") + "==="
                assert key.secret.matches(base64.urlsafe_b64decode(padded)), "the secret is what is written"
            _can_be_stored(key)


def keys_toml(data: bytes) -> None:
    """The bytes are the file."""
    text = data.decode("utf-8", "replace")
    with _in_words("keys.toml:"):
        found = read_declared(text, "keys.toml")
        declared = tomllib.loads(text).get("keys", {})
        assert [one.id for one in found] == [policy_key_id(name) for name in declared], "every entry is declared"
        assert all((one.source is None) == bool(one.generate) for one in found), "a key is generated or has a value"


def sealed_record(data: bytes) -> None:
    """The bytes are a record of the database: what was not sealed by us never opens."""
    with _in_words("the place of the record: "):
        SEALER.open(data, context="the place of the record")
        raise AssertionError("a record that was never sealed was opened")


class _in_words(contextlib.AbstractContextManager[None]):  # noqa: N801  # it is used as a function
    """Accept an error in words that begins with the place and repeats nothing of a secret."""

    def __init__(self, place: str = "") -> None:
        self._place = place

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        if not isinstance(error, JourneymanError):
            return False
        assert CANARY not in str(error), "an error holds no secret"
        assert all(line.startswith(self._place) for line in str(error).splitlines()), "an error has its place"
        return True


def _can_be_stored(key: Key) -> None:
    assert isinstance(key.public_key, RSAPublicKey) or key.secret is not None
    again = decode_key(encode_key(key))
    assert (again.kid, again.kty, again.use, again.secret) == (key.kid, key.kty, key.use, key.secret), (
        "it is stored whole"
    )


TARGETS: Final = (pfx_file, pem_file, jwks_file, keys_toml, sealed_record)
SEEDS: Final = {
    "pfx_file": (b"\x01" + _ISSUED.pfx(Secret("pw")), b"\x00" + _ISSUED.pfx(Secret("")), b"\x02\x30\x80"),
    "pem_file": (
        _ISSUED.chain_pem(),
        _ISSUED.key_pem() + _ISSUED.chain_pem(),
        b"-----BEGIN PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n",
    ),
    "jwks_file": (
        b'{"keys":[{"kty":"oct","kid":"1","use":"enc","k":"Y2FuYXJ5LTdmM2MxYzVl","nbf":1,"exp":2}]}',
        b'{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","d":"AQ"}]}',
        b'{"keys":[{"kty":"oct","k":"a"},{"kty":"oct","k":""}]}',
    ),
    "keys_toml": (
        b'[keys.A]\nsecret = { env = "A" }\nactivate = 2027-01-31\n[keys.B2C_1A_B]\ngenerate = "rsa"\n',
        b'[keys.A]\npfx = { file = "a" }\npassword = { vault = "a#b" }\n',
        b'[keys."a b"]\nsecret = "canary"\n',
    ),
    "sealed_record": (SEALER.seal(b"x", context="other"), b"JM\x01"),
}
