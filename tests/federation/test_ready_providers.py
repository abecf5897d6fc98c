"""Ready identity providers of user flows, at servers of others that stand in for them over TLS."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import ssl
from dataclasses import dataclass, replace

import aiohttp
import pytest
import trustme
from tests.federation.conftest import SECRET, Person, authorize_url, parameters_of
from tests.federation.flow_tenants import flow_tenant as flow_tenant  # noqa: PLC0414  # a fixture
from tests.federation.test_second_tenant import chromium, token_after
from tests.federation.test_sign_in import free_port, id_token_of, public_jwk
from tests.federation.test_sign_in import signing_key as signing_key  # noqa: PLC0414  # a fixture

from journeyman.settings.identity import (
    AttributeAssignment,
    IdentityProvider,
    IdentitySettings,
    LocalAccounts,
    UserFlow,
    UserFlowType,
)
from journeyman.settings.provider_types import provider_type

HOSTS = {
    "GitHub": ("github.com", "api.github.com"),
    "Amazon": ("www.amazon.com", "api.amazon.com"),
    "LinkedIn": ("www.linkedin.com", "api.linkedin.com"),
    "Google": ("accounts.google.com",),
    "Microsoft": ("login.live.com",),
}
CLAIMS = ("displayName", "emails", "identityProvider", "newUser", "city", "objectId")
KINDS = (
    UserFlow(
        "B2C_1_signup",
        UserFlowType.SIGN_UP,
        attributes=(AttributeAssignment("displayName"), AttributeAssignment("city")),
        claims=CLAIMS,
    ),
    UserFlow("B2C_1_signin", UserFlowType.SIGN_IN, claims=CLAIMS),
    UserFlow("B2C_1_only", UserFlowType.SIGN_IN, local_accounts=LocalAccounts.NONE, claims=CLAIMS),
    UserFlow("B2C_1_edit", UserFlowType.PROFILE_UPDATE, attributes=(AttributeAssignment("city"),), claims=CLAIMS),
    UserFlow("B2C_1_susi", UserFlowType.SIGN_UP_OR_SIGN_IN, claims=CLAIMS),
)


@dataclass
class Stage:
    """A tenant whose providers of the given types are servers on this machine."""

    served: object
    hosts: dict[str, int]
    trust: ssl.SSLContext


@pytest.fixture
async def stage(flow_tenant, programs, oauth2_program, start_provider, signing_key, tmp_path):
    """``stage = await open_stage("GitHub")``: serve flows of every kind that offer providers of these types."""
    authority = trustme.CA()

    async def open_stage(*types, declared=None):
        names = [host for kind in types for host in HOSTS[kind]]
        certificate = authority.issue_cert("127.0.0.1", *names)
        paths = (str(tmp_path / "server.pem"), str(tmp_path / "server.key"))
        certificate.cert_chain_pems[0].write_to_path(paths[0])
        certificate.private_key_pem.write_to_path(paths[1])
        port = free_port()
        callback = f"http://127.0.0.1:{port}/contoso.onmicrosoft.com/oauth2/authresp"
        hosts = {}
        for kind in types:
            if kind in {"Google", "Microsoft"}:
                issuer = f"https://{HOSTS[kind][0]}"
                found = start_provider([callback], public_jwk(signing_key), issuer=issuer, tls=paths).port
            else:
                found = programs.start(oauth2_program, json.dumps([callback]), SECRET, *paths)
            hosts |= dict.fromkeys(HOSTS[kind], found)
        mapped = "".join(f'"https://{host}" = "https://127.0.0.1:{found}"\n' for host, found in hosts.items())
        served = await flow_tenant(
            "contoso",
            identity_of(types if declared is None else declared),
            port=port,
            files={"keys/B2C_1A_Secret.txt": SECRET, "ca.pem": authority.cert_pem.bytes().decode()},
            more=f'[egress]\ntrust = ["ca.pem"]\n[egress.map]\n{mapped}',
        )
        trust = ssl.create_default_context()
        authority.configure_trust(trust)
        return Stage(served, hosts, trust)

    return open_stage


def identity_of(types):
    providers = tuple(
        IdentityProvider(
            provider_type(kind).id,
            kind,
            "",
            "web-post" if kind in {"Google", "Microsoft"} else "web",
            "B2C_1A_Secret",
        )
        for kind in types
    )
    offered = tuple(each.id for each in providers)
    flows = tuple(replace(flow, identity_providers=offered) for flow in KINDS if providers)
    return IdentitySettings(user_flows=flows, identity_providers=providers)


async def signed_in(stage, kind, name="ada", policy="B2C_1_susi"):
    """Go to the provider without a page, sign in there, come back; return the claims of the ID token."""
    async with Person(stage.hosts, stage.trust) as person:
        hint = provider_type(kind).domain
        start = authorize_url(stage.served, policy, response_type="id_token", nonce="n", domain_hint=hint)
        url, page = await person.open(start, until=stage.served.redirect_uri)
        url, page = await person.sign_in(url, page, name, until=stage.served.redirect_uri)
        return id_token_of(url), person.visited


SOAK = bool(os.environ.get("JOURNEYMAN_SOAK"))
PEOPLE = [
    ("Google", "Ada Lovelace", ["ada@idp.example"], "ada"),
    ("GitHub", "ada Hub", ["ada@hub.example"], "583231"),
    ("Amazon", "ada Zon", ["ada@zon.example"], "amzn1.account.ada"),
    ("LinkedIn", "ada In", ["ada@in.example"], "li-ada"),
    ("Microsoft", "Ada Lovelace", ["ada@idp.example"], "ada"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name", "emails", "issuer_user_id"), PEOPLE if SOAK else PEOPLE[:1])
async def test_a_person_of_a_ready_provider_gets_an_account_and_has_it_the_next_time(
    stage, kind, name, emails, issuer_user_id
):
    open_stage = await stage(kind)

    first, visited = await signed_in(open_stage, kind)
    second, _ = await signed_in(open_stage, kind)

    domain = provider_type(kind).domain
    assert (first["name"], first["emails"], first["idp"]) == (name, emails, domain)
    assert (first.get("newUser"), second.get("newUser"), second["oid"]) == (True, None, first["oid"])
    (account,) = await open_stage.served.engine.users.page()
    assert [(each.issuer, base64.b64decode(each.value)) for each in account.identities] == [
        (domain, issuer_user_id.encode())
    ]
    assert not any(SECRET in url for url in visited)


async def test_who_says_no_at_the_provider_is_told_to_the_application(stage):
    open_stage = await stage("GitHub")
    served = open_stage.served
    async with Person(open_stage.hosts, open_stage.trust) as person:
        start = authorize_url(served, "B2C_1_susi", response_type="id_token", nonce="n", domain_hint="github.com")
        url, _ = await person.open(start, until=served.redirect_uri)
        form = {"login": "ada", "allowed": "false"}
        url, _ = await person.open(url, until=served.redirect_uri, form=form)

    assert parameters_of(url)["error"] == "access_denied"
    assert parameters_of(url)["error_description"].startswith("AADB2C90273")


async def posted(served, token, path, body):
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{served.origin}/v1.0/identity/{path}"
    async with (
        aiohttp.ClientSession(trust_env=False) as client,
        client.post(url, json=body, headers=headers) as answer,
    ):
        return answer.status, await answer.json()


async def management_token(served):
    """Get a token of an application that may make flows and providers."""
    roles = ("IdentityUserFlow.ReadWrite.All", "IdentityProvider.ReadWrite.All")
    application, secret = await served.engine.applications.add("Manager", roles=roles)
    form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
    form |= {"client_id": application.client_id, "client_secret": secret.reveal()}
    url = f"{served.origin}/{served.tenant}/oauth2/v2.0/token"
    async with aiohttp.ClientSession(trust_env=False) as client, client.post(url, data=form) as answer:
        return (await answer.json())["access_token"]


async def test_a_provider_that_was_made_over_the_management_api_signs_people_in(stage):
    open_stage = await stage("GitHub", declared=())
    served = open_stage.served
    token = await management_token(served)
    hub = {
        "@odata.type": "microsoft.graph.socialIdentityProvider",
        "displayName": "Hub",
        "identityProviderType": "GitHub",
        "clientId": "web",
        "clientSecret": SECRET,
    }
    flow = {"id": "api", "userFlowType": "signUpOrSignIn", "userFlowTypeVersion": 3}
    made, provider = await posted(served, token, "identityProviders", hub)
    offered, _ = await posted(served, token, "b2cUserFlows", {**flow, "identityProviders": [{"id": provider["id"]}]})
    for _ in range(200):  # it is served within a second
        if "b2c_1_api" in served.engine.policies.served:
            break
        await asyncio.sleep(0.05)
    claims, _ = await signed_in(open_stage, "GitHub", policy="B2C_1_api")

    assert (made, offered) == (201, 201)
    (account,) = await served.engine.users.page()
    assert claims["sub"] == account.object_id


@pytest.mark.browser
async def test_every_kind_of_flow_lets_a_person_of_a_provider_in(stage):
    if shutil.which("chromium") is None:
        pytest.skip("NOT TESTED: Chromium is not installed (apt-get install chromium)")
    open_stage = await stage("GitHub")
    rules = ",".join(f"MAP {host} 127.0.0.1:{port}" for host, port in open_stage.hosts.items())
    async with chromium(f"--host-resolver-rules={rules}", "--ignore-certificate-errors") as tab:
        made = await through(tab, open_stage.served, "B2C_1_signup", {"displayName": "Ada L.", "city": "London"})
        known = await through(tab, open_stage.served, "B2C_1_signin", {})
        only = await through(tab, open_stage.served, "B2C_1_only", {}, button=False)
        edited = await through(tab, open_stage.served, "B2C_1_edit", {"city": "Paris"})

    assert (made["newUser"], made["name"], made["city"]) == (True, "Ada L.", "London")
    assert (known["oid"], known["city"], known["idp"]) == (made["oid"], "London", "github.com")
    assert (only["oid"], edited["oid"], edited["city"]) == (made["oid"], made["oid"], "Paris")


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(
    not SOAK, reason="the page is that of the combined one without its form; JOURNEYMAN_SOAK=1 looks at it"
)
async def test_two_providers_without_local_accounts_are_chosen_on_a_page_of_their_own(stage):
    if shutil.which("chromium") is None:
        pytest.skip("NOT TESTED: Chromium is not installed (apt-get install chromium)")
    open_stage = await stage("GitHub", "Amazon")
    rules = ",".join(f"MAP {host} 127.0.0.1:{port}" for host, port in open_stage.hosts.items())
    async with chromium(f"--host-resolver-rules={rules}", "--ignore-certificate-errors") as tab:
        await tab.goto(authorize_url(open_stage.served, "B2C_1_only", response_type="id_token", nonce="n"))
        offered = await tab.eval_on_selector_all(
            "button.accountButton", "all => all.map(each => each.textContent.trim())"
        )
        await tab.click("#Amazon-OAUTHExchange")
        await tab.fill("[name=login]", "ada")
        there = tab.url

    assert offered == ["GitHub", "Amazon"]
    assert there.startswith("https://www.amazon.com/ap/oa?")


async def through(tab, served, policy, fields, *, button=True):
    """Begin anew, choose GitHub where there is a choice, say who one is, fill the page; return the token's claims."""
    start = authorize_url(served, policy, response_type="id_token", nonce="n", prompt="login")
    await tab.goto(start)
    if button:
        await tab.click("#GitHub-OAUTHExchange")
    await tab.fill("[name=login]", "ada")
    if not fields:
        return await token_after(tab, served, lambda: tab.click("[value=true]"))
    await tab.click("[value=true]")
    for name, text in fields.items():
        await tab.fill(f"#{name}", text)
    return await token_after(tab, served, lambda: tab.click("#continue"))
