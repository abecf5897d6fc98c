"""Other methods for the path, without a credential."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from journeyman_guard.conformance.case import Case, Goal
from journeyman_guard.conformance.subject import Subject

_MEANING: Final = "The check holds for some methods only, and the application answers others."
_OVERRIDE: Final = "The application runs another method than the one that was checked."
_METHODS: Final = (
    "GET",
    "POST",
    "HEAD",
    "OPTIONS",
    "PUT",
    "PATCH",
    "DELETE",
    "TRACE",
    "TRACK",
    "PROPFIND",
    "PURGE",
    "DEBUG",
    "JEFF",
    "get",
    "Get",
    "GET\t",
)


def verb_cases(subject: Subject) -> Iterator[Case]:
    """Return the cases."""
    bare = subject.bare()
    for method in _METHODS:
        if method != subject.method:
            name = method.strip().lower() if method.isupper() else f"spelled-{method.strip()}"
            name = "get-and-tab" if method == "GET\t" else name
            yield Case(f"verb/{name}", f"{method!r}", _MEANING, replace(bare, method=method), Goal.ELSEWHERE)
    mark = "&" if "?" in subject.target else "?"
    target = f"{subject.target}{mark}_method={subject.method}"
    yield Case(
        "verb/override-query",
        f"HEAD with _method={subject.method}",
        _OVERRIDE,
        replace(bare, method="HEAD", target=target),
        Goal.ELSEWHERE,
    )
    override = replace(bare, method="OPTIONS").with_header("X-HTTP-Method-Override", subject.method)
    yield Case("verb/override-header", f"OPTIONS overridden to {subject.method}", _OVERRIDE, override, Goal.ELSEWHERE)
    preflight = replace(bare, method="OPTIONS").with_header("Origin", "https://attacker.invalid")
    preflight = preflight.with_header("Access-Control-Request-Method", subject.method)
    yield Case("verb/preflight", "a CORS preflight of another origin", _MEANING, preflight, Goal.ELSEWHERE)
