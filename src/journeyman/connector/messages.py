"""What a person reads when a call failed: the kind of failure in, a text out.

Source: rest-connectors.md §13. Order: the specific text of the policy, its default text, the built-in
text of the specific id. The URL is shown without its query, and outside development mode not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from yarl import URL

from journeyman.connector.errors import ApiTimeoutError, CircuitOpenError, ConnectorError, NameResolutionError

Texts = Callable[[str], str | None]

DEFAULT_ID: Final = "DefaultUserMessageIfRequestFailed"
CIRCUIT_ID: Final = "UserMessageIfCircuitOpen"
DNS_ID: Final = "UserMessageIfDnsResolutionFailed"
TIMEOUT_ID: Final = "UserMessageIfRequestTimeout"

HIDDEN_URL: Final = "******"
_UNDERLYING: Final = "The service is not available at the moment."

BUILT_IN: Final = {
    DEFAULT_ID: "Failed to establish connection to restful service end point. Restful service URL: {0}",
    CIRCUIT_ID: "{0} Restful Service URL: {1}",
    DNS_ID: "Failed to resolve the hostname of the restful service endpoint. Restful service URL: {0}",
    TIMEOUT_ID: (
        "Failed to establish connection to restful service end point within timeout limit {0} seconds. "
        "Restful service URL: {1}"
    ),
}


@dataclass(frozen=True, slots=True)
class MessageValues:
    """What fills the placeholders."""

    url: str
    timeout_s: float


def shown_url(url: URL, *, development: bool) -> str:
    """Return what a person may see of a URL."""
    return str(url.with_query(None)) if development else HIDDEN_URL


def failure_message(error: ConnectorError, texts: Texts, values: MessageValues) -> str:
    """Return the text for a call that got no answer."""
    match error:
        case NameResolutionError():
            return _text(DNS_ID, (values.url,), texts, values)
        case ApiTimeoutError():
            limit_s = values.timeout_s if error.limit_s is None else error.limit_s
            return _text(TIMEOUT_ID, (f"{limit_s:g}", values.url), texts, values)
        case CircuitOpenError():
            return _text(CIRCUIT_ID, (_UNDERLYING, values.url), texts, values)
        case _:
            return _text(DEFAULT_ID, (values.url,), texts, values)


def configured_default(texts: Texts, values: MessageValues) -> str | None:
    """Return the text that the policy sets for any failure, None when it sets none."""
    found = texts(DEFAULT_ID)
    return None if found is None else _filled(found, (values.url,))


def _text(message_id: str, specific: tuple[str, ...], texts: Texts, values: MessageValues) -> str:
    found = texts(message_id)
    if found is not None:
        return _filled(found, specific)
    return configured_default(texts, values) or _filled(BUILT_IN[message_id], specific)


def _filled(text: str, values: tuple[str, ...]) -> str:
    # Not str.format: the text comes from a policy and may hold any braces.
    for index, value in enumerate(values):
        text = text.replace("{" + str(index) + "}", value)
    return text
