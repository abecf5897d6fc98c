"""Nobody wrong gets in and nobody right is refused: twenty thousand generated requests, a million in the long form."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from random import Random  # noqa: TID251  # a seed makes a failure repeatable

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from generated import Route, basic_pairs  # found by the line above

from journeyman_guard import (  # as above
    ApiKeyCheck,
    BasicCheck,
    BearerCheck,
    ClientCertificateCheck,
    FailureLimit,
    Guard,
    Refused,
    all_of,
    any_of,
    hashed_credential,
    load_certificates,
)
from journeyman_guard.conformance.catalogue import catalogue  # as above

COUNT = 1_000_000 if os.environ.get("JOURNEYMAN_SOAK") else 20_000
SEED = int(os.environ.get("JOURNEYMAN_SEED", "20260131"))
KEYS = ("Kq7-x3k9LmZ_0", "Zz9.pPq2~Yy8_1")
TOKENS = ("tok-A.1~_x", "tok-B.2~_y==")
PAIRS = {"journeys": "päss:wörd 1", "batch": "Xy_9-"}


@pytest.fixture
def routes(make_scene):
    scene = make_scene("jwt")
    subject = replace(scene.subject, tls=False)
    wrong = [case for case in catalogue(subject) if case.family in ("token", "token-claims")]
    values = [value for case in wrong for name, value in case.probe.headers if name == b"Authorization"]
    tokens = tuple(value.removeprefix(b"Bearer ") for value in values)
    basic = BasicCheck(tuple(hashed_credential(user, password) for user, password in PAIRS.items()))
    key = ApiKeyCheck("x-key", tuple(hashed_credential(key, key) for key in KEYS))
    bearer = BearerCheck(tuple(hashed_credential(token, token) for token in TOKENS))
    keys = tuple(key.encode() for key in KEYS)
    table = [
        (Route("/basic", b"authorization", b"Basic", basic_pairs(PAIRS)), basic),
        (Route("/key", b"x-key", b"", keys), key),
        (Route("/bearer", b"authorization", b"Bearer", tuple(token.encode() for token in TOKENS)), bearer),
        (Route("/jwt", b"authorization", b"Bearer", (subject.secret.encode(),), tokens), scene.check),
        (Route("/any", b"authorization", b"Basic", basic_pairs(PAIRS)), any_of(scene.check, key, basic)),
    ]
    return [route for route, _ in table], Guard(
        {f"GET {route.path}": check for route, check in table}, limit=FailureLimit(0)
    )


@pytest.mark.slow
async def test_nobody_wrong_gets_in_and_nobody_right_is_refused(routes, caplog):
    caplog.set_level(100)
    drawn, guard = routes
    draw = Random(SEED)  # no secret is made of it
    let_in, refused, right = [], [], 0
    for number in range(COUNT):
        request, expected = draw.choice(drawn).drawn(draw)
        right += expected
        try:
            await guard.admit(guard.proxies.believed(request))
        except Refused as refusal:
            if expected:
                refused.append((number, refusal.reason))
        else:
            if not expected:
                let_in.append((number, request.path, request.headers))

    assert (let_in, refused) == ([], [])
    assert COUNT // 3 < right < COUNT // 2
    assert guard.metrics.failed == 0


@pytest.mark.slow
async def test_certificates_and_combinations(authority, foreign_authority, request_with):
    own = load_certificates(authority.cert_pem.bytes())
    key = ApiKeyCheck("x-key", (hashed_credential("k", KEYS[0]),))
    check = all_of(ClientCertificateCheck(issuers=own), key)
    good = [authority.issue_cert(f"c{number}.example").cert_chain_pems[0].bytes().decode() for number in range(5)]
    bad = [foreign_authority.issue_cert("c.example").cert_chain_pems[0].bytes().decode(), None, "nonsense"]
    draw = Random(SEED)  # no secret is made of it
    for _ in range(COUNT // 20):
        certificate, value = draw.choice((*good, *bad)), draw.choice((KEYS[0], KEYS[1], ""))
        expected = certificate in good and value == KEYS[0]
        try:
            await check.check(request_with(("x-key", value), certificate=certificate))
            assert expected
        except Refused:
            assert not expected
