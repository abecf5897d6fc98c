from __future__ import annotations

import pytest

from journeyman_guard import AnyoneCheck, MisconfiguredError
from journeyman_guard.routes import compile_routes, find_check

ROOT, LIST, ONE, ADD = AnyoneCheck(), AnyoneCheck(), AnyoneCheck(), AnyoneCheck()
ROUTES = compile_routes(
    {"GET /": ROOT, "GET /api/members": LIST, "GET /api/members/{memberId}/benefits": ONE, "POST /api/members": ADD}
)


@pytest.mark.parametrize(
    ("method", "path", "check"),
    [
        ("GET", "/", ROOT),
        ("GET", "/api/members", LIST),
        ("POST", "/api/members", ADD),
        ("GET", "/api/members/M-1/benefits", ONE),
        ("GET", "/api/members/a b/benefits", ONE),
    ],
)
def test_a_listed_route_has_its_check(method, path, check):
    assert find_check(ROUTES, method, path, path.encode()) is check


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("HEAD", "/"),
        ("get", "/"),
        ("OPTIONS", "/api/members"),
        ("PUT", "/api/members"),
        ("GET", ""),
        ("GET", "api/members"),
        ("GET", "*"),
        ("GET", "//"),
        ("GET", "/api/members/"),
        ("GET", "//api/members"),
        ("GET", "/api//members"),
        ("GET", "/API/members"),
        ("GET", "/api/./members"),
        ("GET", "/x/../api/members"),
        ("GET", "/api/members/../benefits"),
        ("GET", "/api/members/./benefits"),
        ("GET", "/api/members//benefits"),
        ("GET", "/api/members/a/b/benefits"),
        ("GET", "/api/members/a\\b/benefits"),
        ("GET", "/api/members/a\x00/benefits"),
        ("GET", "/api/members/a\n/benefits"),
        ("GET", "/api/members/a\u202e/benefits"),
    ],
)
def test_everything_else_has_none(method, path):
    assert find_check(ROUTES, method, path, b"") is None


@pytest.mark.parametrize("raw", [b"%2f", b"%2F", b"%5c", b"%00", b";x=1"])
def test_a_path_that_two_parties_could_read_differently_has_none(raw):
    assert find_check(ROUTES, "GET", "/api/members/a/benefits", b"/api/members/a" + raw + b"/benefits") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/api",
        "GET",
        "GET api",
        "get /api",
        "GET  /api",
        "GET /a b",
        "* /api",
        "GET /api/",
        "GET //api",
        "GET /a/../b",
        "GET /{a}{b}",
        "GET /{}",
        "GET /{a:path}",
        "GET /a*?",
        "GET /%2f",
        "GET /ä",
    ],
)
def test_a_malformed_pattern_is_refused(text):
    with pytest.raises(MisconfiguredError):
        compile_routes({text: AnyoneCheck()})


@pytest.mark.parametrize(
    ("first", "second"), [("GET /a/{x}", "GET /a/b"), ("GET /{x}/b", "GET /a/{y}"), ("GET /a/{x}", "GET /a/{y}")]
)
def test_two_patterns_for_one_path_are_refused(first, second):
    with pytest.raises(MisconfiguredError, match="another pattern"):
        compile_routes({first: AnyoneCheck(), second: AnyoneCheck()})


@pytest.mark.parametrize("check", [None, "anyone", AnyoneCheck])
def test_a_route_needs_a_check(check):
    if check is AnyoneCheck:
        check = object()

    with pytest.raises(MisconfiguredError, match="not a check"):
        compile_routes({"GET /": check})
