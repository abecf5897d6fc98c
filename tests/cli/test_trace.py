from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from journeyman.clock import SystemClock
from journeyman.engine.tenant_store import open_tenant_store
from journeyman.settings import load_settings
from journeyman.trace.records import CallRecord, Entry, Exchange, StepRecord, Verdict
from journeyman.trace.store import TraceStore

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
CALL = CallRecord(
    profile_id="REST-Get",
    step="2",
    authentication="Basic",
    host="api.example",
    verdict=Verdict.OK,
    tries=1,
    total_ms=12.0,
    exchange=Exchange("POST", "https://api.example/x", (("Authorization", "Basic (secret)"),), "", 200, "OK", (), "{}"),
)


@pytest.fixture
def recorded(tenant):
    """Three journeys, the third the newest."""

    async def record():
        settings = load_settings(tenant, environment=os.environ)
        async with open_tenant_store(settings, SystemClock()) as store:
            entries = [
                Entry(f"journey-{n}", f"{n}0000000-aaaa", "t", "B2C_1A_P", "client", AT + timedelta(minutes=n), record)
                for n in (1, 2, 3)
                for record in (StepRecord("profile", step="1", profile_id="AAD-Read"), CALL)
            ]
            await TraceStore(store.database).append(entries)

    asyncio.run(record())
    return tenant


def test_the_newest_journey_is_printed_in_full_and_the_others_are_listed(recorded, journeyman):
    lines = journeyman("trace", "--dir", recorded).out.splitlines()

    assert lines[0].startswith("2026-03-01 12:03:00  journey-3  B2C_1A_P")
    assert any("> POST https://api.example/x" in line for line in lines)
    assert any("< 200 OK" in line for line in lines)
    assert [line.split("  ")[1] for line in lines[-3:]] == ["journey-3", "journey-2", "journey-1"]


def test_json_is_every_journey_newest_first_with_the_profiles_that_ran(recorded, journeyman):
    journeys = json.loads(journeyman("trace", "--dir", recorded, "--json").out)

    assert [journey["journey_id"] for journey in journeys] == ["journey-3", "journey-2", "journey-1"]
    assert all(journey["profiles"] == ["AAD-Read", "REST-Get"] for journey in journeys)
    assert [entry["type"] for entry in journeys[0]["entries"]] == ["step", "call"]


def test_limit_takes_the_newest(recorded, journeyman):
    journeys = json.loads(journeyman("trace", "--dir", recorded, "--json", "--limit", "2").out)

    assert [journey["journey_id"] for journey in journeys] == ["journey-3", "journey-2"]


@pytest.mark.parametrize("wanted", ["journey-2", "20000000-aaaa", "2000"])
def test_a_journey_is_found_by_its_id_or_the_beginning_of_its_correlation_id(recorded, journeyman, wanted):
    text = journeyman("trace", wanted, "--dir", recorded).out
    objects = json.loads(journeyman("trace", wanted, "--dir", recorded, "--json").out)

    assert "journey-2" in text.splitlines()[0]
    assert [journey["journey_id"] for journey in objects] == ["journey-2"]


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_an_unknown_journey_is_exit_code_2(recorded, tenant, journeyman, options):
    ended = journeyman("trace", "nobody", "--dir", tenant, *options)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "error: no recorded journey has an id or a correlation id that begins with 'nobody'; "
        "`journeyman trace` lists them\n"
    )


def test_before_the_first_start_it_says_so_and_makes_nothing(tenant, journeyman):
    words = journeyman("trace", "--dir", tenant)
    objects = journeyman("trace", "--dir", tenant, "--json")
    unknown = journeyman("trace", "nobody", "--dir", tenant)

    assert words.out.startswith("no journey is recorded yet; ")
    assert json.loads(objects.out) == []
    assert unknown.code == 2
    assert not (tenant / ".journeyman").exists()


def test_the_latency_of_all_recorded_calls_is_told(journeyman, recorded):
    lines = journeyman("trace", "--latency", "--dir", recorded)
    told = json.loads(journeyman("trace", "--latency", "--json", "--dir", recorded).out)

    assert lines.code == 0
    assert lines.out.splitlines()[1].split() == ["REST-Get", "3", "0.0%", *["12", "ms"] * 3, "-", "-", "-", "-"]
    assert [(one["profile"], one["calls"], one["p99_ms"]) for one in told["profiles"]] == [("REST-Get", 3, 12.0)]
    assert told["slow_calls"] == []


def test_without_a_call_there_is_no_latency(journeyman, tenant):
    ended = journeyman("trace", "--latency", "--dir", tenant)

    assert (ended.code, ended.out.startswith("no REST call is recorded yet")) == (0, True)
    assert json.loads(journeyman("trace", "--latency", "--json", "--dir", tenant).out)["profiles"] == []


def test_latency_is_about_all_journeys(journeyman, tenant):
    ended = journeyman("trace", "abcd", "--latency", "--dir", tenant)

    assert ended.code == 2
    assert "--latency is about all journeys; leave the journey out" in ended.err
