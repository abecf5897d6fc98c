from __future__ import annotations

import pytest

from journeyman.settings import BearerSettings, ClientAuthentication

TABLE = '[profiles."REST-A".bearer]\n'
NEEDED = 'token_url = "https://login.example/token?p=x"\nclient_id = "engine"\nkey = "B2C_1A_Secret"\n'


def test_three_keys_are_enough(load):
    assert load(TABLE + NEEDED).profiles["rest-a"].bearer == BearerSettings(
        token_url="https://login.example/token?p=x", client_id="engine", key="B2C_1A_Secret"
    )


def test_scope_audience_and_the_way_of_proof_can_be_named(load):
    text = 'client_authentication = "private_key_jwt"\nscope = "a b"\naudience = "https://api.example"\n'
    bearer = load(TABLE + NEEDED + text).profiles["rest-a"].bearer

    assert bearer is not None
    assert bearer.client_authentication is ClientAuthentication.PRIVATE_KEY_JWT
    assert (bearer.scope, bearer.audience) == ("a b", "https://api.example")


@pytest.mark.parametrize("name", ["token_url", "client_id", "key"])
def test_what_is_needed_and_missing_is_named(problems, name):
    text = "".join(line for line in NEEDED.splitlines(keepends=True) if not line.startswith(name))
    found = problems(TABLE + text)

    assert len(found) == 1
    assert f"the managed bearer has no {name}; add {name} = " in found[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (NEEDED.replace("B2C_1A_Secret", "canary"), "is not the name of a policy key"),
        (NEEDED.replace("https://login", "https://a:canary@login"), "holds a user name or password"),
        (NEEDED.replace("https://", "ftp://"), "is not the URL of a token endpoint"),
        (NEEDED.replace("engine", " "), "client_id is empty"),
        (NEEDED + 'client_authentication = "secret"\n', "write one of 'client_secret_basic'"),
        (NEEDED + 'scope = "a\\nb"\n', "holds a control character"),
        (NEEDED + 'client_secret = "canary"\n', "secrets do not stand in this file"),
    ],
)
def test_a_wrong_bearer_says_what_to_write_and_repeats_no_secret(problems, text, words):
    found = problems(TABLE + text)

    assert len(found) == 1
    assert words in found[0]
    assert "canary" not in found[0]
