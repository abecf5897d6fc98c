"""Many journeys, each full of canaries: in every claim that is a secret, by every way a claim is sent, through every answer."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from canary_api import ANSWERS, HostileApi
from canary_flock import Flock
from canary_tenant import (
    CLIENT_ID,
    REDIRECT_URI,
    TENANT,
    Engine,
    Exchange,
    Ports,
    Proxy,
    Secrets,
    free_port,
    server_tls,
    write_settings,
    write_tenant,
)

from journeyman.testing.browser import Browser, Page, PageError

CLAIMS = tuple(f"s{number:02}Secret" for number in range(1, 21))
MODES = ("Body", "Form", "QueryString", "Header", "Url")
REQUEST = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT_URI}
TELEMETRY = '[telemetry]\nmetrics_from = ["127.0.0.1/32"]\nspans = true\n'
PLAIN_MODES = frozenset({"Header"})
"""A letter that no header may hold would end the call before it is sent; the other modes take all."""


@dataclass
class Mass:
    """What a drive has left."""

    flock: Flock = field(default_factory=Flock)
    outcomes: dict[str, str] = field(default_factory=dict)
    exchanges: list[Exchange] = field(default_factory=list)
    printed: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    metrics: str = ""
    verdicts: set[str] = field(default_factory=set)
    received: list[str] = field(default_factory=list)


def policies(xml) -> dict[str, str]:
    """Return one policy per way of sending, and one whose page takes the canaries as passwords."""
    written = {f"Mass{mode}.xml": _policy(xml, mode) for mode in MODES}
    fields = tuple(xml.claim(name, control="Password") for name in CLAIMS)
    page = xml.profile(
        "SelfAsserted-Mass",
        "page",
        {"setting.retryLimit": "999"},
        outputs=(*CLAIMS, "scenario", "bearerToken"),
        validations=("REST-Mass",),
    )
    rest = _profile(xml, "Body", (*CLAIMS, "scenario", "bearerToken"))
    written["MassPage.xml"] = _whole(xml, "Page", (page, rest), (xml.step(Ask="SelfAsserted-Mass"),), fields, "TextBox")
    return written


def _policy(xml, mode: str) -> str:
    sent = tuple(
        f'{name} DefaultValue="{{OAUTH-KV:{name}}}" AlwaysUseDefaultValue="true"'
        for name in (*CLAIMS, "scenario", "bearerToken")
    )
    fields = tuple(xml.claim(name) for name in CLAIMS)
    return _whole(xml, mode, (_profile(xml, mode, sent),), (xml.step(Call="REST-Mass"),), fields)


def _whole(xml, name: str, profiles, steps, fields, control: str = "") -> str:
    claims = (
        *fields,
        xml.claim("scenario", control=control),
        xml.claim("bearerToken", control=control and "Password"),
        xml.claim("echo"),
        xml.claim("n", "int"),
    )
    return xml.policy(
        *steps,
        claims=claims,
        profiles=profiles,
        id=f"B2C_1A_Mass{name}",
        outputs=('objectId DefaultValue="u"', "n"),
        subject="",
    ).replace("contoso.onmicrosoft.com", TENANT)


def _profile(xml, mode: str, inputs: tuple[str, ...]) -> str:
    path = "/".join(f"{{{name}}}" for name in ("scenario", *CLAIMS)) if mode == "Url" else "mass"
    metadata = {
        "ServiceUrl": f"https://api.canary.example/{path}",
        "SendClaimsIn": mode,
        "AuthenticationType": "Bearer",
        "UseClaimAsBearerToken": "bearerToken",
        "IncludeClaimResolvingInClaimsHandling": "true",
        "DebugMode": "true",
    }
    # ``n`` takes a member of one answer that is no number; ``echo`` all that an API says back.
    return xml.profile("REST-Mass", "rest", metadata, inputs=inputs, outputs=("echo", 'n PartnerClaimType="number"'))


def plan(*, at_least: int) -> list[tuple[str, str]]:
    """Return ways of sending and answers; the short form has every answer once, the long one every pair, repeatedly."""
    scenarios = list(ANSWERS)
    if at_least <= 24 * 21:
        return [(("Page", *MODES)[index % 6], scenario) for index, scenario in enumerate(scenarios)]
    pairs = list(product(("Page", *MODES), [name for name in scenarios if name != "slow"]))
    rounds = -(-at_least // (21 * len(pairs)))
    return [*product(("Page", *MODES), ["slow"]), *(pairs * rounds)]


async def drive(folder: Path, xml, *, at_least: int) -> Mass:
    """Serve the tenant in a process of its own and send the canaries through it."""
    mass, secrets = Mass(), Secrets()
    empty = folder.parent / "no-policies"
    empty.mkdir()
    write_tenant(folder, secrets, empty)
    for name, text in policies(xml).items():
        (folder / "policies" / name).write_text(text, encoding="utf-8")
    ports = Ports(free_port(), free_port(), free_port(), untrusted=free_port())
    engine, log = Engine(folder, secrets.master_key), folder.parent / "mass.log"
    async with AsyncExitStack() as opened:
        api = HostileApi("at-acquired")
        for server in (
            await api.start(server_tls(folder / "tls" / "api.pem", folder / "tls" / "ca.pem")),
            await Proxy(ports.engine, mass.exchanges).start(ports.proxy),
        ):
            opened.callback(server.close)
            ports.api = ports.api or server.sockets[0].getsockname()[1]
        _settings(folder, ports)
        process = await engine.up("mass", log, ports.engine)
        try:
            await _send_all(mass, ports, plan(at_least=at_least))
            await _look_around(mass, ports)
        finally:
            process.terminate()
            await process.wait()
        await _commands(mass, engine, folder)
    mass.printed["the log with its spans"] = log.read_bytes()
    mass.received = api.bearers
    _keep_files(mass, folder)
    return mass


def _settings(folder: Path, ports: Ports) -> None:
    write_settings(folder, ports, CLIENT_ID, production=False)
    toml = folder / "journeyman.toml"
    limits = '[profiles."REST-Mass"]\ntimeout_s = 0.4\nretries = 0\nresponse_limit_bytes = 65536\ntraceparent = true\n'
    toml.write_text(toml.read_text(encoding="utf-8") + limits + TELEMETRY, encoding="utf-8")


async def _send_all(mass: Mass, ports: Ports, pairs: list[tuple[str, str]]) -> None:
    origin = f"http://127.0.0.1:{ports.proxy}"
    async with Browser(origin) as browser:
        page = await browser.authorize(TENANT, "B2C_1A_MassPage", REQUEST)
        assert isinstance(page, Page), page
        for mode, scenario in pairs:
            canaries = {name: mass.flock.hatch(plain=mode in PLAIN_MODES) for name in CLAIMS}
            sent = {**canaries, "scenario": f"scenario-{scenario}", "bearerToken": mass.flock.hatch(plain=True)}
            if mode == "Page":
                answer = await browser.submit(page, sent)
                mass.outcomes[f"Page {scenario}"] = answer.message or "accepted"
                if answer.accepted:
                    page = await browser.authorize(TENANT, "B2C_1A_MassPage", REQUEST)
            else:
                mass.outcomes[f"{mode} {scenario}"] = await _authorize(origin, mode, sent)


async def _authorize(origin: str, mode: str, sent: dict[str, str]) -> str:
    async with Browser(origin) as browser:
        try:
            back = await browser.authorize(TENANT, f"B2C_1A_Mass{mode}", {**REQUEST, **sent})
        except PageError as error:
            return str(error)
        if isinstance(back, Page) or "code" not in back.parameters:
            return "page" if isinstance(back, Page) else back.parameters["error_description"]
        form = {
            "grant_type": "authorization_code", "code": back.parameters["code"], "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT_URI, "code_verifier": browser.verifier,
        }  # fmt: skip
        status, tokens = await browser.redeem(TENANT, f"B2C_1A_Mass{mode}", form)
        return f"tokens {status} {json.dumps(tokens)}"


async def _look_around(mass: Mass, ports: Ports) -> None:
    async with Browser(f"http://127.0.0.1:{ports.proxy}") as browser:
        async with browser._session.get(f"http://127.0.0.1:{ports.engine}/metrics") as answer:
            mass.metrics = await answer.text()
        async with browser._session.get(f"http://127.0.0.1:{ports.proxy}/portal/api/journeys") as answer:
            journeys = (await answer.json())["journeys"]
        for journey in journeys[:: max(1, len(journeys) // 40)]:
            async with browser._session.get(
                f"http://127.0.0.1:{ports.proxy}/portal/journeys/{journey['journey_id']}"
            ) as answer:
                mass.printed[f"the page of a journey {journey['journey_id']}"] = await answer.read()


async def _commands(mass: Mass, engine: Engine, folder: Path) -> None:
    """Print what was recorded, and make calls from the command line, one of them with its secrets in a file."""
    claim = folder.parent / "claim.txt"
    claim.write_text(mass.flock.hatch(), encoding="utf-8")
    given = ("REST-Mass", "--policy", "B2C_1A_MassPage", "--claim-file", f"{CLAIMS[0]}={claim}", "--show-headers")
    token = ("--claim-file", f"bearerToken={claim}", "--show-personal")
    out, *_ = await asyncio.gather(
        engine.run("trace", "--json"),
        engine.run("trace"),
        engine.run("audit", "list", "--json"),
        engine.run("call", *given, *token, "--fault", "500"),
        engine.run("call", *given, *token, "--json", "--dry-run"),
        engine.run("call", *given, *token, name="call"),
    )
    claim.unlink()
    for journey in json.loads(out):
        mass.verdicts |= {entry["verdict"] for entry in journey["entries"] if entry["type"] == "call"}
    mass.printed |= engine.printed


def _keep_files(mass: Mass, folder: Path) -> None:
    for path in folder.joinpath(".journeyman").rglob("*"):
        if path.is_file():
            mass.files[path.name] = path.read_bytes()
