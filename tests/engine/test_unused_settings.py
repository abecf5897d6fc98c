from __future__ import annotations

from dataclasses import replace

import pytest

from journeyman.engine.unused_settings import unused_profile_settings
from journeyman.policy.load import load_policies
from journeyman.settings import ProfileSettings, settings_for_check


@pytest.fixture
def found(tmp_path, xml):
    """Return what is said of the named profiles beside a policy with REST-Loyalty and a page called Ask."""
    rest, page = xml.profile("REST-Loyalty", "rest"), xml.profile("Ask", "page", outputs=("email",))
    text = xml.policy(xml.step(Ask="Ask"), claims=(xml.claim("email", control="TextBox"),), profiles=(rest, page))
    (tmp_path / "policy.xml").write_text(text, encoding="utf-8")
    loaded = load_policies((tmp_path,), settings={}, tenant_name=None, relative_to=tmp_path)

    def found(*names):
        profiles = {name.lower(): ProfileSettings() for name in names}
        settings = replace(settings_for_check([tmp_path]), profiles=profiles)
        return [f"{one.message} {one.help}" for one in unused_profile_settings(settings, loaded)]

    return found


def test_the_settings_of_a_restful_profile_are_used_whatever_their_case(found):
    assert found("rest-LOYALTY") == []


def test_a_name_that_no_policy_has_is_told_with_the_nearest_one(found):
    near, far = found("REST-Loyality"), found("Something")

    assert "no policy has a technical profile of this id" in near[0]
    assert "did you mean 'REST-Loyalty'?" in near[0]
    assert "remove it from journeyman.toml" in far[0]


def test_settings_of_another_kind_of_profile_are_told(found):
    assert '[profiles."Ask"] has no effect: the profile calls no API' in found("ask")[0]
