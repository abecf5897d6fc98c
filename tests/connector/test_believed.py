from __future__ import annotations

from pathlib import Path

from journeyman.connector.believed import Believed, OriginRules, Origins, believed_of
from journeyman.settings import OriginSettings, ProfileSettings

CA, OTHER_CA = Path("ca.pem"), Path("other.pem")


def test_without_settings_every_trusted_authority_counts():
    assert believed_of(None) == Believed(authorities=(), pins=())


def test_profile_and_origin_name_authorities_and_pins():
    assert believed_of(ProfileSettings(trust=(CA,), pins=("sha256/a",))) == Believed((CA,), ("sha256/a",))
    assert believed_of(OriginSettings(trust=(CA,))) == Believed((CA,), ())


def test_what_a_profile_leaves_open_is_decided_by_its_origin():
    origin = Believed((CA,), ("sha256/a",))

    assert Believed().or_else(origin) == origin
    assert Believed(authorities=(OTHER_CA,)).or_else(origin) == Believed((OTHER_CA,), ("sha256/a",))
    assert Believed(pins=("sha256/b",)).or_else(origin) == Believed((CA,), ("sha256/b",))


def test_the_origin_that_the_policy_names_wins_over_the_one_that_is_dialled():
    named, dialled = OriginRules(connections=1), OriginRules(connections=2)
    origins = Origins(64, {"https://api.example": named, "https://127.0.0.1:7071": dialled})

    assert origins.of("https://api.example", "https://127.0.0.1:7071") is named
    assert origins.of("https://b.example", "https://127.0.0.1:7071") is dialled
    assert origins.of("https://b.example", "https://b.example") == OriginRules()
