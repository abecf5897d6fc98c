"""The sample API of docs/how-to/api-connectors.md answers as an API connector must."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from journeyman.connector.answer import Blocking, Place, Rejection, Success
from journeyman.connector.api_connector.answer import ConnectorAnswerPlan, read_connector_answer
from journeyman.connector.api_connector.step import Step
from journeyman.connector.client import Answer

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "api-connectors.md"


@pytest.fixture
def ask():
    code = PAGE.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    names: dict[str, object] = {}
    exec(compile(code, PAGE.name, "exec"), names)
    transport = httpx.ASGITransport(names["guarded"](b"hunter2"))

    async def post(person, password="hunter2"):
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", trust_env=False) as client:
            found = await client.post("/signup", json=person, auth=("journeyman", password))
        return Answer(found.status_code, "", found.headers, found.content)

    return post


def meaning(answer):
    plan = ConnectorAnswerPlan("A", Step.POST_ATTRIBUTE_COLLECTION)
    return read_connector_answer(plan, answer, Place("PreUserWriteRestful", "1"))


async def test_an_invited_person_goes_on(ask):
    answer = await ask({"email": "ada@contoso.example", "extension_0_Invitation": "7431"})

    assert isinstance(meaning(answer), Success)
    assert json.loads(answer.body)["extension_Tier"] == "gold"


async def test_a_wrong_code_is_refused_and_a_stranger_is_sent_away(ask):
    refused = meaning(await ask({"email": "ada@contoso.example", "extension_0_Invitation": "1"}))
    blocked = meaning(await ask({"email": "eve@contoso.example"}))

    assert refused == Rejection("This is not the code in your invitation.", "ValidationError")
    assert isinstance(blocked, Blocking)


async def test_a_wrong_password_does_not_get_in(ask):
    assert (await ask({"email": "ada@contoso.example"}, "wrong")).status == 401
