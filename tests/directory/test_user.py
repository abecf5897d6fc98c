from __future__ import annotations

import pytest

from journeyman.directory.user import FEDERATED, Identity, local_identity, normalised_name


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("emailaddress", "emailAddress"),
        ("USERNAME", "userName"),
        ("phoneNumber", "phoneNumber"),
        ("oidToLink", "oidToLink"),
    ],
)
def test_the_known_kinds_have_one_spelling(written, kept):
    assert local_identity(written, " x ") == Identity(kept, "", "x")


def test_local_names_are_unique_whatever_their_kind_and_case():
    assert local_identity("emailAddress", "Ada").key == local_identity("userName", "aDA").key
    assert local_identity("userName", "a").key != Identity(FEDERATED, "idp.example", "a").key


def test_composed_and_decomposed_letters_are_one_name():
    assert normalised_name("Zoe\u0308") == normalised_name("zo\u00eb")


def test_the_repr_of_an_identity_shows_no_name():
    assert "ada" not in repr(local_identity("emailAddress", "ada@example.org"))
