"""Custom policies over the management API, on a real server."""

from __future__ import annotations

import asyncio
import io
import time

import pytest

from journeyman.keys.creation import secret_key
from journeyman.management.caller import ROLES, caller_of
from journeyman.management.policies import Policies, Upload

BASE_POLICY = (
    "<BasePolicy><TenantId>contoso.onmicrosoft.com</TenantId><PolicyId>{base}</PolicyId></BasePolicy><BuildingBlocks>"
)
POLICIES = "/beta/trustFramework/policies"


@pytest.fixture
def policy(xml):
    """``policy("B2C_1A_Up")``: the text of a small policy; ``base`` puts it upon another one."""

    def made(id="B2C_1A_Up", *, base="", **options):
        profile = xml.profile("Id", "transform", outputs=('objectId DefaultValue="user-1"',))
        text = xml.policy(xml.step(Id="Id"), profiles=(profile,), id=id, **options)
        return text.replace("<BuildingBlocks>", BASE_POLICY.format(base=base), 1) if base else text

    return made


def other(text):
    return text.replace("</TrustFrameworkPolicy>", "<!-- another text --></TrustFrameworkPolicy>")


def broken(text):
    return text.replace('TechnicalProfileReferenceId="Id"', 'TechnicalProfileReferenceId="Nobody"')


async def put(api, id, text, **extra):
    headers = {"Content-Type": "application/xml", **extra.pop("headers", {})}
    data = text if isinstance(text, bytes) else text.encode()
    return await api("PUT", f"{POLICIES}/{id}/$value", data=io.BytesIO(data), headers=headers, **extra)


async def test_a_first_upload_is_201_and_a_second_one_200_both_with_the_xml(api, policy):
    first = await put(api, "B2C_1A_Up", policy())
    second = await put(api, "B2C_1A_Up", other(policy()))

    assert (first.status, second.status) == (201, 200)
    assert first.headers["Content-Type"].startswith("application/xml")
    assert first.headers["Location"].endswith("/beta/trustFramework/policies('B2C_1A_Up')")
    assert first.body == policy().encode()
    assert second.body == other(policy()).encode()


async def test_an_uploaded_policy_is_served_when_it_is_answered(api, policy, site, http):
    await put(api, "B2C_1A_Up", policy())

    discovery = await site.ask(
        http, "GET", f"{site.origin}/{site.tenant}/B2C_1A_Up/v2.0/.well-known/openid-configuration"
    )

    assert discovery.status == 200


async def test_policies_are_listed_read_and_described(api, policy):
    await put(api, "B2C_1A_Up", policy())

    listed = await api("GET", f"{POLICIES}/")
    read = await api("GET", f"{POLICIES}/b2c_1a_UP/$value")
    described = await api("GET", f"{POLICIES}('B2C_1A_Up')")

    ids = [one["id"] for one in listed.json["value"]]
    assert ids == sorted(ids, key=str.lower)
    assert {"B2C_1A_CustomPage", "B2C_1A_Up"} <= set(ids)
    assert (read.status, read.body) == (200, policy().encode())
    assert described.json["id"] == "B2C_1A_Up"


async def test_the_media_type_and_a_byte_order_mark_mean_nothing(api, policy):
    types = ("application/xml; charset=utf-8", "application/octet-stream", "application/json", "text/plain")
    for number, media_type in enumerate(types):
        for mark in (b"", b"\xef\xbb\xbf"):
            text = mark + policy(f"B2C_1A_Up{number}").encode()

            reply = await put(api, f"B2C_1A_Up{number}", text, headers={"Content-Type": media_type})

            assert (reply.status, reply.body) == (200 if mark else 201, text)


async def test_a_missing_policy_is_404(api, problem):
    for method, path in (("GET", ""), ("GET", "/$value"), ("DELETE", ""), ("DELETE", "/$value")):
        reply = await api(method, f"{POLICIES}/B2C_1A_Nothing{path}")

        assert (reply.status, problem(reply)["code"]) == (404, "AADB2C90073")


