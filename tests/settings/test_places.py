from __future__ import annotations

from journeyman.settings.places import nearest, places_of


def test_a_key_of_a_table_of_an_array_has_its_place(tmp_path):
    (tmp_path / "journeyman.toml").write_text('a = 1\n[[user_flows]]\nclaims = ["city", "emails"]\n')

    places = places_of(tmp_path)

    assert nearest(places, ("user_flows", 0, "claims", 1)) == (3, 19)
    assert nearest(places, ("user_flows", 0, "tokens", "x")) == (2, 3)
    assert nearest(places, ("elsewhere",)) == (0, 0)


def test_a_file_that_is_gone_has_no_places(tmp_path):
    assert places_of(tmp_path) == {}
