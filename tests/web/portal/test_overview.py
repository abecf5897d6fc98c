"""The first page of the portal, at a real engine."""

from __future__ import annotations

from journeyman.trace.records import CallRecord, Entry, Exchange, StepRecord, Verdict

EXCHANGE = Exchange("POST", "https://api.example/")


async def record(site, *verdicts):
    now = site.engine.clock.now()
    calls = [CallRecord("REST-Loyalty", "1", "Basic", "api.example", one, 1, 12.0, EXCHANGE) for one in verdicts]
    entries = [Entry("j-1", "c", "contoso", "B2C_1A_Silent", "app", now, one) for one in (StepRecord("start"), *calls)]
    site.engine.trace(entries)
    await site.engine.trace_writer.flush()


async def test_a_new_engine_says_what_to_do_first(portal):
    text = (await portal.get("/portal")).text

    assert "Nothing has run yet" in text
    assert 'href="/portal/applications/new"' in text


async def test_targets_are_shown_with_the_share_of_calls_that_succeeded(portal, site):
    await record(site, Verdict.OK, Verdict.REFUSED_BY_API, Verdict.TIMEOUT)
    text = " ".join((await portal.get("/portal")).text.split())

    assert '<span class="badge bad">66 %</span>' in text
    assert "<bdi>REST-Loyalty</bdi>" in text
    assert 'href="/portal/journeys/j-1"' in text


async def test_it_says_when_something_has_happened(portal, site):
    before = (await portal.get("/portal/api/overview")).json["version"]
    await record(site, Verdict.OK)

    assert (await portal.get("/portal/api/overview")).json["version"] != before


async def test_this_machine_reads_it_without_a_session(site, http):
    await record(site, Verdict.OK)
    reply = await site.ask(http, "GET", f"{site.origin}/portal")

    assert (reply.status, "This machine, reading only" in reply.text) == (200, True)
    assert "REST-Loyalty" in reply.text


async def test_a_long_list_of_journeys_has_pages(portal, site):
    now = site.engine.clock.now()
    site.engine.trace(
        Entry(f"j-{n:03}", "c", "contoso", "B2C_1A_Silent", "app", now, StepRecord("start")) for n in range(203)
    )
    await site.engine.trace_writer.flush()
    first = (await portal.get("/portal/journeys")).text
    second = (await portal.get("/portal/journeys?before=j-003")).text

    assert (first.count('class="row"'), 'rel="next" href="/portal/journeys?before=j-003"' in first) == (200, True)
    assert (second.count('class="row"'), 'rel="first"' in second, 'data-poll=""' in second) == (3, True, True)
