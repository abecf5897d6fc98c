"""Every page of the portal for every role: who lacks the right sees that it is missing, and changes nothing."""

from __future__ import annotations

import re

import pytest
from portal_frame import ORIGIN, FakeDoor, asked, framed, session

from journeyman.management.caller import ROLES, caller_of
from journeyman.web.portal.areas import portal_areas
from journeyman.web.portal.frame import Guest

FREE = {"/portal", "/portal/api/overview"}


def address(path):
    return re.sub(r"\{[a-z_]+(?::path)?\}", "11111111-1111-4111-8111-111111111111", path)


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_a_role_opens_its_pages_and_no_others(site, role):
    areas = portal_areas(site.engine)
    caller = caller_of("ada@contoso.com", frozenset({role}))
    app = framed(*areas, door=FakeDoor(Guest(caller, "Ada", session())))
    refused = []
    for page in [page for area in areas for page in area.pages if page.right not in caller.rights]:
        if page.right is None:
            continue
        headers = {"content_type": "application/x-www-form-urlencoded", "origin": ORIGIN}
        status, _, body = await asked(app, address(page.path), page.method, b"csrf=good+token", **headers)
        refused.append((page.method, page.path, status, page.by_script or "No permission" in body))

    assert [one for one in refused if one[2:] != (403, True)] == []
    assert refused


async def test_every_page_but_the_overview_needs_a_right(site):
    pages = [page for area in portal_areas(site.engine) for page in area.pages]

    assert {page.path for page in pages if page.right is None} == FREE


async def test_who_writes_needs_a_right_to_write(site):
    writing = [page for area in portal_areas(site.engine) for page in area.pages if page.method == "POST"]
    reading = {page.path for page in writing if page.right is not None and page.right.name.startswith("READ")}

    # It only checks the chain of hashes.
    assert reading <= {"/portal/audit"}
