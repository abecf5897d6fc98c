from __future__ import annotations

import base64
import json
import os
from datetime import timedelta

import pytest
from joserfc.jwk import RSAKey

from journeyman.errors import KeyStoreError
from journeyman.keys.certificate import self_signed
from journeyman.keys.creation import secret_key
from journeyman.keys.folder import FolderReport, import_folder, read_folder
from journeyman.secret import Secret


@pytest.fixture
def keys(tmp_path):
    (tmp_path / "keys").mkdir()
    return tmp_path / "keys"


@pytest.fixture
def signing_jwk(private_key):
    return RSAKey.import_key(private_key).as_dict(private=True) | {"kid": "first", "use": "sig", "nbf": 1717243200}


def write_jwks(path, *jwks):
    path.write_text(json.dumps({"keys": jwks}))


async def secret_of(store, id):
    return (await store.get(id)).keys[0].secret.reveal_bytes()


async def refusal(keys, store, clock):
    with pytest.raises(KeyStoreError) as caught:
        await import_folder(keys, store, clock)
    return str(caught.value)


async def test_a_folder_that_is_missing_is_an_empty_one(tmp_path, store, clock):
    assert await import_folder(tmp_path / "keys", store, clock) == FolderReport()


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (b"hunter2", b"hunter2"),
        (b"hunter2\n", b"hunter2"),
        (b"hunter2\r\n", b"hunter2"),
        (b"hunter2\n\n", b"hunter2\n"),
        (b"hunter2\r\n\r\n", b"hunter2\r\n"),
        (b"hunter2\r", b"hunter2\r"),
        (b"  two words\t \n", b"  two words\t "),
        (b"\nhunter2", b"\nhunter2"),
        ("pässwörd €".encode(), "pässwörd €".encode()),
        (b"\xef\xbb\xbfhunter2", b"\xef\xbb\xbfhunter2"),
    ],
)
async def test_a_text_is_the_secret_byte_for_byte_but_for_one_final_line_break(keys, store, clock, content, secret):
    (keys / "B2C_1A_Rest.txt").write_bytes(content)
    report = await import_folder(keys, store, clock)

    assert report.created == ("B2C_1A_Rest",)
    assert await secret_of(store, "B2C_1A_Rest") == secret


async def test_a_pfx_opens_with_the_password_beside_it(keys, store, clock, client_certificate, authority):
    (keys / "B2C_1A_Cert.pfx").write_bytes(client_certificate.pfx(Secret("pass wörd ")))
    (keys / "B2C_1A_Cert.pfx.password").write_text("pass wörd \n")
    report = await import_folder(keys, store, clock)

    key = (await store.get("B2C_1A_Cert")).active(clock.now())
    assert key.certificates == (client_certificate.certificate, authority.certificate)
    assert (report.ignored, report.warnings) == ((), ())


async def test_a_pfx_without_a_password_file_opens_with_the_empty_password(keys, store, clock, own_certificate):
    (keys / "B2C_1A_Cert.PFX").write_bytes(own_certificate.pfx(Secret("")))
    await import_folder(keys, store, clock)

    assert (await store.get("B2C_1A_Cert")).keys[0].private_key is not None


@pytest.mark.parametrize("suffix", ["pem", "cer", "crt"])
async def test_a_certificate_is_imported_without_private_key(keys, store, clock, own_certificate, suffix):
    (keys / f"B2C_1A_Partner.{suffix}").write_bytes(own_certificate.chain_pem())
    await import_folder(keys, store, clock)

    key = (await store.get("B2C_1A_Partner")).keys[0]
    assert (key.private_key, key.certificates) == (None, (own_certificate.certificate,))


async def test_kid_and_dates_of_a_jwk_set_are_kept(keys, store, clock, signing_jwk):
    write_jwks(keys / "B2C_1A_TokenSigningKeyContainer.jwks", signing_jwk)
    await import_folder(keys, store, clock)

    (key,) = (await store.get("B2C_1A_TokenSigningKeyContainer")).keys
    assert (key.kid, int(key.not_before.timestamp())) == ("first", 1717243200)


