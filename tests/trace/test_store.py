from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from journeyman.trace.records import CallRecord, Entry, Exchange, JourneySummary, StepRecord, Verdict

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def entry(journey_id: str, record: StepRecord | CallRecord, second: float = 0) -> Entry:
    at = START + timedelta(seconds=second)
    return Entry(journey_id, "correlation", "contoso", "B2C_1A_signin", "app", at, record)


def call(profile_id: str, verdict: Verdict = Verdict.OK) -> CallRecord:
    exchange = Exchange("POST", "https://api.example/x", (("accept", "a"),), "{}", 200)
    return CallRecord(profile_id, "1", "Basic", "api.example", verdict, 1, 12.5, exchange)


async def outcome_after(store, *events: str) -> str:
    for second, event in enumerate(events):
        await store.append([entry("j", StepRecord(event), second)])
    summary = await store.summary("j")
    assert summary is not None
    return summary.outcome


async def test_entries_come_back_as_they_were_and_in_order(store):
    entries = [entry("j", StepRecord("start"), 0), entry("j", call("REST-A"), 1), entry("j", StepRecord("tokens"), 1)]
    await store.append(entries[:2])
    await store.append(entries[2:])

    assert await store.journey("j") == entries
    assert await store.journey("j", after=2) == entries[2:]
    assert await store.journey("j", limit=1) == entries[:1]
    assert await store.journey("nobody") == []


async def test_the_summary_counts_calls_and_names_profiles_over_all_batches(store):
    await store.append([entry("j", StepRecord("start")), entry("j", call("REST-A"), 1)])
    await store.append([entry("j", call("REST-B", Verdict.TIMEOUT), 2), entry("j", call("REST-A"), 3)])
    await store.append([entry("j", StepRecord("tokens", profile_id="JwtIssuer"), 4)])

    assert await store.summary("j") == JourneySummary(
        journey_id="j",
        correlation_id="correlation",
        policy_id="B2C_1A_signin",
        client_id="app",
        started_at=START,
        last_at=START + timedelta(seconds=4),
        outcome="tokens",
        calls=3,
        failed_calls=1,
        profiles=("REST-A", "REST-B", "JwtIssuer"),
    )


async def test_a_refusal_by_the_api_is_not_a_failed_call(store):
    await store.append([entry("j", call("REST-A", Verdict.REFUSED_BY_API))])

    assert (await store.summary("j")).failed_calls == 0


async def test_a_skipped_profile_did_not_run(store):
    await store.append([entry("j", StepRecord("skip", profile_id="REST-A"))])

    assert (await store.summary("j")).profiles == ()


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        (["start"], "running"),
        (["start", "error"], "error"),
        (["start", "refused"], "refused"),
        (["start", "refused", "skip"], "refused"),
        (["start", "refused", "submit"], "running"),
        (["start", "refused", "profile", "tokens"], "tokens"),
        (["start", "error", "page"], "error"),
        (["start", "tokens", "submit"], "tokens"),
    ],
)
async def test_the_outcome_is_that_of_the_last_event_that_decides(store, events, outcome):
    assert await outcome_after(store, *events) == outcome


async def test_a_refusal_that_was_corrected_within_one_batch_is_no_outcome(store):
    await store.append([entry("j", StepRecord("refused")), entry("j", StepRecord("submit"))])
    assert (await store.summary("j")).outcome == "running"
    await store.append([entry("j", StepRecord("tokens")), entry("j", StepRecord("page"))])
    assert (await store.summary("j")).outcome == "tokens"


async def test_an_unknown_journey_has_no_summary(store):
    assert await store.summary("nobody") is None


async def test_journeys_are_listed_newest_first_and_page_by_page(store):
    for second, journey_id in enumerate("abcde"):
        await store.append([entry(journey_id, StepRecord("start"), second // 2)])
    first = await store.journeys(limit=2)
    second = await store.journeys(limit=2, before=first[-1].journey_id)
    third = await store.journeys(limit=2, before=second[-1].journey_id)

    assert [[summary.journey_id for summary in page] for page in (first, second, third)] == [
        ["e", "d"],
        ["c", "b"],
        ["a"],
    ]


async def test_since_returns_what_changed_at_or_after_a_time_oldest_first(store):
    for second, journey_id in enumerate("abc"):
        await store.append([entry(journey_id, StepRecord("start"), second)])
    await store.append([entry("a", StepRecord("page"), 5)])

    changed = await store.since(START + timedelta(seconds=2))
    assert [summary.journey_id for summary in changed] == ["c", "a"]


async def test_an_entry_that_arrives_late_does_not_move_the_last_time_back(store):
    await store.append([entry("j", StepRecord("page"), 5)])
    await store.append([entry("j", StepRecord("start"), 1)])

    assert (await store.summary("j")).last_at == START + timedelta(seconds=5)


async def test_purge_keeps_the_newest_journeys_and_their_entries(store, database):
    for journey_id in "abcd":
        await store.append([entry(journey_id, StepRecord("start"))])

    assert await store.purge(keep=4) == 0
    assert await store.purge(keep=2) == 2
    assert [summary.journey_id for summary in await store.journeys()] == ["d", "c"]
    assert await database.fetch_one("SELECT count(*) FROM trace_entries") == (2,)


async def test_an_empty_batch_writes_nothing(store):
    await store.append([])

    assert await store.journeys() == []


_OTHER_PROCESS = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from journeyman.storage.sqlite import open_sqlite
from journeyman.trace.records import Entry, StepRecord
from journeyman.trace.store import TraceStore

async def main():
    database = open_sqlite(Path(sys.argv[1]))
    store = TraceStore(database)
    for n in range(30):
        at = datetime(2026, 1, 2, tzinfo=UTC)
        await store.append([Entry("j", "", "", "", "", at, StepRecord("profile", profile_id=sys.argv[2], detail=str(n)))])
    await database.close()

asyncio.run(main())
"""


async def test_processes_that_write_one_journey_lose_nothing(store, tmp_path):
    others = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", _OTHER_PROCESS, str(tmp_path / "trace.db"), name, stderr=subprocess.PIPE
        )
        for name in ("A", "B")
    ]
    ends = [await other.communicate() for other in others]
    details = {"A": [], "B": []}
    for one in await store.journey("j"):
        details[one.record.profile_id].append(one.record.detail)

    assert [stderr for _, stderr in ends] == [b"", b""]
    assert details == {"A": [str(n) for n in range(30)], "B": [str(n) for n in range(30)]}
    assert sorted((await store.summary("j")).profiles) == ["A", "B"]


async def test_the_calls_of_the_last_journeys_are_read_at_once(store):
    await store.append([entry("j-1", StepRecord("start")), entry("j-1", call("A"), 1), entry("j-2", call("B"), 2)])

    assert [one.journey_id for one in await store.calls(2)] == ["j-1", "j-2"]
    assert [one.journey_id for one in await store.calls(1)] == ["j-2"]
