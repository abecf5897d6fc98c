from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.errors import SettingsError
from journeyman.keys.creation import Lifetime
from journeyman.keys.declared import DeclaredKeySet, Holder, Material, Source, read_declared, read_text

JULY = datetime(2027, 7, 1, tzinfo=UTC)


def problem(text):
    with pytest.raises(SettingsError) as caught:
        read_declared(text, "keys.toml")
    return str(caught.value)


def test_every_kind_of_entry_is_read():
    found = read_declared(
        """
        [keys.RestApiPassword]
        secret = { env = "REST_API_PASSWORD" }
        use = "enc"
        activate = 2027-07-01
        expire = "2028-07-01T00:00:00Z"
        [keys.B2C_1A_RestClient]
        pfx = { file = "client.pfx" }
        password = { vault = "kv/data/api#password" }
        [keys.Partner]
        certificate = { file = "partner.pem" }
        [keys.Signing]
        jwks = { vault = "kv/data/b2c#jwks" }
        [keys.Encryption]
        generate = "rsa"
        use = "enc"
        activate = 2027-07-01T02:00:00+02:00
        """,
        "keys.toml",
    )
    secret = Source(Holder.ENVIRONMENT, "REST_API_PASSWORD")
    pfx, password = Source(Holder.FILE, "client.pfx"), Source(Holder.VAULT, "kv/data/api#password")
    lifetime = Lifetime(JULY, datetime(2028, 7, 1, tzinfo=UTC))

    assert found == (
        DeclaredKeySet("B2C_1A_RestApiPassword", Material.SECRET, secret, use="enc", lifetime=lifetime),
        DeclaredKeySet("B2C_1A_RestClient", Material.PFX, pfx, password),
        DeclaredKeySet("B2C_1A_Partner", Material.CERTIFICATE, Source(Holder.FILE, "partner.pem")),
        DeclaredKeySet("B2C_1A_Signing", Material.JWKS, Source(Holder.VAULT, "kv/data/b2c#jwks")),
        DeclaredKeySet("B2C_1A_Encryption", Material.GENERATE, None, None, "rsa", "enc", Lifetime(JULY)),
    )


def test_an_empty_file_declares_nothing():
    assert read_declared("", "keys.toml") == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[keys.A]\nsecret = "hunter2"', '2:1: secret does not stand in this file; say where it is: secret = { env = "NAME" }, { file = "PATH" } or { vault = "PATH#FIELD" }'),
        ("[keys.A]", "1:7: A needs exactly one of secret, pfx, certificate, jwks, generate; it has 0"),
        ('[keys.A]\nsecret = { env = "A" }\ngenerate = "rsa"', "1:7: A needs exactly one of secret, pfx, certificate, jwks, generate; it has 2"),
        ("[keys.A]\nsecret = {}", "2:1: secret names no place, or several; write one of env, file and vault"),
        ('[keys.A]\nsecret = { env = "A", file = "b" }', "2:1: secret names no place, or several; write one of env, file and vault"),
        ('[keys.A]\nsecret = { file = "a\\u0000" }', "2:1: secret names no place, or several; write one of env, file and vault"),
        ('[keys.A]\nsecret = { env = "A" }\nuse = "both"', "3:1: use is unknown; write sig or enc"),
        ('[keys.A]\ngenerate = "ec"', "2:1: generate is unknown; write rsa or secret"),
        ('[keys.A]\nsecret = { env = "A" }\nexpire = "soon"', "3:1: expire is not a time; write 2027-01-31 or 2027-01-31T12:00:00Z"),
        ('[keys.A]\nsecret = { env = "A" }\npassword = { env = "B" }', "3:1: password belongs to pfx; remove it"),
        ('[keys.A]\npfx = { file = "a.pfx" }\nexpire = 2027-07-01', "3:1: the dates of a pfx stand in it; remove expire"),
        ('[keys.A]\njwks = { file = "a" }\nuse = "sig"', "3:1: the use stands in each key of a jwks; remove it"),
        ('[keys."A b"]\nsecret = { env = "A" }', "1:7: 'A b' is not a name for a policy key: after the prefix B2C_1A_ it has 1 to 64 letters, digits, '-' or '_'; rename it"),
        ('[keys.A]\nsecret = { env = "A" }\n[keys.b2c_1a_a]\nsecret = { env = "B" }', "3:7: b2c_1a_a and A are one policy key, b2c_1a_a; remove one of them"),
        ('[key.A]\nsecret = { env = "A" }', "1:2: unknown table 'key'; did you mean 'keys'?"),
        ("keys = 1", "1:1: keys has the wrong type; write a table, [keys]"),
        ("[keys]\nA = 1", "2:1: A has the wrong type; write a table, [A]"),
        ('password = "hunter2', "1:1: this is not TOML; correct the line"),
        ("a = ", "1:1: this is not TOML; correct the line"),
        ("a = " + "[" * 5000, "1:1: values are nested too deeply or too large; correct the TOML"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_named_with_its_place_and_never_with_its_value(text, expected):
    found = problem(text).splitlines()

    assert f"keys.toml:{expected}" in found
    assert "hunter2" not in "".join(found)


def test_more_than_a_thousand_keys_are_refused():
    text = "".join(f'[keys.K{number}]\ngenerate = "rsa"\n' for number in range(1001))

    assert problem(text) == "keys.toml: more than 1000 policy keys"


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"keys.toml: the file cannot be read \(No such file"):
        read_text(tmp_path / "keys.toml")
    (tmp_path / "keys.toml").write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="is not UTF-8; save it as UTF-8"):
        read_text(tmp_path / "keys.toml")
    (tmp_path / "keys.toml").write_bytes(b" " * (1024 * 1024 + 1))
    with pytest.raises(SettingsError, match="larger than 1 MiB"):
        read_text(tmp_path / "keys.toml")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    (tmp_path / "keys.toml").write_bytes(b"\xef\xbb\xbf# nothing")

    assert read_text(tmp_path / "keys.toml") == "# nothing"


TOML = st.sampled_from(
    ["[keys.A]\n", "[[keys]]\n", "secret", "pfx", "jwks", "use", "generate", "activate", "password", " = ", '"rsa"', "{ env = ",
     '"X"', " }", "2027-07-01", "\n", "[", "]", "{", "}", "=", ",", "'", '"""', "\\", "\0", "é", "1e999", "keys", ".", "99999-01-01"]
)  # fmt: skip


@given(st.lists(TOML, max_size=40).map("".join) | st.text(max_size=200))
def test_any_text_is_read_or_refused_in_words(text):
    with contextlib.suppress(SettingsError):
        assert isinstance(read_declared(text, "keys.toml"), tuple)
