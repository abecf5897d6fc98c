from __future__ import annotations

from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeyman.errors import StorageError
from journeyman.trace.codec import decode, encode, to_json
from journeyman.trace.records import CallRecord, Exchange, Phases, StepRecord, Verdict

TEXT = st.text(st.characters(), max_size=8)  # with control characters and lone surrogates
MS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
CLAIMS = st.dictionaries(TEXT, TEXT, max_size=3)
HEADERS = st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple)
EXCHANGES = st.builds(Exchange, TEXT, TEXT, HEADERS, TEXT, st.none() | st.integers(100, 599), TEXT, HEADERS, TEXT)
PHASES = st.builds(Phases, MS, MS, MS, MS, MS)
STEPS = st.builds(StepRecord, TEXT, TEXT, TEXT, TEXT, CLAIMS, MS)
CALLS = st.builds(
    CallRecord,
    profile_id=TEXT,
    step=TEXT,
    authentication=TEXT,
    host=TEXT,
    verdict=st.sampled_from(Verdict),
    tries=st.integers(0, 5),
    total_ms=st.floats(0, 1e6),
    exchange=EXCHANGES,
    phases=PHASES,
    dialled=TEXT,
    address=TEXT,
    credential=st.lists(TEXT, max_size=2).map(tuple),
    claims_out=CLAIMS,
    claims_in=CLAIMS,
    detail=TEXT,
    next=TEXT,
)


@given(STEPS | CALLS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
def test_every_record_comes_back_equal(record):
    assert decode(*encode(record)) == record


def test_the_type_says_what_the_record_is():
    call = CallRecord("P", "", "None", "h", Verdict.OK, 1, 1.0, Exchange("GET", "https://h/"))

    assert encode(StepRecord("start"))[0] == "step"
    assert encode(call)[0] == "call"
    assert to_json(call)["verdict"] == "ok"


def test_a_read_only_mapping_is_written_like_any_other():
    record = StepRecord("profile", claims=MappingProxyType({"a": "b"}))

    assert decode(*encode(record)) == StepRecord("profile", claims={"a": "b"})


def test_a_member_of_a_newer_version_is_left_out():
    assert decode("step", '{"event": "start", "colour": "blue"}') == StepRecord("start")


@pytest.mark.parametrize("type", ["step", "call"])
@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"exchange": {}}'])
def test_a_damaged_record_is_a_storage_error(type, text):
    with pytest.raises(StorageError, match=f"a trace record of type '{type}' cannot be read"):
        decode(type, text)


def test_an_unknown_type_is_a_storage_error():
    with pytest.raises(StorageError, match="unknown type 'span'"):
        decode("span", "{}")


def test_a_record_with_a_strange_value_is_a_type_error():
    with pytest.raises(TypeError, match="a record holds a bytes"):
        encode(StepRecord("start", detail=b"bytes"))
