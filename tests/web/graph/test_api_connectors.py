"""``/identity/apiConnectors``: each row of graph-api.md §3."""

from __future__ import annotations

import asyncio
import base64
import json
import re

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from journeyman.keys.certificate import self_signed

BASIC = {
    "@odata.type": "#microsoft.graph.basicAuthentication",
    "username": "user",
    "password": "CANARY-basic",
}  # the type with and without #, as documents show both
NEW = {"displayName": "Loyalty", "targetUrl": "https://api.example/hook", "authenticationConfiguration": BASIC}
MASKED = {**BASIC, "password": "******"}
BEARER = {"@odata.type": "#journeyman.bearerToken", "token": "CANARY-token"}
API_KEY = {"@odata.type": "#journeyman.apiKeyHeader", "header": "x-functions-key", "key": "CANARY-key"}
MANAGED = {
    "@odata.type": "#journeyman.managedBearer",
    "tokenUrl": "https://sts.example/token",
    "clientId": "client",
    "clientSecret": "CANARY-client",
    "clientAuthentication": "CLIENT_SECRET_POST",
    "scope": "read",
    "audience": None,
}


def pfx_of(site, password: str = "CANARY-pfx") -> tuple[str, x509.Certificate]:
    made = self_signed("CN=caller", now=site.clock.now())
    encryption = BestAvailableEncryption(password.encode())
    data = pkcs12.serialize_key_and_certificates(b"caller", made.private_key, made.certificate, None, encryption)
    return base64.b64encode(data).decode(), made.certificate


def with_authentication(configuration) -> dict[str, object]:
    return {**NEW, "authenticationConfiguration": configuration}


async def made(api, configuration=BASIC) -> str:
    reply = await api("POST", "identity/apiConnectors", json=with_authentication(configuration))
    assert reply.status == 201, reply.json
    return reply.json["id"]


@pytest.mark.parametrize("version", ["v1.0", "beta"])
async def test_a_connector_is_made_read_listed_changed_and_deleted(api, site, version):
    place = f"{site.origin}/{version}/identity/apiConnectors"
    created = await api("POST", place, json=NEW)
    one = created.headers["Location"]
    read = await api("GET", one.replace("apiConnectors", "apiconnectors"))
    listed = await api("GET", place)
    changed = await api("PATCH", one, json={"displayName": "Renamed"})
    renamed = (await api("GET", one)).json["displayName"]
    deleted = await api("DELETE", one)
    gone = await api("GET", one)

    expected = {**NEW, "id": created.json["id"], "authenticationConfiguration": MASKED}
    context = f"{site.origin}/{version}/$metadata#identity/apiConnectors/$entity"
    assert (created.status, created.json) == (201, {"@odata.context": context, **expected})
    assert one == f"{place}/{created.json['id']}"
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", created.json["id"])
    assert (read.status, read.json) == (200, created.json)
    assert listed.json["value"] == [expected]
    assert (changed.status, changed.body, renamed) == (204, b"", "Renamed")
    assert (deleted.status, gone.status) == (204, 404)


KINDS = (
    ({**BASIC, "@odata.type": "microsoft.graph.basicAuthentication"}, MASKED),
    (BEARER, {**BEARER, "token": "******"}),
    (API_KEY, {**API_KEY, "key": "******"}),
    (MANAGED, {**MANAGED, "clientSecret": "******", "clientAuthentication": "client_secret_post"}),
)


async def test_every_kind_of_secret_is_taken_and_masked(api):
    for sent, answered in KINDS:
        reply = await api("POST", "identity/apiConnectors", json=with_authentication(sent))

        assert (reply.status, reply.json["authenticationConfiguration"]) == (201, answered)


async def test_a_certificate_is_taken_and_the_list_of_certificates_answered(api, site):
    pfx, certificate = pfx_of(site)
    sent = {"@odata.type": "#microsoft.graph.pkcs12Certificate", "pkcs12Value": pfx, "password": "CANARY-pfx"}
    reply = await api("POST", "identity/apiConnectors", json=with_authentication(sent))
    second, later = pfx_of(site, "other")
    upload = {"pkcs12Value": second, "password": "other"}
    uploaded = await api("POST", f"identity/apiConnectors/{reply.json['id']}/uploadClientCertificate", json=upload)

    def shown(one: x509.Certificate, *, active: bool) -> dict[str, object]:
        return {
            "thumbprint": one.fingerprint(SHA1()).hex().upper(),
            "notAfter": int(one.not_valid_after_utc.timestamp()),
            "notBefore": int(one.not_valid_before_utc.timestamp()),
            "isActive": active,
        }

    kind = "#microsoft.graph.clientCertificateAuthentication"
    first = {"@odata.type": kind, "certificateList": [shown(certificate, active=True)]}
    both = {"@odata.type": kind, "certificateList": [shown(certificate, active=False), shown(later, active=True)]}
    assert (reply.status, reply.json["authenticationConfiguration"]) == (201, first)
    assert (uploaded.status, uploaded.json["authenticationConfiguration"]) == (200, both)
    assert uploaded.json["displayName"] == "Loyalty"


