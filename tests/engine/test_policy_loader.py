from __future__ import annotations

import asyncio

import pytest

from journeyman.configuration.releases import NewRelease
from journeyman.diagnostics import PolicyError
from journeyman.engine.policies import Origin
from journeyman.settings import load_settings

PRODUCTION = '[server]\nmode = "production"\n'
EMPTY = {"readme.txt": "no policy"}


def a_policy(xml, id="B2C_1A_Test", **options):
    profile = xml.profile("Id", "transform", outputs=('objectId DefaultValue="user-1"',))
    return xml.policy(xml.step(Id="Id"), profiles=(profile,), id=id, **options)


def broken(text):
    return text.replace('TechnicalProfileReferenceId="Id"', 'TechnicalProfileReferenceId="Nobody"')


async def upload(engine, **texts):
    """Publish texts without asking whether they compile; None removes one."""
    now = await engine.releases.current()
    kept = {name: digest for name, digest in now.manifest.items() if name not in texts}
    new = {name: text.encode() for name, text in texts.items() if text is not None}
    await engine.releases.publish(NewRelease(now.number, "Test", "policies", new, kept))


async def until(condition):
    for _ in range(400):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never happened")


async def test_an_uploaded_policy_is_served_at_once_when_asked_for(xml, open_tenant):
    engine = await open_tenant(EMPTY)
    await upload(engine, B2C_1A_Up=a_policy(xml, "B2C_1A_Up"))

    await engine.refresh()

    assert engine.policies.ids() == ("B2C_1A_Up",)
    assert engine.policies.entry("b2c_1a_up").origin is Origin.UPLOADED


async def test_what_another_process_has_stored_is_served_within_two_seconds(xml, open_tenant):
    first = await open_tenant({"test.xml": a_policy(xml)})
    second = await open_tenant()
    await upload(first, B2C_1A_Up=a_policy(xml, "B2C_1A_Up"))

    async with asyncio.timeout(2):
        await until(lambda: second.policies.find("B2C_1A_Up") is not None)


async def test_an_uploaded_policy_takes_the_place_of_a_file_until_it_is_removed(xml, open_tenant):
    engine = await open_tenant({"test.xml": a_policy(xml)})
    await upload(engine, B2C_1A_Test=a_policy(xml, outputs=("objectId", "displayName")))
    await engine.refresh()
    uploaded = engine.policies.entry("B2C_1A_Test").origin
    await upload(engine, B2C_1A_Test=None)
    await engine.refresh()

    assert uploaded is Origin.UPLOADED
    assert engine.policies.entry("B2C_1A_Test").origin is Origin.FILE


async def test_a_policy_that_no_longer_compiles_is_served_as_it_last_did_and_says_why(xml, open_tenant):
    engine = await open_tenant(EMPTY)
    await upload(engine, B2C_1A_Up=a_policy(xml, "B2C_1A_Up"))
    await engine.refresh()
    good = engine.policies.find("B2C_1A_Up")
    await upload(engine, B2C_1A_Up=broken(a_policy(xml, "B2C_1A_Up")))

    await engine.refresh()

    assert engine.policies.find("B2C_1A_Up") is good
    assert any("Nobody" in reason for reason in engine.policies.outdated["b2c_1a_up"])
    assert engine.policies.problems_of("B2C_1A_Up") == ()


@pytest.mark.parametrize("settings", ["", PRODUCTION])
async def test_a_start_serves_a_policy_as_it_was_in_the_last_release_in_which_it_compiled(xml, open_tenant, settings):
    engine = await open_tenant({"test.xml": a_policy(xml)})
    first = a_policy(xml, "B2C_1A_Up")
    second = first.replace("user-1", "user-2")
    for text in (first, second, broken(first), broken(second)):
        await upload(engine, B2C_1A_Up=text, B2C_1A_Never=broken(a_policy(xml, "B2C_1A_Never")))
    await engine.close()

    again = await open_tenant({"test.xml": a_policy(xml)}, settings=settings)

    served = again.policies.find("B2C_1A_Up")
    assert "user-2" in repr(served.policy.technical_profiles)
    assert any("Nobody" in reason for reason in again.policies.outdated["b2c_1a_up"])
    assert again.policies.find("B2C_1A_Never") is None


@pytest.mark.parametrize("settings", ["", PRODUCTION])
async def test_an_uploaded_policy_with_errors_stops_no_start(xml, open_tenant, settings):
    engine = await open_tenant({"test.xml": a_policy(xml)})
    await upload(engine, B2C_1A_Up=broken(a_policy(xml, "B2C_1A_Up")), B2C_1A_No="<no policy")
    await engine.close()

    again = await open_tenant({"test.xml": a_policy(xml)}, settings=settings)

    assert again.policies.ids() == ("B2C_1A_Test",)
    assert any("Nobody" in reason for reason in again.policies.problems_of("B2C_1A_Up"))


