"""The area of API connectors: list, make, change, roll certificates, try, delete."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from journeyman.configuration.identity import key_of
from journeyman.connector.next_check import MEANING
from journeyman.engine import Engine
from journeyman.engine.alone.call import Called
from journeyman.engine.alone.connector_call import Attribute, call_connector, sample_attributes
from journeyman.engine.expiry import Expiring, Kind
from journeyman.errors import JourneymanError
from journeyman.management.api_connectors import ApiConnectors, ConnectorChange, UploadedCertificate
from journeyman.management.caller import Right
from journeyman.management.errors import InvalidError, ManagementError
from journeyman.management.held import Held
from journeyman.management.identity_services import identity_context
from journeyman.management.new_credentials import NewCertificate
from journeyman.settings.identity import ApiConnector, ConnectorStep, UserFlow
from journeyman.trace.records import CallRecord, Verdict
from journeyman.web.portal.area import Area, Group, Page
from journeyman.web.portal.connector_form import (
    TITLES,
    Entered,
    Proof,
    entered_of_connector,
    entered_of_form,
    new_credentials,
    proof_of,
)
from journeyman.web.portal.frame import Visit
from journeyman.web.portal.key_view import Bar, bar
from journeyman.web.portal.refusals import errors_of, refused_confirmation
from journeyman.web.portal.timeline import PhaseBar, phase_bars
from journeyman.web.portal.wording import VERDICTS, without_query

_LIST: Final = "/portal/connectors"
_LONGEST_SAMPLE: Final = 20_000
_LOOKED_AT: Final = 200
"""The number of recorded journeys in which calls are looked for."""
_SHOWN_CALLS: Final = 10

STEP_TITLES: Final = {
    ConnectorStep.POST_FEDERATION_SIGNUP: "After federating with an identity provider during sign-up",
    ConnectorStep.POST_ATTRIBUTE_COLLECTION: "Before creating the user",
    ConnectorStep.PRE_TOKEN_ISSUANCE: "Before sending the token",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One connector; ``callers`` are the user flows that call it, each with the step."""

    held: Held[ApiConnector]
    url: str
    proof: str
    callers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """One client certificate with what is left of it."""

    certificate: UploadedCertificate
    left: Bar
    label: str
    tone: str


