"""Policy keys in variables of the environment: ``read_environment`` and what ``import_folder`` makes of it."""

from __future__ import annotations

import base64
import json

import pytest

from journeyman.errors import KeyStoreError
from journeyman.keys.folder import FolderReport, import_folder, read_environment, read_key_files
from journeyman.secret import Secret


async def imported(store, clock, folder, **environ):
    return await import_folder(folder / "keys", store, clock, environ)


async def test_a_variable_is_imported_once_and_again_when_it_has_changed(store, clock, tmp_path):
    first = await imported(store, clock, tmp_path, B2C_1A_Rest="one\n", PATH="/bin")
    second = await imported(store, clock, tmp_path, B2C_1A_Rest="one\n")
    third = await imported(store, clock, tmp_path, B2C_1A_Rest="two")

    assert (first, second, third) == (
        FolderReport(created=("B2C_1A_Rest",)),
        FolderReport(unchanged=("B2C_1A_Rest",)),
        FolderReport(replaced=("B2C_1A_Rest",)),
    )
    assert (await store.get("Rest")).keys[0].secret.reveal() == "two"


async def test_a_pfx_with_its_password(store, clock, tmp_path, client_certificate):
    pfx = base64.b64encode(client_certificate.pfx(Secret("pw"))).decode()
    await imported(store, clock, tmp_path, JOURNEYMAN_PFX_Client=pfx, JOURNEYMAN_PFX_PASSWORD_Client="pw")

    assert (await store.get("B2C_1A_Client")).keys[0].certificates[0] == client_certificate.certificate


async def test_a_jwk_set(store, clock, tmp_path):
    keys = json.dumps({"keys": [{"kty": "oct", "kid": "1", "k": "c2VjcmV0"}]})
    await imported(store, clock, tmp_path, JOURNEYMAN_JWKS_Token=keys)

    assert (await store.get("Token")).keys[0].secret.reveal() == "secret"


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"B2C_1A_a.b": "x"}, "environment variable B2C_1A_a.b: 'B2C_1A_a.b' is not a name .*; rename the variable"),
        ({"JOURNEYMAN_PFX_C": "hunter2!"}, "variable JOURNEYMAN_PFX_C: a PFX stands there in base64; encode the file"),
        ({"JOURNEYMAN_PFX_C": "AAAA"}, "put the file's password into JOURNEYMAN_PFX_PASSWORD_C, or export it again"),
        ({"JOURNEYMAN_JWKS_C": "hunter2"}, "environment variable JOURNEYMAN_JWKS_C: AADB2C95026"),
        ({"B2C_1A_C": "\udcff"}, "environment variable B2C_1A_C: the text is not in UTF-8; store the secret as UTF-8"),
    ],
)
async def test_a_variable_that_cannot_be_used_is_named_and_not_quoted(store, clock, tmp_path, environ, words):
    with pytest.raises(KeyStoreError, match=words) as caught:
        await imported(store, clock, tmp_path, **environ)
    assert "hunter2" not in str(caught.value)


def test_a_key_in_the_folder_and_in_the_environment_is_refused(tmp_path):
    (tmp_path / "B2C_1A_Rest.txt").write_text("x", encoding="utf-8")

    with pytest.raises(KeyStoreError, match=r"environment variable b2c_1a_rest: B2C_1A_Rest\.txt holds the policy key"):
        read_key_files(tmp_path, {"b2c_1a_rest": "y"})


def test_other_variables_are_no_keys():
    assert read_environment({"PATH": "/bin", "JOURNEYMAN_MODE": "production", "JOURNEYMAN_PFX_PASSWORD_A": "x"}) == ()
