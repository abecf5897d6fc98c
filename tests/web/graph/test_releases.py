"""Whole releases of policies over the management API, on a real server."""

from __future__ import annotations

import asyncio
import base64

import pytest

from journeyman.management.caller import ROLES, caller_of
from journeyman.policy.load import PolicyText
from journeyman.web.graph.releases import releases_of

ASKED = {"client_id": "11111111-0000-4000-8000-000000000004", "redirect_uri": "http://127.0.0.1:5000/callback"}
SIGN_UP = {"newPassword": "Passw0rd!", "reenterPassword": "Passw0rd!", "displayName": "Ada"}
RELEASES = "/beta/trustFramework/releases"
UPON = (
    "<BasePolicy><TenantId>contoso.onmicrosoft.com</TenantId><PolicyId>{base}</PolicyId></BasePolicy><BuildingBlocks>"
)


@pytest.fixture
def policy(xml):
    def made(id="B2C_1A_Up", *, base="", mark="", **options):
        profile = xml.profile("Id", "transform", outputs=('objectId DefaultValue="user-1"',))
        text = xml.policy(xml.step(Id="Id"), profiles=(profile,), id=id, **options)
        text = text.replace("</TrustFrameworkPolicy>", f"<!-- {mark} --></TrustFrameworkPolicy>")
        return text.replace("<BuildingBlocks>", UPON.format(base=base), 1) if base else text

    return made


def broken(text):
    return text.replace('TechnicalProfileReferenceId="Id"', 'TechnicalProfileReferenceId="Nobody"')


def body(*texts, **members):
    policies = [
        {"name": f"{number}.xml", "content": base64.b64encode(text.encode()).decode()}
        for number, text in enumerate(texts)
    ]
    return {"policies": policies, **members}


async def in_force(site):
    return set((await site.engine.releases.current()).manifest)


async def test_a_plan_changes_nothing_and_says_what_a_release_would(api, policy, site):
    await api("POST", RELEASES, json=body(policy("B2C_1A_Same"), policy("B2C_1A_Old"), policy("B2C_1A_Gone")))
    wanted = body(policy("B2C_1A_Same"), policy("B2C_1A_Old", mark="new"), policy("B2C_1A_New"))

    plan = await api("POST", f"{RELEASES}/plan", json=wanted)

    found = {name: plan.json[name] for name in ("after", "added", "changed", "removed", "unchanged", "problems")}
    assert plan.status == 200
    assert found == {
        "after": 1,
        "added": ["B2C_1A_New"],
        "changed": ["B2C_1A_Old"],
        "removed": ["B2C_1A_Gone"],
        "unchanged": ["B2C_1A_Same"],
        "problems": [],
    }
    assert plan.json["names"]["B2C_1A_New"] == "2.xml"
    assert await in_force(site) == {"B2C_1A_Same", "B2C_1A_Old", "B2C_1A_Gone"}


async def test_a_release_is_published_whole_and_served_when_it_is_answered(api, policy, site):
    reply = await api(
        "POST", RELEASES, json=body(policy("B2C_1A_Base"), policy("B2C_1A_Up", base="B2C_1A_Base"), note="two of them")
    )

    release = reply.json["release"]
    assert (reply.status, release["number"], release["note"]) == (201, 1, "two of them")
    assert reply.headers["Location"].endswith("/beta/trustFramework/releases/1")
    assert site.engine.policies.find("B2C_1A_Up") is not None
    assert api.client_id in release["actor"]


async def test_one_bad_policy_keeps_all_of_a_release_from_being_published(api, policy, site, problem):
    await api("POST", RELEASES, json=body(policy("B2C_1A_Good")))
    bad = body(policy("B2C_1A_Good", mark="new"), broken(policy("B2C_1A_Bad")), "<not a policy")

    plan = await api("POST", f"{RELEASES}/plan", json=bad)
    reply = await api("POST", RELEASES, json=bad)

    assert (reply.status, problem(reply)["code"]) == (400, "AADB2C")
    assert {one["name"] for one in plan.json["problems"]} == {"2.xml"}
    assert problem(reply)["details"][0]["target"].startswith("2.xml:1:")
    assert await in_force(site) == {"B2C_1A_Good"}


