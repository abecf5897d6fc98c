"""The pages of releases over HTTP."""

from __future__ import annotations

import pytest

from journeyman.clock import SystemClock
from journeyman.configuration.releases import Difference, Release
from journeyman.management.caller import Right
from journeyman.web.portal.releases import DiffLine, diff_lines, releases_area, rows_of

BASE = "/portal/releases"


@pytest.fixture
async def released(portal, site):
    """Two releases: a policy that is added, and the same one changed."""
    text = (site.engine.settings.folder / "policies" / "Silent.xml").read_text(encoding="utf-8")
    first = text.replace("B2C_1A_Silent", "B2C_1A_Uploaded")
    for one in (first, first.replace('DefaultValue="Ada"', 'DefaultValue="Grace"')):
        await portal.get("/portal/policies/upload")
        await portal.post("/portal/policies/upload", {"xml": one}, multipart=True)
    return portal


def numbered(*numbers):
    at = SystemClock().now()
    return [Release(number, at, "ada", "", {f"B2C_1A_{number}": "00"}) for number in numbers]


async def test_without_a_release_the_page_says_what_makes_one(portal):
    reply = await portal.get(BASE)

    assert reply.status == 200
    assert "No release yet" in reply.text


async def test_releases_are_listed_with_what_they_changed(released):
    reply = await released.get(BASE)

    assert reply.text.index("Release 2") < reply.text.index("Release 1")
    assert "1 changed" in reply.text
    assert "1 added" in reply.text
    assert reply.text.count("in force</span>") == 1


async def test_a_release_shows_the_lines_that_it_changed(released):
    reply = await released.get(f"{BASE}/2")

    assert '<span class="bad"><bdi>-' in reply.text
    assert "DefaultValue=&#34;Grace&#34;" in reply.text
    assert "B2C_1A_Uploaded" in reply.text


async def test_a_release_may_be_compared_with_another_one(released):
    reply = await released.get(f"{BASE}/2?against=0")

    assert ">added<" in reply.text


async def test_a_roll_back_makes_a_release_of_the_old_one_and_serves_it(released, site):
    await released.get(f"{BASE}/1/roll-back")

    reply = await released.post(f"{BASE}/1/roll-back", {"confirm": "1", "after": "2", "note": "Grace was wrong"})
    page = await released.follow(reply)

    assert (reply.status, reply.location) == (303, BASE)
    assert "Release 3 is in force: the policies of release 1." in page.text
    assert "Grace was wrong" in page.text
    assert b'DefaultValue="Ada"' in site.engine.policies.entry("B2C_1A_Uploaded").text.data


async def test_a_roll_back_needs_the_number_and_the_release_that_was_looked_at(released, site):
    await released.get(f"{BASE}/1/roll-back")

    wrong = await released.post(f"{BASE}/1/roll-back", {"confirm": "2", "after": "2"})
    stale = await released.post(f"{BASE}/1/roll-back", {"confirm": "1", "after": "1"})

    assert (wrong.status, stale.status) == (400, 412)
    assert "release 2 was published since" in stale.text
    assert (await site.engine.releases.current()).number == 2


@pytest.mark.parametrize("number", ["3", "99999999999999999999", "-1", "x", "%3Cscript%3E"])
async def test_a_release_that_is_not_there_is_not_found(released, number):
    assert (await released.get(f"{BASE}/{number}")).status == 404
    assert (await released.get(f"{BASE}/{number}/roll-back")).status == 404


async def test_the_list_changes_its_version_with_every_release(released):
    assert (await released.get("/portal/api/releases")).text == '{"version":"2"}'


def test_of_the_oldest_release_that_is_kept_it_is_not_known_what_it_changed():
    rows = rows_of(numbered(3, 2))

    assert [row.changes for row in rows] == [Difference(added=("B2C_1A_3",), removed=("B2C_1A_2",)), Difference()]
    assert rows_of(numbered(1))[0].changes == Difference(added=("B2C_1A_1",))
    assert [row.current for row in rows] == [True, False]


def test_a_difference_shows_lines_that_came_and_went():
    assert diff_lines(b"a\nb", b"a\nc") == (
        DiffLine("@@ -1,2 +1,2 @@", "accent"),
        DiffLine(" a", ""),
        DiffLine("-b", "bad"),
        DiffLine("+c", "good"),
    )
    assert diff_lines(b"same", b"same") == ()


def test_only_who_may_change_policies_may_roll_back(site):
    rights = {page.path: page.right for page in releases_area(site.engine).pages}

    assert rights[f"{BASE}/{{number}}/roll-back"] is Right.WRITE_POLICIES
    assert rights[BASE] is Right.READ_POLICIES
