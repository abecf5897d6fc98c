"""Addresses in, routes and parameters out."""

import pytest

from journeyman.management.caller import Right
from journeyman.management.errors import InvalidError
from journeyman.web.graph.path import parse_segments, version_of
from journeyman.web.graph.route import GraphRoute
from journeyman.web.graph.router import Router


async def handler(_request):
    raise AssertionError


def routes(*patterns):
    return [GraphRoute("GET", pattern, Right.READ_KEYS, handler, "x") for pattern in patterns]


ROUTER = Router(
    routes(
        "users",
        "users/$count",
        "users/{id}",
        "users/{id}/revokeSignInSessions",
        "trustFramework/keySets/{id}",
        "trustFramework/keySets/{id}/getActiveKey()",
        "applications/{id}",
        "applications(appId='{appId}')",
        "applications(appId='{appId}')/addPassword",
        "flows/{id}/connectors/{step}/$ref",
    )
)


@pytest.mark.parametrize(
    ("path", "pattern", "parameters"),
    [
        (b"users", "users", {}),
        (b"/Users/", "users", {}),
        (b"users/$COUNT", "users/$count", {}),
        (b"users/%24count", "users/$count", {}),
        (b"users('$count')", "users/{id}", {"id": "$count"}),
        (b"users/a@b.c", "users/{id}", {"id": "a@b.c"}),
        (b"users//x//revokesigninsessions/", "users/{id}/revokeSignInSessions", {"id": "x"}),
        (b"users/x/microsoft.graph.revokeSignInSessions", "users/{id}/revokeSignInSessions", {"id": "x"}),
        (b"trustFramework/keySets('B2C_1A_x')", "trustFramework/keySets/{id}", {"id": "B2C_1A_x"}),
        (b"trustFramework/keySets(%27O%27%27Neill%27)", "trustFramework/keySets/{id}", {"id": "O'Neill"}),
        (b"trustframework/KEYSETS/x/getactivekey", "trustFramework/keySets/{id}/getActiveKey()", {"id": "x"}),
        (b"trustframework/keysets('x')/getActiveKey()", "trustFramework/keySets/{id}/getActiveKey()", {"id": "x"}),
        (b"applications/appId", "applications/{id}", {"id": "appId"}),
        (b"applications(AppId='a-b')", "applications(appId='{appId}')", {"appId": "a-b"}),
        (b"applications( appId = 'a' )/addpassword", "applications(appId='{appId}')/addPassword", {"appId": "a"}),
        (b"applications(0-1)", "applications/{id}", {"id": "0-1"}),
        (b"users/%2541", "users/{id}", {"id": "%41"}),
        (b"users/a%2Fb", "users/{id}", {"id": "a/b"}),
        (b"users/..", "users/{id}", {"id": ".."}),
        (b"users/x('y", "users/{id}", {"id": "x('y"}),
        (b"flows/f/connectors/s/$ref", "flows/{id}/connectors/{step}/$ref", {"id": "f", "step": "s"}),
    ],
)
def test_a_path_finds_its_route(path, pattern, parameters):
    found = ROUTER.find(parse_segments(path))
    route = found.route("GET")

    assert route.pattern == pattern
    assert found.parameters(route) == parameters


@pytest.mark.parametrize(
    "path",
    [b"", b"user", b"users/$value", b"users/x/y", b"applications(name='x')", b"('users')", b"flows/f/connectors"],
)
def test_any_other_path_finds_nothing(path):
    assert ROUTER.find(parse_segments(path)) is None


def test_methods_are_named_with_what_comes_with_them():
    found = ROUTER.find(parse_segments(b"users"))

    assert found.methods == ("GET", "HEAD", "OPTIONS")
    assert found.route("HEAD") is found.route("GET")
    assert found.route("POST") is None


def test_two_routes_of_one_address_are_refused():
    with pytest.raises(ValueError, match="two routes GET Users/"):
        Router(routes("users/{id}", "Users/{other}"))


@pytest.mark.parametrize("path", [b"%ff", b"a%00", b"/".join([b"x"] * 17)])
def test_a_path_that_cannot_be_read_is_refused(path):
    with pytest.raises(InvalidError):
        parse_segments(path)


@pytest.mark.parametrize(
    ("path", "version"),
    [("/v1.0/x", "v1.0"), ("//BETA", "beta"), ("/v1.0", "v1.0"), ("/v1", None), ("/v1.0x/y", None), ("/x/beta", None)],
)
def test_a_version_is_the_first_word(path, version):
    assert version_of(path) == version
