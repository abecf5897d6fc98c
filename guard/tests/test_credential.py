from __future__ import annotations

import pytest

from journeyman_guard import Credential, HashedSecret, MisconfiguredError, hash_secret, hashed_credential


def test_a_secret_is_recognised_by_its_hash():
    secret = hash_secret("s3cret")

    assert secret.matches(b"s3cret")
    assert not secret.matches(b"s3cre")
    assert not secret.matches(b"")


def test_the_same_secret_is_hashed_differently_each_time():
    assert hash_secret("s3cret") != hash_secret("s3cret")


def test_the_written_form_is_read_again():
    # HMAC-SHA-256 with sixteen zero bytes as the key, made with `openssl dgst -sha256 -mac HMAC`.
    text = "sha256:00000000000000000000000000000000:b517fb51459d30f879abf41d855ed7bcbb8356fc4b2339ec42ac9fdf94e7259f"

    assert HashedSecret.parse(text).matches(b"s3cret")
    assert str(HashedSecret.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s3cret",
        "sha256::",
        "sha256:00:00",
        "md5:" + "0" * 32 + ":" + "0" * 64,
        "sha256:" + "0" * 33 + ":" + "0" * 64,
    ],
)
def test_other_texts_are_not_a_hashed_secret(text):
    with pytest.raises((MisconfiguredError, ValueError)):
        HashedSecret.parse(text)


def test_neither_secret_nor_hash_is_shown():
    shown = repr(hashed_credential("user", "s3cret"))

    assert shown == "Credential(name='user', secret=HashedSecret())"


@pytest.mark.parametrize("name", ["", "a\nb", "a\x00"])
def test_a_credential_needs_a_printable_name(name):
    with pytest.raises(MisconfiguredError, match="printable name"):
        Credential(name, hash_secret("x"))


def test_empty_secrets_and_short_salts_are_refused():
    with pytest.raises(MisconfiguredError, match="empty secret"):
        hash_secret(b"")
    with pytest.raises(MisconfiguredError, match="salt"):
        HashedSecret(b"short", b"x" * 32)
