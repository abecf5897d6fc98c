from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from journeyman.engine import Tenant
from journeyman.trace.records import CallRecord, Entry, Exchange, StepRecord, Verdict

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_a_tenant_is_called_by_its_name_or_its_id_in_any_case():
    tenant = Tenant("Contoso.onmicrosoft.com", "11111111-2222-3333-4444-55555555555A")

    assert tenant.is_called("contoso.onmicrosoft.com")
    assert tenant.is_called("11111111-2222-3333-4444-55555555555a")
    assert not tenant.is_called("fabrikam.onmicrosoft.com")


async def test_the_engine_tells_of_calls_and_writes_every_record(xml, open_tenant):
    engine = await open_tenant({"test.xml": xml.policy(xml.step("Noop"), outputs=(), subject="")})
    told = []
    engine.on_call = told.append
    call = CallRecord(
        "REST", "step", "None", "api.example", Verdict.OK, 1, 1.0, Exchange("GET", "https://api.example/")
    )
    entry = Entry("j", "c", "t", "P", "app", NOON, call)

    engine.trace([entry, replace(entry, record=StepRecord("tokens"))])
    await engine.trace_writer.flush()

    assert told == [call]
    assert len(await engine.traces.journey("j")) == 2


async def test_the_origin_and_the_host_are_those_of_the_public_url(xml, open_tenant):
    files = {"test.xml": xml.policy(xml.step("Noop"), outputs=(), subject="")}

    engine = await open_tenant(files, settings='[server]\npublic_url = "https://login.contoso.com:8443"\n')

    assert (engine.origin, engine.host_name) == ("https://login.contoso.com:8443", "login.contoso.com:8443")


async def test_calls_of_nobody_s_interest_are_not_told(xml, open_tenant):
    engine = await open_tenant({"test.xml": xml.policy(xml.step("Noop"), outputs=(), subject="")})
    call = CallRecord(
        "REST", "step", "None", "api.example", Verdict.OK, 1, 1.0, Exchange("GET", "https://api.example/")
    )

    engine.trace([Entry("j", "c", "t", "P", "app", NOON, call)])

    assert engine.trace_writer.dropped == 0
