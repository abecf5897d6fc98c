"""The application as a whole: hosts, methods, headers, hostile input, the two modes."""

import asyncio
import json
from datetime import timedelta

import pytest

from journeyman.engine.expiry import Expiring, Kind

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
DOCUMENT = "/v2.0/.well-known/openid-configuration"
ASKED = {
    "client_id": "11111111-0000-4000-8000-000000000004",
    "redirect_uri": "http://127.0.0.1:5000/callback",
}


async def raw(site, request):
    """Send bytes as they stand and return the answer's bytes."""
    port = site.engine.settings.server.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.replace(b"HOST", b"127.0.0.1:%d" % port))
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(65_536), 5)
    writer.close()
    await writer.wait_closed()
    return answer


# --- hosts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "127.0.0.1:PORT.evil.example", "", "localhost", "PORT"]
)
async def test_a_foreign_host_is_refused(site, http, host):
    port = str(site.engine.settings.server.port)
    reply = await site.ask(http, "GET", site.url(DOCUMENT), headers={"Host": host.replace("PORT", port)})

    assert reply.status == 400
    assert "is not served here" in reply.text


@pytest.mark.parametrize("host", ["127.0.0.1:PORT", "LOCALHOST:PORT", "[::1]:PORT"])
async def test_our_own_names_are_served(site, http, host):
    port = str(site.engine.settings.server.port)
    reply = await site.ask(http, "GET", site.url(DOCUMENT), headers={"Host": host.replace("PORT", port)})

    assert reply.status == 200
    assert reply.json["token_endpoint"].startswith(f"http://127.0.0.1:{port}/")


async def test_two_hosts_are_none(site):
    answer = await raw(
        site, b"GET /healthz-not HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    )

    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_probes_are_answered_whatever_the_host_is(site, http):
    for path, status in (("/healthz", "alive"), ("/readyz", "ready")):
        reply = await site.ask(http, "GET", f"{site.origin}{path}", headers={"Host": "10.0.0.7:8080"})
        assert (reply.status, reply.json["status"]) == (200, status)


async def test_it_is_not_ready_before_it_is(site, http):
    site.engine.ready = False
    reply = await site.ask(http, "GET", f"{site.origin}/readyz")

    assert (reply.status, reply.json["status"]) == (503, "starting")


async def test_readiness_tells_how_many_keys_end_soon_and_no_names(site, http):
    ends = site.engine.clock.now() + timedelta(days=6, hours=1)
    one = Expiring(Kind.SECRET, "B2C_1A_Canary", "kid", "", ends)
    site.engine.key_upkeep.found = (one,)
    reply = await site.ask(http, "GET", f"{site.origin}/readyz")

    assert reply.json["expiry"] == {
        "soonest_days": 6,
        "within_days": {"60": 1, "30": 1, "14": 1, "7": 1, "1": 0},
        "expired": 0,
    }
    assert "Canary" not in str(reply.json)


@pytest.mark.parametrize(
    ("server", "host", "status"),
    [
        ('public_url = "https://login.contoso.com"', "login.contoso.com", 200),
        ('public_url = "https://login.contoso.com"', "Login.Contoso.com:443", 200),
        ('public_url = "https://login.contoso.com"', "login.contoso.com:80", 400),
        ('public_url = "https://login.contoso.com:8443"', "login.contoso.com:8443", 200),
        ('public_url = "https://login.contoso.com:8443"', "login.contoso.com", 400),
    ],
)
async def test_the_host_of_the_public_url_is_served(deploy, http, server, host, status):
    site = await deploy(server=server)
    local = f"http://127.0.0.1:{site.engine.settings.server.port}/{site.tenant}/{site.policy}{DOCUMENT}"

    assert (await site.ask(http, "GET", local, headers={"Host": host})).status == status


# --- paths and methods -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/other.onmicrosoft.com/B2C_1A_SignUpOrSignIn/oauth2/v2.0/authorize",
        "/contoso.onmicrosoft.com/B2C_1A_Nothing/oauth2/v2.0/authorize",
        "/contoso.onmicrosoft.com/oauth2/v2.0/authorize",
        "/contoso.onmicrosoft.com/oauth2/v2.0/logout",
        "/contoso.onmicrosoft.com",
        "/common/userrealm/ada@contoso.com",
        "/contoso.onmicrosoft.com/B2C_1A_SignUpOrSignIn/openid/v2.0/userinfo",
        "/%00/%3Cscript%3E/oauth2/v2.0/authorize",
        "/contoso.onmicrosoft.com/..%2f..%2fetc/oauth2/v2.0/authorize",
    ],
)
async def test_what_is_not_there_is_a_page_that_says_so(site, http, path):
    reply = await site.ask(http, "GET", site.origin + path)

    assert reply.status == 404
    assert "There is no such page." in reply.text
    assert "<script>" not in reply.text.replace("<script nonce", "")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("HEAD", "/oauth2/v2.0/authorize", "GET, POST"),
        ("OPTIONS", "/oauth2/v2.0/authorize", "GET, POST"),
        ("POST", DOCUMENT, "GET, HEAD, OPTIONS"),
        ("GET", "/SelfAsserted", "POST"),
        ("POST", "/api/SelfAsserted/confirmed", "GET"),
        ("HEAD", "/api/SelfAsserted/confirmed", "GET"),
        ("HEAD", "/oauth2/v2.0/logout", "GET, POST"),
    ],
)
async def test_other_methods_are_refused_with_those_that_are_not(site, http, method, path, allowed):
    reply = await site.ask(http, method, site.url(path))

    assert (reply.status, reply.headers["Allow"]) == (405, allowed)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