async def test_a_second_start_changes_nothing_and_parses_nothing(keys, store, clock, signing_jwk, own_certificate):
    (keys / "B2C_1A_Rest.txt").write_text("hunter2")
    (keys / "B2C_1A_Cert.pfx").write_bytes(own_certificate.pfx(Secret("")))
    write_jwks(keys / "B2C_1A_Sign.jwks", signing_jwk)
    await import_folder(keys, store, clock)
    before = await store.version(), await store.stored()
    report = await import_folder(keys, store, clock)

    assert report.unchanged == ("B2C_1A_Cert", "B2C_1A_Rest", "B2C_1A_Sign")
    assert (report.created, report.replaced) == ((), ())
    assert (await store.version(), await store.stored()) == before


async def test_a_changed_file_is_taken_over(keys, store, clock):
    (keys / "B2C_1A_Rest.txt").write_text("one")
    await import_folder(keys, store, clock)
    (keys / "B2C_1A_Rest.txt").write_text("two")
    report = await import_folder(keys, store, clock)

    assert report.replaced == ("B2C_1A_Rest",)
    assert [key.secret.reveal() for key in (await store.get("Rest")).keys] == ["two"]


async def test_the_listed_keys_of_a_changed_jwk_set_replace_those_of_before(keys, store, clock, signing_jwk):
    path = keys / "B2C_1A_Sign.jwks"
    write_jwks(path, signing_jwk)
    await import_folder(keys, store, clock)
    write_jwks(path, signing_jwk | {"kid": "second"}, signing_jwk)
    await import_folder(keys, store, clock)

    assert [key.kid for key in (await store.get("Sign")).keys] == ["second", "first"]


async def test_a_file_of_another_kind_replaces_the_content_too(keys, store, clock, own_certificate):
    (keys / "B2C_1A_Rest.txt").write_text("one")
    await import_folder(keys, store, clock)
    (keys / "B2C_1A_Rest.txt").unlink()
    (keys / "B2C_1A_Rest.pfx").write_bytes(own_certificate.pfx(Secret("")))
    await import_folder(keys, store, clock)

    assert [key.kty for key in (await store.get("Rest")).keys] == ["RSA"]


async def test_a_key_added_by_other_means_stays_while_the_file_is_unchanged(keys, store, clock, now):
    (keys / "B2C_1A_Rest.txt").write_text("one")
    await import_folder(keys, store, clock)
    await store.add("Rest", secret_key("added", use="sig", now=now))
    await import_folder(keys, store, clock)

    assert [key.secret.reveal() for key in (await store.get("Rest")).keys] == ["one", "added"]


async def test_a_deleted_key_whose_file_is_still_there_comes_back(keys, store, clock):
    (keys / "B2C_1A_Rest.txt").write_text("one")
    await import_folder(keys, store, clock)
    await store.delete("Rest")

    assert (await import_folder(keys, store, clock)).created == ("B2C_1A_Rest",)


async def test_the_prefix_is_added_to_a_file_name_without_it(keys, store, clock):
    (keys / "Rest.txt").write_text("one")

    assert (await import_folder(keys, store, clock)).created == ("B2C_1A_Rest",)


async def test_hidden_files_are_skipped_and_unknown_ones_reported(keys, store, clock):
    for name in (".gitignore", ".B2C_1A_X.txt", "README.md", "B2C_1A_Gone.pfx.password"):
        (keys / name).write_text("x")

    assert await import_folder(keys, store, clock) == FolderReport(ignored=("README.md",))


async def test_a_wrong_password_names_the_file_and_the_remedy(keys, store, clock, own_certificate):
    (keys / "B2C_1A_Cert.pfx").write_bytes(own_certificate.pfx(Secret("right")))
    (keys / "B2C_1A_Cert.pfx.password").write_text("canary-wrong")
    message = await refusal(keys, store, clock)

    assert message.startswith(f"{keys / 'B2C_1A_Cert.pfx'}: AADB2C90213: The certificate password provided")
    assert "put the file's password into B2C_1A_Cert.pfx.password" in message
    assert "canary-wrong" not in message


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("B2C_1A_A.txt", b"canary\xff", "the text is not in UTF-8; store the secret as UTF-8 text"),
        ("B2C_1A_A.jwks", b"canary", "AADB2C95026: this is not JSON, or not in UTF-8; store a JWK Set"),
        ("B2C_1A_A.pem", b"canary", "AADB2C90179: this is not an X.509 certificate in PEM or DER; store the cert"),
        ("B2C_1A_A.pfx", b"canary", "AADB2C90179: this is not a PFX file"),
        ("B2C_1A_A B.txt", b"canary", "is not a name for a policy key"),
        ("B2C_1A_A.txt", b"x" * 262145, "the file is longer than 262144 bytes"),
        ("B2C_1A_A.txt", b"x" * 65537, "a secret has at most 65536 bytes"),
    ],
)
async def test_a_file_that_cannot_be_used_is_named_and_never_quoted(keys, store, clock, name, content, says):
    (keys / name).write_bytes(content)
    message = await refusal(keys, store, clock)

    assert message.startswith(f"{keys / name}: ")
    assert says in message
    assert "canary" not in message


