"""The request of a call: input claims and a plan in; method, URL, headers and body out.

Source: rest-connectors.md §3 and §4; what is silent there is marked in the functions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final
from urllib.parse import quote, urlencode

from multidict import CIMultiDict
from yarl import URL

from journeyman.claims.resolvers import Resolution
from journeyman.claims.values import ClaimValue, to_json, to_wire_text
from journeyman.compiler.compiled import ClaimMapping
from journeyman.connector.errors import RequestRefusedError, RequiredClaimMissingError
from journeyman.connector.json_body import write_object
from journeyman.connector.limits import HEADER_LIMIT_BYTES, REQUEST_BODY_LIMIT_BYTES, URL_LIMIT_BYTES
from journeyman.connector.service_url import ServiceUrl
from journeyman.connector.trace_context import IDEMPOTENCY_KEY, TRACEPARENT, idempotency_key, traceparent

Pair = tuple[ClaimMapping, ClaimValue]

JSON_TYPE: Final = "application/json; charset=utf-8"
FORM_TYPE: Final = "application/x-www-form-urlencoded"
BASE_HEADERS: Final[Mapping[str, str]] = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": "journeyman",
}
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")  # RFC 9110 §5.6.2
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_RESERVED_HEADERS: Final = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


class SendClaimsIn(Enum):
    """The metadata item ``SendClaimsIn``."""

    BODY = "Body"
    FORM = "Form"
    HEADER = "Header"
    URL = "Url"
    QUERY_STRING = "QueryString"


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """What is the same for every call of a profile.

    Attributes:
        payload_claim: the claim whose text is the whole body (``ClaimUsedForRequestPayload``).
        unsent_claim: the claim that travels as the bearer token and not as a value.
        own_authorization: whether the authenticator sets ``Authorization``.
        method: the method in place of the usual one of the mode, None for that.
        header_claims: the claims that travel as headers whatever the mode is.
        idempotency_key: whether the header ``Idempotency-Key`` is sent.
        traceparent: whether the header ``traceparent`` is sent.
    """

    send_claims_in: SendClaimsIn
    url: ServiceUrl
    payload_claim: str | None = None
    unsent_claim: str | None = None
    own_authorization: bool = False
    method: str | None = None
    header_claims: frozenset[str] = frozenset()
    idempotency_key: bool = False
    traceparent: bool = False

    @property
    def extended(self) -> bool:
        """Whether requests have something that the real service cannot send."""
        return bool(self.method or self.header_claims or self.idempotency_key or self.traceparent)


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request, still without a credential.

    Attributes:
        sent: the claims that went into it, by name on the wire.
        in_headers: the names of those that went into headers beside the body.
    """

    method: str
    url: URL
    headers: CIMultiDict[str]
    body: bytes | None
    sent: Mapping[str, Pair]
    in_headers: frozenset[str] = frozenset()


def build_request(plan: RequestPlan, inputs: Sequence[Pair], resolution: Resolution) -> ApiRequest:
    """Build the request of one call.

    A claim without a value is left out; of two claims with one name the last wins; an empty collection
    counts as no value (the last two are this project's decisions).

    Raises:
        RequestRefusedError: the claims make no safe request.
        RequiredClaimMissingError: the payload claim has no value.
    """
    sent = {
        mapping.name: (mapping, value)
        for mapping, value in inputs
        if value != () and mapping.claim.id != plan.unsent_claim
    }
    headers = CIMultiDict(BASE_HEADERS)
    try:
        if not plan.extended:
            return _BUILDERS[plan.send_claims_in](plan, sent, headers, resolution)
        return _extended(plan, sent, headers, resolution)
    except UnicodeEncodeError:
        detail = "an input claim holds text that is not Unicode"
        raise RequestRefusedError(detail) from None


def base_headers(mode: SendClaimsIn) -> Mapping[str, str]:
    """Return the headers that every request of a mode has."""
    content_type = {SendClaimsIn.BODY: JSON_TYPE, SendClaimsIn.FORM: FORM_TYPE}.get(mode)
    return {**BASE_HEADERS, "Content-Type": content_type} if content_type else BASE_HEADERS


def forbidden_header(name: str, *, own_authorization: bool) -> str:
    """Return why an input claim may not go into this header, "" when it may."""
    if _TOKEN.fullmatch(name) is None:
        return "it is not a header name"
    if name.lower() in _RESERVED_HEADERS:
        return "it controls the connection"
    if name.lower() == "authorization" and own_authorization:
        return "AuthenticationType sets it"
    return ""


