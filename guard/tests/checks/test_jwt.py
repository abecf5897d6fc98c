from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey

from journeyman_guard import JwksCache, JwtCheck, MisconfiguredError, Refused
from journeyman_guard.jwks_fetch import HttpsFetch

MISSING = 'Bearer realm="api"'
INVALID = 'Bearer realm="api", error="invalid_token"'


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.fixture
def check(issuer, clock, trust):
    return JwtCheck(
        "https://issuer.example",
        ("api-1", "api-2"),
        JwksCache(issuer.url, fetch=HttpsFetch(trust=trust), clock=clock),
        scopes=("benefits.read",),
        roles=("Benefits.Read.All",),
        algorithms=("RS256", "PS256", "ES256"),
        clock=clock,
    )


@pytest.fixture
def ask(check, request_with):
    """Check one token; the status is 200 or the one of the refusal."""

    async def ask(token: str) -> tuple[int, str]:
        try:
            return 200, (await check.check(request_with(("Authorization", f"Bearer {token}")))).subject
        except Refused as refusal:
            return refusal.status.value, refusal.reason

    return ask


async def test_a_good_token_is_accepted_over_tls(serve, check, issuer):
    api = await serve(check)

    answer = await api.call("GET /", f"Authorization: Bearer {issuer.token()}")

    assert (answer.status, answer.body) == (200, b"client-1")


async def test_the_caller_has_the_claims(check, issuer, request_with):
    caller = await check.check(request_with(("Authorization", f"Bearer {issuer.token({'tid': 'contoso'})}")))

    assert caller.methods == ("jwt",)
    assert caller.claims["tid"] == "contoso"


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "PS256"},
        {"alg": "ES256", "kid": "ec-1"},
        {"typ": "at+jwt"},
        {"typ": "application/at+JWT"},
        {"x5t": "abc"},
    ],
)
async def test_every_configured_algorithm_and_type_is_accepted(ask, issuer, header):
    assert await ask(issuer.token(**header)) == (200, "client-1")


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "api-2"},
        {"aud": ["another", "api-1"]},
        {"scp": ["benefits.read"]},
        {"scp": None, "scope": "a benefits.read"},
        {"scp": None, "roles": ["Benefits.Read.All"]},
        {"scp": None, "roles": "Benefits.Read.All"},
        {"nbf": None, "iat": None},
        {"exp": 1769853541.5},
    ],
)
async def test_every_documented_shape_of_claims_is_accepted(ask, issuer, claims):
    assert await ask(issuer.token(claims)) == (200, "client-1")


@pytest.mark.parametrize(
    ("claims", "subject"),
    [({"sub": None, "azp": "app"}, "app"), ({"sub": 7, "appid": "app"}, "app"), ({"sub": ""}, "unnamed")],
)
async def test_a_token_without_a_subject_is_named_by_its_client(ask, issuer, claims, subject):
    assert await ask(issuer.token(claims)) == (200, subject)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": "https://issuer.example/"}, "another issuer"),
        ({"iss": ["https://issuer.example"]}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"aud": "api-3"}, "another audience"),
        ({"aud": "API-1"}, "another audience"),
        ({"aud": "api-1 api-2"}, "another audience"),
        ({"aud": ["api-3"]}, "another audience"),
        ({"aud": [["api-1"]]}, "another audience"),
        ({"aud": {"api-1": True}}, "another audience"),
        ({"aud": []}, "another audience"),
        ({"aud": None}, "another audience"),
        ({"exp": None}, "no expiry"),
        ({"exp": 1769853540}, "has expired"),
        ({"exp": 0}, "has expired"),
        ({"exp": "1869853540"}, "exp is not a number"),
        ({"exp": True}, "exp is not a number"),
        ({"nbf": 1769853661}, "not valid yet .nbf"),
        ({"iat": 1769853661}, "not valid yet .iat"),
        ({"nbf": "0"}, "nbf is not a number"),
        ({"nbf": 10**400}, "not valid yet .nbf"),
    ],
)
async def test_a_token_that_is_not_for_us_or_not_for_now_is_refused(check, issuer, request_with, claims, reason):
    with pytest.raises(Refused, match=reason) as refused:
        await check.check(request_with(("Authorization", f"Bearer {issuer.token(claims)}")))

    assert (refused.value.status, refused.value.challenges) == (401, (INVALID,))