async def test_the_mask_keeps_the_password_and_another_one_replaces_it(api, site):
    connector = f"identity/apiConnectors/{await made(api)}"

    async def stored() -> str:
        held = site.engine.identity.api_connectors[0].credentials
        return (await site.engine.key_store.get(held.password_key)).keys[0].secret.reveal()

    kept = await api("PATCH", connector, json={"authenticationConfiguration": {**MASKED, "username": "other"}})
    after_mask = await stored()
    replaced = await api("PATCH", connector, json={"authenticationConfiguration": {**BASIC, "password": "new"}})

    assert (kept.status, after_mask) == (204, "CANARY-basic")
    assert (replaced.status, await stored()) == (204, "new")


WRONG = (
    ({}, "displayName", "BadRequest"),
    ({**NEW, "displayName": 5}, "displayName", "BadRequest"),
    ({**NEW, "displayName": ""}, "displayName", "BadRequest"),
    ({**NEW, "displayName": "a\u0007"}, "displayName", "BadRequest"),
    ({**NEW, "targetUrl": "http://user:CANARY-url@api.example"}, "targetUrl", "BadRequest"),
    ({**NEW, "targetUrl": "https://api.example/#CANARY-url"}, "targetUrl", "BadRequest"),
    ({**NEW, "targetUrl": "file:///etc/passwd"}, "targetUrl", "BadRequest"),
    ({**NEW, "targetUrl": "http://127.0.0.1:7071/hook"}, "targetUrl", "BadRequest"),
    ({**NEW, "targetUrl": "https://api.example/{Settings:CANARY}"}, "targetUrl", "BadRequest"),
    ({**NEW, "targetUrl": None}, "targetUrl", "BadRequest"),
    ({**NEW, "id": "x"}, "id", "AADB2C99018"),
    (with_authentication(None), "authenticationConfiguration", "BadRequest"),
    (with_authentication({}), "authenticationConfiguration/@odata.type", "AADB2C99019"),
    (with_authentication({"@odata.type": "#x.y"}), "authenticationConfiguration/@odata.type", "AADB2C99019"),
    (with_authentication({**BASIC, "password": None}), "authenticationConfiguration/password", "BadRequest"),
    (with_authentication({**BASIC, "password": ""}), "authenticationConfiguration/password", "AADB2C90253"),
    (with_authentication(MASKED), "authenticationConfiguration/password", "BadRequest"),
    (with_authentication({**BASIC, "username": "a:b"}), "authenticationConfiguration/username", "BadRequest"),
    (with_authentication({**API_KEY, "header": "Host"}), "authenticationConfiguration/header", "BadRequest"),
    (with_authentication({**MANAGED, "tokenUrl": "x"}), "authenticationConfiguration/tokenUrl", "BadRequest"),
    (with_authentication({**BASIC, "password": "x" * 70000}), "authenticationConfiguration/password", "BadRequest"),
)


async def test_a_wrong_member_is_named_and_nothing_is_stored(api, site, problem):
    for body, target, code in WRONG:
        reply = await api("POST", "identity/apiConnectors", json=body)

        error = problem(reply)
        assert (reply.status, error["target"], error["code"]) == (400, target, code)
        assert target.rpartition("/")[2] in error["message"]
        assert "CANARY" not in reply.text
    assert site.engine.identity.api_connectors == ()
    assert not [each for each in await site.engine.key_store.stored() if "ApiConnector" in each.id]


BAD_UPLOADS = (
    ({"password": "wrong"}, "AADB2C90213", "password"),
    ({"password": None}, "BadRequest", "password"),
    ({"pkcs12Value": "no base64!"}, "BadRequest", "pkcs12Value"),
    ({"pkcs12Value": "bm8gUEZY"}, "AADB2C90179", "pkcs12Value"),
    ({"pkcs12Value": ""}, "BadRequest", "pkcs12Value"),
)


async def test_a_bad_upload_is_refused_by_the_name_of_the_member(api, site, problem):
    pfx, _ = pfx_of(site)
    upload = {"pkcs12Value": pfx, "password": "CANARY-pfx"}
    connector = await made(api, {"@odata.type": "microsoft.graph.Pkcs12Certificate", **upload})

    path = f"identity/apiConnectors/{connector}/uploadClientCertificate"
    for changed, code, target in BAD_UPLOADS:
        reply = await api("POST", path, json={**upload, **changed})

        error = problem(reply)
        assert (reply.status, error["code"], error["target"]) == (400, code, target)
        if code == "AADB2C90213":
            assert error["message"] == "The certificate password provided in request is incorrect."


async def test_an_upload_needs_a_connector_with_certificates(api, site, problem):
    pfx, _ = pfx_of(site)
    connector = await made(api)

    reply = await api(
        "POST",
        f"identity/apiConnectors/{connector}/uploadClientCertificate",
        json={"pkcs12Value": pfx, "password": "CANARY-pfx"},
    )

    assert reply.status == 400
    assert "proves itself by no client certificate" in problem(reply)["message"]


