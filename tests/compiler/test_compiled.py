from __future__ import annotations

import pytest

from journeyman.compiler.compiled import Metadata


@pytest.mark.parametrize(("text", "value"), [("True", True), ("1", True), ("FALSE", False), ("0", False)])
def test_a_metadata_flag_is_read_in_any_case(text, value):
    assert Metadata({"A": f" {text} "}).flag("a", default=not value) is value


def test_a_metadata_flag_that_is_no_boolean_has_its_default():
    assert Metadata({"A": "maybe"}).flag("A", default=True) is True


def test_metadata_keys_are_found_without_regard_to_case_and_blanks():
    metadata = Metadata({"setting.showSignupLink\t": "x"})

    assert metadata.get("SETTING.showSignupLink") == "x"
    assert "Setting.ShowSignupLink" in metadata
    assert metadata.names() == ("setting.showsignuplink",)