async def test_a_minute_of_skew_is_allowed_on_both_sides(ask, issuer):
    late, early = issuer.token({"exp": 1769853541}), issuer.token({"nbf": 1769853660})

    assert [await ask(late), await ask(early)] == [(200, "client-1")] * 2


async def test_infinity_is_no_expiry(ask, issuer):
    header = json.dumps({"alg": "RS256", "kid": "rsa-1"}).encode()
    claims = json.dumps({**issuer.claims, "exp": 0}).encode()

    outcomes = [
        await ask(issuer.sign(header, claims.replace(b'"exp": 0', b'"exp": ' + text)))
        for text in (b"1e999", b"Infinity")
    ]

    assert outcomes == [(401, "the claim exp is not a number"), (401, "the claims of the token are not a JSON object")]


@pytest.mark.parametrize(
    "claims", [{"scp": "benefits"}, {"scp": None}, {"scp": "benefits.read2"}, {"scp": 5, "roles": 5}]
)
async def test_a_token_without_the_scope_or_role_is_403(check, issuer, request_with, claims):
    with pytest.raises(Refused, match="none of the scopes") as refused:
        await check.check(request_with(("Authorization", f"Bearer {issuer.token(claims)}")))

    challenge = 'Bearer realm="api", error="insufficient_scope", scope="benefits.read"'
    assert (refused.value.status, refused.value.challenges) == (403, (challenge,))


async def test_without_a_demanded_scope_the_audience_decides(issuer, clock, trust, request_with):
    keys = JwksCache(issuer.url, fetch=HttpsFetch(trust=trust), clock=clock)
    open_to_all = JwtCheck("https://issuer.example", ("api-1",), keys, clock=clock)
    by_role = JwtCheck("https://issuer.example", ("api-1",), keys, roles=("r",), clock=clock)
    request = request_with(("Authorization", f"Bearer {issuer.token({'scp': None})}"))

    assert (await open_to_all.check(request)).subject == "client-1"
    with pytest.raises(Refused) as refused:
        await by_role.check(request)
    assert refused.value.challenges == ('Bearer realm="api", error="insufficient_scope"',)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"alg": "none"}, "algorithm"),
        ({"alg": "None"}, "algorithm"),
        ({"alg": "RS512"}, "algorithm"),
        ({"alg": "rs256"}, "algorithm"),
        ({"alg": None}, "algorithm"),
        ({"alg": ["RS256"]}, "algorithm"),
        ({"jwk": {"kty": "RSA"}}, "not accepted"),
        ({"jku": "https://evil.example/keys"}, "not accepted"),
        ({"x5u": "https://evil.example/cert"}, "not accepted"),
        ({"x5c": ["MIIB"]}, "not accepted"),
        ({"crit": ["exp"]}, "not accepted"),
        ({"b64": False}, "not accepted"),
        ({"cty": "JWT"}, "not accepted"),
        ({"typ": "logout+jwt"}, "another type"),
        ({"typ": 5}, "another type"),
        ({"kid": "unknown"}, "no known key"),
        ({"kid": "ec-1"}, "no known key"),
        ({"kid": "../../dev/null"}, "no known key"),
        ({"kid": ""}, "no known key"),
        ({"kid": 1}, "not a string"),
        ({"alg": "ES256", "kid": "rsa-1"}, "no known key"),
    ],
)
async def test_tricks_in_the_header_are_refused(check, issuer, request_with, header, reason):
    token = issuer.token(**header)

    with pytest.raises(Refused, match=reason) as refused:
        await check.check(request_with(("Authorization", f"Bearer {token}")))

    assert (refused.value.status, refused.value.challenges) == (401, (INVALID,))


