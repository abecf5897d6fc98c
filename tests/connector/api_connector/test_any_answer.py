"""Whatever an API answers: it is one of the documented ends or an error of a call, and no check is passed by accident."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from journeyman.claims.values import DataType
from journeyman.connector.answer import Blocking, Place, Rejection, Success
from journeyman.connector.api_connector.answer import ConnectorAnswerPlan, ConnectorOutput, read_connector_answer
from journeyman.connector.api_connector.step import Step
from journeyman.connector.client import Answer
from journeyman.connector.errors import ConnectorError

EXAMPLES = settings(max_examples=60, database=None)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner))
ACTIONS = st.sampled_from(["Continue", "ShowBlockPage", "ValidationError", "continue", "", None, 1]) | JSON
MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "version": JSON,
        "action": ACTIONS,
        "status": st.sampled_from([400, "400", 409]) | JSON,
        "userMessage": st.sampled_from(["No.", ""]) | JSON,
        "city": JSON,
        "objectId": JSON,
    },
)
OUTPUTS = (ConnectorOutput("city", DataType.STRING), ConnectorOutput("extension_X", DataType.BOOLEAN))


def read(step, status, body):
    plan = ConnectorAnswerPlan("A", step, OUTPUTS)
    try:
        return read_connector_answer(plan, Answer(status, "", CIMultiDict(), body), Place(step.exchange_id, "1"))
    except ConnectorError as error:
        return error


@EXAMPLES
@given(step=st.sampled_from(Step), status=st.integers(100, 599), body=st.binary(max_size=200))
def test_any_bytes_are_an_end_or_an_error(step, status, body):
    result = read(step, status, body)

    assert isinstance(result, Success | ConnectorError) or 200 <= status < 300 or status == 400


@EXAMPLES
@given(step=st.sampled_from(Step), status=st.sampled_from([200, 201, 400, 401, 409, 500]), members=MEMBERS)
def test_an_end_is_what_the_answer_says_and_nothing_more(step, status, members):
    result = read(step, status, json.dumps(members).encode())
    action = members.get("action")

    match result:
        case Success():
            assert status < 300
            assert set(result.values) <= {"city", "extension_X"}
            assert action in ("Continue", None) or (action == "ShowBlockPage" and step is Step.PRE_TOKEN_ISSUANCE)
            assert action == "Continue" or step is not Step.POST_ATTRIBUTE_COLLECTION
        case Blocking():
            assert (action, status < 300, step is Step.PRE_TOKEN_ISSUANCE) == ("ShowBlockPage", True, False)
            assert result.user_message
        case Rejection():
            assert (action, status, step) == ("ValidationError", 400, Step.POST_ATTRIBUTE_COLLECTION)
            assert result.user_message
        case _:
            assert isinstance(result, ConnectorError)


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"9" * 1_000_000, b'"' + b"x" * 1_000_000 + b'"'])
def test_a_hostile_body_is_refused_at_once(step, body):
    assert isinstance(read(step, 200, body), ConnectorError)