@dataclass(frozen=True, slots=True)
class Tried:
    """One call, as the timeline of a journey shows it."""

    key: str
    label: str
    tone: str
    call: CallRecord
    phases: tuple[PhaseBar, ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class RecentCall:
    """One call of a journey."""

    at: datetime
    journey_id: str
    call: CallRecord

    @property
    def label(self) -> str:
        """How it ended, in a word or two."""
        return VERDICTS[self.call.verdict][0]

    @property
    def tone(self) -> str:
        """How that is shown."""
        return VERDICTS[self.call.verdict][1]


@dataclass(frozen=True, slots=True)
class ConnectorPages:
    """The pages of API connectors; data come from the management operations alone."""

    engine: Engine

    @property
    def _connectors(self) -> ApiConnectors:
        return ApiConnectors(identity_context(self.engine))

    async def index(self, visit: Visit) -> Response:
        """List the API connectors."""
        found = await self._connectors.list(visit.caller)
        rows = [self._row(held) for held in sorted(found, key=lambda held: held.value.display_name.lower())]
        return await visit.page(
            "connectors.html", "API connectors", rows=rows, may_write=visit.may(Right.WRITE_CONNECTORS)
        )

    async def one(self, visit: Visit) -> Response:
        """Show one API connector, without its secret."""
        return await self._one(visit, await self._held(visit))

    async def new(self, visit: Visit) -> Response:
        """Ask for a new API connector."""
        return await self._form(visit, Entered(_proof(visit)))

    async def create(self, visit: Visit) -> Response:
        """Make an API connector."""
        entered = entered_of_form(visit.form, keep=False)
        credentials = new_credentials(visit.form, entered)
        if credentials is None:
            return await self._form(visit, entered, errors={"pkcs12Value": "choose a file"}, status=400)
        try:
            held = await self._connectors.create(
                visit.caller,
                display_name=entered.display_name,
                target_url=entered.target_url,
                credentials=credentials,
            )
        except ManagementError as error:
            return await self._form(visit, entered, errors=errors_of(error), status=error.status)
        done = f"{held.value.display_name} is stored. Try it below, then let a user flow call it."
        return await visit.go(_address(held.value), done)

    async def edit(self, visit: Visit) -> Response:
        """Ask for changes."""
        held = await self._held(visit)
        proof = _proof(visit) if visit.query("proof") else None
        return await self._form(visit, entered_of_connector(held.value, proof), held)

    async def update(self, visit: Visit) -> Response:
        """Change an API connector."""
        held = await self._held(visit)
        proof = next((one for one in Proof if one.value == visit.form.text("proof")), None)
        entered = entered_of_form(visit.form, keep=proof is proof_of(held.value.credentials))
        change = ConnectorChange(entered.display_name, entered.target_url, new_credentials(visit.form, entered))
        try:
            await self._connectors.update(visit.caller, held.value.id, change, if_match=visit.form.text("etag") or None)
        except ManagementError as error:
            return await self._form(visit, entered, held, errors=errors_of(error), status=error.status)
        return await visit.go(_address(held.value), "The changes are stored and count from the next call on.")

    async def certificate(self, visit: Visit) -> Response:
        """Ask for another client certificate."""
        return await self._certificate(visit, await self._held(visit))

    async def upload(self, visit: Visit) -> Response:
        """Add a client certificate."""
        held = await self._held(visit)
        _, pfx = visit.form.file("pkcs12Value")
        try:
            await self._connectors.upload_certificate(
                visit.caller, held.value.id, NewCertificate(pfx, visit.form.secret("password"))
            )
        except ManagementError as error:
            return await self._certificate(visit, held, errors_of(error), status=error.status)
        return await visit.go(_address(held.value), "The certificate is stored. The newest one that is valid is used.")

    async def test(self, visit: Visit) -> Response:
        """Call the API with a sample and show both sides of the exchange."""
        held = await self._held(visit)
        step = next((one for one in ConnectorStep if one.value == visit.form.text("step")), None)
        if step is None:
            return await self._one(visit, held, errors={"step": "choose a step"}, status=400)
        text = visit.form.text("sample")
        try:
            attributes = _sample(text) if text else None
            called = await call_connector(
                self.engine.settings,
                held.value,
                step,
                self.engine.clock,
                attributes=attributes,
                actor=visit.caller.actor,
            )
        except InvalidError as error:
            return await self._one(visit, held, step, text, errors={"sample": str(error)}, status=400)
        except JourneymanError as error:
            return await self._one(visit, held, step, text, errors={"": str(error)}, status=400)
        return await self._one(visit, held, step, text, called=called)

    async def ask(self, visit: Visit) -> Response:
        """Ask whether a connector is to be deleted."""
        return await self._ask(visit, await self._held(visit))

    async def delete(self, visit: Visit) -> Response:
        """Delete a connector whose name was typed in."""
        held = await self._held(visit)
        name = held.value.display_name
        refused = await refused_confirmation(
            visit, name, lambda: self._connectors.delete(visit.caller, held.value.id), partial(self._ask, visit, held)
        )
        return refused or await visit.go(_LIST, f"{name} is deleted, and its secrets with it.")

    async def _held(self, visit: Visit) -> Held[ApiConnector]:
        return await self._connectors.get(visit.caller, visit.segment("id"))

    def _row(self, held: Held[ApiConnector]) -> Row:
        connector = held.value
        callers = [
            (flow.id, STEP_TITLES[step]) for flow in self.engine.identity.user_flows for step in _steps(flow, connector)
        ]
        return Row(held, without_query(connector.target_url), TITLES[proof_of(connector.credentials)], tuple(callers))

    async def _one(
        self,
        visit: Visit,
        held: Held[ApiConnector],
        step: ConnectorStep = ConnectorStep.POST_ATTRIBUTE_COLLECTION,
        sample: str = "",
        *,
        called: Called | None = None,
        errors: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        certificates = await self._certificates(held.value)
        recent = await self._recent(held.value) if visit.may(Right.READ_JOURNEYS) else []
        samples = [(one.value, STEP_TITLES[one]) for one in ConnectorStep]
        return await visit.page(
            "connector.html",
            held.value.display_name,
            status=status,
            row=self._row(held),
            proof=proof_of(held.value.credentials).value,
            credentials=held.value.credentials,
            key_id=key_of(held.value.credentials),
            certificates=certificates,
            recent=recent[:_SHOWN_CALLS],
            counted=len(recent),
            good=sum(one.call.verdict is Verdict.OK for one in recent),
            sees_journeys=visit.may(Right.READ_JOURNEYS),
            address=_address(held.value),
            may_write=visit.may(Right.WRITE_CONNECTORS) and not held.declared,
            may_test=visit.may(Right.WRITE_CONNECTORS),
            sees_keys=visit.may(Right.READ_KEYS),
            steps=samples,
            step=step.value,
            sample=sample or json.dumps(sample_attributes(step), indent=2, ensure_ascii=False),
            tried=tried(called) if called is not None else None,
            called=called,
            errors=errors or {},
        )

    async def _recent(self, connector: ApiConnector) -> list[RecentCall]:
        """Return the calls of the last journeys, newest first: those that were made with a key of this connector."""
        key_id = key_of(connector.credentials).lower()
        found = []
        for summary in await self.engine.traces.journeys(_LOOKED_AT):
            entries = await self.engine.traces.journey(summary.journey_id) if summary.calls else ()
            for entry in reversed(entries):
                call = entry.record
                if isinstance(call, CallRecord) and any(one.lower().startswith(key_id) for one in call.credential):
                    found.append(RecentCall(entry.at, summary.journey_id, call))
        return found

    async def _certificates(self, connector: ApiConnector) -> list[CertificateRow]:
        now = self.engine.clock.now()
        rows = []
        for one in await self._connectors.certificates(connector):
            left = bar(Expiring(Kind.CERTIFICATE, connector.id, one.thumbprint, "", one.not_after), now)
            label, tone = ("in use", "good") if one.active else ("waits", "neutral")
            if one.not_after <= now:
                label, tone = "expired", "bad"
            rows.append(CertificateRow(one, left, label, tone))
        return rows

    async def _form(
        self,
        visit: Visit,
        entered: Entered,
        held: Held[ApiConnector] | None = None,
        *,
        errors: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        address = f"{_LIST}/new" if held is None else f"{_address(held.value)}/edit"
        return await visit.page(
            "connector_form.html",
            "New API connector" if held is None else f"Change {held.value.display_name}",
            crumbs=((held.value.display_name, _address(held.value)),) if held is not None else (),
            status=status,
            entered=entered,
            address=address,
            back=_LIST if held is None else _address(held.value),
            etag=held.etag if held is not None else "",
            new=held is None,
            proofs=[(one.value, title, one is entered.proof) for one, title in TITLES.items()],
            errors=errors or {},
        )

    async def _certificate(
        self, visit: Visit, held: Held[ApiConnector], errors: Mapping[str, str] | None = None, *, status: int = 200
    ) -> Response:
        return await visit.page(
            "connector_certificate.html",
            "Upload a certificate",
            crumbs=((held.value.display_name, _address(held.value)),),
            status=status,
            address=_address(held.value),
            errors=errors or {},
        )

    async def _ask(
        self, visit: Visit, held: Held[ApiConnector], errors: Mapping[str, str] | None = None, *, status: int = 200
    ) -> Response:
        return await visit.page(
            "connector_delete.html",
            f"Delete {held.value.display_name}",
            crumbs=((held.value.display_name, _address(held.value)),),
            status=status,
            row=self._row(held),
            address=_address(held.value),
            errors=errors or {},
        )


def tried(called: Called) -> Tried | None:
    """Return the call for the page; None when it ended before it was sent."""
    record = called.record
    if record is None:
        return None
    label, tone = VERDICTS[record.verdict]
    meaning = "" if record.verdict is Verdict.OK else MEANING[record.verdict]
    return Tried("tried", label, tone, record, phase_bars(record.phases), meaning)


def _sample(text: str) -> dict[str, Attribute]:
    """Return the attributes that a person has written. Raises InvalidError."""
    if len(text) > _LONGEST_SAMPLE:
        raise InvalidError(f"the sample has at most {_LONGEST_SAMPLE} characters", member="sample")
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InvalidError(f"the sample is not JSON: {error}", member="sample") from None
    if not isinstance(found, dict) or not all(isinstance(value, str | bool | int) for value in found.values()):
        raise InvalidError("write one JSON object of texts, whole numbers, true and false", member="sample")
    return found


def _steps(flow: UserFlow, connector: ApiConnector) -> tuple[ConnectorStep, ...]:
    return tuple(step for step, bound in flow.connectors.items() if bound.lower() == connector.id.lower())


def _proof(visit: Visit) -> Proof:
    return next((one for one in Proof if one.value == visit.query("proof")), Proof.BASIC)


def _address(connector: ApiConnector) -> str:
    return f"{_LIST}/{quote(connector.id, safe='')}"


def connectors_area(engine: Engine) -> Area:
    """Return the area of API connectors."""
    pages = ConnectorPages(engine)
    read, write = Right.READ_CONNECTORS, Right.WRITE_CONNECTORS
    one = f"{_LIST}/{{id}}"
    return Area(
        "connectors",
        "API connectors",
        Group.BUILD,
        (
            Page(_LIST, pages.index, read),
            Page(f"{_LIST}/new", pages.new, write, step_up=True),
            Page(f"{_LIST}/new", pages.create, write, "POST", step_up=True),
            Page(one, pages.one, read),
            Page(f"{one}/edit", pages.edit, write, step_up=True),
            Page(f"{one}/edit", pages.update, write, "POST", step_up=True),
            Page(f"{one}/certificate", pages.certificate, write, step_up=True),
            Page(f"{one}/certificate", pages.upload, write, "POST", step_up=True),
            Page(f"{one}/test", pages.one, read),
            Page(f"{one}/test", pages.test, write, "POST"),
            Page(f"{one}/delete", pages.ask, write, step_up=True),
            Page(f"{one}/delete", pages.delete, write, "POST", step_up=True),
        ),
    )
