from __future__ import annotations

import pytest

from journeyman_guard.errors import TokenError
from journeyman_guard.json_web_token import VerifiedTokens
from journeyman_guard.jwks import read_jwks


class Keys:
    """Keys that can be fetched anew; counts how often one was asked for."""

    def __init__(self, document):
        self.document, self.asked = document, 0
        self.refresh()

    def refresh(self):
        self.found = read_jwks(self.document)[0].key

    async def find(self, key_id, algorithm):
        self.asked += 1
        return self.found


@pytest.fixture
def keys(issuer):
    return Keys(issuer.jwks())


async def test_a_known_token_needs_its_key_and_no_verification(issuer, keys, monkeypatch):
    tokens, token = VerifiedTokens(), issuer.token()
    first = await tokens.claims(token, keys, ("RS256",))
    monkeypatch.setattr("journeyman_guard.json_web_token.jws.deserialize_compact", None)

    assert await tokens.claims(token, keys, ("RS256",)) is first
    assert keys.asked == 2


async def test_when_the_keys_were_fetched_again_the_signature_is_verified_again(issuer, keys):
    tokens, token = VerifiedTokens(), issuer.token()
    first = await tokens.claims(token, keys, ("RS256",))
    keys.refresh()

    assert await tokens.claims(token, keys, ("RS256",)) is not first


async def test_a_key_that_is_gone_takes_its_tokens_along(issuer, keys):
    tokens, token = VerifiedTokens(), issuer.token()
    await tokens.claims(token, keys, ("RS256",))
    keys.found = None

    with pytest.raises(TokenError, match="no known key"):
        await tokens.claims(token, keys, ("RS256",))


async def test_the_memory_is_bounded(issuer, keys, monkeypatch):
    monkeypatch.setattr("journeyman_guard.json_web_token._MAX_KEPT", 2)
    tokens = VerifiedTokens()
    for number in range(4):
        await tokens.claims(issuer.token({"n": number}), keys, ("RS256",))

    assert len(tokens._kept) == 2