async def test_methods_nobody_needs_are_refused_everywhere(site, http, method):
    reply = await site.ask(http, method, site.url("/oauth2/v2.0/token"))

    assert reply.status == 405


async def test_the_start_page_leads_to_the_portal(site, http):
    reply = await site.ask(http, "GET", f"{site.origin}/")

    assert (reply.status, reply.location) == (302, "/portal")


# --- headers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/healthz", "/nothing", "/contoso.onmicrosoft.com/B2C_1A_Silent/oauth2/v2.0/logout", "/portal/journeys", "/"],
)
async def test_every_answer_says_how_to_treat_it(site, http, path):
    reply = await site.ask(http, "GET", site.origin + path)

    assert {name: reply.headers[name] for name in SECURITY} == SECURITY
    assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]
    assert "Referrer-Policy" in reply.headers
    assert "Server" not in reply.headers


@pytest.mark.parametrize(
    ("server", "strict"),
    [
        ('mode = "production"\npublic_url = "https://login.contoso.com"', "max-age=31536000"),
        ('mode = "production"\npublic_url = "https://localhost:8443"', None),
        ('public_url = "https://login.contoso.com"', None),
    ],
)
async def test_https_is_insisted_on_in_production_only(deploy, http, server, strict):
    site = await deploy(server=server)
    reply = await site.ask(http, "GET", f"http://127.0.0.1:{site.engine.settings.server.port}/healthz")

    assert reply.headers.get("Strict-Transport-Security") == strict


@pytest.mark.parametrize(
    ("server", "attributes"),
    [
        ("", "HttpOnly; Path=/; SameSite=lax"),
        ('public_url = "https://login.contoso.com"', "HttpOnly; Path=/; SameSite=none; Secure"),
    ],
)
async def test_cookies_are_out_of_reach_of_scripts_and_secure_over_https(deploy, http, server, attributes):
    site = await deploy(server=server)
    local = f"http://127.0.0.1:{site.engine.settings.server.port}/{site.tenant}/{site.policy}"
    query = "client_id={client_id}&redirect_uri={redirect_uri}".format(**ASKED)
    url = f"{local}/oauth2/v2.0/authorize?response_type=code&scope=openid&code_challenge={'x' * 43}&{query}"
    reply = await site.ask(http, "GET", url)
    cookies = dict(line.split("=", 1) for line in reply.headers.getall("Set-Cookie"))

    assert set(cookies) == {"x-ms-cpim-trans", "x-ms-cpim-csrf"}
    assert {value.partition("; ")[2] for value in cookies.values()} == {attributes}


async def test_a_page_may_be_framed_by_those_whom_the_policy_names(site, open_person, http):
    query = "client_id={client_id}&redirect_uri={redirect_uri}".format(**ASKED)
    url = site.url("/oauth2/v2.0/authorize", "B2C_1A_OfPolicy")
    reply = await site.ask(http, "GET", f"{url}?response_type=code&scope=openid&code_challenge={'x' * 43}&{query}")

    assert "frame-ancestors https://app.contoso.com" in reply.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in reply.headers


# --- hostile input ---------------------------------------------------------------------------------

NASTY = [
    "\0",
    "\r\nX-Evil: 1",
    "<script>alert(1)</script>",
    "\ud7ff\U0010ffff",
    "%",
    "{{7*7}}",
    "' OR 1=1 --",
    "a" * 20_000,
]
NAMES = ["client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "prompt", "max_age",
         "ui_locales", "login_hint", "domain_hint", "code_challenge", "client-request-id", "id_token_hint", "x\0"]  # fmt: skip


