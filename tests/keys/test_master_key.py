from __future__ import annotations

import base64
import os
import stat

import pytest

from journeyman.errors import KeyStoreError
from journeyman.keys.master_key import exchange_master_key_file, master_key_from_environment, master_key_from_file
from journeyman.keys.sealing import EnvelopeSealer, local_master_key

SECRET = b"correct horse battery staple"


def test_the_master_key_file_is_made_once_with_mode_0600(tmp_path):
    path = tmp_path / ".journeyman" / "master.key"
    sealed = EnvelopeSealer(master_key_from_file(path)).seal(SECRET, context="a")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(base64.b64decode(path.read_bytes())) == 32
    assert EnvelopeSealer(master_key_from_file(path)).open(sealed, context="a") == SECRET
    assert [entry.name for entry in path.parent.iterdir()] == ["master.key"]


def test_a_key_file_that_appears_in_the_meantime_is_kept(tmp_path, monkeypatch):
    path = tmp_path / "master.key"
    path.write_bytes(base64.b64encode(bytes(range(32))))
    path.chmod(0o600)
    monkeypatch.setattr(type(path), "exists", lambda self: False)

    assert master_key_from_file(path).key_id == local_master_key(bytes(range(32))).key_id


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_master_key_file_that_others_may_use_is_refused_with_the_command_that_helps(tmp_path, mode):
    path = tmp_path / "master.key"
    path.write_bytes(base64.b64encode(bytes(32)))
    path.chmod(mode)

    with pytest.raises(KeyStoreError, match=f"mode {mode:04o}.*chmod 600 {path}"):
        master_key_from_file(path)


def test_a_master_key_of_another_user_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "master.key"
    path.write_bytes(base64.b64encode(bytes(32)))
    path.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(path, 1234, -1)
    owner = path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)

    with pytest.raises(KeyStoreError, match=f"belongs to another user .uid {owner}."):
        master_key_from_file(path)


def test_a_folder_in_the_place_of_the_master_key_is_refused(tmp_path):
    with pytest.raises(KeyStoreError, match=str(tmp_path)):
        master_key_from_file(tmp_path)


def test_a_place_where_no_master_key_can_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(KeyStoreError, match="the master key file cannot be used: "):
        master_key_from_file(tmp_path / "file" / "master.key")


def test_a_device_is_no_master_key_file(tmp_path):
    (tmp_path / "master.key").symlink_to("/dev/null")

    with pytest.raises(KeyStoreError, match="must be a regular file"):
        master_key_from_file(tmp_path / "master.key")


@pytest.mark.parametrize("content", ["", "short", "bm90IGEga2V5", "x" * 44, "ä" * 44])
def test_a_master_key_that_is_none_is_refused_without_being_quoted(tmp_path, content):
    path = tmp_path / "master.key"
    path.write_text(content)
    path.chmod(0o600)

    with pytest.raises(KeyStoreError, match=r"is 32 bytes in base64$") as caught:
        master_key_from_file(path)
    assert caught.value.__cause__ is None


def test_the_variable_holds_the_master_key():
    value = base64.b64encode(bytes(range(32))).decode()
    key = master_key_from_environment({"JOURNEYMAN_MASTER_KEY": value})

    assert key is not None
    assert key.key_id == local_master_key(bytes(range(32))).key_id
    assert master_key_from_environment({}) is None


def test_another_variable_may_be_named():
    value = base64.b64encode(bytes(range(32))).decode()

    assert master_key_from_environment({"NEW": value}, "NEW") is not None


def test_a_wrong_variable_is_refused_by_its_name_and_not_quoted():
    with pytest.raises(KeyStoreError, match=r"^JOURNEYMAN_MASTER_KEY: a master key is 32 bytes in base64$"):
        master_key_from_environment({"JOURNEYMAN_MASTER_KEY": "hunter2"})


def test_a_new_file_takes_the_place_of_the_old_one_which_is_kept(tmp_path):
    path, new = tmp_path / "master.key", tmp_path / "master.key.new"
    old_id, new_id = master_key_from_file(path).key_id, master_key_from_file(new).key_id
    kept = exchange_master_key_file(path, new)

    assert (master_key_from_file(path).key_id, master_key_from_file(kept).key_id) == (new_id, old_id)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["master.key", f"master.key.old-{old_id.hex()}"]


def test_an_exchange_that_was_interrupted_is_done_again(tmp_path):
    path, new = tmp_path / "master.key", tmp_path / "master.key.new"
    (tmp_path / f"master.key.old-{master_key_from_file(path).key_id.hex()}").hardlink_to(path)
    new_id = master_key_from_file(new).key_id
    exchange_master_key_file(path, new)

    assert master_key_from_file(path).key_id == new_id


def test_an_exchange_without_the_new_file_is_an_error_that_names_both(tmp_path):
    path = tmp_path / "master.key"
    old_id = master_key_from_file(path).key_id

    with pytest.raises(
        KeyStoreError, match=r"master\.key: the new master key .*new cannot be put in its place: No such"
    ):
        exchange_master_key_file(path, tmp_path / "new")
    assert master_key_from_file(path).key_id == old_id
