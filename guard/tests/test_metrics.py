from __future__ import annotations

from journeyman_guard import GuardMetrics
from journeyman_guard.metrics import _MAX_CAUSES


def test_the_text_is_what_prometheus_reads():
    metrics = GuardMetrics()
    metrics.accept("GET /a", ("basic",))
    metrics.accept("GET /a", ("basic",))
    metrics.refuse(401, 'the "key"\n\\')
    metrics.fail()

    lines = [line for line in metrics.text().splitlines() if not line.startswith("#")]

    assert lines == [
        'journeyman_guard_accepted_total{route="GET /a",methods="basic"} 2',
        'journeyman_guard_refused_total{status="401",cause="the \\"key\\"\\n\\\\"} 1',
        "journeyman_guard_failed_total 1",
    ]


def test_the_number_of_causes_is_bounded():
    metrics = GuardMetrics()
    for number in range(_MAX_CAUSES + 50):
        metrics.refuse(401, f"cause {number}")

    assert len(metrics.refused) == _MAX_CAUSES + 1
    assert metrics.refused[401, "other"] == 50
