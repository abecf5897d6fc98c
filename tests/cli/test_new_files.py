from __future__ import annotations

import pytest

from journeyman.cli.new_files import NewFile, refuse_existing, write_new
from journeyman.errors import SettingsError


def test_private_files_are_for_their_owner_and_others_are_not(tmp_path):
    write_new([NewFile(tmp_path / "a.pfx", b"1", private=True), NewFile(tmp_path / "a.pem", b"2")])

    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("a.pfx", "a.pem")] == [0o600, 0o644]


def test_nothing_is_written_over_and_what_was_begun_is_removed(tmp_path):
    (tmp_path / "b").write_text("mine")
    with pytest.raises(SettingsError, match="b exists and is not overwritten"):
        write_new([NewFile(tmp_path / "a", b"1"), NewFile(tmp_path / "b", b"2")])

    assert sorted(path.name for path in tmp_path.iterdir()) == ["b"]
    assert (tmp_path / "b").read_text() == "mine"


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(SettingsError, match="exists"):
        refuse_existing([tmp_path / "link"])
    with pytest.raises(SettingsError, match="exists"):
        write_new([NewFile(tmp_path / "link", b"1")])
    assert not (tmp_path / "elsewhere").exists()


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(SettingsError, match="nope is no folder; make it first"):
        refuse_existing([tmp_path / "nope" / "a"])
    with pytest.raises(SettingsError, match="cannot be written"):
        write_new([NewFile(tmp_path / "nope" / "a", b"1")])
