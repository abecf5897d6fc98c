from __future__ import annotations

import base64

import pytest

from journeyman_guard import BasicCheck, MisconfiguredError, Refused, hashed_credential

CHECK = BasicCheck(
    (
        hashed_credential("journeyman", "old:secret"),
        hashed_credential("journeyman", "new secret ü"),
        hashed_credential("jürgen", "third"),
    ),
    realm="loyalty",
)
CHALLENGE = 'Basic realm="loyalty", charset="UTF-8"'


def basic(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


GOOD = basic("journeyman:old:secret")


@pytest.mark.parametrize("pair", ["journeyman:old:secret", "journeyman:new secret ü", "jürgen:third"])
async def test_every_configured_pair_is_accepted_so_secrets_can_rotate(request_with, pair):
    caller = await CHECK.check(request_with(("Authorization", f"Basic {basic(pair)}")))

    assert caller.subject == pair.split(":")[0]
    assert caller.methods == ("basic",)


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC", "bAsIc"])
async def test_the_scheme_is_read_in_any_case(serve, scheme):
    api = await serve(CHECK)

    answer = await api.call("GET /", f"Authorization: {scheme} {GOOD}")

    assert (answer.status, answer.body) == (200, b"journeyman")


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["Authorization:"],
        ["Authorization: Basic"],
        ["Authorization: Basic "],
        [f"Authorization: Basic {basic(':')}"],
        [f"Authorization: Basic {basic('journeyman:')}"],
        [f"Authorization: Basic {basic(':old:secret')}"],
        [f"Authorization: Basic {basic('journeyman')}"],
        [f"Authorization: Basic {basic('journeyman:wrong')}"],
        [f"Authorization: Basic {basic('journeyman:old:secre')}"],
        [f"Authorization: Basic {basic('journeyman:old:secret ')}"],
        [f"Authorization: Basic {basic('Journeyman:old:secret')}"],
        [f"Authorization: Basic {basic('jürgen:old:secret')}"],
        [f"Authorization: Bearer {GOOD}"],
        [f"Authorization: Basic{GOOD}"],
        [f"Authorization: Basic\t{GOOD}"],
        [f"Authorization: Basic \t{GOOD}"],
        [f"Authorization: Basic {GOOD[:6]} {GOOD[6:]}"],
        [f"Authorization: Basic {GOOD},Basic {GOOD}"],
        [f"Authorization: Basic {GOOD}, Bearer x"],
        [f"Authorization: Basic\u00a0{GOOD}"],
        [f"Authorization: Basic {GOOD}="],
        [f'Authorization: Basic "{GOOD}"'],
        ["Authorization: Basic journeyman:old:secret"],
        ["Authorization: Basic %%%"],
        ["Authorization: Basic abc"],
        [f"Authorization: Basic {'A' * 17_000}"],
        [f"Authorization: Basic {GOOD}", f"Authorization: Basic {GOOD}"],
        [f"Authorization: Basic {GOOD}", "authorization: Basic eDp5"],
        [f"X-Authorization: Basic {GOOD}"],
        [f"Proxy-Authorization: Basic {GOOD}"],
    ],
)
async def test_everything_else_is_refused_with_one_answer(serve, lines):
    api = await serve(CHECK)

    answer = await api.call("GET /", *lines)

    assert answer.status == 401
    assert answer.header("www-authenticate") == [CHALLENGE]
    assert answer.body == b'{"error":"unauthorized"}'
    assert answer.header("cache-control") == ["no-store"]


async def test_a_folded_header_line_does_not_get_in(serve):
    api = await serve(CHECK)

    answer = await api.call("GET /", "Authorization: Basic", f" {GOOD}")

    assert answer.status in (400, 401)


@pytest.mark.parametrize("value", [f" Basic {GOOD}", f"Basic {GOOD} ", f"Basic {GOOD}\r\n", f"Basic {GOOD}\x00"])
async def test_space_around_the_value_that_a_server_must_have_taken_off_is_refused(request_with, value):
    with pytest.raises(Refused, match="malformed"):
        await CHECK.check(request_with(("Authorization", value)))


@pytest.mark.parametrize(
    ("credentials", "realm"),
    [
        ((), "api"),
        (("journeyman", "secret"), "api"),
        ((hashed_credential("a:b", "secret"),), "api"),
        ((hashed_credential("a", "secret"),), ""),
        ((hashed_credential("a", "secret"),), 'a"b'),
        ((hashed_credential("a", "secret"),), "a\\b"),
        ((hashed_credential("a", "secret"),), "ä"),
        ((hashed_credential("a", "secret"),), "a\r\nb"),
    ],
)
def test_a_check_that_could_let_the_wrong_ones_in_is_not_made(credentials, realm):
    with pytest.raises(MisconfiguredError):
        BasicCheck(credentials, realm=realm)
