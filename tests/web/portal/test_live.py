"""The portal in a real browser: it keeps itself current, and hostile values do nothing."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from playwright.async_api import expect
from portal_frame import framed

from journeyman.trace.records import CallRecord, Entry, Exchange, JourneySummary, StepRecord, Verdict
from journeyman.web.pages.static_files import static_routes
from journeyman.web.portal.journeys import journeys_area

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOSTILE = "</title><script>window.hacked=1</script><img src=x onerror=window.hacked=1>\"'\u202e" + "W" * 10_000


@dataclass
class Records:
    policies: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    async def journeys(self, limit, *, before=None):
        return [
            JourneySummary(f"j-{index}", "c", policy, HOSTILE, NOON, NOON, "running", 1, 0, ())
            for index, policy in reversed(list(enumerate(self.policies)))
        ][:limit]

    async def journey(self, journey_id):
        return list(self.entries)


def entry(record) -> Entry:
    return Entry("j-0", HOSTILE, "contoso", HOSTILE, HOSTILE, NOON, record)


async def names():
    return {}


@pytest.fixture
def open_portal(serve, open_tab):
    async def opened(records: Records, path: str, **view):
        app = framed(journeys_area(records, names))
        app.routes.extend(static_routes())
        return await open_tab(serve(app) + path, **view)

    return opened


async def test_a_new_journey_shows_up_by_itself_above_the_others(open_portal):
    records = Records(["B2C_1A_First"])
    watched = await open_portal(records, "/portal/journeys")
    await expect(watched.tab.locator("a.row")).to_have_text(["B2C_1A_First"])
    records.policies.append("B2C_1A_Second")

    await expect(watched.tab.locator("a.row")).to_have_text(["B2C_1A_Second", "B2C_1A_First"])
    await expect(watched.tab.locator("#pulse")).to_have_text("Live")
    assert watched.complaints == []


async def test_what_was_opened_stays_open_when_something_happens(open_portal):
    records = Records(entries=[entry(StepRecord("profile", claims={"tier": "gold"}))])
    watched = await open_portal(records, "/portal/journeys/j-0")
    await watched.tab.click("summary")
    records.entries.append(entry(StepRecord("tokens")))
    await expect(watched.tab.locator(".timeline > li")).to_have_count(2)

    await expect(watched.tab.locator("dl.pairs")).to_be_visible()


async def test_a_failed_call_shows_up_with_its_explanation_within_a_second(open_portal):
    exchange = Exchange("POST", "https://api.example/")
    failed = CallRecord("REST", "1", "Basic", "api.example", Verdict.DNS, 2, 1.0, exchange, next="Check the name.")
    records = Records(entries=[entry(StepRecord("page"))])
    watched = await open_portal(records, "/portal/journeys/j-0")
    took_s = []
    # The quickest of three: a machine that is busy with other things proves nothing.
    for number in (1, 2, 3):
        records.entries.append(entry(failed))
        begun_s = asyncio.get_running_loop().time()
        await expect(watched.tab.locator(".explanation")).to_have_count(number)
        took_s.append(asyncio.get_running_loop().time() - begun_s)

    assert min(took_s) < 1
    await expect(watched.tab.locator(".meaning").first).to_have_text("The name of the API has no address.")
    assert watched.complaints == []


async def test_hostile_values_run_nothing_and_fit_the_screen(open_portal):
    exchange = Exchange(
        "POST", HOSTILE, ((HOSTILE, HOSTILE),), HOSTILE, 200, HOSTILE, ((HOSTILE, HOSTILE),), f'"{HOSTILE}'
    )
    call = CallRecord(HOSTILE, HOSTILE, HOSTILE, HOSTILE, Verdict.MAPPING, 1, 1.0, exchange, next=HOSTILE)
    records = Records([HOSTILE], [entry(StepRecord("start", HOSTILE, HOSTILE, HOSTILE)), entry(call)])

    for path in ("/portal/journeys", "/portal/journeys/j-0"):
        watched = await open_portal(records, path, width=360)
        assert await watched.tab.evaluate("window.hacked") is None
        assert await watched.tab.evaluate("document.documentElement.scrollWidth") == 360
        assert watched.complaints == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_every_text_of_a_timeline_has_a_contrast_of_four_and_a_half(open_portal, faint_texts, dark):
    exchange = Exchange("POST", "https://api.example/", (("Accept", "*/*"),), "{}", 401, "Unauthorized")
    failed = CallRecord(
        "REST", "1", "Basic", "api.example", Verdict.CREDENTIAL_REFUSED, 1, 1.0, exchange, next="Look at the key."
    )
    fine = CallRecord("REST", "1", "Basic", "api.example", Verdict.OK, 1, 1.0, exchange)
    events = [entry(StepRecord(event, detail="d")) for event in ("page", "refused", "error", "tokens")]
    watched = await open_portal(
        Records(entries=[entry(failed), entry(fine), *events]), "/portal/journeys/j-0", dark=dark
    )

    assert await faint_texts(watched.tab) == []
