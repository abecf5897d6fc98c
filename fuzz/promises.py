"""What the connector promises for any input: an input in, nothing out, or an AssertionError that names the promise.

Each promise is judged by something else than the code that keeps it: the standard library's URL, form and
header parsers, or the value that the input was made of.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from email.message import Message
from http.client import parse_headers
from io import BytesIO
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from aiohttp.http_writer import _serialize_headers
from multidict import CIMultiDict, CIMultiDictProxy

from journeyman.claims.claim_type import ClaimType, Sensitivity
from journeyman.claims.resolvers import Resolution
from journeyman.claims.values import ClaimValue, DataType, Json, UserIdentity
from journeyman.compiler.compiled import ClaimMapping
from journeyman.connector.answer import AnswerPlan, Output, Place, Rejection, Success, read_answer
from journeyman.connector.authenticator import header_text
from journeyman.connector.client import Answer
from journeyman.connector.errors import (
    ConnectorError,
    CredentialMissingError,
    EgressRefusedError,
    RequestRefusedError,
)
from journeyman.connector.json_path import compile_path
from journeyman.connector.request import ApiRequest, RequestPlan, SendClaimsIn, base_headers, build_request
from journeyman.connector.service_url import compile_service_url
from journeyman.errors import ServiceError
from journeyman.secret import Secret
from journeyman.trace.redaction import Redactor

PLACE: Final = Place("Exchange", "Order=1, Type=ClaimsExchange")
CANARY: Final = "canary-7f3c1c5e"
NOW: Final = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)
RESOLUTION: Final = Resolution(
    policy_id="B2C_1A_Fuzz",
    relying_party_tenant_id="contoso.onmicrosoft.com",
    trust_framework_tenant_id="contoso.onmicrosoft.com",
    tenant_object_id="11111111-2222-3333-4444-555555555555",
    correlation_id="99999999-2222-3333-4444-555555555555",
    deployment_mode="Production",
    culture="en-US",
    host_name="127.0.0.1",
    ip_address="127.0.0.1",
    kmsi=False,
    now=NOW,
    build_number="1",
    parameters={},
)
_PYTHON_TYPES: Final[Mapping[DataType, type | tuple[type, ...]]] = {
    DataType.BOOLEAN: bool,
    DataType.DATE: date,
    DataType.DATE_TIME: datetime,
    DataType.INT: int,
    DataType.LONG: int,
    DataType.STRING_COLLECTION: tuple,
    DataType.USER_IDENTITY: UserIdentity,
    DataType.USER_IDENTITY_COLLECTION: tuple,
    DataType.ALTERNATIVE_SECURITY_ID_COLLECTION: tuple,
}
OUTPUTS: Final = tuple(Output(data_type.value, None, data_type) for data_type in DataType) + tuple(
    Output(path, compile_path(path), data_type)
    for path, data_type in (("a.b", DataType.STRING), ("a[0].b", DataType.INT), ("$", DataType.STRING))
)


def response_mapping(status: int, content_type: str, body: bytes) -> None:
    """Any answer ends in claims of the declared names and types, a printable refusal, or an error without its text."""
    answer = Answer(status, "Reason", CIMultiDictProxy(CIMultiDict({"Content-Type": content_type})), body)
    plan = AnswerPlan("REST-Fuzz", OUTPUTS, debug=True)
    try:
        result = read_answer(plan, answer, PLACE)
    except ConnectorError as error:
        said = f"{error} {error.operator} {error.user_message}"
        keep(CANARY.encode() not in body or CANARY not in said, "an error never quotes the body")
        return
    if isinstance(result, Rejection):
        keep(400 <= status < 500, "only a 4xx refuses")
        keep(len(result.user_message) <= 4000, "a message is bounded")
        keep(all(c.isprintable() or c in "\n\t" for c in result.user_message), "a message is printable")
        return
    keep(200 <= status < 300, "only a 2xx gives claims")
    _declared(result, body)


def _declared(result: Success, body: bytes) -> None:
    for name, value in result.values.items():
        output = next(one for one in OUTPUTS if one.name == name)
        kind = _PYTHON_TYPES.get(output.data_type or DataType.STRING, str)
        keep(isinstance(value, kind), f"{name} has the Python type of its data type")
    try:
        expected = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        keep(not result.values, "what is no JSON gives no claims")
        return
    named = expected.get("string") if isinstance(expected, dict) else None
    if isinstance(named, str) and result.body is not None:
        keep(result.values["string"] == named, "a text arrives as it was sent")


def redaction(body: bytes, names: Mapping[str, Sensitivity]) -> None:
    """A record of any body is one line of bounded length that holds no secret and no unnamed value."""
    redactor = Redactor(b"k" * 32)
    shown = redactor.concealing(frozenset({CANARY})).json_body(body, names)
    keep(CANARY not in shown, "a known secret is concealed")
    hidden = redactor.json_body(body, {})
    try:
        keep(not _texts(json.loads(body)) & _texts(json.loads(hidden)), "a value without a name is hidden")
    except (ValueError, RecursionError):
        keep(len(hidden) < 100, "what is no JSON is only counted")


def _texts(value: Json) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(_texts, value.values()))
    if isinstance(value, list):
        return set().union(*map(_texts, value))
    return {value} if isinstance(value, str) and len(value) > 40 else set()


def json_path(text: str, document: Json) -> None:
    """Any path is refused or finds a part of the document."""
    path = compile_path(text)
    if path is None:
        return
    found = path.find(document)
    keep(found is None or any(found is part for part in _parts(document)), "a path finds a part of the document")


def path_to(steps: Sequence[str | int], spelling: str, value: Json) -> None:
    """A value is found at the path that was written for it, in each of the spellings."""
    document: Json = value
    for step in reversed(steps):
        document = {step: document} if isinstance(step, str) else [None] * step + [document]
    path = compile_path(spelling)
    keep(path is not None and path.find(document) == value, f"{spelling!r} finds what stands there")


def _parts(value: Json) -> list[Json]:
    found: list[Json] = []
    level = [value]
    while level:
        found += level
        level = [child for part in level for child in _children(part)]
    return found


def _children(part: Json) -> list[Json]:
    if isinstance(part, dict):
        return list(part.values())
    return part if isinstance(part, list) else []


def service_url(text: str) -> None:
    """Any ServiceUrl is refused, or two parsers agree on where it leads."""
    try:
        url = compile_service_url(text, (), placeholders=True, resolvers=True).sample
    except EgressRefusedError:
        return
    parts = urlsplit(str(url))
    keep(url.scheme in {"http", "https"} and parts.scheme == url.scheme, "the scheme is http or https")
    keep(parts.username is None and parts.password is None and "@" not in parts.netloc, "there is no userinfo")
    keep(str(url).isascii() and str(url).isprintable() and " " not in str(url), "the URL is plain ASCII")
    keep((parts.hostname or "") == (url.raw_host or "").lower(), "two parsers agree on the host")
    keep((parts.port or {"http": 80, "https": 443}[url.scheme]) == url.port, "two parsers agree on the port")
    keep(not parts.fragment, "there is no fragment")


def url_templating(first: str, second: str, third: str) -> None:
    """Values of claims stay in their place of the URL: they add no segment, parameter, host or fragment."""
    inputs = [_input("first"), _input("second"), _input("third")]
    template = "https://api.example.com:8443/v1/{first}/x-{second}/end?q={third}&fixed=1"
    url = compile_service_url(template, inputs, placeholders=True, resolvers=False)
    try:
        filled = str(url.fill({"first": first, "second": second, "third": third}, RESOLUTION))
    except RequestRefusedError:
        return
    except UnicodeEncodeError:
        keep(any("\ud800" <= c <= "\udfff" for c in first + second + third), "only a lone surrogate cannot be encoded")
        return
    parts = urlsplit(filled)
    keep(parts.netloc == "api.example.com:8443", "the host stays")
    keep([unquote(one) for one in parts.path.split("/")] == ["", "v1", first, f"x-{second}", "end"], "the path stays")
    keep(not {".", ".."} & set(map(unquote, parts.path.split("/"))), "there are no dot segments")
    keep(parse_qsl(parts.query, keep_blank_values=True) == [("q", third), ("fixed", "1")], "the query stays")
    keep(not parts.fragment and filled.isascii(), "there is no fragment")


def header_values(name: str, value: str) -> None:
    """A claim is refused as a header, or it is one header line of the request with the text of the claim."""
    request = _built(SendClaimsIn.HEADER, {name: value})
    if request is None:
        return
    head = _serialize_headers("GET / HTTP/1.1", request.headers)
    read = _parsed(head)
    expected = {one.lower() for one in (*base_headers(SendClaimsIn.HEADER), name)}
    keep(sorted(one.lower() for one, _ in read.items()) == sorted(expected), "a claim adds or replaces one header")
    keep(head.count(b"\r\n") == len(read.items()) + 2 and head.count(b"\n") == head.count(b"\r\n"), "one line each")
    sent = (read[name] or "").encode("latin-1").decode("utf-8")
    keep(sent.strip(" \t") == value.strip(" \t"), "the text of the claim is the value")


def _parsed(head: bytes) -> Message:
    stream = BytesIO(head)
    stream.readline()
    return parse_headers(stream)


def credential_header(secret: bytes) -> None:
    """A credential is refused as a header, or it goes into it as it is, in one line."""
    try:
        text = header_text(Secret(secret), "x-api-key")
    except CredentialMissingError as error:
        keep(len(secret) < 8 or secret.decode("utf-8", "replace") not in str(error), "a refusal never holds the secret")
        return
    keep(text.encode() == secret and not set(text) & set("\r\n\x00"), "a credential is one line")


def bodies(values: Mapping[str, str]) -> None:
    """JSON, forms and queries give back what the claims hold."""
    json_request = _built(SendClaimsIn.BODY, values)
    form, query = _built(SendClaimsIn.FORM, values), _built(SendClaimsIn.QUERY_STRING, values)
    if json_request is not None:
        keep(json.loads(json_request.body or b"") == dict(values), "JSON gives back the claims")
    if form is not None:
        read = parse_qsl((form.body or b"").decode(), keep_blank_values=True)
        keep(read == list(values.items()), "a form gives back the claims")
    if query is not None:
        parts = urlsplit(str(query.url))
        keep(parse_qsl(parts.query, keep_blank_values=True) == list(values.items()), "a query gives back the claims")
        keep(parts.netloc == "api.example.com" and not parts.fragment, "the query stays in the query")


def _built(mode: SendClaimsIn, values: Mapping[str, ClaimValue]) -> ApiRequest | None:
    url = compile_service_url("https://api.example.com/v1", (), placeholders=False, resolvers=False)
    pairs = [(_input(name), value) for name, value in values.items()]
    try:
        return build_request(RequestPlan(mode, url), pairs, RESOLUTION)
    except ServiceError:
        return None


def _input(name: str) -> ClaimMapping:
    return ClaimMapping(ClaimType(name, DataType.STRING), name)


def keep(kept: bool, promise: str) -> None:  # noqa: FBT001  # reads like an assertion
    """Raise AssertionError unless a promise is kept."""
    if not kept:
        raise AssertionError(promise)