async def test_a_put_without_value_says_what_to_append(api, policy, problem):
    reply = await api("PUT", f"{POLICIES}/B2C_1A_Up", data=policy().encode())

    assert (reply.status, problem(reply)["code"]) == (400, "AADB2C99009")
    assert "append '$value'" in problem(reply)["message"]


@pytest.mark.parametrize("ending", ["", "/$value"])
async def test_a_deleted_policy_is_served_no_more(api, policy, site, ending):
    await put(api, "B2C_1A_Up", policy())

    reply = await api("DELETE", f"{POLICIES}/b2c_1a_up{ending}")

    assert reply.status == 204
    assert site.engine.policies.find("B2C_1A_Up") is None


async def test_a_file_of_the_folder_cannot_be_deleted_here(api, problem):
    reply = await api("DELETE", f"{POLICIES}/B2C_1A_CustomPage")

    assert reply.status == 409
    assert "policies/" in problem(reply)["message"]


async def test_an_upload_takes_the_place_of_a_file_and_its_deletion_brings_the_file_back(api, policy, site):
    file = (await api("GET", f"{POLICIES}/B2C_1A_CustomPage/$value")).body
    replaced = await put(api, "B2C_1A_CustomPage", policy("B2C_1A_CustomPage"))
    uploaded = (await api("GET", f"{POLICIES}/B2C_1A_CustomPage/$value")).body
    await api("DELETE", f"{POLICIES}/B2C_1A_CustomPage")

    assert replaced.status == 200
    assert uploaded == policy("B2C_1A_CustomPage").encode()
    assert (await api("GET", f"{POLICIES}/B2C_1A_CustomPage/$value")).body == file


async def test_a_second_policy_of_one_id_cannot_be_created(api, policy, problem):
    first = await api("POST", POLICIES, data=policy().encode())
    second = await api("POST", POLICIES, data=policy().encode())

    assert (first.status, first.body) == (201, policy().encode())
    assert second.status == 409
    assert problem(second)["message"] == (
        'Tenant "contoso.onmicrosoft.com" already has a policy with id "B2C_1A_Up". '
        "Another policy with the same id cannot be stored"
    )


async def test_the_address_and_the_xml_must_name_one_policy(api, policy, problem):
    reply = await put(api, "B2C_1A_Other", policy())

    assert (reply.status, problem(reply)["target"]) == (400, "PolicyId")
    assert (await api("GET", f"{POLICIES}/B2C_1A_Up")).status == 404
    assert (await put(api, "b2c_1a_UP", policy())).status == 201


async def test_errors_come_in_the_envelope_of_the_service_and_change_nothing(api, policy, problem, site):
    await put(api, "B2C_1A_Up", policy())
    served = site.engine.policies.find("B2C_1A_Up")

    error = problem(await put(api, "B2C_1A_Up", broken(policy())))

    head = 'Validation failed: 2 validation error(s) found in policy "B2C_1A_UP" of tenant "contoso.onmicrosoft.com".'
    assert error["code"] == "AADB2C"
    assert error["message"].startswith(head)
    assert error["message"][len(head)] != " "
    assert "Nobody" in error["message"]
    assert error["details"][0]["target"].startswith("line ")
    assert site.engine.policies.find("B2C_1A_Up") is served
    assert (await api("GET", f"{POLICIES}/B2C_1A_Up/$value")).body == policy().encode()


async def test_a_missing_base_is_named_with_the_directory(api, policy, problem, site):
    error = problem(await put(api, "B2C_1A_Up", policy(base="B2C_1A_Base")))

    text = f"Policy with 'policyId': B2C_1A_Base cannot be found in the directory '{site.engine.tenant.id}'."
    assert text in error["message"]


