from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journeyman.applications.registry import SecretDates
from journeyman.engine.expiry import Expiring, Kind, expiring, readiness, warning
from journeyman.engine.key_uses import KeyUse, UseKind
from journeyman.keys.certificate import KeyType, Purpose, issue, make_ca, self_signed
from journeyman.keys.creation import Lifetime, certified_key, generate_rsa, secret_key
from journeyman.keys.keyset import KeySet, Stage
from journeyman.settings import EgressSettings, ServerSettings, Settings

NOW = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
USES = (KeyUse("B2C_1A_A", UseKind.REST_CALL, "REST-A", "x"), KeyUse("b2c_1a_a", UseKind.REST_CALL, "REST-B", "x"))


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path, "contoso.onmicrosoft.com", None)


def secret(kid, sequence, days=None, **changes):
    lifetime = Lifetime(expires_at=None if days is None else NOW + days * DAY)
    made = secret_key("x", use="sig", now=NOW - 10 * DAY, lifetime=lifetime)
    return replace(made, kid=kid, sequence=sequence, **changes)


def of(settings, *keys, uses=(), secrets=()):
    return expiring([KeySet("B2C_1A_A", keys)] if keys else [], uses, secrets, settings)


def one(days, **changes):
    ends = NOW + timedelta(days=days)
    return Expiring(Kind.SECRET, "B2C_1A_A", "kid", "", ends, **changes)


@pytest.mark.parametrize(
    ("days", "level"),
    [(61, None), (60, 60), (31, 60), (30, 30), (15, 30), (14, 14), (7, 7), (1.5, 7), (1, 1), (0.1, 1), (0, 0), (-3, 0)],
)
def test_warnings_are_reached_at_60_30_14_7_and_1_days_and_at_the_end(days, level):
    assert one(days).level(NOW) == level


def test_a_key_without_an_end_is_not_listed_and_one_with_an_end_names_its_users(settings):
    (found,) = of(settings, secret("dated", 1, 20), uses=USES)

    assert of(settings, secret("undated", 1)) == ()
    assert (found.kind, found.id, found.users, found.days_left(NOW)) == (
        Kind.SECRET,
        "B2C_1A_A",
        ("REST-A", "REST-B"),
        20,
    )
    assert found.share_left(NOW) == pytest.approx(20 / 365)


def test_a_key_that_another_one_outlives_is_listed_and_not_warned_of(settings):
    first, second = of(settings, secret("old", 1, 5), secret("new", 2, 300))

    assert [(one.version, one.covered, one.level(NOW)) for one in (first, second)] == [
        ("old", True, None),
        ("new", False, None),
    ]
    assert of(settings, secret("old", 1, 5), secret("undated", 2))[0].covered


def test_a_key_that_begins_too_late_takes_nothing_over(settings):
    late = secret("late", 2, 300, not_before=NOW + 9 * DAY)

    assert not of(settings, secret("old", 1, 5), late)[0].covered


@pytest.mark.parametrize("changes", [{"stage": Stage.RETIRED}, {"enabled": False}])
def test_a_key_that_is_out_of_use_is_not_listed_and_takes_nothing_over(settings, changes):
    (found,) = of(settings, secret("old", 1, 5), secret("new", 2, 300, **changes))

    assert not found.covered


def test_a_staged_key_is_listed_and_takes_nothing_over_before_its_promotion(settings):
    old, staged = of(settings, secret("old", 1, 5), secret("new", 2, 300, stage=Stage.STAGED))

    assert (old.covered, staged.covered) == (False, True)


def test_certificates_and_authorities_are_told_apart_and_a_chain_that_ends_first_is_listed(settings):
    authority = make_ca("Clients", now=NOW, days=90)
    leaf = issue(authority, "api", now=NOW, purpose=Purpose.CLIENT, days=90)
    key = certified_key(leaf.certificate, leaf.chain, leaf.private_key, now=NOW, use=None)
    own = certified_key(authority.certificate, (), authority.private_key, now=NOW, use=None)
    later = replace(key, expires_at=key.expires_at + DAY)

    assert [(one.kind, one.subject) for one in of(settings, own)] == [(Kind.AUTHORITY, "CN=Clients")]
    assert [one.kind for one in of(settings, key)] == [Kind.CERTIFICATE]
    assert [(one.kind, one.subject) for one in of(settings, later)] == [
        (Kind.AUTHORITY, "CN=Clients"),
        (Kind.CERTIFICATE, "CN=api"),
    ]


def test_a_key_pair_with_a_date_is_listed(settings):
    pair = replace(generate_rsa(use="sig", now=NOW, lifetime=Lifetime(NOW, NOW + 30 * DAY)), sequence=1)

    assert [(one.kind, one.days_left(NOW)) for one in of(settings, pair)] == [(Kind.KEY, 30)]


def test_client_secrets_are_listed_and_covered_by_one_that_lasts_longer(settings):
    dates = SecretDates("client", "Web app", "a", NOW, NOW + 9 * DAY)
    other = replace(dates, key_id="b", ends_at=None)

    (alone,) = of(settings, secrets=(dates,))
    (covered,) = of(settings, secrets=(dates, other))
    assert (alone.kind, alone.users, alone.covered, covered.covered) == (Kind.CLIENT_SECRET, ("Web app",), False, True)


def test_the_certificate_of_this_engine_and_trusted_authorities_are_listed(settings, tmp_path):
    made = self_signed("localhost", now=NOW, purpose=Purpose.SERVER, key_type=KeyType.P256)
    (tmp_path / "server.pem").write_bytes(made.chain_pem())
    (tmp_path / "broken.pem").write_text("x")
    named = replace(
        settings,
        server=ServerSettings(tls_certificate=tmp_path / "server.pem"),
        egress=EgressSettings(trust=(tmp_path / "broken.pem", Path(tmp_path / "missing.pem"))),
    )
    (found,) = of(named)

    assert (found.kind, found.id, found.users) == (Kind.FILE, "server.pem", ("this engine's own TLS",))


def test_the_warning_says_what_ends_when_and_who_uses_it():
    assert warning(one(20, users=("REST-A", "REST-B")), NOW) == (
        "secret B2C_1A_A expires in 20 days, at 2025-06-21T12:00:00Z; used by REST-A, REST-B"
    )
    assert warning(one(1), NOW).startswith("secret B2C_1A_A expires in 1 day, at")
    assert warning(replace(one(-3), subject="CN=api"), NOW).startswith("secret B2C_1A_A (CN=api) expired 3 days ago")
    assert warning(one(0), NOW).startswith("secret B2C_1A_A expired today, at")


def test_readiness_tells_numbers_and_no_names():
    found = readiness([one(50), one(6), one(-1), one(400), one(2, covered=True)], NOW)

    assert (found.soonest_days, found.within, found.expired) == (6, {60: 2, 30: 1, 14: 1, 7: 1, 1: 0}, 1)
    assert readiness([], NOW).soonest_days is None


def test_a_bar_is_a_share_of_a_year_and_never_leaves_its_frame():
    assert [one(days).share_left(NOW) for days in (-3, 73, 365, 4000)] == [0.0, 0.2, 1.0, 1.0]
