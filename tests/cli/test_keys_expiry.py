from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture
def expiry(journeyman, tenant):
    def call(*arguments):
        return journeyman("keys", "expiry", *arguments, "--dir", tenant)

    return call


@pytest.fixture
def filled(journeyman, tenant, tmp_path):
    """A tenant with a certificate, a dated secret, and an application with a client secret that ends."""
    (tmp_path / "secret").write_text("s3cret")
    soon = f"{datetime.now(UTC) + timedelta(days=20):%Y-%m-%dT%H:%M:%SZ}"
    journeyman("certs", "self-signed", "api", "--key", "Cert", "--out", tmp_path, "--dir", tenant)
    journeyman("keys", "create", "Soon", "--secret-file", tmp_path / "secret", "--expire", soon, "--dir", tenant)
    added = json.loads(journeyman("apps", "add", "Web app", "--type", "spa", "--json", "--dir", tenant).out)
    journeyman("apps", "secret", added["client_id"], "--expire", "2099-01-01", "--dir", tenant)
    return added["client_id"]


def test_everything_that_ends_is_listed_soonest_first(expiry, filled):
    ended = expiry("--json")
    rows = json.loads(ended.out)

    assert ended.code == 0
    assert [(row["kind"], row["id"]) for row in rows[:2]] == [("secret", "B2C_1A_Soon"), ("certificate", "B2C_1A_Cert")]
    assert (rows[0]["days_left"], rows[0]["warning_days"], rows[1]["warning_days"]) == (19, 30, None)
    assert rows[1]["subject"] == "CN=api.contoso.onmicrosoft.com"


def test_the_text_has_a_bar_and_who_uses_it(expiry, filled):
    first = expiry().out.splitlines()[0]

    assert first.startswith("B2C_1A_Soon ")
    assert "  [#...................]     19 days  until 20" in first
    assert first.endswith("secret  used by nothing")


def test_the_exit_code_tells_a_build_what_ends_too_soon(expiry, filled):
    assert expiry("--within", "19").code == 0
    assert expiry("--within", "20").code == 1


def test_a_tenant_without_dates_says_so_and_makes_no_store(expiry, tenant):
    ended = expiry()

    assert (ended.code, ended.out) == (
        0,
        "nothing ends: no certificate, no key with an expiration date, no client secret with an end\n",
    )
    assert not (tenant / ".journeyman").exists()
