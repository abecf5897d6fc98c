from __future__ import annotations

from datetime import UTC, datetime, timedelta

from journeyman.engine.call_metrics import CallMetrics
from journeyman.engine.expiry import Expiring, Kind
from journeyman.engine.expiry_metrics import ExpiryMetrics

NOW = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)


class StandingClock:
    def now(self):
        return NOW


def one(id, days, **changes):
    return Expiring(Kind.SECRET, id, "kid", "", NOW + timedelta(days=days), **changes)


def test_the_days_left_of_each_key_are_on_the_page_soonest_first_and_covered_ones_are_not():
    metrics = CallMetrics()
    found = [one("B2C_1A_A", -1.5), one("B2C_1A_B", 30), one("B2C_1A_B", 60), one("B2C_1A_C", 5, covered=True)]
    metrics.add(ExpiryMetrics(lambda: found, StandingClock()))
    lines = [line for line in metrics.page().decode().splitlines() if line.startswith("journeyman_expiry_days{")]

    assert lines == [
        'journeyman_expiry_days{id="B2C_1A_A",kind="secret"} -1.5',
        'journeyman_expiry_days{id="B2C_1A_B",kind="secret"} 30.0',
    ]
