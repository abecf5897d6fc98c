import json
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI
from starlette.responses import Response

from journeyman_guard import ApiKeyCheck, Caller, Conflict, Continue, ShowBlockPage, ValidationError, hashed_credential
from journeyman_guard.dependency import require
from journeyman_guard.fastapi_contract import (
    PROFILE_ANSWERS,
    TOKEN_ANSWERS,
    USER_FLOW_ANSWERS,
    PostAttributeCollection,
    PostFederationSignup,
    PreTokenIssuance,
    answer,
)

CALLER = require(ApiKeyCheck("x-key", (hashed_credential("k", "good"),)))
STEP = {
    "step": "PostAttributeCollection",
    "client_id": "1",
    "ui_locales": "en-US",
    "email": "ann@contoso.example",
    "identities": [{"signInType": "federated", "issuer": "facebook.com", "issuerAssignedId": "7"}],
    "extension_0123456789abcdef0123456789abcdef_Tier": 3,
    "extension_Short": True,
}


@pytest.fixture
def app():
    app = FastAPI()

    @app.post("/signup", responses=USER_FLOW_ANSWERS)
    def signup(step: PostAttributeCollection, caller: Annotated[Caller, Depends(CALLER)]) -> Response:
        if step.extension("Tier") == 3:
            return answer(
                Continue({"displayName": step.identities[0].issuer, "extension_Short": step.extension("Short")})
            )
        return answer(ValidationError("Again.") if step.extension("None") is None else ShowBlockPage("No."))

    @app.post("/token", responses=TOKEN_ANSWERS)
    def token(step: PreTokenIssuance) -> Response:
        return answer(Continue())

    @app.post("/federated", responses=USER_FLOW_ANSWERS)
    def federated(step: PostFederationSignup) -> Response:
        return answer(ShowBlockPage("No."))

    @app.post("/profile", responses=PROFILE_ANSWERS)
    def profile() -> Response:
        return answer(Conflict("Unknown."))

    return app


@pytest.fixture
async def client(app):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client:
        yield client


async def test_a_step_comes_in_typed_and_an_answer_goes_out_as_the_contract_has_it(client):
    answered = await client.post("/signup", json=STEP, headers={"x-key": "good"})

    assert (answered.status_code, answered.headers["content-type"]) == (200, "application/json")
    assert answered.json() == {
        "version": "1.0.0",
        "action": "Continue",
        "displayName": "facebook.com",
        "extension_Short": True,
    }


async def test_the_other_answers_have_their_status(client):
    plain = {name: value for name, value in STEP.items() if not name.endswith("_Tier")}

    assert (await client.post("/signup", json=plain, headers={"x-key": "good"})).json()["status"] == 400
    assert (await client.post("/signup", json=plain, headers={"x-key": "bad"})).status_code == 401
    assert (await client.post("/profile")).json() == {"version": "1.0.0", "status": 409, "userMessage": "Unknown."}
    assert (await client.post("/profile")).status_code == 409


@pytest.mark.parametrize("step", ["PreTokenIssuance", "PreTokenApplicationClaims"])
async def test_the_token_step_has_both_of_its_names(client, step):
    assert (await client.post("/token", json={**STEP, "step": step})).status_code == 200


async def test_a_step_at_the_wrong_route_is_refused(client):
    assert (await client.post("/federated", json=STEP)).status_code == 422
    assert (await client.post("/federated", json={**STEP, "step": "PostFederationSignup"})).json()[
        "action"
    ] == "ShowBlockPage"


async def test_the_openapi_page_shows_requests_and_answers(client):
    document = (await client.get("/openapi.json")).json()

    signup = document["paths"]["/signup"]["post"]
    assert signup["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/PostAttributeCollection")
    assert set(signup["responses"]) == {"200", "400", "401", "403", "422"}
    shown = json.dumps(signup["responses"])
    assert all(name in shown for name in ("ContinueAnswer", "ShowBlockPageAnswer", "ValidationErrorAnswer"))
    assert "ConflictAnswer" in json.dumps(document["paths"]["/profile"]["post"]["responses"]["409"])
