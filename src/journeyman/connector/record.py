"""The record of a call: what was sent, what came back and how it ended in; a redacted record out.

No value reaches a record but through the redactor, which decides by the sensitivity of each claim.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from multidict import CIMultiDict

from journeyman.claims.claim_type import Sensitivity
from journeyman.claims.values import ClaimValue, Json, to_json, to_wire_text
from journeyman.compiler.compiled import ClaimMapping
from journeyman.connector.answer import Success
from journeyman.connector.authenticator import Authenticator
from journeyman.connector.authenticators.managed_bearer import ManagedBearer
from journeyman.connector.client import Answer
from journeyman.connector.json_body import NotJsonError, parse_body, write_object
from journeyman.connector.json_path import compile_path
from journeyman.connector.next_check import NEXT
from journeyman.connector.progress import Progress
from journeyman.connector.request import ApiRequest, SendClaimsIn
from journeyman.trace.concealment import written_forms
from journeyman.trace.printable import printable
from journeyman.trace.records import CallRecord, Exchange, Verdict
from journeyman.trace.redaction import BODY_LIMIT_BYTES, Redactor

MANAGED: Final = "Bearer (managed)"
"""How records name the authentication by a managed bearer."""

_ERROR_MEMBERS = ("version", "status", "code", "requestId", "userMessage", "developerMessage", "moreInfo")
_SHORTEST_ECHO = 4
_SHORTEST_IN_MESSAGE = 8


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """What is the same for the records of all calls of a profile.

    Attributes:
        url: the redacted URL, as a template where claims are put into the path; None when claims go into
            the query.
        headers: the redacted headers that every request has.
        payload: whether one claim is the whole body.
        received: claim id, name on the wire and sensitivity of each output claim.
        paths: path in the answer, joined by dots -> what may be shown.
        shown: the one thing in it that changes, when a key is rotated.
        extended: whether the headers of a request are more than ``headers``.
        nested: what may be shown of parts of a JSON request that are deeper than its members, by their path; None
            where there are no such parts.
        messages: whether answers of any status may hold members that are for people.
    """

    profile_id: str
    authentication: str
    host: str
    send_claims_in: SendClaimsIn
    url: str | None
    headers: tuple[tuple[str, str], ...]
    bearer_claim: str | None
    payload: bool
    received: tuple[tuple[str, str, Sensitivity], ...]
    paths: Mapping[str, Sensitivity]
    redactor: Redactor
    shown: ShownCredentials
    extended: bool = False
    messages: bool = False
    nested: Mapping[str, Sensitivity] | None = None


@dataclass(slots=True)
class ShownCredentials:
    """What records show of a credential made of policy keys, kept until a key is rotated.

    Attributes:
        tokens: the written forms of the last managed tokens, the newest last.
    """

    authenticator: Authenticator | None = None
    labels: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    tokens: tuple[frozenset[str], ...] = ()


@dataclass(slots=True)
class Happened:
    """What is known of one call so far; filled while the call runs.

    Attributes:
        result: what the answer gave.
        secrets: the secret texts of the journey, as records must not show them.
        note: what happened before the answer, for the record.
    """

    progress: Progress
    credentials: CIMultiDict[str]
    authenticator: Authenticator | None = None
    request: ApiRequest | None = None
    answer: Answer | None = None
    result: Success | None = None
    secrets: Callable[[], frozenset[str]] = frozenset
    note: str = ""


class _Sent(NamedTuple):
    """One claim that was sent; ``value`` is what the record shows of it in a JSON body."""

    name: str
    claim_id: str
    text: str
    value: Json


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
    shown = _shown_credentials(plan, happened)
    plan = _concealing(plan, happened)
    progress, sent = happened.progress, _sent(plan, happened.request)
    return CallRecord(
        profile_id=plan.profile_id,
        step=step,
        authentication=plan.authentication,
        host=plan.host,
        verdict=verdict,
        tries=progress.tries,
        total_ms=progress.total_ms(),
        exchange=_exchange(plan, happened, sent, shown.headers),
        phases=progress.phases(),
        dialled=progress.dialled,
        address=progress.address,
        credential=shown.labels,
        claims_out={one.claim_id: one.text for one in sent},
        claims_in=_received(plan, happened.result.values) if happened.result else {},
        detail=plan.redactor.conceal("; ".join(filter(None, (happened.note, detail)))),
        next=NEXT[verdict],
        fell_back=happened.authenticator is not None and happened.authenticator.credential.fallback,
        tls=plan.redactor.conceal(progress.tls),
        earlier=tuple(progress.earlier),
        phase=progress.phase().value if progress.tries and happened.answer is None else "",
    )


def entrusted_forms(happened: Happened) -> frozenset[str]:
    """Return what was entrusted to an API and must not come back in a text for a person."""
    return written_forms((*_credentials(happened), *_sent_secrets(happened)), shortest=_SHORTEST_IN_MESSAGE)


def _concealing(plan: RecordPlan, happened: Happened) -> RecordPlan:
    """Return the plan with a redactor that knows the secrets of this call."""
    secrets = happened.secrets()
    if happened.answer is not None and happened.authenticator is not plan.shown.authenticator:
        secrets |= written_forms(_credentials(happened))
    return replace(plan, redactor=plan.redactor.concealing(secrets)) if secrets else plan


def _shown_credentials(plan: RecordPlan, happened: Happened) -> ShownCredentials:
    authenticator = happened.authenticator
    if authenticator is None:
        return ShownCredentials()
    if authenticator is plan.shown.authenticator and happened.credentials:
        return plan.shown
    labels = authenticator.credential.labels
    if not labels and plan.bearer_claim is not None:
        labels = (f"claim {plan.bearer_claim}",)
    shown = ShownCredentials(authenticator, labels, _credential_headers(plan.redactor, happened.credentials))
    if authenticator.credential.versions and happened.credentials:
        plan.shown.authenticator, plan.shown.labels, plan.shown.headers = authenticator, shown.labels, shown.headers
        # An answer may carry it into a claim, which records of other calls show too.
        forms = written_forms(_credentials(happened))
        plan.redactor.keep(forms)
        if isinstance(authenticator, ManagedBearer):
            _forget_ended(plan, forms)
    return shown


def _forget_ended(plan: RecordPlan, forms: frozenset[str]) -> None:
    """Forget a managed token that two others have followed: it has ended, and they come every hour."""
    *ended, last = plan.shown.tokens or (frozenset(),)
    for old in ended:
        plan.redactor.forget(old - last - forms)
    plan.shown.tokens = (last, forms)


def _credential_headers(redactor: Redactor, credentials: CIMultiDict[str]) -> tuple[tuple[str, str], ...]:
    named = [(name, value) for name, value in credentials.items() if name.lower() == "authorization"]
    others = [(name, redactor.secret(value)) for name, value in credentials.items() if name.lower() != "authorization"]
    return (*redactor.headers(named), *others)


def _exchange(
    plan: RecordPlan, happened: Happened, sent: Sequence[_Sent], credentials: tuple[tuple[str, str], ...]
) -> Exchange:
    request, answer = happened.request, happened.answer
    if request is None:
        return Exchange(method="", url=plan.url or "")
    return Exchange(
        method=request.method,
        url=plan.redactor.url(str(request.url)) if plan.url is None else plan.url,
        request_headers=(*_request_headers(plan, happened, request), *credentials),
        request_body=_request_body(plan, request, sent),
        status=answer.status if answer else None,
        reason=plan.redactor.conceal(answer.reason)[:64] if answer else "",
        response_headers=plan.redactor.headers(answer.headers.items()) if answer else (),
        response_body=_response_body(plan, happened, answer) if answer else "",
    )


def _request_headers(plan: RecordPlan, happened: Happened, request: ApiRequest) -> tuple[tuple[str, str], ...]:
    if plan.send_claims_in is not SendClaimsIn.HEADER and not plan.extended:
        return plan.headers
    names = request.sent if plan.send_claims_in is SendClaimsIn.HEADER else request.in_headers
    hidden = {name.lower() for name in names}
    pairs = [(name, value) for name, value in request.headers.items() if name not in happened.credentials]
    return plan.redactor.headers(pairs, hidden=hidden)


def _request_body(plan: RecordPlan, request: ApiRequest, sent: Sequence[_Sent]) -> str:
    if request.body is None:
        return ""
    if plan.payload:
        return plan.redactor.json_body(request.body, {})
    if plan.nested is not None:
        known = {name: mapping.claim.sensitivity for name, (mapping, _) in request.sent.items()}
        return plan.redactor.json_body(request.body, {**known, **plan.nested})
    if plan.send_claims_in is SendClaimsIn.FORM:
        return "&".join([f"{one.name}={one.text}" for one in sent if one.name not in request.in_headers])
    return write_object([(one.name, one.value) for one in sent if one.name not in request.in_headers])


def _response_body(plan: RecordPlan, happened: Happened, answer: Answer) -> str:
    if not answer.body:
        return ""
    if happened.result is not None and happened.result.body is not None and len(answer.body) <= BODY_LIMIT_BYTES:
        return plan.redactor.json_value(happened.result.body, plan.paths)
    names = plan.paths
    if (answer.status >= 400 or plan.messages) and not _echoes_a_secret(answer.body, happened):
        names = {**names, **dict.fromkeys(_ERROR_MEMBERS, Sensitivity.PLAIN)}
    return plan.redactor.json_body(answer.body, names)


def _echoes_a_secret(body: bytes, happened: Happened) -> bool:
    """Whether an API repeats what was entrusted to it, as some do when they report an error."""
    try:
        answer = parse_body(body)
    except NotJsonError:
        return True
    members = answer if isinstance(answer, dict) else {}
    shown = "\n".join([str(members[name]) for name in _ERROR_MEMBERS if name in members])
    return any(len(text) >= _SHORTEST_ECHO and text in shown for text in _entrusted(happened))


def _credentials(happened: Happened) -> Iterator[str]:
    for text in happened.credentials.values():
        scheme, _, credential = text.rpartition(" ")
        yield credential
        if scheme == "Basic":
            yield from base64.b64decode(credential).decode("utf-8", "replace").split(":", 1)


def _sent_secrets(happened: Happened) -> Iterator[str]:
    sent = happened.request.sent.values() if happened.request is not None else ()
    for mapping, value in sent:
        if mapping.claim.sensitivity is Sensitivity.SECRET:
            yield to_wire_text(value)


def _entrusted(happened: Happened) -> Iterator[str]:
    yield from _credentials(happened)
    sent = happened.request.sent.values() if happened.request is not None else ()
    for mapping, value in sent:
        if mapping.claim.sensitivity is not Sensitivity.PLAIN:
            yield to_wire_text(value)


def _sent(plan: RecordPlan, request: ApiRequest | None) -> tuple[_Sent, ...]:
    if request is None:
        return ()
    return tuple([_one_sent(plan.redactor, name, mapping, value) for name, (mapping, value) in request.sent.items()])


def _one_sent(redactor: Redactor, name: str, mapping: ClaimMapping, value: ClaimValue) -> _Sent:
    claim = mapping.claim
    text = redactor.claim(value, claim.sensitivity)
    plain = claim.sensitivity is Sensitivity.PLAIN and not isinstance(value, str)
    return _Sent(printable(name, limit=64), claim.id, text, to_json(value) if plain else text)


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
