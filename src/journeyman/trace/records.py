"""The records that a journey leaves. All texts in them are redacted before a record is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class Verdict(Enum):
    """How a call ended: stable ids, a closed list."""

    OK = "ok"
    REFUSED_BY_API = "refused_by_api"  # a 4xx answer with a userMessage
    CREDENTIAL_REFUSED = "credential_refused"  # 401 or 403
    HTTP_ERROR = "http_error"
    UNPARSABLE = "unparsable"
    MAPPING = "mapping"
    REQUIRED_CLAIM_MISSING = "required_claim_missing"
    CREDENTIAL_MISSING = "credential_missing"  # no key, no active key, no bearer claim
    EGRESS = "egress"
    DNS = "dns"
    CONNECT = "connect"
    TLS_SERVER_CERTIFICATE = "tls_server_certificate"
    TLS_CLIENT_CERTIFICATE = "tls_client_certificate"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    CIRCUIT_OPEN = "circuit_open"
    NOT_SENT = "not_sent"  # journeyman call --dry-run
    NOT_RECORDED = "not_recorded"  # audit = "required" and the audit log cannot be written


class Phase(Enum):
    """What a call goes through, in this order: stable ids."""

    QUEUE = "queue"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    FIRST_BYTE = "first_byte"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Phases:
    """Milliseconds spent in each phase of the last try; None where it was not reached or not needed.

    The phase in which a call without an answer ended counts until its end.
    """

    queue_ms: float | None = None
    dns_ms: float | None = None
    connect_ms: float | None = None
    tls_ms: float | None = None
    first_byte_ms: float | None = None
    read_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One redacted HTTP request and its answer.

    Secret values read ``(secret, 12 characters, #a1b2c3d4e5f6)``: length and a keyed hash.
    """

    method: str
    url: str  # query values masked
    request_headers: tuple[tuple[str, str], ...] = ()
    request_body: str = ""
    status: int | None = None
    reason: str = ""
    response_headers: tuple[tuple[str, str], ...] = ()
    response_body: str = ""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One REST call.

    Attributes:
        authentication: the AuthenticationType, or how a user-flow connector proves itself.
        dialled: the origin that was really dialled, when the egress map sent the call elsewhere.
        credential: which version of which key was used: ``B2C_1A_RestPassword (kid 3f…)``, never its value.
        tls: the version of TLS and the certificate of the API, "" on a connection that was open already.
        phase: the id of the phase in which a call without an answer ended; "" for one with an answer, or never begun.
        earlier: how each try before the last one ended: ``timeout in first_byte after 10003 ms``.
        next: what to look at next, a sentence for the operator; "" when the call was fine.
        fell_back: whether the API refused the new version of a rotated credential and got the one before.
    """

    profile_id: str
    step: str
    authentication: str
    host: str
    verdict: Verdict
    tries: int
    total_ms: float
    exchange: Exchange
    phases: Phases = field(default_factory=Phases)
    dialled: str = ""
    address: str = ""
    credential: tuple[str, ...] = ()
    claims_out: Mapping[str, str] = field(default_factory=dict)  # claims sent, redacted
    claims_in: Mapping[str, str] = field(default_factory=dict)  # claims received, redacted
    detail: str = ""
    next: str = ""
    fell_back: bool = False
    tls: str = ""
    phase: str = ""
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One thing that a journey did: a step began or was skipped, a profile ran, a page was shown, the end.

    Attributes:
        event: "start", "step", "skip", "profile", "page", "redirect", "submit", "refused", "tokens", "error".
        claims: claims that it set, redacted.
    """

    event: str
    step: str = ""
    profile_id: str = ""
    detail: str = ""
    claims: Mapping[str, str] = field(default_factory=dict)
    duration_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One record in the timeline of a journey."""

    journey_id: str
    correlation_id: str
    tenant: str
    policy_id: str
    client_id: str
    at: datetime
    record: StepRecord | CallRecord


@dataclass(frozen=True, slots=True)
class JourneySummary:
    """One line of the list of journeys."""

    journey_id: str
    correlation_id: str
    policy_id: str
    client_id: str
    started_at: datetime
    last_at: datetime
    outcome: str  # "running", "tokens", "refused", "error"
    calls: int
    failed_calls: int
    profiles: tuple[str, ...]
