from __future__ import annotations

import pytest

from journeyman.errors import KeyStoreError, SettingsError
from journeyman.keys.declared import Holder, Source
from journeyman.keys.values import ValueReader
from journeyman.keys.vault import VaultClient
from journeyman.settings import VaultSettings


def no_vault():
    raise SettingsError("no vault")


@pytest.fixture
def reader(tmp_path):
    return ValueReader(tmp_path, {"REST": "hunter2"}, no_vault)


def test_a_value_of_the_environment_and_of_a_file_is_read(reader, tmp_path):
    (tmp_path / "secret.txt").write_bytes(b"from file\n")

    assert reader(Source(Holder.ENVIRONMENT, "REST")) == b"hunter2"
    assert reader(Source(Holder.FILE, "secret.txt")) == b"from file\n"


def test_a_value_of_the_vault_is_read(tmp_path, vault_server):
    vault_server.call("POST", "secret/data/values", {"data": {"password": "hunter3"}})
    settings = VaultSettings(vault_server.address, trust=vault_server.ca)
    reader = ValueReader(tmp_path, {}, lambda: VaultClient(settings, {"VAULT_TOKEN": vault_server.token}))

    assert reader(Source(Holder.VAULT, "secret/data/values#password")) == b"hunter3"


def test_what_is_missing_is_named(reader, tmp_path):
    with pytest.raises(KeyStoreError, match="the environment has no variable 'OTHER'; set it"):
        reader(Source(Holder.ENVIRONMENT, "OTHER"))
    with pytest.raises(KeyStoreError, match=r"other.txt: the file cannot be read \(No such file"):
        reader(Source(Holder.FILE, "other.txt"))
    (tmp_path / "large").write_bytes(bytes(256 * 1024 + 1))
    with pytest.raises(KeyStoreError, match="is longer than 262144 bytes; it is not a policy key"):
        reader(Source(Holder.FILE, "large"))


def test_without_a_vault_in_the_settings_its_values_are_refused(reader):
    with pytest.raises(SettingsError, match="no vault"):
        reader(Source(Holder.VAULT, "a#b"))
    assert "hunter2" not in repr(reader)
