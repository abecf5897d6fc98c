"""What a journey tells the web: show this page, issue tokens, refuse, or end with a page of an API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from journeyman.claims.values import Json
from journeyman.errors import ServiceError
from journeyman.journey.page import Page


@dataclass(frozen=True, slots=True)
class ShowStep:
    """The browser shows ``page`` and comes back with what the person did."""

    page: Page


@dataclass(frozen=True, slots=True)
class GoToProvider:
    """The browser goes to an identity provider with an authorization request."""

    url: str


@dataclass(frozen=True, slots=True)
class IssueTokens:
    """The journey reached SendClaims.

    Attributes:
        claims: what goes into the token, by its name there; absent and empty claims are left out.
        subject: the value of ``sub``, None when the policy names none.
        user_id: the value of the claim by which grants remember the user, None when it is not known.
        remembered: claim id -> value in its stored form, for a later refresh journey.
    """

    issuer_profile: str
    claims: Mapping[str, Json] = field(default_factory=dict)
    subject: str | None = None
    user_id: str | None = None
    remembered: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fail:
    """The journey ends and the application is told why."""

    error: ServiceError


@dataclass(frozen=True, slots=True)
class Block:
    """The journey ends with a page that shows the message of an API; the application is told nothing."""

    message: str


Outcome = ShowStep | GoToProvider | IssueTokens | Fail | Block


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """The answer to what a page sent: None in ``error_code`` means that the journey may go on."""

    error_code: str | None = None
    message: str = ""
    ended: ServiceError | None = None  # too many failed tries: the next navigation ends the journey
