"""Make one call of a REST technical profile or an API connector by the code that makes it in a journey, and tell all of it."""

from __future__ import annotations

import ipaddress
import secrets
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from multidict import CIMultiDict

from journeyman import __version__
from journeyman.claims.bag import ClaimsBag
from journeyman.claims.resolvers import Resolution
from journeyman.claims.values import ClaimValue
from journeyman.clock import Clock
from journeyman.compiler.compiled import CompiledPolicy, TechnicalProfile
from journeyman.connector.authenticator import Authenticator
from journeyman.connector.authenticators.none import NoAuthentication
from journeyman.connector.client import Answer, RestClient
from journeyman.connector.credentials import Credentials
from journeyman.connector.errors import CredentialMissingError, NotSentError
from journeyman.connector.limits import CallRules
from journeyman.connector.managed_bearer import TokenSources
from journeyman.connector.profile import called_url
from journeyman.connector.progress import Progress
from journeyman.connector.request import ApiRequest
from journeyman.engine.alone.faults import Fault, Faulty, faulty
from journeyman.engine.alone.keys import KnownKeys
from journeyman.engine.alone.usage import Usage, usage_of
from journeyman.engine.api_callers import build_api_caller
from journeyman.engine.assembly import rest_client, rest_services
from journeyman.engine.call_audit import CallAudit
from journeyman.engine.compiling import key_text
from journeyman.engine.engine import Tenant
from journeyman.engine.key_files import known_key_sets
from journeyman.engine.tenant_store import audit_log, database_path, open_tenant_store, read_tenant_store
from journeyman.errors import ServiceError
from journeyman.journey.concealment import tainted_claims
from journeyman.journey.messages import choose_language, localized_texts
from journeyman.journey.pipeline import Pipeline
from journeyman.journey.place import Place
from journeyman.journey.submission import changed
from journeyman.keys.names import is_backup
from journeyman.settings import Audit, Settings
from journeyman.storage.audit_writer import AuditWriter
from journeyman.technical_profile import UNOBSERVED, CallObserver, Refuse, ShowBlockPage
from journeyman.trace.records import CallRecord, StepRecord
from journeyman.trace.redaction import Redactor

COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be called, and how.

    Attributes:
        claims: the claims that a journey would hold.
        parameters: those of the authorization request, for claims resolvers.
        actor: who makes the call, for the audit trail.
        tenant: whether the settings are those of a tenant folder, with keys and a store.
    """

    settings: Settings
    policy: CompiledPolicy
    profile: TechnicalProfile
    claims: ClaimsBag
    parameters: Mapping[str, str] = field(default_factory=dict)
    tenant: bool = False
    dry_run: bool = False
    fault: Fault | None = None
    show_personal: bool = False
    actor: str = COMMAND_LINE


@dataclass(frozen=True, slots=True)
class Called:
    """What came of it.

    Attributes:
        record: the redacted call; None when the profile ended before it.
        failure: what the journey would fail with; ``refusal`` what a page would show.
        claims: the claims that were set, redacted.
        blocked: the message of a block page, "" for none.
        missing: input claims that have neither a value nor a default.
        unknown_credential: why a request that is only shown has no credential.
    """

    usage: Usage
    record: CallRecord | None
    missing: tuple[str, ...]
    claims: Mapping[str, str] = field(default_factory=dict)
    refusal: Refuse | None = None
    failure: ServiceError | None = None
    unknown_credential: str = ""
    blocked: str = ""


async def call_alone(wanted: Wanted, clock: Clock) -> Called:
    """Run the profile once.

    Raises:
        JourneymanError: the keys or the store cannot be read, the profile cannot be made as secure as it
            says, or the fault cannot happen.
    """
    async with AsyncExitStack() as opened:
        met = await opened.enter_async_context(_circumstances(wanted, clock))
        keys, redactor = await _secrets(wanted, clock)
        client = rest_client(met.settings, clock)
        client.make_resolver = met.make_resolver
        opened.push_async_callback(client.close)
        observer = await opened.enter_async_context(_observer(wanted, clock))
        tenant = Tenant(_tenant_name(wanted), "")
        services = rest_services(met.settings, client, keys, redactor, tenant, wanted.policy)
        tokens = TokenSources()
        opened.push_async_callback(tokens.close)
        sender = Unsent(client) if wanted.dry_run else client
        services = replace(services, observer=observer, client=sender, tokens=tokens)
        provider = build_api_caller(wanted.profile, services, wanted.policy.claim_types)
        credentials = IfKnown(provider.credentials)
        if wanted.dry_run:
            provider = replace(provider, credentials=credentials)
        pipeline = Pipeline(wanted.policy, {wanted.profile.id: provider}, lambda key_id: key_text(keys, key_id))
        return replace(await _run(wanted, pipeline, redactor, clock), unknown_credential=credentials.missing)


@dataclass(frozen=True, slots=True)
class Unsent:
    """A client that sends nothing: the request is made, checked and refused by NotSentError."""

    client: RestClient

    @property
    def clock(self) -> Clock:
        """The clock that times the calls."""
        return self.client.clock

    def begin(self) -> Progress:
        """Return the progress of a call that begins now."""
        return self.client.begin()

    async def send(
        self,
        request: ApiRequest,
        credentials: CIMultiDict[str],
        authenticator: Authenticator,
        rules: CallRules,
        progress: Progress,
    ) -> Answer:
        """Raise NotSentError, or EgressRefusedError when the URL alone shows that it may not be called."""
        route = self.client.route(request.url, rules)
        progress.dialled = route.dialled
        if is_address(route.host):
            self.client.egress.check_address(route.host, route.port, route.host)
        detail = f"{route.host}: not sent"
        raise NotSentError(detail)


@dataclass(slots=True)
class IfKnown:
    """The credential of a request that is only shown; one that is not known here does not hide the rest.

    Attributes:
        missing: why there is none.
    """

    credentials: Credentials
    missing: str = ""

    async def current(self, within_s: float) -> Authenticator:
        """Return the authenticator, one that adds nothing when a policy key is missing or a token would be fetched."""
        try:
            return await self.credentials.current(within_s)
        except NotSentError:
            self.missing = "its token is acquired when a call is made"
        except CredentialMissingError as error:
            self.missing = error.operator
        return NoAuthentication()

    async def after_refusal(self, refused: Authenticator, status: int | None, within_s: float) -> Authenticator | None:
        """Return None: nothing is sent, so nothing is refused."""
        return None


def is_address(host: str) -> bool:
    """Whether a host is an address, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _circumstances(wanted: Wanted, clock: Clock) -> AbstractAsyncContextManager[Faulty]:
    """Return the settings of the call: those of the folder, or those under which it meets a fault."""
    if wanted.fault is None:
        return nullcontext(Faulty(wanted.settings))
    url = called_url(wanted.profile).sample
    return faulty(wanted.fault, url, wanted.profile.id, wanted.settings, clock)


async def _secrets(wanted: Wanted, clock: Clock) -> tuple[KnownKeys, Redactor]:
    """Return the policy keys, and the redactor whose hashes can be compared with those of the trace."""
    settings, hash_key = wanted.settings, None
    async with read_tenant_store(settings, clock) as store:
        if store is not None:
            hash_key = await store.redaction_key()
    sets = [known.key_set for known in await known_key_sets(settings, clock) if not is_backup(known.key_set.id)]
    redactor = Redactor(hash_key or secrets.token_bytes(32), show_personal=wanted.show_personal)
    return KnownKeys(sets, clock), redactor


def _tenant_name(wanted: Wanted) -> str:
    return wanted.settings.tenant_name if wanted.tenant else wanted.policy.tenant_id


@asynccontextmanager
async def _observer(wanted: Wanted, clock: Clock) -> AsyncIterator[CallObserver]:
    """Yield the audit of a call that reaches the API of a tenant; a store that does not exist yet is not made for it."""
    audit, settings = wanted.settings.server.audit, wanted.settings
    real = wanted.tenant and not wanted.dry_run and wanted.fault is None
    required = audit is Audit.REQUIRED
    if not real or audit is Audit.OFF or not (required or database_path(settings).exists()):
        yield UNOBSERVED
        return
    async with open_tenant_store(settings, clock) as store:
        writer = AuditWriter(await audit_log(store.database, store.sealer, clock), tenant=store.tenant_id)
        writer.start()
        try:
            yield CallAudit(writer, required=required, actor=wanted.actor)
        finally:
            await writer.close()


async def _run(wanted: Wanted, pipeline: Pipeline, redactor: Redactor, clock: Clock) -> Called:
    usage = usage_of(wanted.policy, wanted.profile)
    records: list[CallRecord] = []
    place = _place(wanted, usage, redactor, clock, records)
    claims = wanted.claims.copy()
    refusal = failure = None
    blocked = ""
    missing: tuple[str, ...] = ()
    try:
        missing = _missing(wanted.profile, pipeline, claims, place)
        outcome = await pipeline.run(wanted.profile, claims, place)
        refusal = outcome if isinstance(outcome, Refuse) else None
        blocked = outcome.user_message if isinstance(outcome, ShowBlockPage) else ""
    except ServiceError as error:
        failure = error
    tainted = tainted_claims(wanted.policy, claims, (), place.sent)
    return Called(
        usage=usage,
        record=records[-1] if records else None,
        missing=missing,
        claims=changed(wanted.claims, claims, place, tainted),
        refusal=refusal,
        failure=failure,
        blocked=blocked,
    )


def _missing(profile: TechnicalProfile, pipeline: Pipeline, claims: ClaimsBag, place: Place) -> tuple[str, ...]:
    """Return the input claims that will have no value; what input transformations make is not known yet."""
    made = {claim.id for one in profile.input_transformations for _, claim in one.outputs}
    present = {mapping.claim.id for mapping, _ in pipeline.call(profile, claims, place).inputs} | made
    return tuple(mapping.claim.id for mapping in profile.input_claims if mapping.claim.id not in present)


def _place(wanted: Wanted, usage: Usage, redactor: Redactor, clock: Clock, records: list[CallRecord]) -> Place:
    policy, languages = wanted.policy, wanted.policy.languages
    language = choose_language(
        wanted.parameters.get("ui_locales", ""), "", supported=languages.supported, default=languages.default
    )

    def record(one: StepRecord | CallRecord) -> None:
        if isinstance(one, CallRecord):
            records.append(one)

    return Place(
        journey_id=str(uuid.uuid4()),
        step=usage.step,
        exchange_id=usage.exchange_id,
        language=language,
        resolve=_resolver(wanted, language, clock),
        record=record,
        redact=lambda claim_id, value: redactor.claim(value, policy.sensitivity(claim_id)),
        page=usage.page,
        page_profile=usage.page_profile,
        localized=localized_texts(usage.page, language, default=languages.default),
    )


def _resolver(wanted: Wanted, language: str, clock: Clock) -> Callable[[Mapping[str, ClaimValue]], Resolution]:
    policy, correlation_id, now = wanted.policy, str(uuid.uuid4()), clock.now()
    return lambda claims: Resolution(
        policy_id=policy.policy_id,
        relying_party_tenant_id=policy.tenant_id,
        trust_framework_tenant_id=policy.trust_framework_tenant_id,
        tenant_object_id=policy.tenant_object_id or wanted.settings.tenant_id or "",
        correlation_id=correlation_id,
        deployment_mode=policy.deployment_mode.value,
        culture=language,
        host_name=urlsplit(wanted.settings.server.public_url).netloc,
        ip_address="127.0.0.1",
        kmsi=False,
        now=now,
        build_number=f"{__version__}.0",
        parameters=wanted.parameters,
        claims=claims,
    )
