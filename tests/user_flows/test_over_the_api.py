"""A user flow that is made over the management API alone is served, and calls its API connector."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import trustme
from aiohttp import web
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from tests.user_flows.conftest import EMAIL, PASSWORD, TENANT, new_password

from journeyman.keys.certificate import self_signed

ORIGIN = "https://loyalty.example"

FLOW = {
    "id": "B2C_1_flow",
    "userFlowType": "signUpOrSignIn",
    "userFlowTypeVersion": 1,
    "x_claims": ["displayName", "city"],
}


@dataclass
class LoyaltyApi:
    """An API that knows one credential, keeps what it was sent and answers ``answers`` by the step."""

    origin: str
    authorizations: list[str] = field(default_factory=lambda: ["Basic " + b64encode(b"user:first").decode()])
    calls: list[Mapping[str, Any]] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    refused: int = 0
    answers: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    async def answer(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") not in self.authorizations:
            self.refused += 1
            return web.Response(status=401)
        self.used.append(request.headers["Authorization"])
        call = await request.json()
        self.calls.append(call)
        more = self.answers.get(call["step"], {})
        status = 400 if more.get("action") == "ValidationError" else 200
        return web.json_response({"version": "1.0.0", "action": "Continue", **more}, status=status)


@pytest.fixture
async def loyalty_api() -> AsyncIterator[LoyaltyApi]:
    api = LoyaltyApi("")
    app = web.Application()
    app.router.add_post("/hook", api.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    api.origin = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    yield api
    await runner.cleanup()


@dataclass
class Administrator:
    """A script with a management token."""

    origin: str
    session: aiohttp.ClientSession
    token: str

    async def __call__(self, method: str, path: str, body: Any = None, *, status: int = 204) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.session.request(method, f"{self.origin}/beta/identity/{path}", json=body, headers=headers) as r:
            text = await r.text()
            assert r.status == status, text
            return await r.json() if text else None


@pytest.fixture
async def administer(travel, loyalty_api):
    async with aiohttp.ClientSession(trust_env=False) as session:

        async def begin(egress: str = "") -> Administrator:
            mapped = f'[egress]\n{egress}\n[egress.map]\n"{ORIGIN}" = "{loyalty_api.origin}"'
            served = (await travel(mapped)).served
            application, secret = await served.engine.applications.add(
                "Script", roles=("APIConnectors.ReadWrite.All", "IdentityUserFlow.ReadWrite.All")
            )
            form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
            form |= {"client_id": application.client_id, "client_secret": secret.reveal()}
            url = f"{served.origin}/{TENANT}/oauth2/v2.0/token"
            async with session.post(url, data=form) as reply:
                return Administrator(served.origin, session, (await reply.json())["access_token"])

        yield begin


async def connector_of(administer: Administrator) -> str:
    basic = {"@odata.type": "#microsoft.graph.basicAuthentication", "username": "user", "password": "first"}
    new = {"displayName": "Loyalty", "targetUrl": f"{ORIGIN}/hook", "authenticationConfiguration": basic}
    return (await administer("POST", "apiConnectors", new, status=201))["id"]


async def bind(administer: Administrator, connector: str, *steps: str) -> None:
    for step in steps:
        reference = f"b2cUserFlows/B2C_1_flow/apiConnectorConfiguration/{step}/$ref"
        await administer("PUT", reference, {"@odata.id": f"/identity/apiConnectors/{connector}"})


async def test_a_flow_made_over_the_api_collects_calls_and_puts_the_answer_into_the_token(
    travel, administer, loyalty_api
):
    admin = await administer()
    await admin("POST", "userFlowAttributes", {"displayName": "Shoe", "dataType": "string"}, status=201)
    flow = {**FLOW, "x_claims": ["displayName", "city", "extension_Shoe"]}
    await admin("POST", "b2cUserFlows", flow, status=201)
    assignments = "b2cUserFlows/B2C_1_flow/userAttributeAssignments"
    for name in ("displayName", "extension_Shoe"):
        await admin("POST", assignments, {"userAttribute": {"id": name}}, status=201)
    await bind(admin, await connector_of(admin), "postAttributeCollection", "preTokenIssuance")
    shoe = (await admin("GET", "userFlowAttributes/extension_Shoe", status=200))["id"]
    loyalty_api.answers["PostAttributeCollection"] = {shoe: "43"}
    loyalty_api.answers["PreTokenIssuance"] = {"city": "Rome"}

    claims = await (await travel()).sign_up(displayName="Ada", extension_Shoe="42")

    assert (claims["name"], claims["extension_Shoe"], claims["city"]) == ("Ada", "43", "Rome")
    first, second = loyalty_api.calls
    assert (first["step"], first["email"], first["displayName"], first[shoe]) == (
        "PostAttributeCollection",
        EMAIL,
        "Ada",
        "42",
    )
    assert (second["step"], second["objectId"], second[shoe]) == ("PreTokenIssuance", claims["sub"], "43")
    assert PASSWORD not in str(loyalty_api.calls)


async def test_a_refusal_of_the_api_is_shown_on_the_page(travel, administer, loyalty_api):
    admin = await administer()
    await admin("POST", "b2cUserFlows", FLOW, status=201)
    await bind(admin, await connector_of(admin), "postAttributeCollection")
    refusal = {"action": "ValidationError", "status": 400, "userMessage": "No such member."}
    loyalty_api.answers["PostAttributeCollection"] = refusal
    traveller = await travel()
    page = await traveller.sign_up_page()
    await traveller.prove(page)

    answer = await traveller.refused(page, email=EMAIL, **new_password(PASSWORD))

    assert answer.message == "No such member."


async def test_new_credentials_and_an_unbound_connector_count_at_once(travel, administer, loyalty_api):
    admin = await administer()
    await admin("POST", "b2cUserFlows", FLOW, status=201)
    connector = await connector_of(admin)
    await bind(admin, connector, "preTokenIssuance")
    await (await travel()).sign_up()
    key = {"@odata.type": "#journeyman.bearerToken", "token": "second"}
    loyalty_api.authorizations[:] = ["Bearer second"]
    await admin("PATCH", f"apiConnectors/{connector}", {"authenticationConfiguration": key})
    await (await travel()).sign_in()
    called = len(loyalty_api.calls)
    await admin("PUT", "b2cUserFlows/B2C_1_flow/apiConnectorConfiguration/preTokenIssuance/$ref", {})
    await (await travel()).sign_in()

    assert (called, len(loyalty_api.calls), loyalty_api.refused) == (2, 2, 0)


async def test_credentials_that_are_replaced_while_people_sign_in_cost_no_call(travel, administer, loyalty_api):
    admin = await administer()
    await admin("POST", "b2cUserFlows", FLOW, status=201)
    connector = await connector_of(admin)
    await bind(admin, connector, "preTokenIssuance")
    traveller = await travel()
    await traveller.sign_up()

    async def rotate() -> None:
        for number in range(8):
            # The API takes the old and the new credential while it changes, as its documentation asks for.
            loyalty_api.authorizations.append(f"Bearer t{number}")
            token = {"@odata.type": "#journeyman.bearerToken", "token": f"t{number}"}
            await admin("PATCH", f"apiConnectors/{connector}", {"authenticationConfiguration": token})

    async def keep_signing_in(person: Any) -> int:
        times = 0
        while not rotating.done():
            await person.claims(await person.start())
            times += 1
        return times

    others = [await travel() for _ in range(2)]
    for person in others:
        await person.sign_in()
    before = len(loyalty_api.calls)
    rotating = asyncio.get_running_loop().create_task(rotate())
    counts = await asyncio.gather(*(keep_signing_in(person) for person in (traveller, *others)))
    await rotating

    await traveller.claims(await traveller.start())

    assert min(counts) >= 1
    assert (len(loyalty_api.calls), loyalty_api.refused) == (before + sum(counts) + 1, 0)
    assert (len(set(loyalty_api.used)) > 2, loyalty_api.used[-1]) == (True, "Bearer t7")


@dataclass
class MutualTls:
    """An API that asks for a client certificate."""

    authority: Path
    clients: list[Mapping[str, str]]
    seen: list[str]


def pfx_of(issued) -> Mapping[str, str]:
    encryption = BestAvailableEncryption(b"pw")
    data = pkcs12.serialize_key_and_certificates(b"n", issued.private_key, issued.certificate, None, encryption)
    return {"pkcs12Value": b64encode(data).decode(), "password": "pw"}


@pytest.fixture
async def mutual_tls(loyalty_api, tmp_path):
    """The API behind TLS that asks for a client certificate: PFX files it knows, and the thumbprints that it saw."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    now = datetime.now(UTC)
    clients = [self_signed(f"CN=caller {number}", now=now) for number in (1, 2)]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.issue_cert("127.0.0.1").configure_cert(context)
    context.load_verify_locations(cadata="".join(each.chain_pem().decode() for each in clients))
    seen: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        shown = request.transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
        seen.append(hashlib.sha1(shown, usedforsecurity=False).hexdigest().upper())
        return web.json_response({"version": "1.0.0", "action": "Continue"})

    app = web.Application()
    app.router.add_post("/hook", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    loyalty_api.origin = f"https://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    yield MutualTls(tmp_path / "ca.pem", [pfx_of(each) for each in clients], seen)
    await runner.cleanup()


async def test_the_next_certificate_is_used_from_its_upload_on(travel, administer, mutual_tls):
    admin = await administer(f'trust = ["{mutual_tls.authority}"]')
    await admin("POST", "b2cUserFlows", FLOW, status=201)
    first, second = mutual_tls.clients
    certificate = {"@odata.type": "#microsoft.graph.pkcs12Certificate", **first}
    new = {"displayName": "Loyalty", "targetUrl": f"{ORIGIN}/hook", "authenticationConfiguration": certificate}
    connector = (await admin("POST", "apiConnectors", new, status=201))["id"]
    await bind(admin, connector, "preTokenIssuance")
    await (await travel()).sign_up()
    uploaded = await admin("POST", f"apiConnectors/{connector}/uploadClientCertificate", second, status=200)
    await (await travel()).sign_in()

    shown = [each["thumbprint"] for each in uploaded["authenticationConfiguration"]["certificateList"]]
    active = [each["isActive"] for each in uploaded["authenticationConfiguration"]["certificateList"]]
    assert (mutual_tls.seen, active) == (shown, [False, True])
