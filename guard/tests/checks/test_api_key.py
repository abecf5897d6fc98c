from __future__ import annotations

import pytest

from journeyman_guard import ApiKeyCheck, MisconfiguredError, Refused, hashed_credential

KEYS = (hashed_credential("default", "k3y, with: signs"), hashed_credential("next", "second"))
CHECK = ApiKeyCheck("x-functions-key", KEYS)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("x-functions-key: k3y, with: signs", b"default"),
        ("X-Functions-Key: second", b"next"),
        ("X-FUNCTIONS-KEY:second", b"next"),
    ],
)
async def test_every_configured_key_is_accepted(serve, line, name):
    api = await serve(CHECK)

    answer = await api.call("GET /", line)

    assert (answer.status, answer.body) == (200, name)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["x-functions-key:"],
        ["x-functions-key: Second"],
        ["x-functions-key: secon"],
        ["x-functions-key: second2"],
        ["x-functions-key: second,second"],
        ["x-functions-key: second", "x-functions-key: second"],
        ["x-functions-key: wrong", "X-Functions-Key: second"],
        ["x_functions_key: second"],
        ["x-api-key: second"],
        ["Authorization: Bearer second"],
        [f"x-functions-key: {'k' * 17_000}"],
    ],
)
async def test_other_keys_are_refused(serve, lines):
    api = await serve(CHECK)

    answer = await api.call("GET /?code=second", *lines)

    assert (answer.status, answer.header("www-authenticate")) == (401, ['ApiKey realm="api"'])


async def test_space_around_a_key_is_not_taken_off(request_with):
    with pytest.raises(Refused, match="not known"):
        await CHECK.check(request_with(("x-functions-key", " second")))


@pytest.mark.parametrize("header", ["", "x key", "x-key:", "Authorization", "x-kéy"])
def test_a_header_that_cannot_hold_a_key_is_refused_when_the_check_is_made(header):
    with pytest.raises(MisconfiguredError, match="name of a header"):
        ApiKeyCheck(header, KEYS)


@pytest.mark.parametrize("name", ["", "a b", "code=", "ä"])
def test_a_parameter_has_a_plain_name(name):
    with pytest.raises(MisconfiguredError, match="name of a parameter"):
        ApiKeyCheck("x-key", (hashed_credential("k", "s"),), query=name)
