from __future__ import annotations

import json

import pytest

from journeyman_guard import Conflict, Continue, ShowBlockPage, ValidationError


async def sent(answer):
    messages = []

    async def send(message):
        messages.append(message)

    await answer({"type": "http"}, None, send)
    return messages[0]["status"], dict(messages[0]["headers"]), json.loads(messages[1]["body"])


@pytest.mark.parametrize(
    ("answer", "status", "members"),
    [
        (Continue(), 200, {"version": "1.0.0", "action": "Continue"}),
        (
            Continue({"displayName": "Ann", "extension_Tier": 3, "jobTitle": None}),
            200,
            {"version": "1.0.0", "action": "Continue", "displayName": "Ann", "extension_Tier": 3},
        ),
        (ShowBlockPage("No."), 200, {"version": "1.0.0", "action": "ShowBlockPage", "userMessage": "No."}),
        (
            ValidationError("Again."),
            400,
            {"version": "1.0.0", "action": "ValidationError", "status": 400, "userMessage": "Again."},
        ),
        (Conflict("Unknown."), 409, {"version": "1.0.0", "status": 409, "userMessage": "Unknown."}),
        (
            Conflict("Unknown.", "E1", "r-1", "d", "https://docs.example", "2.0"),
            409,
            {
                "version": "2.0",
                "status": 409,
                "userMessage": "Unknown.",
                "code": "E1",
                "requestId": "r-1",
                "developerMessage": "d",
                "moreInfo": "https://docs.example",
            },
        ),
    ],
)
async def test_an_answer_is_the_json_of_the_contract(answer, status, members):
    actual, headers, body = await sent(answer)

    assert (actual, headers[b"content-type"], body) == (status, b"application/json", members)
    assert body == answer.members()


@pytest.mark.parametrize("kind", [ShowBlockPage, ValidationError, Conflict])
def test_an_answer_with_a_message_needs_one(kind):
    with pytest.raises(ValueError, match="message for the user"):
        kind("")


@pytest.mark.parametrize("name", ["version", "action", "status", "userMessage"])
def test_a_claim_cannot_take_the_place_of_a_member(name):
    with pytest.raises(ValueError, match=f"'{name}' is a member"):
        Continue({name: "x"})
