from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.claim_type import ClaimType
from journeyman.claims.values import DataType
from journeyman.errors import ServiceError
from journeyman.journey.state import Frame, JourneyState, PageState, load_state, read_policy_id

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TYPES = {
    "name": ClaimType("name"),
    "born": ClaimType("born", DataType.DATE),
    "groups": ClaimType("groups", DataType.STRING_COLLECTION),
}


def a_state(**changes):
    values = {
        "id": "j",
        "correlation_id": "c",
        "tenant": "contoso.onmicrosoft.com",
        "policy_id": "B2C_1A_Test",
        "browser": "b",
        "parameters": {"client_id": "app"},
        "language": "de",
        "started_at": NOON,
        "frames": [Frame("Journey", index=3), Frame("Sub", sub_journey=True, index=1)],
        "claims": ClaimsBag({"name": "Ada ☕", "born": date(1815, 12, 10), "groups": ("a", "b")}),
        "selection": "One",
        "page": PageState("csrf", "Exchange", "Profile", submitted=True, tries=2, ended=90157, verify=["email"]),
        "verified": {"email": "ada@contoso.com"},
        "session_writes": {"SM": {"name": "Ada"}},
        "grant": {"objectId": "u"},
        "auth_time": 7,
        "keep_me_signed_in": True,
        "interactive": False,
        "plan": "p",
        **changes,
    }
    return JourneyState(**values)


def test_a_state_survives_its_stored_form():
    assert load_state(a_state().to_bytes(), TYPES) == a_state()
    assert load_state(a_state(page=None).to_bytes(), TYPES) == a_state(page=None)


def test_a_state_ends_an_hour_after_its_start():
    assert a_state().expires_at == NOON + timedelta(hours=1)


def test_a_claim_that_the_policy_no_longer_declares_is_left_out():
    loaded = load_state(a_state().to_bytes(), {"name": TYPES["name"]})

    assert dict(loaded.claims) == {"name": "Ada ☕"}


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw["claims"].update(born="not a date"),
        lambda raw: raw.update(unknown=1),
        lambda raw: raw.pop("frames"),
        lambda raw: raw["page"].update(unknown=1),
        lambda raw: raw.update(frames=[["a", True, 1, 2]]),
    ],
)
def test_a_state_of_another_release_is_lost_and_no_crash(change):
    raw = json.loads(a_state().to_bytes())
    change(raw)

    with pytest.raises(ServiceError) as caught:
        load_state(json.dumps(raw).encode(), TYPES)
    assert caught.value.service_code == "AADB2C90046"


def test_the_policy_can_be_read_before_its_claim_types_are_known():
    assert read_policy_id(a_state().to_bytes()) == "B2C_1A_Test"


def test_a_state_without_a_policy_is_an_error():
    with pytest.raises(TypeError, match="without a policy"):
        read_policy_id(b'{"policy_id": null}')
