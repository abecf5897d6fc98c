"""Other spellings of the path, without a credential: what the check does not recognise the application may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from journeyman_guard.conformance.case import Case, Goal
from journeyman_guard.conformance.subject import Subject

_MEANING: Final = (
    "The check and the application read the path differently: this spelling runs the route without a check."
)


def path_cases(subject: Subject) -> Iterator[Case]:
    """Return the cases."""
    path, mark, query = subject.target.partition("?")
    tail = mark + query
    seen = {subject.target}
    for name, spelling in _spellings(path):
        target = spelling + tail
        if target not in seen and " " not in spelling.strip(" "):
            seen.add(target)
            yield _case(subject, name, target)
    yield _case(subject, "absolute", f"http://{subject.authority}{path}{tail}")
    yield _case(subject, "absolute-other-host", f"http://attacker.invalid{path}{tail}")
    yield _case(subject, "fragment", f"{path}{tail}#x")
    yield _case(subject, "empty-query", f"{path}?")
    yield _case(subject, "extra-query", f"{path}{tail}{'&' if tail else '?'}public=true&debug=1&admin=1")
    without_host = tuple(pair for pair in subject.bare().headers if pair[0] != b"Host")
    local = replace(subject.bare(), headers=((b"Host", b"localhost"), *without_host))
    yield Case("path/host-localhost", "Host: localhost", _MEANING, local, Goal.ELSEWHERE)


def _spellings(path: str) -> Iterator[tuple[str, str]]:
    first, _, rest = path.removeprefix("/").partition("/")
    last = path.rpartition("/")[2]
    folder = path.rpartition("/")[0]
    encoded = f"%{ord(last[0]):02x}{last[1:]}" if last else "%2e"
    yield "slash-behind", path + "/"
    yield "slash-twice", "/" + path
    yield "slash-twice-inside", f"{folder}//{last}"
    yield "dot", f"/.{path}"
    yield "dot-inside", f"{folder}/./{last}"
    yield "dot-behind", path + "/."
    yield "up-and-down", f"/x/..{path}"
    yield "up-and-down-inside", f"{folder}/x/../{last}"
    yield "up-from-health", f"/health/..{path}"
    yield "up-encoded", f"/health/%2e%2e{path}"
    yield "up-encoded-slash", f"/health/..%2f{path.removeprefix('/')}"
    yield "up-with-semicolon", f"/health/..;{path}"
    yield "above-the-root", f"/../..{path}"
    yield "semicolon", path + ";"
    yield "semicolon-parameter", f"{path};a=b"
    yield "semicolon-inside", f"/;x{path}"
    yield "letter-encoded", f"{folder}/{encoded}"
    yield "letter-encoded-twice", f"{folder}/{encoded.replace('%', '%25')}"
    yield "slash-encoded", f"/{first}%2f{rest}" if rest else f"%2f{first}"
    yield "backslash", path.replace("/", "\\")
    yield "backslash-encoded", f"{folder}%5c{last}"
    yield "other-case", path.swapcase()
    yield "upper-case", path.upper()
    yield "nul-behind", path + "%00"
    yield "nul-and-suffix", path + "%00.css"
    yield "suffix-json", path + ".json"
    yield "suffix-css", path + "/x.css"
    yield "dot-at-the-end", path + "."
    yield "space-encoded", path + "%20"
    yield "tab-encoded", path + "%09"
    yield "line-break-encoded", path + "%0a"
    yield "overlong-slash", f"{folder}%c0%af{last}"
    yield "wide-slash", f"{folder}%ef%bc%8f{last}"
    yield "star", "*"


def _case(subject: Subject, name: str, target: str) -> Case:
    probe = replace(subject.bare(), target=target)
    return Case(f"path/{name}", f"{subject.method} {target}", _MEANING, probe, Goal.ELSEWHERE)