async def test_what_answers_say_of_certificates_is_not_taken_back(api, problem):
    connector = await made(api)
    sent = {"@odata.type": "#microsoft.graph.clientCertificateAuthentication", "certificateList": []}

    reply = await api("PATCH", f"identity/apiConnectors/{connector}", json={"authenticationConfiguration": sent})

    assert (reply.status, problem(reply)["code"]) == (400, "AADB2C99019")


async def test_a_body_above_the_limit_is_413(api, problem):
    reply = await api("POST", "identity/apiConnectors", json={**NEW, "displayName": "x" * 600_000})

    assert (reply.status, problem(reply)["code"]) == (413, "RequestEntityTooLarge")


NAMES = (
    "<script>alert(1)</script>",
    "]]><x>&amp;",
    "'; DROP TABLE configuration;--",
    "{Settings:Key}",
    "../../x",
    "日本語 👩‍💻",
)
IDS = ("..%2F..%2Fetc%2Fpasswd", "%27%20OR%201=1", "%3Cscript%3E", "x" * 3000, "%E2%80%AE", "%0D%0AX:y", "('x')")


async def test_a_name_comes_back_as_it_was_written(api):
    for name in NAMES:
        reply = await api("POST", "identity/apiConnectors", json={**NEW, "displayName": name})

        assert (reply.status, reply.json["displayName"]) == (201, name)


async def test_an_id_that_is_none_is_404(api, problem):
    for name in IDS:
        reply = await api("GET", f"identity/apiConnectors/{name}")

        assert reply.status == 404
        assert problem(reply)["code"] in {"AADB2C90073", "ResourceNotFound"}


async def test_a_change_of_what_somebody_else_changed_is_412(api, problem):
    connector = f"identity/apiConnectors/{await made(api)}"
    seen = (await api("GET", connector)).headers["ETag"]
    first = await api("PATCH", connector, json={"displayName": "a"}, headers={"If-Match": seen})
    second = await api("PATCH", connector, json={"displayName": "b"}, headers={"If-Match": seen})
    deleted = await api("DELETE", connector, headers={"If-Match": seen})

    assert (first.status, second.status, deleted.status) == (204, 412, 412)
    assert problem(second)["code"] == "PreconditionFailed"
    assert (await api("GET", connector)).json["displayName"] == "a"


async def test_many_writers_at_once_leave_one_connector_with_its_key(api, site):
    connector = f"identity/apiConnectors/{await made(api)}"

    replies = await asyncio.gather(
        *(
            api("PATCH", connector, json={"authenticationConfiguration": {**BASIC, "username": f"u{n}"}})
            for n in range(6)
        )
    )

    assert {reply.status for reply in replies} <= {204, 409}
    assert 204 in {reply.status for reply in replies}
    left = site.engine.identity.api_connectors[0].credentials
    assert left.password_key in [each.id for each in await site.engine.key_store.stored()]


async def test_who_may_only_read_reads_and_nobody_else(employ, api):
    connector = f"identity/apiConnectors/{await made(api)}"
    reader = await employ("APIConnectors.Read.All")
    other = await employ("IdentityUserFlow.ReadWrite.All")

    assert (await reader("GET", connector)).status == 200
    for reply in (
        await reader("PATCH", connector, json={"displayName": "x"}),
        await reader("DELETE", connector),
        await reader("POST", f"{connector}/uploadClientCertificate", json={}),
        await reader("POST", "identity/apiConnectors", json=NEW),
        await other("GET", connector),
        await other("GET", "identity/apiConnectors/unknown"),
    ):
        assert (reply.status, reply.json["error"]["code"]) == (403, "Authorization_RequestDenied")


async def test_no_secret_is_in_an_answer_the_audit_trail_or_the_database(api, site):
    pfx, _ = pfx_of(site)
    certified = {"@odata.type": "#microsoft.graph.pkcs12Certificate", "pkcs12Value": pfx, "password": "CANARY-pfx"}
    connectors = [await made(api, each) for each in (BASIC, BEARER, API_KEY, MANAGED, certified)]
    answers = [await api("GET", "identity/apiConnectors")]
    answers += [await api("GET", f"identity/apiConnectors/{each}") for each in connectors]
    answers += [await api("PATCH", f"identity/apiConnectors/{connectors[0]}", json={"authenticationConfiguration": each})
                for each in (BEARER, API_KEY, MANAGED)]  # fmt: skip
    audit = await site.engine.database.fetch_all("SELECT activity, actor, target, detail FROM audit")
    records = await site.engine.database.fetch_all("SELECT record FROM configuration")
    files = [each.read_bytes() for each in (site.engine.settings.folder / ".journeyman").iterdir() if each.is_file()]

    assert "CANARY" not in "".join(answer.text for answer in answers)
    assert "CANARY" not in json.dumps([tuple(row) for row in (*audit, *records)])
    assert not [content for content in files if b"CANARY" in content]
    assert pfx[100:160].encode() not in b"".join(files)
