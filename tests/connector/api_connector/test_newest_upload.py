"""Of several certificates the newest upload that is valid now is used (rest-connectors.md §6, graph-api.md §3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from journeyman.connector.api_connector.newest_upload import NewestUploads, newest_upload
from journeyman.engine.rehearsal import NextKeys
from journeyman.errors import KeySetNotFoundError, NoActiveKeyError
from journeyman.keys.keyset import Key, KeySet, Stage

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def upload(authority):
    """A certificate that was uploaded ``at`` and is valid ``since``..``until``, in days from now."""

    def make(kid, at, since=-10, until=10, **more):
        key = authority.client_key(kid, not_before=NOW + since * DAY, not_after=NOW + until * DAY)
        return replace(key, added_at=NOW + at * DAY, **more)

    return make


def chosen(*keys: Key) -> str | None:
    found = newest_upload(KeySet("B2C_1A_Certificates", keys), NOW)
    return None if found is None else found.kid


def test_the_last_upload_wins_whatever_its_activation_date(upload):
    old = upload("old", -3, not_before=NOW - DAY)
    new = upload("new", -1, not_before=NOW + 5 * DAY)

    assert chosen(new, old) == "new"


def test_of_uploads_of_one_moment_the_later_one_wins(upload):
    assert chosen(upload("a", -1, sequence=1), upload("b", -1, sequence=2)) == "b"


@pytest.mark.parametrize(
    "unfit",
    [
        {"since": 1},
        {"since": -10, "until": -1},
        {"enabled": False},
        {"stage": Stage.RETIRED},
        {"stage": Stage.STAGED},
        {"expires_at": NOW - DAY},
        {"certificates": ()},
    ],
)
def test_a_certificate_that_is_not_valid_now_leaves_it_to_the_one_before(upload, unfit):
    assert chosen(upload("old", -3), upload("new", -1, **unfit)) == "old"
    assert chosen(upload("new", -1, **unfit)) is None


def test_a_certificate_is_used_from_its_first_moment_and_not_in_its_last(upload):
    key = upload("a", -1)
    leaf = key.certificates[0]
    sets = KeySet("c", (key,))

    assert newest_upload(sets, leaf.not_valid_before_utc) is key
    assert newest_upload(sets, leaf.not_valid_before_utc - timedelta(microseconds=1)) is None
    assert newest_upload(sets, leaf.not_valid_after_utc) is None


def test_a_set_without_one_is_an_error_and_nothing_is_fallen_back_to(ring, upload):
    class Clock:
        def now(self):
            return NOW

    uploads = NewestUploads(ring, Clock())
    with pytest.raises(KeySetNotFoundError):
        uploads.active("B2C_1A_None")
    ring.put("B2C_1A_Old", upload("old", -3, until=-1))
    ring.put("B2C_1A_Good", upload("good", -3))

    with pytest.raises(NoActiveKeyError, match="B2C_1A_Old"):
        uploads.active("B2C_1A_Old")
    assert uploads.active("B2C_1A_Good").kid == "good"
    assert uploads.get("B2C_1A_Good").id == "B2C_1A_Good"
    assert uploads.fallback("B2C_1A_Good") is None


def test_a_rehearsal_uses_the_staged_certificate_and_nothing_else(ring, upload):
    class Clock:
        def now(self):
            return NOW

    ring.put("B2C_1A_C", upload("now", -3))
    ring.put("B2C_1A_Other", upload("other", -3))
    next_keys = NextKeys(ring, "B2C_1A_C", upload("next", -1, stage=Stage.STAGED))
    uploads = NewestUploads(next_keys, Clock())

    assert uploads.active("b2c_1a_c").kid == "next"
    assert uploads.active("B2C_1A_Other").kid == "other"
