from __future__ import annotations

import pytest

from journeyman.errors import SettingsError
from journeyman.settings import MasterKeySettings, MasterKeySource, VaultSettings, load_settings

NAME = '[tenant]\nname = "contoso.onmicrosoft.com"\n'


def loaded(folder, text):
    (folder / "journeyman.toml").write_text(NAME + text, encoding="utf-8")
    return load_settings(folder, environment={})


def test_without_its_table_the_master_key_is_local_and_there_is_no_vault(tmp_path):
    settings = loaded(tmp_path, "")

    assert settings.master_key == MasterKeySettings(MasterKeySource.LOCAL, None)
    assert settings.vault is None


def test_the_tables_are_read(tmp_path):
    (tmp_path / "ca.pem").touch()
    settings = loaded(
        tmp_path,
        '[master_key]\nsource = "vault"\n[vault]\naddress = "https://Vault.example:8200"\nnamespace = "team/a"\n'
        'trust = "ca.pem"\ntoken_file = "token"\ntransit = "/engines/transit/"\nkey = "b2c"\n',
    )

    assert settings.master_key.source is MasterKeySource.VAULT
    assert settings.vault == VaultSettings(
        "https://vault.example:8200", "team/a", tmp_path / "ca.pem", tmp_path / "token", "engines/transit", "b2c"
    )


def test_the_file_of_the_master_key_is_relative_to_the_folder(tmp_path):
    assert loaded(tmp_path, '[master_key]\nfile = "../m.key"\n').master_key.file == tmp_path / ".." / "m.key"


def test_a_vault_of_this_machine_may_be_asked_without_tls(tmp_path):
    assert loaded(tmp_path, '[vault]\naddress = "http://127.0.0.1:8200"\n').vault.address == "http://127.0.0.1:8200"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[master_key]\nsource = "vault"\n', '4:1: the source is vault, and there is no vault; add [vault] with address = "https://…"'),
        ('[master_key]\nsource = "hsm"\n', "4:1: source 'hsm' is not known; write \"local\" or \"vault\""),
        ('[master_key]\nfile = ""\n', "4:1: file is not a path; write one that is relative to the tenant folder, or begins with /"),
        ("[vault]\n", '3:2: the vault has no address; add address = "https://vault.example:8200"'),
        ('[vault]\naddress = "http://vault.example"\n', "4:1: address would send the token in clear; write https://"),
        ('[vault]\naddress = "https://v.example"\nkey = "a/b"\n', "5:1: key is not a name of the vault; use letters, digits, dots, hyphens and underscores"),
        ('[vault]\naddress = "https://v.example"\ntoken = "s.1"\n', "5:1: unknown key 'token'; secrets do not stand in this file, they are kept encrypted in the store"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_its_place(tmp_path, text, problem):
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, text)
    assert str(caught.value) == f"journeyman.toml:{problem}"


def test_a_key_of_the_vault_is_not_in_a_file(tmp_path):
    with pytest.raises(SettingsError, match="a master key of the vault is not in a file; remove file"):
        loaded(tmp_path, '[master_key]\nsource = "vault"\nfile = "x"\n[vault]\naddress = "https://v.example"\n')