async def test_a_file_that_breaks_with_an_uploaded_base_stops_no_start(xml, open_tenant):
    engine = await open_tenant({"test.xml": a_policy(xml)})
    await upload(engine, B2C_1A_Up=a_policy(xml, "B2C_1A_Up"))
    await engine.close()
    child = a_policy(xml, "B2C_1A_Child").replace(
        "<BuildingBlocks>",
        "<BasePolicy><TenantId>contoso.onmicrosoft.com</TenantId><PolicyId>B2C_1A_Up</PolicyId></BasePolicy><BuildingBlocks>",
        1,
    )

    again = await open_tenant({"test.xml": a_policy(xml), "child.xml": broken(child)}, settings=PRODUCTION)

    assert not again.policies.entry("B2C_1A_Child").of_folder
    assert again.policies.find("B2C_1A_Child") is None


@pytest.mark.parametrize("settings", ["", PRODUCTION])
async def test_a_folder_without_a_policy_starts(open_tenant, settings):
    engine = await open_tenant({"policies/readme.txt": "none yet"}, settings=settings)

    assert engine.ready
    assert engine.policies.ids() == ()


async def test_in_production_what_is_on_the_disk_counts_at_the_next_start_only(xml, open_tenant):
    engine = await open_tenant({"test.xml": a_policy(xml)})
    await engine.close()
    engine = await open_tenant({"test.xml": a_policy(xml)}, settings=PRODUCTION)
    open_tenant.write({"test.xml": broken(a_policy(xml)), "more.xml": a_policy(xml, "B2C_1A_More")}, PRODUCTION)
    await upload(engine, B2C_1A_Up=a_policy(xml, "B2C_1A_Up"))

    await engine.refresh()

    assert sorted(engine.policies.ids()) == ["B2C_1A_Test", "B2C_1A_Up"]
    with pytest.raises(PolicyError):
        await engine.reload()


async def test_a_deleted_key_keeps_no_upload_in_production_from_being_served(xml, open_tenant):
    first = await open_tenant({"test.xml": a_policy(xml)})
    await first.close()
    engine = await open_tenant({"test.xml": a_policy(xml)}, settings=PRODUCTION)
    await engine.key_store.delete("B2C_1A_TokenSigningKeyContainer")
    await upload(engine, B2C_1A_Up=a_policy(xml, "B2C_1A_Up"))

    await engine.refresh()

    assert engine.policies.ids() == ("B2C_1A_Test",)
    assert any("B2C_1A_TokenSigningKeyContainer" in text for text in engine.policies.outdated["b2c_1a_test"])
    assert any("B2C_1A_TokenSigningKeyContainer" in text for text in engine.policies.problems_of("B2C_1A_Up"))


async def test_many_who_ask_at_once_are_answered_by_few_compilations(xml, open_tenant, monkeypatch):
    engine = await open_tenant({"test.xml": a_policy(xml)})
    loads = []
    load = type(engine.loader)._load

    async def counted(loader, *, strict):
        loads.append(strict)
        return await load(loader, strict=strict)

    monkeypatch.setattr(type(engine.loader), "_load", counted)
    await upload(engine, B2C_1A_Up=a_policy(xml, "B2C_1A_Up"))
    await asyncio.gather(*(engine.refresh() for _ in range(20)))

    assert engine.policies.find("B2C_1A_Up") is not None
    assert len(loads) <= 2


async def test_who_uses_a_policy_key_is_asked_of_uploaded_policies_too(xml, open_tenant):
    engine = await open_tenant(EMPTY)
    await upload(engine, B2C_1A_Up=a_policy(xml, "B2C_1A_Up"))
    await engine.refresh()

    users = {policy for use in engine.key_uses() for policy in use.policies}

    assert users == {"B2C_1A_Up"}


async def test_settings_declare_user_flows_beside_stored_ones(open_tenant):
    engine = await open_tenant(EMPTY)

    assert engine.identity == load_settings(open_tenant.folder, environment={}).identity


async def test_who_stops_waiting_for_a_change_stops_nobody_else(xml, open_tenant):
    engine = await open_tenant(EMPTY)
    await upload(engine, B2C_1A_Up=a_policy(xml, "B2C_1A_Up"))
    for steps in range(6):
        waiting = asyncio.create_task(engine.refresh())
        for _ in range(steps):
            await asyncio.sleep(0.001)
        waiting.cancel()
        await asyncio.wait([waiting])

    async with asyncio.timeout(5):
        await engine.refresh()
    assert engine.policies.find("B2C_1A_Up") is not None


async def test_a_damaged_text_is_left_out_and_named_and_the_others_are_served(xml, open_tenant):
    engine = await open_tenant(EMPTY)
    await upload(engine, B2C_1A_Up=a_policy(xml, "B2C_1A_Up"), B2C_1A_Bad=a_policy(xml, "B2C_1A_Bad"))
    digest = bytes.fromhex((await engine.releases.current()).manifest["B2C_1A_Bad"])
    await engine.database.execute("UPDATE policy_texts SET text = ? WHERE hash = ?", (b"<evil/>", digest))
    await engine.close()

    again = await open_tenant()

    assert again.policies.ids() == ("B2C_1A_Up",)
    assert any("the uploaded policy B2C_1A_Bad is left out" in text for text in open_tenant.warnings)
