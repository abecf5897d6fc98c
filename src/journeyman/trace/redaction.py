"""Values, headers, URLs and bodies in; what a record may show of them out.

Whatever is not known to be harmless is hidden: the kind and the length of a value remain. A secret
also keeps 12 digits of a keyed hash, so that two records show whether they held the same one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final
from urllib.parse import unquote_plus, urlsplit

from journeyman.claims.claim_type import Sensitivity
from journeyman.claims.values import ClaimValue, UserIdentity
from journeyman.trace.concealment import concealed
from journeyman.trace.json_redaction import JsonWalk
from journeyman.trace.printable import printable

Sensitivities = Mapping[str, Sensitivity]
"""The name on the wire, or a path of names and indexes joined by dots -> what a record may show."""

BODY_LIMIT_BYTES: Final = 64 * 1024
"""A longer body is not parsed for a record; its length is all that is shown."""

_SHOWN_HEADERS: Final = frozenset({
    "accept", "accept-encoding", "accept-language", "age", "allow", "cache-control", "connection", "content-encoding",
    "content-language", "content-length", "content-type", "date", "expires", "host", "idempotency-key", "pragma", "retry-after",
    "server", "strict-transport-security", "traceparent", "transfer-encoding", "user-agent", "vary",
    "x-correlation-id", "x-request-id",
})  # fmt: skip
_CREDENTIAL_HEADERS: Final = frozenset({"authorization", "proxy-authorization"})
_CHALLENGE_HEADERS: Final = frozenset({"www-authenticate", "proxy-authenticate"})
_HEADER_LIMIT: Final = 256
_ENCODE: Final = json.JSONEncoder(ensure_ascii=False).encode
_SCHEME: Final = re.compile(r"(?i)(basic|bearer|digest|negotiate|hmac|dpop)\b")
# RFC 6750 §3.1 and RFC 9449 §7.1: a closed list, so a server cannot bring anything else into a record by it.
_CHALLENGE_ERROR: Final = re.compile(
    r'(?i)error="(invalid_request|invalid_token|insufficient_scope|invalid_dpop_proof|use_dpop_nonce)"'
)


class Redactor:
    """Redact with one key, which makes hashes of equal secrets equal within one installation.

    What is shown in clear is shown without the credentials that were kept and the secrets of ``concealing``.
    """

    def __init__(self, key: bytes, *, show_personal: bool = False) -> None:
        """Take the key of the hashes, and whether personal values are shown in full: to who asks for it, on a terminal."""
        if len(key) < 16:
            message = "the key of a redactor has fewer than 16 bytes"
            raise ValueError(message)
        self._key = key
        self._show_personal = show_personal
        self._known: frozenset[str] = frozenset()
        self._shortest = 0

    def keep(self, forms: frozenset[str]) -> None:
        """Conceal the forms of a credential from now on, also after it was rotated."""
        if not forms <= self._known:
            self._known |= forms
            self._shortest = min(map(len, self._known))

    def forget(self, forms: frozenset[str]) -> None:
        """Stop concealing what is no secret any more: a token that has ended. Else they would become ever more."""
        self._known -= forms
        self._shortest = min(map(len, self._known), default=0)

    def concealing(self, secrets: frozenset[str]) -> Redactor:
        """Return a redactor for one record that conceals ``secrets`` too."""
        other = Redactor(self._key, show_personal=self._show_personal)
        other._known, other._shortest = self._known, self._shortest
        other.keep(secrets)
        return other

    def conceal(self, text: str) -> str:
        """Return a text without the known secrets in it."""
        return concealed(text, self._known) if self._known and len(text) >= self._shortest else text

    def _plain(self, text: str, *, limit: int = 1024) -> str:
        # Before it is cut: what is left of a secret would not be recognised.
        if self._known and len(text) >= self._shortest:
            text = concealed(text, self._known)
        return printable(text, limit=limit)

    def secret(self, text: str | bytes) -> str:
        """Return ``(secret, 12 characters, #a1b2c3d4e5f6)``; the hash is that of Secret.fingerprint."""
        value = text.encode(errors="surrogatepass") if isinstance(text, str) else text
        digest = hmac.digest(self._key, value, hashlib.sha256).hex()[:12]
        return f"(secret, {len(text)} characters, #{digest})"

    def claim(self, value: ClaimValue | float, sensitivity: Sensitivity, *, show_personal: bool = False) -> str:
        """Return what a record may show of a claim's value, in one line."""
        if sensitivity is Sensitivity.SECRET:
            return self.secret(claim_text(value))
        if sensitivity is Sensitivity.PLAIN or show_personal or self._show_personal:
            return self._plain(claim_text(value))
        return printable(", ".join(map(_masked, value))) if isinstance(value, tuple) else _masked(value)

    def headers(self, pairs: Iterable[tuple[str, str]], *, hidden: Collection[str] = ()) -> tuple[tuple[str, str], ...]:
        """Return the headers with every value hidden that is not known to be harmless.

        Args:
            pairs: names and values in the order of the message.
            hidden: names in lower case that are hidden although they are known, because a claim was
                sent under them.
        """
        return tuple(
            [(self._plain(name, limit=64), self._header(name.lower(), value, hidden)) for name, value in pairs]
        )

    def url(self, url: str) -> str:
        """Return the URL without userinfo and fragment, with query values masked.

        The path is shown. Where claims were put into it (SendClaimsIn=Url), give the template
        instead of the URL that was sent.
        """
        try:
            parts = urlsplit(url)
            host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
            port = f":{parts.port}" if parts.port is not None else ""
        except ValueError:
            return _hidden(url)
        query = "&".join(map(_masked_parameter, parts.query.split("&"))) if parts.query else ""
        shown = f"{parts.scheme}://{host}{port}{parts.path}"
        return self._plain(shown, limit=512) + (f"?{self._plain(query, limit=512)}" if query else "")

    def json_body(self, body: bytes | str, names: Sensitivities, *, show_personal: bool = False) -> str:
        """Return a JSON body as JSON text with its values redacted by the names of their members.

        Args:
            body: what was sent or received; may be anything.
            names: what may be shown; a member that is not in it is shown by name, type and length only.
            show_personal: whether personal values are shown in full.
        """
        if len(body) > BODY_LIMIT_BYTES:
            return f"(JSON, {len(body)} bytes, too long to show)"
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return f"(not JSON, {len(body)} bytes)"
        return self.json_value(value, names, show_personal=show_personal)

    def json_value(self, value: object, names: Sensitivities, *, show_personal: bool = False) -> str:
        """Do the same with JSON that is parsed already."""
        shown = show_personal or self._show_personal
        walk = JsonWalk(self.secret, _masked, self._plain, names, show_personal=shown)
        try:
            return _ENCODE(walk.redact(value))
        except RecursionError:
            return "(JSON, nested too deeply to show)"

    def form_body(self, body: bytes | str, names: Sensitivities, *, show_personal: bool = False) -> str:
        """Return a form (``a=1&b=2``) with its values redacted by their names."""
        if len(body) > BODY_LIMIT_BYTES:
            return f"(form, {len(body)} bytes, too long to show)"
        text = body if isinstance(body, str) else body.decode("utf-8", "replace")
        return (
            "&".join(self._field(field, names, show_personal=show_personal) for field in text.split("&"))
            if text
            else ""
        )

    def other_body(self, body: bytes | str) -> str:
        """Return the length of a body that is neither JSON nor a form."""
        return f"(not shown, {len(body)} bytes)" if body else ""

    def _header(self, name: str, value: str, hidden: Collection[str]) -> str:
        if name in _CREDENTIAL_HEADERS:
            return self._credential(value)
        if name in hidden:
            return _hidden(value)
        if name in _SHOWN_HEADERS:
            return self._plain(value, limit=_HEADER_LIMIT)
        if name in _CHALLENGE_HEADERS:
            return _challenge(value)
        return self.url(value) if name == "location" else _hidden(value)

    def _credential(self, value: str) -> str:
        scheme, space, credential = value.partition(" ")
        if space and _SCHEME.fullmatch(scheme):
            return f"{scheme} {self.secret(credential)}"
        return self.secret(value)

    def _field(self, field: str, names: Sensitivities, *, show_personal: bool) -> str:
        name, equals, raw = field.partition("=")
        value = unquote_plus(raw)
        sensitivity = names.get(unquote_plus(name)) if equals else None
        if sensitivity is None:
            return _masked_parameter(field)
        return f"{self._plain(name, limit=64)}={self.claim(value, sensitivity, show_personal=show_personal)}"


def claim_text(value: object) -> str:
    """Return a claim's value as text, whatever its type: ``true``, ``2026-01-02T03:04:05Z``, ``a, b``."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case UserIdentity(issuer, issuer_user_id):
            return f"{issuer}: {issuer_user_id}"
        case tuple():
            return ", ".join(map(claim_text, value))
        case _:
            return str(value)


def _masked(value: object) -> str:
    """Return ``j…@c… (16 characters)``: enough to recognise one's own test user by."""
    if isinstance(value, bool):
        return "(hidden, boolean)"
    text = claim_text(value)
    name, at, domain = text.partition("@")
    if len(text) < 4:
        shown = "…"
    elif name and at and domain:
        shown = f"{name[0]}…@{domain[0]}…"
    else:
        shown = f"{text[0]}…"
    return f"{printable(shown)} ({len(text)} characters)"


def _masked_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    # A parameter without a value may be a credential by itself: ?c2VjcmV0
    return f"{printable(name, limit=64)}={_hidden(unquote_plus(value))}" if equals else _hidden(parameter)


def _challenge(value: str) -> str:
    scheme, error = _SCHEME.match(value), _CHALLENGE_ERROR.search(value)
    shown = [scheme.group(0)] if scheme else []
    if error:
        shown.append(f'error="{error.group(1)}"')
    return " ".join([*shown, _hidden(value)])


def _hidden(value: str) -> str:
    return f"(hidden, {len(value)} characters)"