async def test_a_policy_of_another_tenant_is_refused(api, policy, problem):
    text = policy().replace("contoso.onmicrosoft.com", "fabrikam.onmicrosoft.com")

    error = problem(await put(api, "B2C_1A_Up", text))

    assert (
        "TenantId in the policy xml 'fabrikam.onmicrosoft.com' is not same as the one in login tenant "
        "'contoso.onmicrosoft.com'." in error["message"]
    )


async def test_a_missing_policy_key_is_named(api, xml, problem):
    profile = xml.profile("Call", "rest", metadata={"ServiceUrl": "https://a.example/", "AuthenticationType": "Bearer"})
    keyed = profile.replace(
        "</Metadata>",
        '</Metadata><CryptographicKeys><Key Id="BearerAuthenticationToken" StorageReferenceId="B2C_1A_Gone" /></CryptographicKeys>',
    )

    error = problem(await put(api, "B2C_1A_Up", xml.policy(xml.step(Call="Call"), profiles=(keyed,), id="B2C_1A_Up")))

    assert (
        'Tenant "contoso.onmicrosoft.com" does not have CryptographicKey referenced by storageReferenceId '
        '"B2C_1A_Gone".' in error["message"]
    )


async def test_the_keys_of_the_engine_and_of_connectors_are_no_keys_of_uploaded_policies(
    api, policy, xml, site, problem
):
    for name in ("B2C_1A_JourneymanPlatformSigning", "b2c_1a_apiconnector-1234-password"):
        if "api" in name:
            await site.engine.key_store.create(name, [secret_key("x", use="sig", now=site.engine.clock.now())])
        stolen = policy().replace("B2C_1A_TokenSigningKeyContainer", name)

        reply = await put(api, "B2C_1A_Up", stolen)

        assert (reply.status, problem(reply)["target"]) == (400, "StorageReferenceId")
        assert name in problem(reply)["message"]


async def test_a_transformation_cannot_hash_with_the_key_of_a_connector(api, policy, problem):
    hashing = (
        '<ClaimsTransformation Id="Hash" TransformationMethod="Hash"><InputParameters>'
        '<InputParameter Id="randomizerSecret" DataType="string" Value="B2C_1A_ApiConnector-1-password" />'
        "</InputParameters></ClaimsTransformation>"
    )

    reply = await put(api, "B2C_1A_Up", policy(transformations=(hashing,)))

    assert reply.status == 400
    assert "B2C_1A_ApiConnector-1-password" in problem(reply)["message"]


async def test_processes_that_upload_to_one_store_at_once_lose_nothing(policy, open_tenant):
    first = await open_tenant({"readme.txt": "no policy"})
    second = await open_tenant()
    ann = caller_of("ann", frozenset(ROLES))

    def upload(engine, number):
        return Policies(engine).upload(ann, Upload(policy(f"B2C_1A_Up{number}").encode()))

    await asyncio.gather(*(upload(engine, n) for n, engine in enumerate([first, second] * 4)))

    assert set((await first.releases.current()).manifest) == {f"B2C_1A_Up{number}" for number in range(8)}


async def test_the_id_of_a_user_flow_is_refused(api, policy, problem):
    error = problem(await put(api, "B2C_1_Flow", policy("B2C_1_Flow")))

    assert "user flows" in error["message"]


HOSTILE = {
    "entities": b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b'<!ENTITY b "&a;&a;&a;&a;">' * 9 + b"]><x>&b;</x>",
    "external": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>',
    "deep": b"<a>" * 100_000 + b"</a>" * 100_000,
    "wide": b"<TrustFrameworkPolicy " + b" ".join(b'a%d="1"' % n for n in range(100_000)) + b"/>",
    "not closed": b"<TrustFrameworkPolicy>",
    "utf-16": "<TrustFrameworkPolicy/>".encode("utf-16"),
    "not xml": b"PK\x03\x04 a zip file",
    "empty": b"",
    "another document": b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>',
    "4 MiB of nothing": b" " * (4 * 1024 * 1024),
}


async def test_hostile_xml_is_refused_within_a_second(api, problem):
    for name, text in HOSTILE.items():
        started = time.monotonic()
        reply = await put(api, "B2C_1A_Up", text)

        assert (name, reply.status, problem(reply)["code"]) == (name, 400, "AADB2C")
        assert (name, time.monotonic() - started < 1) == (name, True)


async def test_a_larger_policy_than_the_limit_is_413(api, problem):
    started = time.monotonic()
    reply = await put(api, "B2C_1A_Up", b" " * (20 * 1024 * 1024))

    assert reply.status == 413
    assert problem(reply)["message"]
    assert time.monotonic() - started < 5


async def test_an_etag_guards_against_lost_updates(api, policy, problem):
    first = await put(api, "B2C_1A_Up", policy())
    changed = other(policy())
    await put(api, "B2C_1A_Up", changed, headers={"If-Match": first.headers["ETag"]})

    late = await put(api, "B2C_1A_Up", policy(), headers={"If-Match": first.headers["ETag"]})
    gone = await api("DELETE", f"{POLICIES}/B2C_1A_Up", headers={"If-Match": first.headers["ETag"]})

    assert (late.status, gone.status) == (412, 412)
    assert (await api("GET", f"{POLICIES}/B2C_1A_Up/$value")).body == changed.encode()


async def test_uploads_at_once_are_all_kept(api, policy):
    await put(api, "B2C_1A_Base", policy("B2C_1A_Base"))

    replies = await asyncio.gather(
        *(put(api, f"B2C_1A_Up{n}", policy(f"B2C_1A_Up{n}", base="B2C_1A_Base")) for n in range(8))
    )

    assert [reply.status for reply in replies] == [201] * 8
    listed = await api("GET", POLICIES)
    assert {f"B2C_1A_Up{n}" for n in range(8)} <= {one["id"] for one in listed.json["value"]}


async def test_the_same_text_again_is_no_new_release(api, policy, site):
    await put(api, "B2C_1A_Up", policy())
    again = await put(api, "B2C_1A_Up", policy())

    assert again.status == 200
    assert [one.number for one in await site.engine.releases.list()] == [1]


async def test_a_text_that_was_damaged_is_whole_again_after_the_same_upload(api, policy, site):
    await put(api, "B2C_1A_Up", policy())
    await site.engine.database.execute("UPDATE policy_texts SET text = ?", (b"<evil/>",))
    await site.engine.refresh()
    damaged = await api("GET", f"{POLICIES}/B2C_1A_Up/$value")

    again = await put(api, "B2C_1A_Up", policy())

    assert (damaged.status, again.status) == (404, 201)
    assert (await api("GET", f"{POLICIES}/B2C_1A_Up/$value")).body == policy().encode()


async def test_a_change_is_in_the_audit_trail_under_the_callers_name(api, policy, site):
    await put(api, "B2C_1A_Up", policy())
    await api("DELETE", f"{POLICIES}/B2C_1A_Up")

    entries = await site.engine.audit.list(target="B2C_1A_Up")

    assert [(one.activity, one.detail["release"]) for one in entries] == [
        ("Delete policy", "2"),
        ("Upload policy", "1"),
    ]
    assert all(api.client_id in one.actor for one in entries)


async def test_reading_and_writing_need_their_roles(employ, policy):
    reader, stranger = await employ("Policy.Read.All"), await employ("User.ReadWrite.All")

    assert (await reader("GET", POLICIES)).status == 200
    assert (await put(reader, "B2C_1A_Up", policy())).status == 403
    assert (await reader("DELETE", f"{POLICIES}/B2C_1A_Nothing")).status == 403
    assert (await stranger("GET", f"{POLICIES}/B2C_1A_Nothing/$value")).status == 403
