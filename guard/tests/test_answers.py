from __future__ import annotations

import json

import pytest

from journeyman_guard import AnyoneCheck, Conflict, GuardMiddleware


def test_only_what_is_set_is_sent():
    assert Conflict("Not known.").members() == {"version": "1.0.0", "status": 409, "userMessage": "Not known."}


async def test_a_conflict_is_an_application_that_answers_409_with_every_member(serve_app):
    conflict = Conflict(
        "Größe?", "SIZE", request_id="7", developer_message="too big", more_info="https://docs.example", version="2.0"
    )
    api = await serve_app(GuardMiddleware(conflict, {"GET /": AnyoneCheck()}))

    answer = await api.call("GET /")

    assert (answer.status, answer.header("content-type")) == (409, ["application/json"])
    assert json.loads(answer.body) == {
        "version": "2.0",
        "status": 409,
        "userMessage": "Größe?",
        "code": "SIZE",
        "requestId": "7",
        "developerMessage": "too big",
        "moreInfo": "https://docs.example",
    }


def test_a_conflict_needs_a_message():
    with pytest.raises(ValueError, match="message for the user"):
        Conflict("")
