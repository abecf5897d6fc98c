from __future__ import annotations

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from journeyman.connector.client import Answer
from journeyman.connector.errors import TokenNotAcquiredError
from journeyman.connector.token_answer import read_token


def answer(body, status=200):
    return Answer(status, "", CIMultiDictProxy(CIMultiDict()), body.encode())


@pytest.mark.parametrize(
    ("more", "life_s"),
    [
        (',"expires_in":3600', 3600),
        (',"expires_in":"3599"', 3599),
        (',"expires_in":59.5', 59.5),
        (',"expires_in":0', 0),
        (',"expires_in":-5', 0),
        (',"expires_in":99999999', 86_400),
        ("", 300),
        (',"expires_in":"soon"', 300),
        (',"expires_in":true', 300),
        (',"expires_in":null', 300),
    ],
)
def test_a_token_lives_as_long_as_its_endpoint_says(more, life_s):
    found = read_token(answer(f'{{"access_token":"t","token_type":"bearer"{more}}}'))

    assert (found.token.reveal(), found.life_s) == ("t", life_s)


def test_a_token_type_that_is_not_named_is_bearer():
    assert read_token(answer('{"access_token":"t"}')).token.reveal() == "t"


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ("", 200, "is not a JSON object"),
        ("[]", 200, "is not a JSON object"),
        ("<html>", 200, "is not a JSON object"),
        ("{}", 200, "holds no access_token"),
        ('{"access_token":""}', 200, "holds no access_token"),
        ('{"access_token":7}', 200, "holds no access_token"),
        ('{"access_token":"t","token_type":"mac"}', 200, "is not of type Bearer"),
        ('{"access_token":"t","token_type":7}', 200, "is not of type Bearer"),
        ("<html>", 503, "the token endpoint answered 503"),
        ('{"error":"invalid_scope"}', 400, "the token endpoint answered 400 invalid_scope"),
        ('{"error":"a canary\\nline"}', 400, "the token endpoint answered 400"),
        ('{"access_token":"canary"}', 302, "the token endpoint answered 302"),
    ],
)
def test_anything_else_is_no_token_and_is_not_repeated(body, status, words):
    with pytest.raises(TokenNotAcquiredError) as refused:
        read_token(answer(body, status))

    assert str(refused.value).endswith(words)
    assert "canary" not in str(refused.value)