@pytest.mark.parametrize("nasty", NASTY, ids=lambda text: ascii(text)[:20])
async def test_no_parameter_of_a_request_breaks_the_server(site, http, nasty):
    for name in NAMES:
        for reply in (
            await site.authorize(http, **{name: nasty}),
            await site.token(http, **{"grant_type": "authorization_code", name: nasty}),
            await site.token(http, grant_type=nasty, code=nasty, refresh_token=nasty),
        ):
            assert reply.status < 500
            assert "X-Evil" not in reply.headers
            assert "<script>alert" not in reply.text or reply.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "path", ["/SelfAsserted", "/api/SelfAsserted/confirmed", "/api/%00/%ff", "/oauth2/v2.0/logout"]
)
@pytest.mark.parametrize(
    "query", ["", "tx=%00&csrf_token=%ff", "tx=" + "A" * 30_000, "tx=StateProperties%3DbnVsbA&p=%0d%0a"]
)
async def test_no_address_of_a_page_breaks_the_server(site, http, path, query):
    for method in ("GET", "POST"):
        reply = await site.ask(
            http, method, f"{site.url(path)}?{query}", data=b"a=%ff&b=\xff" if method == "POST" else None,
            headers={"Content-Type": "application/x-www-form-urlencoded", "Cookie": "x-ms-cpim-trans=%00; \xff=1"},
        )  # fmt: skip

        assert reply.status < 500


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /\xff\xfe HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n", b"400"),
        (b"GET /%ff%fe%00 HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n", b"404"),
        (b"GET /a?" + b"x" * 60_000 + b" HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n", b"414"),
        (b"POST /a HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1000001\r\nConnection: close\r\n\r\n", b"413"),
        (b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", b"200"),
        (b"GET /nothing HTTP/1.1\r\nConnection: close\r\n\r\n", b"400"),
    ],
)
async def test_requests_that_no_browser_sends(site, request_bytes, status):
    answer = await raw(site, request_bytes)

    assert answer[9:12] == status


async def test_a_body_that_grows_too_long_is_cut_off(site):
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    head = (
        b"POST /contoso.onmicrosoft.com/B2C_1A_Silent/oauth2/v2.0/token HTTP/1.1\r\nHost: HOST\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    answer = await raw(site, head + chunk * 12 + b"0\r\n\r\n")

    assert answer[9:12] == b"413"


# --- errors ----------------------------------------------------------------------------------------


def break_it(site):
    """Make every look-up of a policy fail as a defect of ours would."""

    class Defect:
        def find(self, _policy_id):
            raise RuntimeError("the secret inside")

    site.engine.policies = Defect()


@pytest.mark.parametrize("server", ["", 'mode = "production"'])
async def test_a_defect_is_a_page_without_its_inside(deploy, http, caplog, server):
    site = await deploy(server=server)
    break_it(site)
    reply = await site.ask(http, "GET", site.url(DOCUMENT))

    assert reply.status == 500
    assert "AADB2C90048" in reply.text
    assert "the secret inside" not in reply.text
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "unhandled RuntimeError, correlation id " in caplog.text


def break_policy(folder):
    path = folder / "policies" / "Silent.xml"
    path.write_text(path.read_text(encoding="utf-8").replace('ReferenceId="Silent"', 'ReferenceId="Nowhere"'))


async def test_a_broken_policy_answers_with_its_diagnostics_in_development(deploy, http):
    site = await deploy(prepare=break_policy)
    reply = await site.ask(http, "GET", site.url("/oauth2/v2.0/authorize", "B2C_1A_Silent"))

    assert reply.status == 404
    assert "Nowhere" in reply.text
    assert "Silent.xml" in reply.text


async def test_production_runs_on_a_plain_loopback_address_and_tells_strangers_nothing(deploy, http, open_person):
    site = await deploy(server='mode = "production"')
    lost = await site.ask(http, "GET", site.url("/api/SelfAsserted/confirmed") + "?tx=x")
    portal = await site.ask(http, "GET", f"{site.origin}/portal/journeys")
    start = await site.ask(http, "GET", f"{site.origin}/")
    detail = await site.authorize(http, request="e30.")

    assert (lost.status, "AADB2C90046" in lost.text, "development" in lost.text) == (400, True, False)
    assert (portal.status, portal.location) == (303, "/portal/sign-in?back=%2Fportal%2Fjourneys")
    assert start.location == "/healthz"
    assert detail.parameters["error_description"].startswith("AADB2C: An exception has occurred.\r\n")
    assert (await site.redeem(http)).status == 200


async def test_the_portal_lists_the_journeys(site, http):
    await site.authorize(http)
    await site.engine.trace_writer.flush() if hasattr(site.engine.trace_writer, "flush") else await asyncio.sleep(0.3)
    reply = await site.ask(http, "GET", f"{site.origin}/portal/api/journeys")

    assert json.loads(reply.body)["journeys"][0]["policy_id"] == "B2C_1A_Silent"
