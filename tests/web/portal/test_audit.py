"""The page of the audit log, at a real engine."""

from __future__ import annotations

import pytest

from journeyman.storage.audit import AuditEvent


async def fill(site, number=3):
    events = [AuditEvent(f"Change {n}", "ada_1@contoso.com", f"B2C_1A_{n}", {"what": "x"}) for n in range(number)]
    await site.engine.audit.append_all(events, tenant=site.engine.tenant.id)


async def test_entries_are_listed_newest_first_with_their_details(portal, site):
    await fill(site)
    text = (await portal.get("/portal/audit")).text

    assert text.index("Change 2") < text.index("Change 1")
    assert "ada_1@contoso.com" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("activity=change%202", ["Change 2"]),
        ("actor=ADA_1", ["Change 0", "Change 1", "Change 2"]),
        ("actor=ada%251", []),
        ("target=1A_1", ["Change 1"]),
        ("since=2100-01-01T00:00", []),
        ("until=2100-01-01T00:00&activity=change", ["Change 0", "Change 1", "Change 2"]),
    ],
)
async def test_entries_are_found_by_activity_actor_target_and_time(portal, site, query, found):
    await fill(site)
    text = (await portal.get(f"/portal/audit?{query}")).text

    assert [name for name in ("Change 0", "Change 1", "Change 2") if f"<bdi>{name}</bdi>" in text] == found


async def test_a_long_log_has_pages_that_keep_the_filter(portal, site):
    await fill(site, 60)
    first = (await portal.get("/portal/audit?actor=ada_1")).text

    assert first.count('data-label="Number"') == 50
    assert "actor=ada_1&amp;before=" in first


async def test_the_chain_is_checked_on_demand(portal, site):
    await fill(site)
    await portal.get("/portal/audit")
    good = await portal.post("/portal/audit")
    await site.engine.database.execute("UPDATE audit SET actor = 'eve' WHERE activity = 'Change 1'")
    bad = await portal.post("/portal/audit")

    assert "entries are as they were written" in good.text
    assert "the audit log is broken" in bad.text


async def test_a_time_that_is_none_is_told(portal):
    page = await portal.get("/portal/audit?since=soon&before=x")

    assert (page.status, "is no time" in page.text) == (400, True)


async def test_entries_of_another_tenant_are_not_shown(portal, site):
    await site.engine.audit.append("Secret change", "eve", "x", tenant="another")

    assert "Secret change" not in (await portal.get("/portal/audit")).text
