"""The contract of identity journeys as FastAPI sees it; needs the extra ``fastapi``.

Request models for the steps of user flows, and the answers, so that the page of the API shows both:

    @app.post("/signup", responses=USER_FLOW_ANSWERS)
    async def signup(step: PostAttributeCollection) -> Response:
        return answer(Continue({"displayName": "Ann"}))

Source: add-api-connector.md, restful-technical-profile.md (rest-connectors.md §15.3, §15.4, §11.2).
"""

# Without postponed annotations: FastAPI and pydantic read them when a route or a model is made.
import json
from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from journeyman_guard.answers import Answer

_EXTENSION: Final = "extension_"


class Identity(BaseModel):
    """How a person signs in."""

    model_config = ConfigDict(extra="allow")

    signInType: str = Field(examples=["federated", "emailAddress", "userName"])  # noqa: N815  # the name on the wire
    issuer: str = Field(examples=["facebook.com"])
    issuerAssignedId: str  # noqa: N815  # the name on the wire


class StepRequest(BaseModel):
    """What every step of a user flow sends; attributes without a value are left out."""

    model_config = ConfigDict(extra="allow")

    step: str
    client_id: str = Field(description="The application that the person signs in to.")
    ui_locales: str = Field(examples=["en-US"])
    email: str | None = None
    identities: list[Identity] | None = None
    displayName: str | None = None  # noqa: N815  # the name on the wire
    givenName: str | None = None  # noqa: N815  # the name on the wire
    surname: str | None = None
    jobTitle: str | None = None  # noqa: N815  # the name on the wire
    streetAddress: str | None = None  # noqa: N815  # the name on the wire
    city: str | None = None
    postalCode: str | None = None  # noqa: N815  # the name on the wire
    state: str | None = None
    country: str | None = None

    def extension(self, name: str) -> Any:  # noqa: ANN401  # whatever JSON value the attribute has
        """Return an own attribute by its short name, None without it; the application id in its full name does not matter."""
        for key, value in (self.model_extra or {}).items():
            if key.startswith(_EXTENSION) and key.removeprefix(_EXTENSION).partition("_")[2] == name:
                return value
        return (self.model_extra or {}).get(f"{_EXTENSION}{name}")


class PostFederationSignup(StepRequest):
    """After federating with an identity provider during sign-up."""

    step: Literal["PostFederationSignup"]


class PostAttributeCollection(StepRequest):
    """Before creating the user."""

    step: Literal["PostAttributeCollection"]


class PreTokenIssuance(StepRequest):
    """Before sending the token; the user exists."""

    # One article of the service prints the other name.
    step: Literal["PreTokenIssuance", "PreTokenApplicationClaims"]
    objectId: str | None = None  # noqa: N815  # the name on the wire


class ContinueAnswer(BaseModel):
    """Go on; every other member is a claim."""

    model_config = ConfigDict(extra="allow")

    version: str
    action: Literal["Continue"]


class ShowBlockPageAnswer(BaseModel):
    """End with a message."""

    version: str
    action: Literal["ShowBlockPage"]
    userMessage: str  # noqa: N815  # the name on the wire


class ValidationErrorAnswer(BaseModel):
    """Stay at the form with a message."""

    version: str
    action: Literal["ValidationError"]
    status: Literal[400]
    userMessage: str  # noqa: N815  # the name on the wire


class ConflictAnswer(BaseModel):
    """Refuse the input of a technical profile with a message."""

    version: str
    status: Literal[409]
    userMessage: str  # noqa: N815  # the name on the wire
    code: str | None = None
    requestId: str | None = None  # noqa: N815  # the name on the wire
    developerMessage: str | None = None  # noqa: N815  # the name on the wire
    moreInfo: str | None = None  # noqa: N815  # the name on the wire


class RefusedAnswer(BaseModel):
    """No proper credential."""

    error: Literal["unauthorized"]


_REFUSED: Final[Mapping[int | str, dict[str, Any]]] = {
    401: {"model": RefusedAnswer, "description": "No credential, or a wrong one."},
    403: {"model": RefusedAnswer, "description": "This caller may not."},
}

USER_FLOW_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": ContinueAnswer | ShowBlockPageAnswer, "description": "Continue, or ShowBlockPage."},
    400: {"model": ValidationErrorAnswer, "description": "ValidationError: stay at the form."},
    **_REFUSED,
}
"""``responses=`` of a route that an API connector of a user flow calls before the user is created."""

TOKEN_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": ContinueAnswer, "description": "Continue, with claims for the token."},
    **_REFUSED,
}
"""``responses=`` of a route that is called before the token is sent."""

PROFILE_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    409: {"model": ConflictAnswer, "description": "Conflict: the message is shown to the person."},
    **_REFUSED,
}
"""``responses=`` of a route that a RESTful technical profile calls; the 200 is the route's own."""


def answer(value: Answer) -> Response:
    """Return the response of an answer, status and JSON exactly as the contract has them."""
    body = json.dumps(value.members()).encode("ascii")
    return Response(body, value.http_status, media_type="application/json")
