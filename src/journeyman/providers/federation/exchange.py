"""One request to an identity provider: what to ask in, the document it answers out.

Every request goes through the connector, so it is held to the same egress rules, certificates and
limits as a REST call. Nothing of a request or an answer reaches an error text: both hold credentials.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from multidict import CIMultiDict
from yarl import URL

from journeyman.connector.authenticators.none import NoAuthentication
from journeyman.connector.client import Answer
from journeyman.connector.errors import ConnectorError
from journeyman.connector.json_body import NotJsonError, parse_body
from journeyman.connector.request import ApiRequest
from journeyman.errors import ServiceError
from journeyman.providers.federation.configuration import FederationServices

FORM: Final = "application/x-www-form-urlencoded"
UNREACHABLE: Final = "AADB2C90289"
INVALID: Final = "AADB2C90273"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to an identity provider.

    Attributes:
        form: sent as the body of a POST; None asks by GET.
        query: added to the URL.
    """

    url: str
    form: Mapping[str, str] | None = None
    query: Mapping[str, str] | None = None
    authorization: str | None = None
    user_agent: str = ""


async def fetch(services: FederationServices, asked: Asked, *, what: str) -> Mapping[str, Any]:
    """Send a request and read the JSON object, or the form, that comes back.

    Args:
        what: names the endpoint in error texts.

    Raises:
        ServiceError: AADB2C90289, nobody answered; AADB2C90273, the answer is an error or no document.
    """
    answer = await _send(services, asked, what)
    document = _document(answer, what)
    if answer.status >= 300 or "error" in document:
        raise refused(what, document.get("error"), answer.status)
    return document


def refused(what: str, error: object, status: int | None = None) -> ServiceError:
    """Build the error for a refusal; of what the provider says only the registered error word is repeated."""
    word = error if isinstance(error, str) and error.replace("_", "").isalnum() and len(error) < 64 else "no reason"
    detail = f"An invalid response was received : '{what}: {word}{'' if status is None else f' (HTTP {status})'}'"
    denied = word in {"access_denied", "consent_required", "user_cancelled_login", "user_cancelled_authorize"}
    return ServiceError(
        detail,
        service_code=INVALID,
        oauth_error="access_denied" if denied else "server_error",
    )


async def _send(services: FederationServices, asked: Asked, what: str) -> Answer:
    headers: CIMultiDict[str] = CIMultiDict({"Accept": "application/json"})
    headers["User-Agent"] = asked.user_agent or "journeyman"
    if asked.form is not None:
        headers["Content-Type"] = FORM
    credentials: CIMultiDict[str] = CIMultiDict()
    if asked.authorization is not None:
        credentials["Authorization"] = asked.authorization
    try:
        url = URL(asked.url)
        request = ApiRequest(
            method="GET" if asked.form is None else "POST",
            url=url.update_query(asked.query) if asked.query else url,
            headers=headers,
            body=None if asked.form is None else urlencode(asked.form).encode(),
            sent={},
        )
        return await services.client.send(
            request, credentials, NoAuthentication(), services.rules, services.client.begin()
        )
    except ConnectorError as error:
        raise _unreachable(f"{what}: {error.operator}") from error
    except ValueError:
        raise _unreachable(f"{what}: its address cannot be read") from None


def _unreachable(cause: str) -> ServiceError:
    return ServiceError(
        f"We encountered an error connecting to the identity provider. ({cause})",
        service_code=UNREACHABLE,
        user_message="We could not reach the identity provider. Please try again later.",
    )


def _document(answer: Answer, what: str) -> Mapping[str, Any]:
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in {FORM, "text/plain"} and not answer.body.lstrip().startswith(b"{"):
        return dict(parse_qsl(answer.body.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        document = parse_body(answer.body)
    except NotJsonError:
        document = None
    if not isinstance(document, dict):
        raise refused(f"{what}: the answer is no JSON object", None, answer.status)
    return document


def text_members(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the simple members of an answer as text, for ``{oauth2:…}`` resolvers."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in document.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }
