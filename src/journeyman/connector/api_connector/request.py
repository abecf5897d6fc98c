"""The request of an API connector: input claims and a plan in, a POST with a flat JSON object out.

Source: rest-connectors.md §15.3. That an empty text counts as no value is this project's decision.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from multidict import CIMultiDict

from journeyman.claims.claim_type import ClaimType, Sensitivity
from journeyman.claims.resolvers import Resolution
from journeyman.claims.values import Json, UserIdentity, to_json, to_text
from journeyman.compiler.compiled import ClaimMapping
from journeyman.connector.api_connector import names
from journeyman.connector.api_connector.step import Step
from journeyman.connector.errors import RequestRefusedError
from journeyman.connector.json_body import write_object
from journeyman.connector.limits import REQUEST_BODY_LIMIT_BYTES
from journeyman.connector.request import BASE_HEADERS, ApiRequest, Pair
from journeyman.connector.service_url import ServiceUrl
from journeyman.connector.trace_context import IDEMPOTENCY_KEY, TRACEPARENT, idempotency_key, traceparent

JSON_TYPE: Final = "application/json"
HEADERS: Final[Mapping[str, str]] = {**BASE_HEADERS, "Content-Type": JSON_TYPE}

_LOCAL: Final = {names.EMAIL_ADDRESS: "emailAddress", names.USER_NAME: "userName"}


def _own(name: str, sensitivity: Sensitivity = Sensitivity.PLAIN) -> ClaimMapping:
    return ClaimMapping(ClaimType(name, sensitivity=sensitivity), name)


_STEP: Final = _own(names.STEP_MEMBER)
_CLIENT_ID: Final = _own(names.CLIENT_ID)
_UI_LOCALES: Final = _own(names.UI_LOCALES)
_IDENTITIES: Final = _own(names.IDENTITIES, Sensitivity.PERSONAL)


NESTED: Final[Mapping[str, Sensitivity]] = {
    f"{names.IDENTITIES}.signInType": Sensitivity.PLAIN,
    f"{names.IDENTITIES}.issuer": Sensitivity.PLAIN,
    f"{names.IDENTITIES}.issuerAssignedId": Sensitivity.PERSONAL,
}
"""What a record may show of the parts of a request that are no claims, by the path in its body."""


@dataclass(frozen=True, slots=True)
class _Identity:
    """One element of ``identities``."""

    sign_in_type: str
    issuer: str
    assigned_id: str

    def to_json(self) -> Json:
        return {"signInType": self.sign_in_type, "issuer": self.issuer, "issuerAssignedId": self.assigned_id}


@dataclass(frozen=True, slots=True)
class ConnectorRequestPlan:
    """What is the same for every call of a connector.

    Attributes:
        local_issuer: the issuer of local accounts, which is the name of the tenant.
        passwords: ids of the claims that a person types as a password: their values never go out.
        idempotency_key, traceparent: whether these headers are sent.
    """

    url: ServiceUrl
    step: Step
    local_issuer: str
    passwords: frozenset[str] = frozenset()
    idempotency_key: bool = False
    traceparent: bool = False

    @property
    def extended(self) -> bool:
        """Whether requests have headers that the real service does not send."""
        return self.idempotency_key or self.traceparent


def build_connector_request(plan: ConnectorRequestPlan, inputs: Sequence[Pair], resolution: Resolution) -> ApiRequest:
    """Build the request of one call.

    Raises:
        RequestRefusedError: the claims make no safe request.
    """
    given = {mapping.name: (mapping, value) for mapping, value in _sendable(plan, inputs, resolution)}
    members: dict[str, Json] = {}
    sent: dict[str, Pair] = {}
    for name, (mapping, value) in given.items():
        if name not in names.PARTS:
            members[name], sent[name] = to_json(value), (mapping, value)
        elif names.IDENTITIES not in members and (identities := _identities(plan, given)):
            members[names.IDENTITIES] = [one.to_json() for one in identities]
            sent[names.IDENTITIES] = _IDENTITIES, tuple(UserIdentity(one.issuer, one.assigned_id) for one in identities)
    for mapping, text in _of_the_engine(plan, resolution):
        members[mapping.name], sent[mapping.name] = text, (mapping, text)
    return _post(plan, members, sent, resolution)


def _sendable(plan: ConnectorRequestPlan, inputs: Sequence[Pair], resolution: Resolution) -> Iterator[Pair]:
    """Yield what may be sent and has a value; a copy of a password, under whatever name, is none of it."""
    typed = {to_text(value) for name, value in resolution.claims.items() if name in plan.passwords}
    for mapping, value in inputs:
        if value not in ("", ()) and not names.unsendable(mapping, plan.step) and to_text(value) not in typed:
            yield mapping, value


def _identities(plan: ConnectorRequestPlan, given: Mapping[str, Pair]) -> list[_Identity]:
    held: list[UserIdentity] = []
    found: list[_Identity] = []
    for name, (_, value) in given.items():
        if name in _LOCAL:
            found.append(_Identity(_LOCAL[name], plan.local_issuer, to_text(value)))
        elif name == names.IDENTITIES and isinstance(value, tuple):
            held += [one for one in value if isinstance(one, UserIdentity)]
    issuer, user_id = given.get(names.ISSUER), given.get(names.ISSUER_ASSIGNED_ID)
    if issuer is not None and user_id is not None:
        found.append(_Identity("federated", to_text(issuer[1]), to_text(user_id[1])))
    for one in held:
        stored = _Identity("federated", one.issuer, _as_assigned(one.issuer_user_id))
        if stored not in found:
            found.append(stored)
    return found


def _as_assigned(user_id: str) -> str:
    """Return the id as its issuer has given it: claims hold it in base64."""
    try:
        return base64.b64decode(user_id, validate=True).decode()
    except (binascii.Error, ValueError):
        return user_id


def _of_the_engine(plan: ConnectorRequestPlan, resolution: Resolution) -> Iterator[tuple[ClaimMapping, str]]:
    yield _STEP, plan.step.value
    client_id = resolution.parameters.get("client_id", "")
    if client_id:
        yield _CLIENT_ID, client_id
    yield _UI_LOCALES, resolution.culture


def _post(
    plan: ConnectorRequestPlan, members: Mapping[str, Json], sent: Mapping[str, Pair], resolution: Resolution
) -> ApiRequest:
    headers = CIMultiDict(HEADERS)
    if plan.idempotency_key:
        headers[IDEMPOTENCY_KEY] = idempotency_key()
    if plan.traceparent:
        headers[TRACEPARENT] = traceparent(resolution.correlation_id)
    try:
        body = write_object(members.items()).encode()
    except UnicodeEncodeError:
        detail = "an input claim holds text that is not Unicode"
        raise RequestRefusedError(detail) from None
    if len(body) > REQUEST_BODY_LIMIT_BYTES:
        detail = f"the body of the call is longer than {REQUEST_BODY_LIMIT_BYTES} bytes"
        raise RequestRefusedError(detail)
    return ApiRequest("POST", plan.url.fill({}, resolution), headers, body, sent)
