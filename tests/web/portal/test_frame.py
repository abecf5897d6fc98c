"""What stands before every handler of the portal."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from portal_frame import NOON, ORIGIN, FakeDoor, ask, framed, guest, session

from journeyman.errors import StorageError
from journeyman.management.caller import Right
from journeyman.management.errors import ConflictingError, NotFoundError
from journeyman.web.portal.area import Area, Group, Page

FORM = {"content_type": "application/x-www-form-urlencoded", "origin": ORIGIN}
HOSTILE = "</title><script>hacked()</script>\"'\u202e"


async def show(visit):
    return await visit.page("problem.html", HOSTILE, text=visit.query("q"), remedy="")


async def change(visit):
    return await visit.go("/portal/things", f"{visit.form.text('name')} is changed.")


async def missing(visit):
    raise NotFoundError(f"there is no {HOSTILE}")


async def broken(visit):
    raise StorageError("the database cannot be read")


async def conflict(visit):
    raise ConflictingError("it is used")


def area():
    return Area(
        "things",
        "Things",
        Group.MANAGE,
        (
            Page("/portal/things", show, Right.READ_USERS),
            Page("/portal/things", change, Right.WRITE_USERS, "POST"),
            Page("/portal/things/delete", show, Right.WRITE_USERS, step_up=True),
            Page("/portal/things/missing", missing, Right.READ_USERS),
            Page("/portal/things/conflict", conflict, Right.READ_USERS),
            Page("/portal/things/broken", broken, Right.READ_USERS),
        ),
    )


def send(door, **changed):
    body = urlencode({"csrf": "good token", "name": "Ada", **changed.pop("fields", {})}).encode()
    return ask(framed(area(), door=door), "/portal/things", "POST", body, **{**FORM, **changed})


def writer(**changes):
    return FakeDoor(guest(Right.READ_USERS, Right.WRITE_USERS, own=session(**changes)))


def test_who_is_not_signed_in_is_sent_to_the_sign_in_and_back():
    status, headers, _ = ask(framed(area(), door=FakeDoor(None)), "/portal/things?q=a%20b")

    assert (status, headers["location"]) == (303, "/portal/sign-in?back=%2Fportal%2Fthings%3Fq%3Da%2520b")


def test_a_form_with_its_token_from_our_own_page_is_carried_out():
    status, headers, _ = send(writer())

    assert (status, headers["location"]) == (303, "/portal/things")


@pytest.mark.parametrize(
    "changed",
    [
        {"fields": {"csrf": ""}},
        {"fields": {"csrf": "of another session"}},
        {"fields": {"csrf": "é"}},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
def test_any_other_form_changes_nothing(changed):
    status, headers, body = send(writer(), **changed)

    assert (status, "location" in headers) == (403, False)
    assert "is changed" not in body


def test_a_form_that_is_none_is_refused():
    assert send(writer(), content_type="text/plain")[0] == 400


def test_a_right_to_read_does_not_send_forms():
    door = FakeDoor(guest(Right.READ_USERS, own=session()))

    assert send(door)[0] == 403


def test_the_reader_on_this_machine_sends_no_forms():
    status, headers, _ = send(FakeDoor(guest(Right.READ_USERS, Right.WRITE_USERS)))

    assert (status, headers["location"]) == (303, "/portal/sign-in?back=%2Fportal%2Fthings")


def test_what_asks_for_a_recent_proof_goes_through_the_sign_in_again():
    old = writer(proved_at=NOON - timedelta(minutes=11))
    status, headers, _ = ask(framed(area(), door=old), "/portal/things/delete")

    assert (status, headers["location"]) == (303, "/portal/sign-in?again=1&back=%2Fportal%2Fthings%2Fdelete")
    assert ask(framed(area(), door=writer()), "/portal/things/delete")[0] == 200


def test_a_session_without_a_password_is_not_asked_for_one():
    door = writer(proved_at=NOON - timedelta(hours=5), passwordless=True)

    assert ask(framed(area(), door=door), "/portal/things/delete")[0] == 200


def test_hostile_names_and_parameters_run_nothing():
    for path in (f"/portal/things?{urlencode({'q': HOSTILE})}", "/portal/things/missing"):
        _, headers, body = ask(framed(area()), path)
        assert "<script>hacked" not in body
        assert "\u202e" not in body
        assert "script-src 'nonce-" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"


def test_a_refusal_of_a_management_operation_is_a_page():
    status, _, body = ask(framed(area()), "/portal/things/conflict")

    assert (status, "it is used" in body) == (409, True)


def test_a_store_that_fails_is_a_page_that_says_so(caplog):
    status, _, body = ask(framed(area()), "/portal/things/broken")

    assert (status, "JM5001: the database cannot be read" in body) == (500, True)
    assert "a page of the portal failed: JM5001" in caplog.text


def test_the_navigation_shows_what_one_may_see_and_where_one_is():
    other = Area("other", "Other things", Group.BUILD, (Page("/portal/other", show, Right.READ_KEYS),))
    body = ask(framed(area(), other, door=FakeDoor(guest(Right.READ_USERS, own=session()))), "/portal/things")[2]

    assert '<a href="/portal/things" aria-current="page">Things</a>' in body
    assert "Other things" not in body


def test_a_script_is_told_in_json():
    polled = Area("p", "P", Group.WATCH, (Page("/portal/api/p", show, Right.READ_KEYS, by_script=True),))
    door = FakeDoor(guest(Right.READ_USERS, own=session()))

    assert ask(framed(polled, door=FakeDoor(None)), "/portal/api/p")[0] == 401
    assert ask(framed(polled, door=door), "/portal/api/p")[0] == 403
    assert door.touched == [False]