def _extended(
    plan: RequestPlan, sent: dict[str, Pair], headers: CIMultiDict[str], resolution: Resolution
) -> ApiRequest:
    apart = {name: pair for name, pair in sent.items() if pair[0].claim.id in plan.header_claims}
    rest = {name: pair for name, pair in sent.items() if name not in apart}
    request = _BUILDERS[plan.send_claims_in](plan, rest, headers, resolution)
    _set_headers(plan, apart, headers)
    if plan.idempotency_key:
        headers.setdefault(IDEMPOTENCY_KEY, idempotency_key())
    if plan.traceparent:
        headers.setdefault(TRACEPARENT, traceparent(resolution.correlation_id))
    return ApiRequest(
        plan.method or request.method, request.url, headers, request.body, {**apart, **request.sent}, frozenset(apart)
    )


def _body(plan: RequestPlan, sent: dict[str, Pair], headers: CIMultiDict[str], resolution: Resolution) -> ApiRequest:
    headers["Content-Type"] = JSON_TYPE
    if plan.payload_claim is not None:
        sent = {name: pair for name, pair in sent.items() if pair[0].claim.id == plan.payload_claim}
        if not sent:
            detail = f"the claim {plan.payload_claim!r} named by ClaimUsedForRequestPayload has no value"
            raise RequiredClaimMissingError(detail)
        *_, (_, value) = sent.values()
        text = to_wire_text(value)
    else:
        text = write_object([(name, to_json(value)) for name, (_, value) in sent.items()])
    return _post(plan, sent, headers, resolution, text)


def _form(plan: RequestPlan, sent: dict[str, Pair], headers: CIMultiDict[str], resolution: Resolution) -> ApiRequest:
    headers["Content-Type"] = FORM_TYPE
    return _post(plan, sent, headers, resolution, urlencode(_texts(sent)))


def _post(
    plan: RequestPlan, sent: dict[str, Pair], headers: CIMultiDict[str], resolution: Resolution, text: str
) -> ApiRequest:
    body = text.encode()
    if len(body) > REQUEST_BODY_LIMIT_BYTES:
        detail = f"the body of the call is longer than {REQUEST_BODY_LIMIT_BYTES} bytes"
        raise RequestRefusedError(detail)
    return ApiRequest("POST", plan.url.fill({}, resolution), headers, body, sent)


def _header(plan: RequestPlan, sent: dict[str, Pair], headers: CIMultiDict[str], resolution: Resolution) -> ApiRequest:
    _set_headers(plan, sent, headers)
    return ApiRequest("GET", plan.url.fill({}, resolution), headers, None, sent)


def _set_headers(plan: RequestPlan, sent: Mapping[str, Pair], headers: CIMultiDict[str]) -> None:
    for name, text in _texts(sent):
        reason = forbidden_header(name, own_authorization=plan.own_authorization)
        if not reason and _CONTROL.search(text):
            reason = "its value holds a line break or another control character"
        if not reason and len(text.encode()) > HEADER_LIMIT_BYTES:
            reason = f"its value is longer than {HEADER_LIMIT_BYTES} bytes"
        if reason:
            detail = f"claim {sent[name][0].claim.id!r} may not be sent in the header {name!r}: {reason}"
            raise RequestRefusedError(detail)
        headers[name] = text


def _query(plan: RequestPlan, sent: dict[str, Pair], headers: CIMultiDict[str], resolution: Resolution) -> ApiRequest:
    url = plan.url.fill({}, resolution)
    if not sent:
        return ApiRequest("GET", url, headers, None, sent)
    added = urlencode(_texts(sent), quote_via=quote, safe="")
    text = str(url)
    joint = "" if text.endswith(("?", "&")) else "&" if "?" in text else "?"
    if len(text) + len(added) > URL_LIMIT_BYTES:
        detail = f"the URL of the call is longer than {URL_LIMIT_BYTES} bytes"
        raise RequestRefusedError(detail)
    return ApiRequest("GET", URL(f"{text}{joint}{added}", encoded=True), headers, None, sent)


def _url(plan: RequestPlan, sent: dict[str, Pair], headers: CIMultiDict[str], resolution: Resolution) -> ApiRequest:
    url = plan.url.fill({name: value for name, (_, value) in sent.items()}, resolution)
    return ApiRequest("GET", url, headers, None, {name: pair for name, pair in sent.items() if plan.url.uses(name)})


def _texts(sent: Mapping[str, Pair]) -> list[tuple[str, str]]:
    return [(name, to_wire_text(value)) for name, (_, value) in sent.items()]


_BUILDERS: Final = {
    SendClaimsIn.BODY: _body,
    SendClaimsIn.FORM: _form,
    SendClaimsIn.HEADER: _header,
    SendClaimsIn.QUERY_STRING: _query,
    SendClaimsIn.URL: _url,
}