async def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(ask, issuer, rsa_key):
    pem = rsa_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    body = b64url(json.dumps(issuer.claims).encode())
    tokens = []
    for algorithm in ("HS256", "RS256"):
        text = b64url(json.dumps({"alg": algorithm, "kid": "rsa-1"}).encode()) + "." + body
        tokens.append(f"{text}.{b64url(hmac.new(pem, text.encode(), hashlib.sha256).digest())}")

    outcomes = [await ask(token) for token in tokens]

    assert outcomes == [
        (401, "the algorithm of the token is not accepted"),
        (401, "the signature of the token is wrong"),
    ]


async def test_a_token_without_a_signature_is_refused(ask, issuer):
    head, body, signature = issuer.token().split(".")
    none = b64url(b'{"alg":"none"}')

    outcomes = [await ask(text) for text in (f"{none}.{body}.", f"{head}.{body}.", f"{head}.{body}", signature)]

    assert outcomes == [(401, "the token is not a signed JWT")] * 4


async def test_changed_claims_or_signatures_are_refused(ask, issuer):
    head, body, signature = issuer.token().split(".")
    other = b64url(json.dumps({**issuer.claims, "sub": "admin"}).encode())
    flipped = ("A" if signature[0] != "A" else "B") + signature[1:]

    outcomes = [await ask(f"{head}.{text}") for text in (f"{other}.{signature}", f"{body}.{flipped}", f"{body}.AAAA")]

    assert outcomes == [(401, "the signature of the token is wrong")] * 3


async def test_repeated_members_are_refused(ask, issuer):
    head = b'{"alg":"RS256","kid":"rsa-1"}'
    twice = b'{"alg":"RS256","alg":"none","kid":"rsa-1"}'
    body = json.dumps(issuer.claims).encode()

    outcomes = [
        await ask(issuer.sign(twice, body)),
        await ask(issuer.sign(head, body[:-1] + b',"sub":"admin"}')),
        await ask(issuer.sign(head, b"[]")),
        await ask(issuer.sign(b"[" * 9_000, body)),
        await ask("A." + "A.A"),
    ]

    assert [status for status, _ in outcomes] == [401] * 5


@pytest.mark.parametrize(
    ("lines", "challenge"),
    [
        ([], MISSING),
        (["Authorization: Basic eDp5"], MISSING),
        (["Authorization: Bearer"], INVALID),
        (["Authorization: Bearer a.b.c"], INVALID),
        (["Authorization: Bearer {token} {token}"], INVALID),
        (["Authorization: Bearer {token},{token}"], INVALID),
        (["Authorization: Bearer {token}", "Authorization: Bearer {token}"], INVALID),
    ],
)
async def test_requests_without_one_token_are_401_over_tls(serve, check, issuer, lines, challenge):
    api = await serve(check)

    answer = await api.call("GET /", *(line.format(token=issuer.token()) for line in lines))

    assert (answer.status, answer.header("www-authenticate")) == (401, [challenge])


async def test_a_source_that_answers_with_a_key_of_another_type_is_refused(issuer, clock, request_with):
    class Confused:
        async def find(self, key_id, algorithm):
            return ECKey.import_key(issuer.ec_key.public_key())

    check = JwtCheck("https://issuer.example", ("api-1",), Confused(), clock=clock)

    with pytest.raises(Refused, match="does not fit the algorithm"):
        await check.check(request_with(("Authorization", f"Bearer {issuer.token()}")))


async def test_nobody_gets_in_while_the_keys_cannot_be_had(ask, issuer):
    issuer.status = "503 Unavailable"

    assert await ask(issuer.token()) == (401, "the token names no known key")


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": ""},
        {"audiences": ()},
        {"audiences": "api-1"},
        {"audiences": ("",)},
        {"scopes": "benefits.read"},
        {"scopes": ('a"b',)},
        {"roles": ("a b",)},
        {"algorithms": ()},
        {"algorithms": ("HS256",)},
        {"algorithms": ("none",)},
        {"realm": '"'},
    ],
)
def test_a_check_that_could_let_the_wrong_ones_in_is_not_made(change):
    keys = JwksCache("https://issuer.example/keys")

    with pytest.raises(MisconfiguredError):
        JwtCheck(**{"issuer": "https://issuer.example", "audiences": ("api-1",), "keys": keys, **change})
