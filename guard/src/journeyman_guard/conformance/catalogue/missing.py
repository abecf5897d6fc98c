"""No credential, an empty one, or one where no credential belongs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from journeyman_guard.conformance.case import Case
from journeyman_guard.conformance.subject import Subject

_OPEN: Final = "The route is open: anyone can call it."
_EMPTY: Final = "An empty or unknown credential counts as a good one."
_PLACE: Final = (
    "A credential is taken from a place that others can write or read, such as a log, a cookie or another header."
)

_EMPTY_VALUES: Final = (
    ("empty", ""),
    ("scheme-basic", "Basic"),
    ("scheme-basic-space", "Basic "),
    ("scheme-bearer", "Bearer"),
    ("null", "null"),
    ("bearer-null", "Bearer null"),
    ("bearer-undefined", "Bearer undefined"),
    ("bearer-true", "Bearer true"),
    ("basic-colon", "Basic Og=="),
    ("negotiate", "Negotiate YII="),
    ("digest", 'Digest username="admin", realm="api", nonce="", uri="/", response=""'),
    ("anonymous", "Anonymous"),
    ("none", "None"),
    ("apikey", "ApiKey"),
    ("sharedkey", "SharedKey account:AAAA"),
    ("wildcard", "*"),
)
_OTHER_HEADERS: Final = (
    "Proxy-Authorization",
    "X-Authorization",
    "X-Forwarded-Authorization",
    "X-Original-Authorization",
    "Authentication",
    "Authorization2",
    "Auth",
    "X-Access-Token",
    "X-Auth-Token",
)


def missing_cases(subject: Subject) -> Iterator[Case]:
    """Return the cases that need no knowledge of the credential."""
    bare = subject.bare()
    yield Case("missing/nothing", "no credential at all", _OPEN, bare)
    for name, value in _EMPTY_VALUES:
        probe = bare.with_header("Authorization", value)
        yield Case(f"missing/{name}", f"Authorization: {value or '(empty)'}", _EMPTY, probe)
    shown = _as_authorization(subject)
    for header in _OTHER_HEADERS:
        probe = bare.with_header(header, shown)
        yield Case(f"missing/in-{header.lower()}", f"the credential in the header {header}", _PLACE, probe)
    cookie = bare.with_header("Cookie", f"Authorization={quote(shown)}; token={quote(shown.partition(' ')[2])}")
    yield Case("missing/in-cookie", "the credential in a cookie", _PLACE, cookie)
    mark = "&" if "?" in subject.target else "?"
    secret = quote(shown.partition(" ")[2], safe="")
    for parameter in ("access_token", "authorization", "token", "api_key"):
        probe = replace(bare, target=f"{subject.target}{mark}{parameter}={secret}")
        yield Case(f"missing/in-query-{parameter}", f"the credential in the query as {parameter}", _PLACE, probe)
    form = replace(bare.with_header("Content-Type", "application/x-www-form-urlencoded"), method="POST")
    yield Case(
        "missing/in-body",
        "the credential in the body as access_token",
        _PLACE,
        replace(form, body=b"access_token=" + secret.encode()),
    )


def _as_authorization(subject: Subject) -> str:
    for name, value in subject.right().headers:
        if name == b"Authorization":
            return value.decode("utf-8")
    return f"Bearer {subject.secret or 'attacker'}"
