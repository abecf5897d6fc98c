"""One call for a terminal or for ``--json``: what came of it in, lines phase by phase or an object out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from journeyman.engine.alone.call import Called, Wanted
from journeyman.engine.alone.faults import MEANING
from journeyman.engine.alone.usage import Context
from journeyman.journey.submission import unable
from journeyman.service_codes import SERVICE_CODES
from journeyman.trace.codec import to_json
from journeyman.trace.printable import printable
from journeyman.trace.records import CallRecord, Phase, Verdict
from journeyman.web.public_errors import public_text

_BODY_LIMIT: Final = 8192
_WIDTH: Final = 62
_UNSENT: Final = frozenset({
    Verdict.DNS, Verdict.EGRESS, Verdict.TLS_SERVER_CERTIFICATE, Verdict.CIRCUIT_OPEN, Verdict.NOT_SENT,
    Verdict.NOT_RECORDED, Verdict.CREDENTIAL_MISSING,
})  # fmt: skip
_BEFORE_SENDING: Final = frozenset(one.value for one in (Phase.QUEUE, Phase.DNS, Phase.CONNECT, Phase.TLS))
_OAUTH_ERRORS: Final = {row.code: row.oauth_error for row in SERVICE_CODES.values()}


def report_json(wanted: Wanted, called: Called) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    usage = called.usage
    return {
        "policy": wanted.policy.policy_id,
        "profile": wanted.profile.id,
        "context": usage.context.value,
        "step": usage.step,
        "claims_exchange": usage.exchange_id,
        "outcome": outcome(called),
        "unknown_credential": called.unknown_credential,
        "call": None if called.record is None else to_json(called.record),
        "claims": dict(called.claims),
        "missing_claims": list(called.missing),
        "user_sees": user_sees(wanted, called),
    }


def outcome(called: Called) -> str:
    """Return what the journey would do next: ``continue``, ``refused``, ``blocked`` or ``failed``, ``not_sent`` without a call."""
    if called.record is not None and called.record.verdict is Verdict.NOT_SENT:
        return "not_sent"
    if called.failure is not None:
        return "failed"
    if called.blocked:
        return "blocked"
    return "refused" if called.refusal is not None else "continue"


def user_sees(wanted: Wanted, called: Called) -> dict[str, dict[str, str]] | None:
    """Return what a page shows and what the application is told of a call that did not succeed.

    On a page that validates by this profile the text stands beside the form; as a claims exchange of
    its own the journey ends, and the application gets the error.
    """
    if outcome(called) in {"continue", "not_sent"}:
        return None
    development = wanted.settings.development
    if called.failure is not None:
        failure = called.failure
        text = public_text(failure, development=development)
        return {
            "page": {"code": failure.service_code, "text": failure.user_message or unable()},
            "application": {"error": failure.oauth_error, "code": failure.service_code, "text": text},
        }
    if called.blocked:
        # The application is told nothing: the journey ends at this page.
        return {"block_page": {"text": called.blocked}}
    refusal = called.refusal
    if refusal is None:
        return None
    text = refusal.user_message or refusal.detail
    error = _OAUTH_ERRORS.get(refusal.service_code, "server_error")
    return {
        "page": {"code": refusal.service_code, "text": refusal.user_message or unable()},
        "application": {"error": error, "code": refusal.service_code, "text": text},
    }


def report_lines(wanted: Wanted, called: Called, *, show_headers: bool) -> Iterator[str]:
    """Yield the lines for a terminal."""
    usage = called.usage
    place = usage.context.value if usage.context is Context.NONE else f"{usage.context.value}, {usage.step}"
    yield f"{wanted.profile.id} of {wanted.policy.policy_id}: {printable(place)}"
    if wanted.fault is not None:
        yield f"fault {wanted.fault.kind.value}: {MEANING[wanted.fault.kind]}; the API itself is not called"
    if called.record is not None:
        yield ""
        yield from _exchange(called.record, called.unknown_credential, show_headers=show_headers)
        yield ""
        yield from _verdict(called.record)
    elif called.failure is not None:
        yield f"no call was made: {called.failure.service_code}: {printable(str(called.failure))}"
    yield from _claims("claims set", called.claims)
    yield from _seen(wanted, called)


def _exchange(record: CallRecord, unknown: str, *, show_headers: bool) -> Iterator[str]:
    yield from _claims("claims sent", record.claims_out)
    missing = [f"not known here: {unknown}"] if unknown else []
    yield _phase("credential", ", ".join([record.authentication or "none", *record.credential, *missing]), None)
    target = f"{record.host}, sent to {record.dialled}" if record.dialled else record.host
    phases = record.phases
    if phases.queue_ms is not None:
        yield _phase("queue", "waited for other calls to this origin", phases.queue_ms)
    found = f"{target} is {record.address}" if record.address else target
    yield _phase("target" if phases.dns_ms is None else "look up", found, phases.dns_ms)
    if phases.connect_ms is not None:
        yield _phase("connect", record.address, phases.connect_ms)
    if phases.tls_ms is not None:
        yield _phase("TLS", record.tls, phases.tls_ms)
    exchange = record.exchange
    if exchange.method:
        unsent = "   (not sent)" if record.verdict in _UNSENT or record.phase in _BEFORE_SENDING else ""
        yield f"> {exchange.method} {printable(exchange.url)}{unsent}"
        yield from _message(">", exchange.request_headers if show_headers else (), exchange.request_body)
    if record.phase == Phase.FIRST_BYTE.value:
        yield _phase("first byte", "none came", phases.first_byte_ms)
    if exchange.status is not None:
        yield _phase("first byte", "", phases.first_byte_ms)
        yield f"< {exchange.status} {printable(exchange.reason)}".rstrip()
        yield from _message("<", exchange.response_headers if show_headers else (), exchange.response_body)
        yield _phase("read", "", phases.read_ms)
    yield from _claims("claims received", record.claims_in)


def _message(mark: str, headers: Iterable[tuple[str, str]], body: str) -> Iterator[str]:
    for name, value in headers:
        yield f"{mark} {printable(name)}: {printable(value)}"
    if body:
        yield mark
        yield f"{mark} {printable(body, limit=_BODY_LIMIT)}"


def _verdict(record: CallRecord) -> Iterator[str]:
    tries = "1 try" if record.tries == 1 else f"{record.tries} tries"
    yield f"{record.verdict.value}: {tries}, {record.total_ms:.0f} ms"
    for number, how in enumerate(record.earlier, 1):
        yield f"  try {number}: {printable(how)}"
    if record.tries > 1:
        yield "  the phases are those of the last try"
    if record.detail:
        yield f"  {printable(record.detail)}"
    if record.phase:
        yield f"  it ended in the phase {record.phase}"
    if record.next:
        yield f"  check next: {printable(record.next)}"
    if record.verdict not in {Verdict.OK, Verdict.NOT_SENT}:
        yield f"  read more: docs/reference/rest-failures.md#{record.verdict.value}"


def _seen(wanted: Wanted, called: Called) -> Iterator[str]:
    seen = user_sees(wanted, called)
    if seen is None:
        return
    context = called.usage.context
    yield ""
    if "block_page" in seen:
        yield f"the block page shows  {printable(seen['block_page']['text'])}"
        return
    if context is not Context.CLAIMS_EXCHANGE:
        yield f"the page shows     {seen['page']['code']}: {printable(seen['page']['text'])}"
    if context in {Context.CLAIMS_EXCHANGE, Context.NONE}:
        told = seen["application"]
        yield f"the application gets  {told['error']}, {told['code']}: {printable(told['text'])}"


def _claims(title: str, claims: Mapping[str, str]) -> Iterator[str]:
    if claims:
        yield f"{title}:"
        yield from (f"  {printable(name)} = {printable(value)}" for name, value in claims.items())


def _phase(name: str, what: str, took_ms: float | None) -> str:
    took = "" if took_ms is None else f"{took_ms:9.1f} ms"
    return f"* {name:<11}{printable(what):<{_WIDTH}}{took}".rstrip()
