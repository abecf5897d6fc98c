from __future__ import annotations

import base64
import os
import stat

import pytest

from journeyman.errors import KeyStoreError, SealError
from journeyman.keys.sealing import (
    EnvelopeSealer,
    local_master_key,
    master_key_from_environment,
    master_key_from_file,
    open_master_key,
)

SECRET = b"correct horse battery staple"
OTHER = EnvelopeSealer(local_master_key(b"\x07" * 32))


def test_a_sealed_record_opens_under_its_context(sealer):
    sealed = sealer.seal(SECRET, context="a/b")

    assert sealer.open(sealed, context="a/b") == SECRET
    assert SECRET not in sealed


def test_an_empty_record_is_sealed_too(sealer):
    assert sealer.open(sealer.seal(b"", context="a"), context="a") == b""


def test_the_same_record_never_seals_to_the_same_bytes_or_data_key(sealer):
    one, two = sealer.seal(SECRET, context="a"), sealer.seal(SECRET, context="a")

    assert one[13:61] != two[13:61]
    assert one[-len(SECRET) - 16 :] != two[-len(SECRET) - 16 :]


def test_a_change_of_any_single_byte_is_refused(sealer):
    sealed = sealer.seal(SECRET, context="a")

    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealError):
            sealer.open(bytes(changed), context="a")


def test_a_record_cut_short_anywhere_or_made_longer_is_refused(sealer):
    sealed = sealer.seal(SECRET, context="a")

    for record in [*(sealed[:end] for end in range(len(sealed))), sealed + b"\0"]:
        with pytest.raises(SealError):
            sealer.open(record, context="a")


def test_a_record_under_another_context_is_refused_and_names_the_place(sealer):
    sealed = sealer.seal(SECRET, context="key/one")

    with pytest.raises(SealError, match=r"^key/two: the sealed record was damaged or moved"):
        sealer.open(sealed, context="key/two")


def test_the_wrapped_key_of_one_record_does_not_open_another(sealer):
    one, two = sealer.seal(SECRET, context="a"), sealer.seal(SECRET, context="a")

    with pytest.raises(SealError):
        sealer.open(one[:61] + two[61:], context="a")


def test_a_record_of_another_master_key_is_refused_in_words_that_name_both(sealer):
    with pytest.raises(SealError, match=r"sealed under master key [0-9a-f]{16}, this engine holds [0-9a-f]{16}"):
        OTHER.open(sealer.seal(SECRET, context="a"), context="a")


def test_a_former_master_key_still_opens_and_no_longer_seals(sealer):
    rotated = EnvelopeSealer(OTHER.master, former=(sealer.master,))

    assert rotated.open(sealer.seal(SECRET, context="a"), context="a") == SECRET
    assert OTHER.open(rotated.seal(SECRET, context="a"), context="a") == SECRET


def test_the_version_stands_in_clear_at_the_front(sealer):
    assert sealer.seal(SECRET, context="a")[:3] == b"JM\x01"


def test_a_master_key_of_another_length_is_refused():
    with pytest.raises(KeyStoreError, match="has 32 bytes, this one has 16"):
        local_master_key(bytes(16))


def test_neither_sealer_nor_master_key_print_the_key():
    key = b"0123456789abcdef0123456789abcdef"
    shown = repr(EnvelopeSealer(local_master_key(key)))

    assert "0123456789abcdef" not in shown
    assert key.hex() not in shown


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


def test_the_environment_wins_over_the_file_and_leaves_no_file(tmp_path):
    value = base64.b64encode(bytes(range(32))).decode()
    key = open_master_key(tmp_path / "master.key", {"JOURNEYMAN_MASTER_KEY": value})

    assert key.key_id == local_master_key(bytes(range(32))).key_id
    assert not (tmp_path / "master.key").exists()


def test_without_the_variable_the_file_is_used(tmp_path):
    assert master_key_from_environment({}) is None
    assert open_master_key(tmp_path / "master.key", {}).key_id == master_key_from_file(tmp_path / "master.key").key_id


def test_a_wrong_variable_is_refused_by_its_name_and_not_quoted():
    with pytest.raises(KeyStoreError, match=r"^JOURNEYMAN_MASTER_KEY: a master key is 32 bytes in base64$"):
        master_key_from_environment({"JOURNEYMAN_MASTER_KEY": "hunter2"})
