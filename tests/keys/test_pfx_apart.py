"""Requirements of the process that opens PFX files which come over the network."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, PrivateFormat, pkcs12

from journeyman.errors import KeyStoreError
from journeyman.keys import pfx_apart
from journeyman.keys.creation import pfx_key
from journeyman.keys.pfx_apart import main, opened, without_password
from journeyman.secret import Secret


def pfx_of(issued, encryption, chain=()) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"n", issued.private_key, issued.certificate, chain or None, encryption
    )


@pytest.fixture
def pfx(client_certificate, authority):
    return pfx_of(client_certificate, BestAvailableEncryption("pä$$ word".encode()), (authority.certificate,))


def message(data: bytes, password: bytes) -> bytes:
    return len(password).to_bytes(4, "big") + password + data


def test_a_file_opened_apart_holds_the_same_key_and_certificates(pfx, now):
    apart = pfx_key(pfx, Secret("pä$$ word"), now=now, apart=True)
    here = pfx_key(pfx, Secret("pä$$ word"), now=now)

    assert replace(apart, private_key=None) == replace(here, private_key=None)
    assert apart.private_key.private_numbers() == here.private_key.private_numbers()
    assert len(apart.certificates) == 2


def test_a_wrong_password_and_a_file_that_is_none_are_told_apart(pfx, now):
    with pytest.raises(KeyStoreError, match="AADB2C90213"):
        pfx_key(pfx, Secret("wrong"), now=now, apart=True)
    with pytest.raises(KeyStoreError, match="AADB2C90179"):
        pfx_key(b"no PFX", Secret(""), now=now, apart=True)


def test_a_file_that_takes_too_long_is_given_up(client_certificate):
    slow = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(600_000)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(SHA256())
        .build(b"pw")
    )

    with pytest.raises(KeyStoreError, match="takes too long to open"):
        without_password(pfx_of(client_certificate, slow), b"pw", timeout_s=0.01)


def test_a_process_that_is_ended_for_its_time_is_a_refusal(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(KeyStoreError, match="takes too long to open"):
        without_password(b"", b"")


def test_what_the_process_answers_has_no_password(pfx):
    found = pkcs12.load_pkcs12(opened(message(pfx, "pä$$ word".encode())), None)

    assert found.key is not None
    assert len(found.additional_certs) == 1


def test_a_key_that_cannot_be_written_is_refused(monkeypatch, pfx):
    def unsupported(*_):
        raise TypeError("this kind of key")

    monkeypatch.setattr(pkcs12, "serialize_key_and_certificates", unsupported)
    with pytest.raises(ValueError, match="this kind of key"):
        opened(message(pfx, "pä$$ word".encode()))


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_the_process_reads_a_message_and_answers_with_a_file_or_a_reason(monkeypatch, pfx, platform):
    # Limits of this very process would end the tests.
    limits = []
    monkeypatch.setattr(os, "nice", limits.append)
    monkeypatch.setitem(
        sys.modules, "resource", SimpleNamespace(RLIMIT_CPU=0, setrlimit=lambda *limit: limits.append(limit))
    )
    monkeypatch.setattr(sys, "platform", platform)
    answers = []
    for password in ("pä$$ word", "wrong"):
        out, error = io.BytesIO(), io.StringIO()
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(message(pfx, password.encode()))))
        monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=out))
        monkeypatch.setattr(sys, "stderr", error)
        answers.append((main(), bool(out.getvalue()), "password" in error.getvalue()))

    assert answers == [(0, True, False), (3, False, True)]
    assert limits == ([10, (0, (5, 5))] * 2 if platform == "linux" else [])
    assert pfx_apart.CPU_LIMIT_S == 5