async def test_every_error_of_every_policy_is_named_once_with_its_place(api, policy):
    base = broken(policy("B2C_1A_Base"))
    wanted = body(base, policy("B2C_1A_One", base="B2C_1A_Base"), policy("B2C_1A_Two", base="B2C_1A_Base"))

    plan = await api("POST", f"{RELEASES}/plan", json=wanted)

    nobody = [one for one in plan.json["problems"] if "Nobody" in one["message"]]
    assert [(one["name"], one["policyId"], one["line"] > 0) for one in nobody] == [("0.xml", "B2C_1A_Base", True)]


async def test_the_same_again_is_nothing_to_do(api, policy, site):
    first = await api("POST", RELEASES, json=body(policy()))
    second = await api("POST", RELEASES, json=body(policy()))

    assert (first.status, second.status, second.json["release"]) == (201, 200, None)
    assert [one.number for one in await site.engine.releases.list()] == [1]


async def test_a_release_upon_an_older_one_than_planned_is_refused(api, policy, problem, site):
    await api("POST", RELEASES, json=body(policy()))
    late = await api("POST", RELEASES, json=body(policy(mark="late"), after=0))
    back = await api("POST", f"{RELEASES}/0/rollback", json={"after": 0})

    assert (late.status, back.status) == (412, 412)
    assert "plan again" in problem(late)["message"]
    assert (await site.engine.releases.current()).number == 1


async def test_releases_are_listed_shown_and_their_texts_read(api, policy, problem):
    await api("POST", RELEASES, json=body(policy()))
    await api("PUT", "/beta/trustFramework/policies/B2C_1A_Up/$value", data=policy(mark="second").encode())

    listed = await api("GET", RELEASES)
    shown = await api("GET", f"{RELEASES}/1")
    old = await api("GET", f"{RELEASES}/1/policies/b2c_1a_up/$value")

    assert [one["number"] for one in listed.json["value"]] == [2, 1]
    assert [one["id"] for one in shown.json["policies"]] == ["B2C_1A_Up"]
    assert old.body == policy().encode()
    for path in ("3", "x", "-1", "9" * 30, "1/policies/B2C_1A_Nothing/$value"):
        assert (path, (await api("GET", f"{RELEASES}/{path}")).status) == (path, 404)


async def test_a_roll_back_is_a_new_release_of_the_old_texts(api, policy, site):
    await api("POST", RELEASES, json=body(policy()))
    await api("POST", RELEASES, json=body(policy(mark="second"), policy("B2C_1A_More")))

    reply = await api("POST", f"{RELEASES}/1/rollback", json={"note": "the second was wrong"})
    again = await api("POST", f"{RELEASES}/1/rollback")

    assert (reply.status, reply.json["release"]["number"]) == (201, 3)
    assert (again.status, again.json["release"]) == (200, None)
    assert site.engine.policies.entry("B2C_1A_Up").text.data == policy().encode()
    assert site.engine.policies.find("B2C_1A_More") is None


async def test_a_release_mends_a_text_that_was_damaged(api, policy, site):
    await api("POST", RELEASES, json=body(policy()))
    await site.engine.database.execute("UPDATE policy_texts SET text = ?", (b"<evil/>",))

    plan = await api("POST", f"{RELEASES}/plan", json=body(policy()))
    reply = await api("POST", RELEASES, json=body(policy()))

    assert plan.json["changed"] == ["B2C_1A_Up"]
    assert reply.status == 201
    assert site.engine.policies.entry("B2C_1A_Up").text.data == policy().encode()


async def test_release_zero_removes_all(api, policy, site):
    await api("POST", RELEASES, json=body(policy()))

    reply = await api("POST", f"{RELEASES}/0/rollback")

    assert reply.status == 201
    assert await in_force(site) == set()
    assert site.engine.policies.find("B2C_1A_Up") is None


async def test_a_file_whose_place_is_taken_or_that_breaks_is_named(api, policy, site):
    taken = await api("POST", f"{RELEASES}/plan", json=body(policy("B2C_1A_CustomPage")))
    base = next(one.base for one in site.engine.policies.entries.values() if one.base and one.relying_party)

    breaking = await api("POST", f"{RELEASES}/plan", json=body(policy(base)))

    assert list(taken.json["shadows"]) == ["B2C_1A_CustomPage"]
    assert taken.json["problems"] == []
    assert breaking.json["breaks"]


