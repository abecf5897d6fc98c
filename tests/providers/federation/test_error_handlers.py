from __future__ import annotations

import pytest

from journeyman.diagnostics import Location
from journeyman.policy.error_handlers import ErrorHandler
from journeyman.providers.federation.error_handlers import compile_match, reauthentication

PLACE = Location("policy.xml")


@pytest.mark.parametrize(
    ("text", "document", "found"),
    [
        ("$[?(@@.error == 'invalid_grant')]", {"error": "invalid_grant"}, True),
        ("$[?(@.error=='invalid_grant')]", {"error": "invalid_client"}, False),
        ("$[?(@.error != 'invalid_grant')]", {"error": "invalid_client"}, True),
        ("$[?(@.error != 'invalid_grant')]", {}, False),
        ("$[?(@.error == 'a' && @.sub.code == '7')]", {"error": "a", "sub": {"code": "7"}}, True),
        ("$[?(@.error == 'a' && @.sub.code == '7')]", {"error": "a", "sub": {"code": "8"}}, False),
        ("$[?(@.code == '7')]", {"error": {"code": "7"}}, True),
        ("$[?(@.code == '7')]", {"errors": [{"code": "6"}, {"code": "7"}]}, True),
        ("$.error", {"error": "x"}, True),
        ("$.error", {"access_token": "x"}, False),
    ],
)
def test_a_response_match_finds_what_a_json_path_finds(text, document, found):
    match = compile_match(text)

    assert match is not None
    assert match.matches(document) is found


@pytest.mark.parametrize(
    "text", ["", "error", "$..error", "$[?(@.error)]", "$[?(@.a == 'b' || @.c == 'd')]", "$[?(1 == 1)]"]
)
def test_what_cannot_be_read_is_no_response_match(text):
    assert compile_match(text) is None


def handler(action, match="$.error"):
    return ErrorHandler("json", match, action, PLACE, {"prompt": "login"})


def test_the_first_handler_that_matches_decides():
    handlers = (handler("Reauthenticate", "$.other"), handler("InvalidClient"), handler("Reauthenticate"))

    assert reauthentication(handlers, {"error": "x"}) is None
    assert reauthentication(handlers[2:], {"error": "x"}) == {"prompt": "login"}
    assert reauthentication(handlers[2:], None) is None