async def test_a_password_that_is_no_text_names_its_file(keys, store, clock):
    (keys / "B2C_1A_A.pfx").write_bytes(b"x")
    (keys / "B2C_1A_A.pfx.password").write_bytes(b"\xff")

    assert (await refusal(keys, store, clock)).startswith(f"{keys / 'B2C_1A_A.pfx.password'}: the text is not in UTF-8")


async def test_nothing_is_imported_when_one_file_is_wrong(keys, store, clock):
    (keys / "B2C_1A_Good.txt").write_text("x")
    (keys / "B2C_1A_Wrong.pfx").write_bytes(b"x")
    await refusal(keys, store, clock)

    assert await store.stored() == ()


async def test_two_files_for_one_key_are_refused_naming_both(keys, store, clock):
    (keys / "B2C_1A_Rest.txt").write_text("x")
    (keys / "rest.jwks").write_text("x")
    message = await refusal(keys, store, clock)

    assert message == f"{keys / 'rest.jwks'}: B2C_1A_Rest.txt holds the policy key B2C_1A_rest too; remove one of them"


async def test_a_folder_in_the_place_of_a_key_or_of_the_keys_is_refused(keys, store, clock):
    (keys / "B2C_1A_Rest.txt").mkdir()

    assert "the file cannot be read: Is a directory" in await refusal(keys, store, clock)
    (keys / "file").write_text("x")
    assert "the folder of policy keys cannot be read: Not a directory" in await refusal(keys / "file", store, clock)


async def test_a_file_of_another_user_is_refused_in_words(keys, store, clock, monkeypatch):
    if os.geteuid() == 0:
        pytest.skip("root may read every file")
    (keys / "B2C_1A_Rest.txt").write_text("x")
    (keys / "B2C_1A_Rest.txt").chmod(0)

    assert "the file cannot be read: Permission denied; make it readable" in await refusal(keys, store, clock)


async def test_too_many_files_are_refused(keys):
    for number in range(1001):
        (keys / f"B2C_1A_{number}.txt").touch()

    with pytest.raises(KeyStoreError, match="more than 1000 policy keys"):
        read_folder(keys)


async def test_an_expired_certificate_is_imported_with_a_warning(keys, store, clock, now):
    old = self_signed("CN=old", now=now - timedelta(days=400), days=300)
    (keys / "B2C_1A_Cert.pfx").write_bytes(old.pfx(Secret("")))
    warning = f"{keys / 'B2C_1A_Cert.pfx'}: every key of B2C_1A_Cert has expired"

    assert (await import_folder(keys, store, clock)).warnings == (warning,)
    assert (await import_folder(keys, store, clock)).warnings == (warning,)


async def test_an_empty_text_and_a_byte_order_mark_are_warned_about(keys, store, clock):
    (keys / "B2C_1A_Empty.txt").write_bytes(b"\n")
    (keys / "B2C_1A_Mark.txt").write_bytes(b"\xef\xbb\xbfx")
    empty, mark = (await import_folder(keys, store, clock)).warnings

    assert empty == f"{keys / 'B2C_1A_Empty.txt'}: the secret is empty"
    assert mark.startswith(f"{keys / 'B2C_1A_Mark.txt'}: the secret begins with a byte order mark")


async def test_neither_a_read_file_nor_an_imported_key_prints_its_content(keys, store, clock):
    (keys / "B2C_1A_Rest.txt").write_text("canary-hunter2")
    files, _ = read_folder(keys)
    await import_folder(keys, store, clock)
    shown = repr(files) + repr(await store.get("Rest")) + repr(await store.stored())

    assert "canary" not in shown
    assert files[0].digest not in shown
    assert base64.b64encode(b"canary-hunter2").decode()[:12] not in shown
