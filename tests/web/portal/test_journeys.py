from dataclasses import dataclass, field, replace

import pytest
from portal_frame import NOON, FakeDoor, ask, framed, guest, session

from journeyman.mail.mailbox import Delivered
from journeyman.mail.mailer import Message
from journeyman.management.caller import Right
from journeyman.trace.records import Entry, JourneySummary, StepRecord
from journeyman.web.portal.journeys import journeys_area
from journeyman.web.portal.mailbox import mailbox_area
from journeyman.web.portal.timeline import timeline


@dataclass
class Records:
    entries: list[Entry] = field(default_factory=list)

    async def journeys(self, limit, *, before=None):
        if not self.entries:
            return []
        return [JourneySummary("j-1", "c-1", "B2C_1A_SignUp", "app", NOON, NOON, "running", 0, 0, ())][:limit]

    async def journey(self, journey_id):
        return [entry for entry in self.entries if entry.journey_id == journey_id]


@dataclass
class Letters:
    async def list(self, limit):
        return [Delivered(1, NOON, Message("ada@contoso.com", "Your code", "It is 123456", "123456"))][:limit]


def started() -> Entry:
    return Entry("j-1", "c-1", "contoso", "B2C_1A_SignUp", "app", NOON, StepRecord("start"))


async def names():
    return {"app": "Web app"}


def portal(records, door=None):
    return framed(journeys_area(records, names), mailbox_area(Letters()), door=door)


PATHS = [
    "/portal/journeys",
    "/portal/journeys/j-1",
    "/portal/mailbox",
    "/portal/api/journeys",
    "/portal/api/journeys/j-1",
    "/portal/api/mailbox",
]


@pytest.mark.parametrize("path", PATHS)
def test_where_the_portal_is_closed_there_is_nothing(path):
    status, _, body = ask(portal(Records([started()]), FakeDoor(guest(all=True), closed=True)), path)

    assert status == 404
    assert "j-1" not in body
    assert "123456" not in body


@pytest.mark.parametrize("path", PATHS)
def test_who_lacks_the_right_sees_nothing_of_the_records(path):
    door = FakeDoor(guest(Right.READ_KEYS, own=session()))
    status, _, body = ask(portal(Records([started()]), door), path)

    assert status == 403
    assert "123456" not in body
    assert "AuditLog.Read.All" in body or "/api/" in path


@pytest.mark.parametrize("path", PATHS)
def test_who_has_the_right_sees_every_page(path):
    status, headers, _ = ask(portal(Records([started()]), FakeDoor(guest(Right.READ_JOURNEYS))), path)

    assert status == 200
    assert headers["cache-control"] == "no-store"


def test_a_page_brings_its_nonce_in_the_policy_and_in_the_script():
    _, headers, body = ask(portal(Records()), "/portal/journeys")
    nonce = headers["content-security-policy"].split("'nonce-")[1].split("'")[0]

    assert f'nonce="{nonce}"' in body
    assert len(nonce) >= 22


def test_an_unknown_journey_is_not_found():
    assert ask(portal(Records([started()])), "/portal/journeys/other")[0] == 404
    assert ask(portal(Records([started()])), "/portal/api/journeys/other")[0] == 404


def test_the_version_changes_when_something_is_recorded():
    records = Records([started()])
    before = ask(portal(records), "/portal/api/journeys/j-1")[2]
    records.entries.append(started())

    assert ask(portal(records), "/portal/api/journeys/j-1")[2] != before


def test_a_step_shows_the_claims_before_and_after_it():
    steps = (
        StepRecord("start"),
        StepRecord("submit", claims={"email": "a…", "city": "U…"}),
        StepRecord("profile", profile_id="Write", claims={"city": "B…", "objectId": "1…"}),
    )
    items = timeline([replace(started(), record=step) for step in steps])

    assert [dict(item.before) for item in items] == [{}, {}, {"email": "a…", "city": "U…"}]
    assert dict(items[2].after) == {"email": "a…", "city": "B…", "objectId": "1…"}
    body = ask(portal(Records([replace(started(), record=step) for step in steps])), "/portal/journeys/j-1")[2]
    assert body.count("Claims before") == body.count("Claims after") == 1
