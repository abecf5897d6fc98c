from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from journeyman.engine.expiry import Expiring, Kind
from journeyman.engine.key_uses import KeyUse, UseKind
from journeyman.keys.creation import secret_key
from journeyman.keys.keyset import KeySet, Stage
from journeyman.web.portal.key_view import detail, missing, others, rows

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def key(kid, sequence=1, **changes):
    return replace(secret_key("x", use="sig", now=NOW), kid=kid, sequence=sequence, **changes)


def ends(days, id="B2C_1A_A", kind=Kind.SECRET, **changes):
    return Expiring(kind, id, "a", "", NOW + days * DAY, **changes)


def test_what_ends_soonest_comes_first_then_names():
    sets = [KeySet(f"B2C_1A_{name}", (key("a"),)) for name in "BCA"]
    found = [ends(5, "B2C_1A_C"), ends(300, "B2C_1A_B")]

    assert [row.id for row in rows(sets, (), found, NOW)] == ["B2C_1A_C", "B2C_1A_A", "B2C_1A_B"]


@pytest.mark.parametrize(
    ("days", "tone", "words"),
    [(300, "good", "300 days left"), (60, "warn", "60 days left"), (1, "bad", "1 day left"), (-2, "bad", "has ended")],
)
def test_a_bar_has_the_tone_of_its_warning(days, tone, words):
    (row,) = rows([KeySet("B2C_1A_A", (key("a"),))], (), [ends(days)], NOW)

    assert [(bar.tone, bar.words) for bar in row.bars] == [(tone, words)]


def test_a_set_without_an_active_key_and_an_empty_one_are_told():
    sets = [KeySet("B2C_1A_A", (key("a", enabled=False),)), KeySet("B2C_1A_B", ())]

    assert [(row.type, row.label, row.tone) for row in rows(sets, (), [], NOW)] == [
        ("Secret", "No active key", "bad"),
        ("Empty", "No active key", "bad"),
    ]


def test_the_state_of_every_version_is_told():
    changes = {
        "disabled": {"enabled": False},
        "staged": {"stage": Stage.STAGED},
        "retired": {"stage": Stage.RETIRED},
        "expired": {"expires_at": NOW - DAY},
        "future": {"not_before": NOW + DAY},
        "old": {},
        "new": {},
    }
    keys = tuple(key(kid, number, **change) for number, (kid, change) in enumerate(changes.items(), start=1))
    shown = detail(KeySet("B2C_1A_A", keys), (), [], NOW)

    assert {version.key.kid: version.label for version in shown.versions} == {
        "disabled": "Disabled",
        "staged": "Staged",
        "retired": "Retired",
        "expired": "Expired",
        "future": "Not yet active",
        "old": "Superseded",
        "new": "Active",
    }


def test_keys_that_policies_miss_are_offered_the_way_that_fits():
    uses = (
        KeyUse("B2C_1A_Cert", UseKind.REST_CALL, "REST-A", "ClientCertificate"),
        KeyUse("B2C_1A_Sign", UseKind.ISSUER, "JwtIssuer", "issuer_secret"),
        KeyUse("B2C_1A_Word", UseKind.REST_CALL, "REST-B", "BasicAuthenticationPassword"),
        KeyUse("b2c_1a_there", UseKind.REST_CALL, "REST-B", "x"),
    )

    assert [(one.id, one.way, one.users) for one in missing([KeySet("B2C_1A_There", ())], uses)] == [
        ("B2C_1A_Cert", "upload", ("REST-A: ClientCertificate",)),
        ("B2C_1A_Sign", "generate", ("JwtIssuer: issuer_secret",)),
        ("B2C_1A_Word", "manual", ("REST-B: BasicAuthenticationPassword",)),
    ]


def test_client_secrets_and_files_are_told_apart_from_policy_keys():
    found = [ends(5), ends(5, "client", Kind.CLIENT_SECRET), ends(5, "ca.pem", Kind.FILE)]

    assert [one.id for one, _ in others(found, NOW)] == ["client", "ca.pem"]


def test_the_key_of_this_engine_says_so():
    (row,) = rows([KeySet("B2C_1A_JourneymanPlatformSigning", (key("a"),))], (), [], NOW)

    assert row.users == ("this engine",)
