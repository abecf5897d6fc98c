"""The record of a call: what was sent, what came back and how it ended in; a redacted record out.

No value reaches a record but through the redactor, which decides by the sensitivity of each claim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from multidict import CIMultiDict

from journeyman.claims.claim_type import Sensitivity
from journeyman.claims.values import ClaimValue, Json, to_wire_text
from journeyman.compiler.compiled import ClaimMapping
from journeyman.connector.authenticator import Authenticator
from journeyman.connector.client import Answer
from journeyman.connector.json_path import compile_path
from journeyman.connector.next_check import NEXT
from journeyman.connector.progress import Progress
from journeyman.connector.request import FORM_TYPE, ApiRequest, SendClaimsIn
from journeyman.trace.records import CallRecord, Exchange, Verdict
from journeyman.trace.redaction import Redactor

_ERROR_MEMBERS = ("version", "status", "code", "requestId", "userMessage", "developerMessage", "moreInfo")
_SHORTEST_ECHO = 4


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """What is the same for the records of all calls of a profile.

    Attributes:
        template: the URL with its placeholders, shown where claims are put into the path.
        received: claim id, name on the wire and sensitivity of each output claim.
        paths: path in the answer, joined by dots -> what may be shown.
    """

    profile_id: str
    authentication: str
    host: str
    send_claims_in: SendClaimsIn
    template: str
    bearer_claim: str | None
    received: tuple[tuple[str, str, Sensitivity], ...]
    paths: Mapping[str, Sensitivity]
    redactor: Redactor


@dataclass(slots=True)
class Happened:
    """What is known of one call so far; filled while the call runs.

    Attributes:
        values: what the answer gave, by name on the wire.
    """

    progress: Progress
    credentials: CIMultiDict[str]
    authenticator: Authenticator | None = None
    request: ApiRequest | None = None
    answer: Answer | None = None
    values: Mapping[str, Json | ClaimValue] | None = None


def shown_paths(outputs: Sequence[ClaimMapping], *, json_paths: bool) -> Mapping[str, Sensitivity]:
    """Return what may be shown of an answer, by the path in it."""
    shown: dict[str, Sensitivity] = {}
    for mapping in outputs:
        path = compile_path(mapping.name) if json_paths else None
        name = mapping.name if path is None else ".".join(map(str, path.steps))
        shown[name] = _stricter(shown.get(name), mapping.claim.sensitivity)
    return shown


def call_record(plan: RecordPlan, step: str, happened: Happened, verdict: Verdict, detail: str) -> CallRecord:
    """Make the record of a call that has ended."""
    credential = happened.authenticator.credential.labels if happened.authenticator else ()
    if not credential and plan.bearer_claim is not None:
        credential = (f"claim {plan.bearer_claim}",)
    progress = happened.progress
    return CallRecord(
        profile_id=plan.profile_id,
        step=step,
        authentication=plan.authentication,
        host=plan.host,
        verdict=verdict,
        tries=progress.tries,
        total_ms=progress.total_ms(),
        exchange=_exchange(plan, happened),
        phases=progress.phases(),
        dialled=progress.dialled,
        address=progress.address,
        credential=credential,
        claims_out=_sent(plan, happened.request),
        claims_in=_received(plan, happened.values or {}),
        detail=detail,
        next=NEXT[verdict],
    )


def _exchange(plan: RecordPlan, happened: Happened) -> Exchange:
    request, answer, redactor = happened.request, happened.answer, plan.redactor
    if request is None:
        return Exchange(method="", url=redactor.url(plan.template))
    in_path = plan.send_claims_in is SendClaimsIn.URL
    # Resolvers, too, may have put values into the path: then only the template is shown.
    url = plan.template if in_path or "{" in plan.template else str(request.url)
    return Exchange(
        method=request.method,
        url=redactor.url(url),
        request_headers=_request_headers(plan, happened, request),
        request_body=_request_body(plan, request),
        status=answer.status if answer else None,
        reason=answer.reason[:64] if answer else "",
        response_headers=redactor.headers(answer.headers.items()) if answer else (),
        response_body=_response_body(plan, happened, answer) if answer else "",
    )


def _request_headers(plan: RecordPlan, happened: Happened, request: ApiRequest) -> tuple[tuple[str, str], ...]:
    hidden = {name.lower() for name in request.sent} if plan.send_claims_in is SendClaimsIn.HEADER else frozenset()
    own = happened.credentials
    shown = [(name, value) for name, value in request.headers.items() if name not in own]
    named = [(name, value) for name, value in own.items() if name.lower() == "authorization"]
    others = [(name, plan.redactor.secret(value)) for name, value in own.items() if name.lower() != "authorization"]
    return (*plan.redactor.headers([*shown, *named], hidden=hidden), *others)


def _request_body(plan: RecordPlan, request: ApiRequest) -> str:
    if request.body is None:
        return ""
    names = {name: mapping.claim.sensitivity for name, (mapping, _) in request.sent.items()}
    if request.headers.get("Content-Type") == FORM_TYPE:
        return plan.redactor.form_body(request.body, names)
    return plan.redactor.json_body(request.body, names)


def _response_body(plan: RecordPlan, happened: Happened, answer: Answer) -> str:
    if not answer.body:
        return ""
    names = plan.paths
    if answer.status >= 400 and not _echoes_a_secret(answer.body, happened):
        names = {**names, **dict.fromkeys(_ERROR_MEMBERS, Sensitivity.PLAIN)}
    return plan.redactor.json_body(answer.body, names)


def _echoes_a_secret(body: bytes, happened: Happened) -> bool:
    """Whether an API repeats what was entrusted to it, as some do when they report an error."""
    secrets = [text.rpartition(" ")[2] for text in happened.credentials.values()]
    if happened.request is not None:
        secrets += [
            to_wire_text(value)
            for mapping, value in happened.request.sent.values()
            if mapping.claim.sensitivity is not Sensitivity.PLAIN
        ]
    return any(len(text) >= _SHORTEST_ECHO and text.encode() in body for text in secrets)


def _sent(plan: RecordPlan, request: ApiRequest | None) -> dict[str, str]:
    if request is None:
        return {}
    return {
        mapping.claim.id: plan.redactor.claim(value, mapping.claim.sensitivity)
        for mapping, value in request.sent.values()
    }


def _received(plan: RecordPlan, values: Mapping[str, Json | ClaimValue]) -> dict[str, str]:
    return {
        claim_id: _shown(plan.redactor, values[name], sensitivity)
        for claim_id, name, sensitivity in plan.received
        if name in values
    }


def _shown(redactor: Redactor, value: Json | ClaimValue, sensitivity: Sensitivity) -> str:
    if isinstance(value, list | dict) or value is None:
        # Several claims of different types share this name, so the value is still JSON.
        return redactor.json_value(value, {})
    return redactor.claim(value, sensitivity)


def _stricter(known: Sensitivity | None, other: Sensitivity) -> Sensitivity:
    order = (Sensitivity.PLAIN, Sensitivity.PERSONAL, Sensitivity.SECRET)
    return other if known is None else max(known, other, key=order.index)
