"""The record of a request to an identity provider: what was asked and answered in, a redacted record out.

Codes, tokens, secrets and assertions are never shown; of an answer only members that OAuth 2.0 and OpenID
Connect define as harmless are, and the claims of a person as the policy classifies them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from multidict import CIMultiDict

from journeyman.claims.claim_type import Sensitivity
from journeyman.connector.client import Answer
from journeyman.connector.next_check import NEXT
from journeyman.connector.progress import Progress
from journeyman.connector.request import ApiRequest
from journeyman.technical_profile import Call
from journeyman.trace.concealment import written_forms
from journeyman.trace.records import CallRecord, Exchange, Verdict
from journeyman.trace.redaction import Redactor

_PLAIN: Final = Sensitivity.PLAIN
SHOWN_OF_A_REQUEST: Final = dict.fromkeys(
    ("client_assertion_type", "client_id", "grant_type", "redirect_uri", "scope"), _PLAIN
)
SHOWN_OF_TOKENS: Final = dict.fromkeys(("error", "expires_in", "scope", "token_type"), _PLAIN)
SHOWN_OF_A_DOCUMENT: Final = dict.fromkeys(
    ("authorization_endpoint", "end_session_endpoint", "issuer", "jwks_uri", "token_endpoint", "userinfo_endpoint"),
    _PLAIN,
)
SHOWN_OF_KEYS: Final = dict.fromkeys(("keys",), _PLAIN)
_TOKENS: Final = ("access_token", "id_token", "refresh_token")
_NEXT_AT_A_PROVIDER: Final = {
    Verdict.CREDENTIAL_REFUSED: (
        "Compare client_id and the client secret in the policy key with the registration at the identity provider."
    ),
    Verdict.HTTP_ERROR: (
        "Compare redirect URI, scope and endpoints with the registration at the identity provider; its error word is shown."
    ),
    Verdict.DNS: (
        "Check the host name of this endpoint in the profile or in the discovery document, and that this machine can look it up."
    ),
    Verdict.TIMEOUT: "See in the phases where the time went, and whether the identity provider is slow for others too.",
    Verdict.TOO_LARGE: "Check in the profile that this address is the endpoint that it is said to be; no answer is so large.",
    Verdict.UNPARSABLE: "Check in the profile that this address is the endpoint that it is said to be.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to an identity provider.

    Attributes:
        what: names the endpoint in texts.
        form: sent as the body of a POST; None asks by GET.
        query: added to the URL.
        authentication: how we prove ourselves, for the record.
        credential: which version of which policy key is used for it.
        secrets: the secret texts in it.
        shown: what a record may show of the answer.
        error_member: the member of the answer that reports an error beside ``error``.
        form_answer: whether an answer that is no JSON is read as a form, whatever its type is said to be.
    """

    url: str
    what: str
    form: Mapping[str, str] | None = field(default=None, repr=False)
    query: Mapping[str, str] | None = field(default=None, repr=False)
    authorization: str | None = field(default=None, repr=False)
    user_agent: str = ""
    authentication: str = "None"
    credential: tuple[str, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)
    shown: Mapping[str, Sensitivity] = field(default_factory=dict)
    error_member: str = "error"
    form_answer: bool = False

    def error_in(self, document: Mapping[str, Any]) -> object:
        """Return the error that an answer reports, None when it reports none."""
        found = document.get("error")
        other = document.get(self.error_member)
        return found if found is not None else None if other in {0, "0", ""} else other


@dataclass(slots=True)
class Happened:
    """What is known of one request so far; filled while it runs."""

    progress: Progress
    credentials: CIMultiDict[str] = field(default_factory=CIMultiDict)
    request: ApiRequest | None = None
    answer: Answer | None = None
    document: Mapping[str, Any] | None = None


def exchange_record(
    redactor: Redactor, call: Call, asked: Asked, happened: Happened, verdict: Verdict, detail: str
) -> CallRecord:
    """Make the record of a request that has ended."""
    hidden = redactor.concealing(call.secrets() | written_forms(_secrets(asked, happened)))
    progress, request = happened.progress, happened.request
    return CallRecord(
        profile_id=call.profile.id,
        step=call.step,
        authentication=asked.authentication,
        host=(request.url.raw_host or "") if request is not None else "",
        verdict=verdict,
        tries=progress.tries,
        total_ms=progress.total_ms(),
        exchange=_exchange(hidden, asked, happened),
        phases=progress.phases(),
        dialled=progress.dialled,
        address=progress.address,
        credential=asked.credential,
        detail=hidden.conceal(": ".join(filter(None, (asked.what, detail)))),
        next=_NEXT_AT_A_PROVIDER.get(verdict, NEXT[verdict]),
        tls=hidden.conceal(progress.tls),
        earlier=tuple(progress.earlier),
        phase=progress.phase().value if progress.tries and happened.answer is None else "",
    )


def verdict_of(asked: Asked, answer: Answer, document: Mapping[str, Any] | None) -> Verdict:
    """Say how a request ended that was answered; some providers report errors with 200."""
    if document is None:
        return Verdict.UNPARSABLE
    error = asked.error_in(document)
    if answer.status < 300 and error is None:
        return Verdict.OK
    if answer.status in {401, 403} or error in ("invalid_client", "unauthorized_client"):
        return Verdict.CREDENTIAL_REFUSED
    return Verdict.HTTP_ERROR


def registered_word(error: object) -> str:
    """Return the error word of a provider when it is one, "" when it could be anything else."""
    text = str(error) if isinstance(error, int) and not isinstance(error, bool) else error
    return text if isinstance(text, str) and text.replace("_", "").isalnum() and len(text) < 64 else ""


def _secrets(asked: Asked, happened: Happened) -> Iterator[str]:
    yield from asked.secrets
    for name in _TOKENS:
        value = (happened.document or {}).get(name)
        if isinstance(value, str):
            yield value


def _exchange(redactor: Redactor, asked: Asked, happened: Happened) -> Exchange:
    request, answer = happened.request, happened.answer
    if request is None:
        return Exchange(method="", url=redactor.url(asked.url))
    return Exchange(
        method=request.method,
        url=redactor.url(str(request.url)),
        request_headers=redactor.headers((*request.headers.items(), *happened.credentials.items())),
        request_body="" if asked.form is None else redactor.form_body(urlencode(asked.form), SHOWN_OF_A_REQUEST),
        status=answer.status if answer else None,
        reason=redactor.conceal(answer.reason)[:64] if answer else "",
        response_headers=redactor.headers(answer.headers.items()) if answer else (),
        response_body=_response_body(redactor, asked, happened, answer) if answer else "",
    )


def _response_body(redactor: Redactor, asked: Asked, happened: Happened, answer: Answer) -> str:
    if happened.document is not None and not answer.body.lstrip().startswith(b"{"):
        return redactor.form_body(answer.body, asked.shown)
    word = registered_word((happened.document or {}).get("error"))
    shown = {name: value for name, value in asked.shown.items() if name != "error" or word}
    return redactor.json_body(answer.body, shown)
