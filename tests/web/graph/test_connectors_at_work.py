"""API connectors and user flows made over the management API call an API at once; certificates roll by upload."""

from __future__ import annotations

import base64
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from aiohttp import web
from cryptography.hazmat.primitives.serialization import Encoding

from journeyman.keys.certificate import self_signed
from journeyman.secret import Secret
from journeyman.testing.browser import Browser, Redirect

NATIVE = "11111111-0000-4000-8000-000000000004"
HOST = "https://api.contoso.example"
CONNECTORS = "identity/apiConnectors"
FLOW = {
    "id": "Customer",
    "userFlowType": "signUp",
    "userFlowTypeVersion": 3,
    "x_emailVerification": False,
    "x_claims": ["city"],
}


class Hook:
    """An API that asks for a client certificate and notes who came."""

    def __init__(self) -> None:
        self.came: list[tuple[str, str]] = []

    async def reply(self, request: web.Request) -> web.Response:
        shown = request.transport.get_extra_info("ssl_object").getpeercert()
        subject = dict(pair for part in shown["subject"] for pair in part)["commonName"] if shown else ""
        self.came.append((request.headers.get("Authorization", ""), subject))
        if not subject and self.came[-1][0] != "Basic " + base64.b64encode(b"ada:canary-1").decode():
            return web.Response(status=401)
        return web.json_response({"version": "1.0.0", "action": "Continue"})


@pytest.fixture
async def hook(tmp_path):
    """``hook`` with ``origin`` and ``settings``; it believes the certificates that ``believe`` is told of."""
    authority, made = trustme.CA(), Hook()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    context.verify_mode = ssl.CERT_OPTIONAL
    app = web.Application()
    app.router.add_post("/hook", made.reply)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    made.context = context
    made.settings = (
        f'\n[egress]\ntrust = ["{tmp_path / "ca.pem"}"]\n'
        f'[egress.map]\n"{HOST}" = "https://127.0.0.1:{runner.addresses[0][1]}"\n'
    )
    yield made
    await runner.cleanup()


def pfx(hook, name, *, since=0):
    issued = self_signed(f"CN={name}", now=datetime.now(UTC) + timedelta(days=since))
    hook.context.load_verify_locations(cadata=issued.certificate.public_bytes(Encoding.PEM).decode())
    return base64.b64encode(issued.pfx(Secret("pw"))).decode()


async def sign_up(site, email):
    async with Browser(site.origin) as person:
        asked = {"client_id": NATIVE, "redirect_uri": "http://127.0.0.1:5000/callback"}
        page = await person.authorize(site.tenant, "B2C_1_Customer", asked)
        fields = {"email": email, "newPassword": "Passw0rd!", "reenterPassword": "Passw0rd!"}
        assert (await person.submit(page, fields)).accepted
        return await person.go_on(page)


async def test_what_is_bound_is_called_and_the_newest_valid_upload_proves_it(deploy, employ, hook):
    from journeyman.management.caller import ROLES

    site = await deploy(change=lambda text: text + hook.settings)
    api = await employ(*ROLES, at=site)
    basic = {"@odata.type": "#microsoft.graph.basicAuthentication", "username": "ada", "password": "canary-1"}
    connector = {"displayName": "A", "targetUrl": f"{HOST}/hook", "authenticationConfiguration": basic}
    first = (await api("POST", CONNECTORS, json=connector)).json["id"]
    assert (await api("POST", "identity/b2cUserFlows", json=FLOW)).status == 201
    bind = "identity/b2cUserFlows/B2C_1_Customer/apiConnectorConfiguration/postAttributeCollection/$ref"
    assert (await api("PUT", bind, json={"@odata.id": f"{site.origin}/v1.0/{CONNECTORS}/{first}"})).status == 204
    ends = [await sign_up(site, "a@b.example")]
    pkcs12 = {"@odata.type": "#microsoft.graph.pkcs12Certificate", "pkcs12Value": pfx(hook, "one"), "password": "pw"}
    second = await api(
        "POST", CONNECTORS, json={**connector, "displayName": "B", "authenticationConfiguration": pkcs12}
    )
    assert (await api("PUT", bind, json={"@odata.id": second.json["id"]})).status == 204
    ends.append(await sign_up(site, "b@b.example"))
    upload = f"{CONNECTORS}/{second.json['id']}/uploadClientCertificate"
    for name, since in (("two", 0), ("tomorrow", 1)):
        body = {"pkcs12Value": pfx(hook, name, since=since), "password": "pw"}
        assert (await api("POST", upload, json=body)).status == 200
    ends.append(await sign_up(site, "c@b.example"))

    assert all(isinstance(end, Redirect) and "code" in end.parameters for end in ends)
    assert [subject for _, subject in hook.came] == ["", "one", "two"]
