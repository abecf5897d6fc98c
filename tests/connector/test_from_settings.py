from __future__ import annotations

from dataclasses import replace

import pytest

from journeyman.clock import SystemClock
from journeyman.connector.believed import Believed, OriginRules
from journeyman.connector.from_settings import rest_client
from journeyman.errors import SettingsError
from journeyman.settings import (
    CallSettings,
    EgressSettings,
    OriginSettings,
    ProfileSettings,
    settings_for_check,
)

PIN = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def client(settings):
    return rest_client(settings, SystemClock(), token_origin=None, circuit=True)


def test_a_client_keeps_to_the_settings(tmp_path, authority):
    egress = EgressSettings(
        trust=(authority.pem,),
        map={"https://a.example": "https://b.example"},
        proxy="http://proxy.example:3128",
        direct=(".corp.example",),
        origins={"https://api.example": OriginSettings(pins=(PIN,), connections=3)},
    )
    made = client(replace(settings_for_check([tmp_path]), egress=egress, calls=CallSettings(connections=9)))

    assert made.trust.extra == (authority.pem,)
    assert (made.egress.loopback, made.circuit.enabled) == (True, True)
    assert made.egress_map.origins == {"https://a.example": "https://b.example"}
    assert (str(made.proxy.url), made.proxy.direct) == ("http://proxy.example:3128", (".corp.example",))
    assert made.origins.connections == 9
    assert made.origins.rules == {"https://api.example": OriginRules(Believed(pins=(PIN,)), 3)}


@pytest.mark.parametrize("place", ["egress", "origin", "profile"])
def test_a_pem_file_that_holds_no_certificate_is_told_at_the_start(tmp_path, place):
    wrong = tmp_path / "ca.pem"
    wrong.write_text("nothing")
    settings = settings_for_check([tmp_path])
    changed = {
        "egress": replace(settings, egress=EgressSettings(trust=(wrong,))),
        "origin": replace(settings, egress=EgressSettings(origins={"https://a.example": OriginSettings((wrong,))})),
        "profile": replace(settings, profiles={"rest-a": ProfileSettings(trust=(wrong,))}),
    }[place]
    with pytest.raises(SettingsError, match=r"ca\.pem holds no certificate that can be read"):
        client(changed)
