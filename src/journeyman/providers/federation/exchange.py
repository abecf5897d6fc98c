"""One request to an identity provider: what to ask in, the document it answers out.

Every request goes through the connector, so it is held to the same egress rules, certificates and
limits as a REST call. Nothing of a request or an answer reaches an error text: both hold credentials.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from multidict import CIMultiDict
from yarl import URL

from journeyman.compiler.compiled import TechnicalProfile
from journeyman.connector.authenticators.none import NoAuthentication
from journeyman.connector.client import Answer
from journeyman.connector.errors import ConnectorError
from journeyman.connector.json_body import NotJsonError, parse_body
from journeyman.connector.request import ApiRequest
from journeyman.errors import ServiceError
from journeyman.providers.federation.configuration import FederationServices
from journeyman.providers.federation.exchange_record import (
    Asked,
    Happened,
    exchange_record,
    registered_word,
    verdict_of,
)
from journeyman.technical_profile import Call
from journeyman.trace.records import Verdict

FORM: Final = "application/x-www-form-urlencoded"
UNREACHABLE: Final = "AADB2C90289"
INVALID: Final = "AADB2C90273"

_LOG: Final = logging.getLogger(__name__)


class RefusedByProviderError(ServiceError):
    """An identity provider answered with an error.

    Attributes:
        document: what it answered; for ``ErrorHandlers``, never for a text.
    """

    document: Mapping[str, Any] | None = None


async def fetch(services: FederationServices, call: Call, asked: Asked) -> Mapping[str, Any]:
    """Send a request and read the JSON object, or the form, that comes back; leave the record of the call.

    Raises:
        ServiceError: AADB2C90289, nobody answered; AADB2C90273, the answer is an error or no document.
    """
    happened = Happened(services.client.begin())
    try:
        answer = happened.answer = await _send(services, call, asked, happened)
    except ConnectorError as failure:
        # Ids, host and cause only: never a header, a body or the URL.
        _LOG.warning("%s: %s: %s", call.profile.id, asked.what, failure.operator)
        await _ended(services, call, asked, happened, failure.verdict, failure.operator)
        raise _unreachable(asked.what) from failure
    except ValueError:
        raise _unreachable(f"{asked.what}: its address cannot be read") from None
    document = happened.document = _document(asked, answer)
    verdict = verdict_of(asked, answer, document)
    error = None if document is None else asked.error_in(document)
    await _ended(services, call, asked, happened, verdict, registered_word(error))
    if document is None:
        raise refused(f"{asked.what}: the answer is no JSON object", None, answer.status)
    if verdict is not Verdict.OK:
        refusal = refused(asked.what, error, answer.status)
        refusal.document = document
        raise refusal
    return document


def refused(what: str, error: object, status: int | None = None) -> RefusedByProviderError:
    """Build the error for a refusal; of what the provider says only the registered error word is repeated."""
    word = registered_word(error) or "no reason"
    detail = f"An invalid response was received : '{what}: {word}{'' if status is None else f' (HTTP {status})'}'"
    denied = word in {"access_denied", "consent_required", "user_cancelled_login", "user_cancelled_authorize"}
    return RefusedByProviderError(
        detail,
        service_code=INVALID,
        oauth_error="access_denied" if denied else "server_error",
    )


async def _send(services: FederationServices, call: Call, asked: Asked, happened: Happened) -> Answer:
    headers: CIMultiDict[str] = CIMultiDict({"Accept": "application/json"})
    headers["User-Agent"] = asked.user_agent or "journeyman"
    if asked.form is not None:
        headers["Content-Type"] = FORM
    if asked.authorization is not None:
        happened.credentials["Authorization"] = asked.authorization
    url = URL(asked.url)
    request = happened.request = ApiRequest(
        method="GET" if asked.form is None else "POST",
        url=url.update_query(asked.query) if asked.query else url,
        headers=headers,
        body=None if asked.form is None else urlencode(asked.form).encode(),
        sent={},
    )
    await services.observer.begin(call)
    return await services.client.send(
        request, happened.credentials, NoAuthentication(), services.rules, happened.progress
    )


async def _ended(
    services: FederationServices, call: Call, asked: Asked, happened: Happened, verdict: Verdict, detail: str
) -> None:
    record = exchange_record(services.redactor, call, asked, happened, verdict, detail)
    call.record(record)
    await services.observer.end(call, record)


def _unreachable(cause: str) -> ServiceError:
    return ServiceError(
        f"We encountered an error connecting to the identity provider. ({cause})",
        service_code=UNREACHABLE,
        user_message="We could not reach the identity provider. Please try again later.",
    )


def _document(asked: Asked, answer: Answer) -> Mapping[str, Any] | None:
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in {FORM, "text/plain"} and not answer.body.lstrip().startswith(b"{"):
        return _form(answer)
    try:
        document = parse_body(answer.body)
    except NotJsonError:
        found = _form(answer) if asked.form_answer else {}
        return found if found.keys() & {"access_token", "error"} else None
    return document if isinstance(document, dict) else None


def _form(answer: Answer) -> dict[str, str]:
    try:
        return dict(parse_qsl(answer.body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100))
    except ValueError:
        return {}


def require_user(document: Mapping[str, Any], member: str) -> None:
    """Refuse an answer that does not name its user: nobody must share an account with everybody else of that kind."""
    if member and document.get(member) in (None, ""):
        raise refused("identity provider: it names no user", None)


def sign_out_url(profile: TechnicalProfile, endpoint: object) -> str:
    """Return where the session at the provider ends, "" when the policy does not want that or nobody knows where."""
    wanted = profile.metadata.get("SingleLogoutEnabled") is None or profile.metadata.flag("SingleLogoutEnabled")
    if not wanted or not isinstance(endpoint, str):
        return ""
    try:
        parts = urlsplit(endpoint)
    except ValueError:
        return ""
    return endpoint if parts.scheme in {"https", "http"} and parts.hostname and endpoint.isascii() else ""


def text_members(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the simple members of an answer as text, for ``{oauth2:…}`` resolvers."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in document.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }
