"""An API key: close to the right one, in other places, and in odd header lines."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from journeyman_guard.conformance.case import Case
from journeyman_guard.conformance.catalogue.mutation import wrong_secrets
from journeyman_guard.conformance.subject import Subject
from journeyman_guard.conformance.wire import Probe

_WRONG: Final = "A wrong key counts as the right one."
_FORM: Final = "An odd header is repaired. A proxy in front that reads it otherwise can be passed by."
_PLACE: Final = "The key is taken from a place that was not agreed, such as a query that every log on the way holds."
_TWICE: Final = "Of several keys one good is enough; who adds a header to somebody's request can choose which counts."
_HEADERS: Final = ("x-functions-key", "x-api-key", "api-key", "apikey", "Ocp-Apim-Subscription-Key")
_COMMON: Final = ("", "test", "admin", "null", "true", "00000000-0000-0000-0000-000000000000")


def api_key_cases(subject: Subject) -> Iterator[Case]:
    """Return the cases; where the API asks for another kind only what everybody would try."""
    for number, value in enumerate(_COMMON):
        probe = subject.bare()
        for header in _HEADERS:
            probe = probe.with_header(header, value)
        yield Case(f"api-key/common-{number}", f"the usual headers of keys, each {value or 'empty'!r}", _WRONG, probe)
    if subject.kind == "api-key":
        yield from _near(subject)
        yield from _places(subject)
        if subject.query is None:
            yield from _lines(subject)


def _near(subject: Subject) -> Iterator[Case]:
    for name, title, value in wrong_secrets(subject.secret):
        yield Case(f"api-key/{name}", f"key: {title}", _WRONG, _with_key(subject, value))
    encoded = base64.b64encode(subject.secret.encode()).decode()
    yield Case("api-key/base64", "the key in Base64", _WRONG, _with_key(subject, encoded))
    yield Case("api-key/scheme", "the key behind a scheme", _FORM, _with_key(subject, f"ApiKey {subject.secret}"))
    yield Case("api-key/list", "two keys in one value", _TWICE, _with_key(subject, f"x, {subject.secret}"))
    yield Case(
        "api-key/list-behind",
        "two keys in one value, the right first",
        _TWICE,
        _with_key(subject, f"{subject.secret}, x"),
    )


def _with_key(subject: Subject, value: str) -> Probe:
    if subject.query is None:
        return subject.bare().with_header(subject.header, value)
    return replace(subject, secret=value).right()


def _places(subject: Subject) -> Iterator[Case]:
    bare, key = subject.bare(), subject.secret
    mark = "&" if "?" in subject.target else "?"
    for scheme in ("ApiKey", "Bearer", "Basic"):
        probe = bare.with_header("Authorization", f"{scheme} {key}")
        yield Case(f"api-key/in-authorization-{scheme.lower()}", f"the key under the scheme {scheme}", _PLACE, probe)
    names = {"key", "apikey", subject.header} - {subject.query}
    for name in sorted(names):
        probe = replace(bare, target=f"{subject.target}{mark}{name}={quote(key, safe='')}")
        yield Case(f"api-key/in-query-{name}", f"the key in the query as {name}", _PLACE, probe)
    yield Case(
        "api-key/in-cookie", "the key in a cookie", _PLACE, bare.with_header("Cookie", f"{subject.header}={quote(key)}")
    )
    if subject.query is not None:
        doubled = f"{subject.target}{mark}{subject.query}=x&{subject.query}={quote(key, safe='')}"
        yield Case(
            "api-key/query-twice", "the parameter twice, the right one last", _TWICE, replace(bare, target=doubled)
        )


def _lines(subject: Subject) -> Iterator[Case]:
    bare, key, header = subject.bare(), subject.secret.encode(), subject.header.encode()
    underscored = header.replace(b"-", b"_")
    if underscored != header:
        yield Case("api-key/underscore", "the header with underscores", _FORM, _line(bare, underscored + b": " + key))
    yield Case("api-key/space-in-name", "a space before the colon", _FORM, _line(bare, header + b" : " + key))
    yield Case("api-key/folded", "the value on a second line", _FORM, _line(bare, header + b":\r\n " + key))
    yield Case("api-key/nul", "a NUL behind the key", _FORM, _line(bare, header + b": " + key + b"\0"))
    twice = _line(_line(bare, header + b": x"), header + b": " + key)
    yield Case("api-key/wrong-then-right", "two headers, the right one last", _TWICE, twice)
    twice = _line(_line(bare, header + b": " + key), header + b": x")
    yield Case("api-key/right-then-wrong", "two headers, the right one first", _TWICE, twice)


def _line(probe: Probe, line: bytes) -> Probe:
    name, _, value = line.partition(b": ")
    if not value:
        name, _, value = line.partition(b":")
    return replace(probe, headers=(*probe.headers, (name, value)))