WRONG = [
    ({}, "policies"),
    ({"policies": []}, "policies"),
    ({"policies": ["x"]}, "policies/0"),
    ({"policies": [{"name": "x"}]}, "policies/0/content"),
    ({"policies": [{"name": "x", "content": "?"}]}, "policies/0/content"),
    ({"policies": [{"name": "x\n", "content": ""}]}, "policies/name"),
    ({"policies": [{"name": "x", "content": ""}] * 2}, "policies"),
    ({"policies": [{"name": "x", "content": ""}], "after": "now"}, "after"),
    ({"policies": [{"name": "x", "content": ""}], "note": "a\x00b"}, "note"),
    ({"policies": [{"name": "x", "content": ""}], "note": "n" * 501}, "note"),
]


async def test_a_wrong_member_is_named(api, problem):
    for wrong, member in WRONG:
        reply = await api("POST", RELEASES, json=wrong)

        assert (wrong, reply.status, problem(reply)["target"]) == (wrong, 400, member)


async def test_an_uploaded_release_may_not_use_the_keys_of_the_engine(api, policy):
    stolen = policy().replace("B2C_1A_TokenSigningKeyContainer", "B2C_1A_JourneymanPlatformSigning")

    plan = await api("POST", f"{RELEASES}/plan", json=body(stolen))

    assert "B2C_1A_JourneymanPlatformSigning" in plan.json["problems"][0]["message"]


async def test_releases_at_once_follow_one_another_whole(api, policy, site):
    sets = [[policy(f"B2C_1A_{letter}{n}") for n in range(3)] for letter in "abcd"]

    replies = await asyncio.gather(*(api("POST", RELEASES, json=body(*texts)) for texts in sets))

    assert [reply.status for reply in replies] == [201] * 4
    for release in await site.engine.releases.list():
        assert len({name[7] for name in release.manifest}) == 1
        assert len(release.manifest) == 3


async def test_reading_and_writing_need_their_roles(employ, policy):
    reader, stranger = await employ("Policy.Read.All"), await employ("TrustFrameworkKeySet.ReadWrite.All")

    assert (await reader("GET", RELEASES)).status == 200
    assert (await reader("POST", f"{RELEASES}/plan", json=body(policy()))).status == 403
    assert (await reader("POST", RELEASES, json=body(policy()))).status == 403
    assert (await reader("POST", f"{RELEASES}/0/rollback")).status == 403
    assert (await stranger("GET", RELEASES)).status == 403


async def test_a_release_that_is_called_off_is_published_whole_or_not_at_all(policy, site):
    releases, caller = releases_of(site.engine), caller_of("ann", frozenset(ROLES))
    for number in range(8):
        texts = [PolicyText(f"{n}.xml", policy(f"B2C_1A_Up{n}", mark=number).encode()) for n in range(3)]
        publishing = asyncio.create_task(releases.publish(caller, texts))
        await asyncio.sleep(number * 0.01)
        publishing.cancel()
        await asyncio.wait([publishing])

        current = await site.engine.releases.current()
        stored = await site.engine.releases.texts(current)
        assert len(stored) in {0, 3}
        assert len({text.rpartition(b"<!--")[2] for text in stored.values()}) <= 1
    async with asyncio.timeout(5):
        await releases.publish(caller, [PolicyText("x.xml", policy("B2C_1A_Last").encode())])
    assert set((await site.engine.releases.current()).manifest) == {"B2C_1A_Last"}


MORE_STEPS = (
    '<UserJourneys><UserJourney Id="More"><OrchestrationSteps><OrchestrationStep Order="1" Type="SendClaims" '
    'CpimIssuerTechnicalProfileReferenceId="JwtIssuer" /></OrchestrationSteps></UserJourney></UserJourneys>'
)


async def sign_up_page(site, person):
    page = await person.authorize(site.tenant, site.policy, ASKED)
    return await person.navigate(page, "unified", local="signup")


async def test_a_journey_under_way_goes_on_over_a_release_and_ends_when_its_steps_change(api, site, open_person):
    text = (await api("GET", f"/beta/trustFramework/policies/{site.policy}/$value")).body.decode()
    person, other = await open_person(site), await open_person(site)
    page, late = await sign_up_page(site, person), await sign_up_page(site, other)

    await api("POST", RELEASES, json=body(text + "<!-- the same steps -->"))
    same = await person.submit(page, {**SIGN_UP, "email": "ada@contoso.com"})
    await api("POST", RELEASES, json=body(text.replace("<RelyingParty>", f"{MORE_STEPS}<RelyingParty>")))
    changed = await other.submit(late, {**SIGN_UP, "email": "eve@contoso.com"})

    assert (await site.engine.releases.current()).number == 2
    assert same.accepted
    assert (changed.accepted, changed.error_code) == (False, "AADB2C90046")
