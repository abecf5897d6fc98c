from __future__ import annotations

import asyncio
import base64
import json
import os
from collections import Counter
from dataclasses import replace

import pytest

from journeyman_guard import FailureLimit, Guard, GuardMiddleware, MisconfiguredError
from journeyman_guard.conformance.catalogue import catalogue
from journeyman_guard.conformance.run import Runner
from journeyman_guard.conformance.verdict import Result
from journeyman_guard.conformance.wire import Wire

KINDS = ("basic", "api-key", "bearer", "jwt", "client-certificate")
# A handshake costs more than all the rest, so the short form makes it only where it matters.
OVER_TLS = KINDS if os.environ.get("JOURNEYMAN_SOAK") else ("client-certificate",)


async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"15")]})
    await send({"type": "http.response.body", "body": b'{"tier":"gold"}'})


@pytest.fixture
def attack(serve_app, make_scene, ca_file):
    """Run the catalogue against an application; the check of the scene is what it should have."""

    async def attack(served, kind, *only, change=None):
        scene = make_scene(kind)
        tls = kind in OVER_TLS
        api = await serve_app(served(scene), **({} if tls else {"ssl_context_factory": None}))
        subject = replace(scene.subject, port=api.port, tls=tls, **(change or {}))
        cases = catalogue(subject)
        chosen = tuple(case for case in cases if not only or case.family in only or case.id in only)
        wire = Wire("127.0.0.1", api.port, tls, ca_file, timeout_s=5, step_s=0.01)
        return await Runner(wire, subject, rate=0).run(chosen)

    return attack


def let_in(report):
    return {verdict.case.id for verdict in report.verdicts if verdict.result is Result.LET_IN}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
async def test_the_guard_passes_its_own_catalogue(attack, kind):
    report = await attack(lambda scene: GuardMiddleware(app, scene.guard), kind)

    assert [(v.case.id, v.seen) for v in report.verdicts if v.result is not Result.REFUSED] == []
    assert (report.passed, report.rightly_refused, report.notes) == (True, 0, ())
    assert len(report.verdicts) >= 200


async def test_a_key_in_the_query_is_attacked_there(attack):
    report = await attack(
        lambda scene: GuardMiddleware(app, scene.guard), "api-key", "api-key", change={"query": "code"}
    )

    assert report.passed
    assert len(report.verdicts) > 30


async def test_an_open_api_is_found_out(attack):
    report = await attack(lambda scene: app, "basic", "missing", "basic", "verb")

    assert not report.passed
    assert report.count(Result.LET_IN) > 60
    assert "missing/nothing" in let_in(report)


def guarded_by(accepts):
    """An API that lets in whoever its own function says."""

    async def broken(scope, receive, send):
        headers = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode(), []).append(value.decode("latin-1"))
        if accepts(headers, scope):
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 401, "headers": []})
        await send({"type": "http.response.body", "body": headers.get("authorization", [""])[0].encode()})

    return lambda scene: broken


def lenient_basic(headers, scope):
    # Decodes leniently and looks at the last header.
    value = headers.get("authorization", [""])[-1]
    try:
        return base64.b64decode(value.partition(" ")[2].encode()) == b"journeys:Pq7-canary_x3k9LmZ"
    except ValueError:
        return False


def any_signature(headers, scope):
    parts = headers.get("authorization", [""])[0].removeprefix("Bearer ").split(".")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
        return claims["aud"] == "api-1" and claims["exp"] > 1_700_000_000
    except (ValueError, LookupError, TypeError):
        return False


def proxy_header(headers, scope):
    return (
        "x-arr-clientcert" in headers or "x-forwarded-user" in headers or "good" in str(headers.get("x-functions-key"))
    )


def prefix_only(headers, scope):
    return headers.get("authorization", [""])[0].startswith("Bearer Pq7-canar") or scope["method"] == "OPTIONS"


@pytest.mark.parametrize(
    ("accepts", "kind", "family", "expected"),
    [
        (lenient_basic, "basic", "basic", {"basic/wrong-then-right", "basic/character-inside", "basic/other-scheme"}),
        (
            any_signature,
            "jwt",
            "token",
            {"token/alg-none", "token/foreign-rs256", "token/brings-jwk", "token/hs256-empty"},
        ),
        (any_signature, "jwt", "token-claims", {"token-claims/issuer-other", "token-claims/rights-missing"}),
        (prefix_only, "bearer", "bearer", {"bearer/half", "bearer/one-more", "bearer/last-changed"}),
        (prefix_only, "bearer", "verb", {"verb/options", "verb/preflight"}),
    ],
)
async def test_each_weakness_of_a_broken_api_is_found(attack, accepts, kind, family, expected):
    report = await attack(guarded_by(accepts), kind, family)

    assert expected <= let_in(report)
    assert not report.passed


