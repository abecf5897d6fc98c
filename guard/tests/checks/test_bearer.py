from __future__ import annotations

import pytest

from journeyman_guard import BearerCheck, MisconfiguredError, hashed_credential

CHECK = BearerCheck((hashed_credential("2025", "old-token_~+/=="), hashed_credential("2026", "new.token")))
MISSING = 'Bearer realm="api"'
INVALID = 'Bearer realm="api", error="invalid_token"'


@pytest.mark.parametrize(("line", "name"), [("Bearer old-token_~+/==", b"2025"), ("bearer  new.token", b"2026")])
async def test_every_configured_token_is_accepted(serve, line, name):
    api = await serve(CHECK)

    answer = await api.call("GET /", f"Authorization: {line}")

    assert (answer.status, answer.body) == (200, name)


@pytest.mark.parametrize(
    ("lines", "challenge"),
    [
        ([], MISSING),
        (["Authorization: Basic bmV3LnRva2Vu"], MISSING),
        (["Authorization: Bearer"], INVALID),
        (["Authorization: Bearer new.toke"], INVALID),
        (["Authorization: Bearer new.token2"], INVALID),
        (["Authorization: Bearer NEW.TOKEN"], INVALID),
        (["Authorization: Bearer new.token x"], INVALID),
        (["Authorization: Bearer new.token,"], INVALID),
        (["Authorization: Bearer new.token", "Authorization: Bearer new.token"], INVALID),
        (["Authorization: new.token"], INVALID),
    ],
)
async def test_other_tokens_are_refused_with_the_challenge_of_rfc_6750(serve, lines, challenge):
    api = await serve(CHECK)

    answer = await api.call("GET /", *lines)

    assert (answer.status, answer.header("www-authenticate")) == (401, [challenge])


async def test_a_token_in_the_query_is_not_read(serve):
    api = await serve(CHECK)

    answer = await api.call("GET /?access_token=new.token")

    assert answer.status == 401


def test_a_check_without_tokens_is_not_made():
    with pytest.raises(MisconfiguredError, match="BearerCheck: give at least one credential"):
        BearerCheck(())
