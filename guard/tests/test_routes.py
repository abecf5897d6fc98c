from __future__ import annotations

import pytest

from journeyman_guard import AnyoneCheck, MisconfiguredError
from journeyman_guard.request import GuardRequest
from journeyman_guard.routes import RouteTable

ROOT, LIST, ONE, ADD = AnyoneCheck(), AnyoneCheck(), AnyoneCheck(), AnyoneCheck()
ROUTES = RouteTable(
    {"GET /": ROOT, "GET /api/members": LIST, "GET /api/members/{memberId}/benefits": ONE, "POST /api/members": ADD}
)


def found(table, method, path, raw=b""):
    route = table.find(GuardRequest(method, path, (), raw_path=raw))
    return route and route.check


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
    assert found(ROUTES, method, path) is check


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
    assert found(ROUTES, method, path) is None


@pytest.mark.parametrize("raw", [b"%2f", b"%2F", b"%5c", b"%00", b"%252f", b";x=1", b"\xc3\xa4", b"\t"])
def test_a_path_that_two_parties_could_read_differently_has_none(raw):
    assert found(ROUTES, "GET", "/api/members/a/benefits", b"/api/members/a" + raw + b"/benefits") is None


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
        "GET /a/**/b",
        "GET /a**/**?",
        "GET /%2f",
        "GET /ä",
    ],
)
def test_a_malformed_pattern_is_refused(text):
    with pytest.raises(MisconfiguredError):
        RouteTable({text: AnyoneCheck()})


@pytest.mark.parametrize(
    ("first", "second"), [("GET /a/{x}", "GET /a/b"), ("GET /{x}/b", "GET /a/{y}"), ("GET /a/{x}", "GET /a/{y}")]
)
def test_two_patterns_for_one_path_are_refused(first, second):
    with pytest.raises(MisconfiguredError, match="another pattern"):
        RouteTable({first: AnyoneCheck(), second: AnyoneCheck()})


@pytest.mark.parametrize("check", [None, "anyone", AnyoneCheck])
def test_a_route_needs_a_check(check):
    if check is AnyoneCheck:
        check = object()

    with pytest.raises(MisconfiguredError, match="not a check"):
        RouteTable({"GET /": check})


def test_the_narrower_pattern_holds():
    everything, below, one, posted = AnyoneCheck(), AnyoneCheck(), AnyoneCheck(), AnyoneCheck()
    table = RouteTable({"ANY /**": everything, "ANY /api/**": below, "GET /api/{x}": one, "POST /**": posted})

    assert found(table, "GET", "/") is everything
    assert found(table, "PURGE", "/x/y") is everything
    assert found(table, "POST", "/x/y") is posted
    assert found(table, "POST", "/api/x") is below
    assert found(table, "GET", "/api") is below
    assert found(table, "GET", "/api/1") is one
    assert found(table, "GET", "/api/1/2") is below
    assert found(table, "GET", "/apix") is everything


@pytest.mark.parametrize("path", ["/a/../b", "/.", "/./a", "/..", "/a//b", "/a/", "/a\\b", "/a\n"])
def test_no_pattern_holds_for_a_path_that_another_party_could_read_differently(path):
    assert found(RouteTable({"ANY /**": ROOT}), "GET", path) is None