async def test_a_trusted_proxy_header_is_found(attack):
    def accepts(headers, scope):
        return proxy_header(headers, scope) or headers.get("x-functions-key") == ["Pq7-canary_x3k9LmZ"]

    report = await attack(guarded_by(accepts), "api-key", "proxy-header")

    assert {"proxy-header/certificate-x-arr-clientcert", "proxy-header/user-x-forwarded-user"} <= let_in(report)


async def test_what_no_single_case_shows_is_noted(attack):
    report = await attack(
        guarded_by(lambda headers, scope: headers.get("authorization") == ["Bearer Pq7-canary_x3k9LmZ"]),
        "bearer",
        "bearer",
    )

    assert [note.partition(" ")[0] for note in report.notes] == ["some", "the", "a"]
    assert "repeats the secret" in report.notes[2]


async def test_an_api_that_breaks_is_unclear_and_noted(attack):
    def accepts(headers, scope):
        if headers.get("authorization") != ["Bearer Pq7-canary_x3k9LmZ"]:
            raise RuntimeError("broken")
        return True

    report = await attack(guarded_by(accepts), "bearer", "bearer")

    assert report.count(Result.UNCLEAR) > 30
    assert report.passed
    assert "5xx" in report.notes[0]


async def test_an_api_that_refuses_the_right_credential_is_not_attacked(attack):
    with pytest.raises(MisconfiguredError, match=r"right credential does not get in \(401\)"):
        await attack(guarded_by(lambda headers, scope: False), "bearer")


async def test_an_api_that_locks_the_right_one_out_fails(attack):
    seen = Counter()

    def accepts(headers, scope):
        seen["all"] += 1
        return headers.get("authorization") == ["Bearer Pq7-canary_x3k9LmZ"] and seen["all"] < 30

    report = await attack(guarded_by(accepts), "bearer", "bearer")

    assert (report.rightly_refused, report.passed) == (report.right - 1, False)


async def test_a_limit_of_the_api_is_waited_for(attack):
    def served(scene):
        return GuardMiddleware(app, Guard({"GET /api/loyalty": scene.check}, limit=FailureLimit(1200)))

    report = await attack(served, "bearer", "bearer")

    assert report.passed


async def test_an_api_that_listens_to_nothing_any_more_is_not_passed(attack, monkeypatch):
    monkeypatch.setattr("journeyman_guard.conformance.run._MAX_WAIT_S", 0)

    def served(scene):
        return GuardMiddleware(app, Guard({"GET /api/loyalty": scene.check}, limit=FailureLimit(3)))

    report = await attack(served, "bearer", "bearer")

    assert report.count(Result.NOT_TRIED) > 10
    assert not report.passed


async def test_the_rate_is_kept(serve_app, make_scene, ca_file):
    scene = make_scene("bearer")
    api = await serve_app(GuardMiddleware(app, scene.guard), ssl_context_factory=None)
    subject = replace(scene.subject, port=api.port, tls=False)
    cases = [case for case in catalogue(subject) if case.family == "bearer"][:10]
    started = asyncio.get_running_loop().time()

    await Runner(Wire("127.0.0.1", api.port, tls=False), subject, rate=50).run(cases)

    assert asyncio.get_running_loop().time() - started >= 10 / 50


async def test_a_redirect_is_not_followed(attack):
    asked = Counter()

    async def redirecting(scope, receive, send):
        asked[scope["path"]] += 1
        if (b"authorization", b"Bearer Pq7-canary_x3k9LmZ") in scope["headers"]:
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 302, "headers": [(b"location", b"/elsewhere")]})
        await send({"type": "http.response.body", "body": b""})

    report = await attack(lambda scene: redirecting, "bearer", "bearer")

    assert set(asked) == {"/api/loyalty"}
    assert report.count(Result.UNCLEAR) > 30


def test_another_host_than_the_one_of_the_command_line_is_not_attacked(make_scene):
    with pytest.raises(MisconfiguredError, match="only the host of the command line"):
        Runner(Wire("other.example", 443, tls=True), make_scene("bearer").subject)
