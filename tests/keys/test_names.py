from __future__ import annotations

import pytest

from journeyman.errors import KeyStoreError
from journeyman.keys.names import backup_id, is_backup, original_id, policy_key_id, stored_id


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("RestApiPassword", "B2C_1A_RestApiPassword"),
        ("B2C_1A_RestApiPassword", "B2C_1A_RestApiPassword"),
        ("b2c_1a_RestApiPassword", "b2c_1a_RestApiPassword"),
        ("x-functions-key", "B2C_1A_x-functions-key"),
        ("a" * 64, "B2C_1A_" + "a" * 64),
    ],
)
def test_the_prefix_is_added_once_and_the_case_is_kept(name, id):
    assert policy_key_id(name) == id


@pytest.mark.parametrize("name", ["", "B2C_1A_", "a" * 65, "a b", "a.bak", "a/b", "../a", "ä", "a\n", "B2C_1A_a b"])
def test_other_characters_and_lengths_are_refused(name):
    with pytest.raises(KeyStoreError, match="is not a name for a policy key"):
        policy_key_id(name)


def test_a_backup_has_the_id_with_bak_at_its_end():
    assert backup_id("B2C_1A_Rest") == "B2C_1A_Rest.bak"
    assert is_backup("B2C_1A_Rest.bak")
    assert not is_backup("B2C_1A_Rest")
    assert stored_id("Rest.bak") == "B2C_1A_Rest.bak"
    assert original_id("Rest.bak") == "B2C_1A_Rest"


def test_the_id_of_a_backup_must_end_with_bak():
    with pytest.raises(KeyStoreError, match=r"^AADB2C95027: .* 'B2C_1A_Rest' must end with .bak\.$"):
        original_id("B2C_1A_Rest")
