from __future__ import annotations

import re
import uuid

import pytest

from journeyman.connector.trace_context import idempotency_key, traceparent


def test_the_trace_id_is_the_correlation_id_and_each_call_has_a_parent_id_of_its_own():
    found = [traceparent("99999999-2222-3333-4444-55555555555A") for _ in range(2)]

    assert all(re.fullmatch("00-99999999222233334444-?55555555555a-[0-9a-f]{16}-01", one) for one in found)
    assert found[0] != found[1]


@pytest.mark.parametrize(
    "correlation_id", ["", "c", "0" * 32, "x" * 32, "99999999-2222-3333-4444-555555555555\r\nX: 1"]
)
def test_what_is_no_trace_id_is_replaced(correlation_id):
    found = traceparent(correlation_id)

    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", found)
    assert "0" * 32 not in found


def test_every_call_has_a_key_of_its_own():
    assert uuid.UUID(idempotency_key()) != uuid.UUID(idempotency_key())
