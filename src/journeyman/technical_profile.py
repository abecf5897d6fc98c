"""The contract between a journey and the providers that run its technical profiles.

A journey hands a provider one ``Call`` and gets an ``Outcome``. A provider never touches the claims
bag: it returns values under the names on the wire, and the journey maps them to claims.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from journeyman.claims.resolvers import Resolution
from journeyman.claims.values import ClaimValue
from journeyman.compiler.compiled import ClaimMapping, ContentDefinition, TechnicalProfile
from journeyman.trace.records import CallRecord

InputClaim = tuple[ClaimMapping, ClaimValue]


@dataclass(frozen=True, slots=True)
class Continue:
    """The profile succeeded.

    Attributes:
        values: name on the wire of an output claim (``ClaimMapping.name``) -> value as the provider
            knows it (JSON or typed); the journey converts it to the data type of the claim.
    """

    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refuse:
    """The profile says no, with a message for the person: a 4xx of an API, a wrong password.

    Attributes:
        user_message: shown beside the form; "" when there is none.
        detail: what the log and, outside a page, the application see.
        message_id: the id under which the policy may localize ``user_message``; "" when it may not.
        message_values: what fills the ``{0}`` of a localized text.
    """

    user_message: str
    service_code: str = "AADB2C"
    detail: str = ""
    message_id: str = ""
    message_values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShowPage:
    """The profile needs the person: the journey shows the page and calls ``submit`` with the answer.

    Attributes:
        content_definition: the id of the page.
        prefill: claim id -> text with which its field starts.
    """

    content_definition: str
    prefill: Mapping[str, str] = field(default_factory=dict)


Outcome = Continue | Refuse | ShowPage


@dataclass(frozen=True, slots=True)
class Call:
    """One execution of a technical profile.

    Attributes:
        inputs: the input claims that have a value, in document order, defaults applied.
        persisted: likewise the persisted claims.
        claims: all claims that the profile may see, by claim type id; read only.
        step: how texts name the place: ``Order=2, Type=ClaimsExchange``.
        exchange_id: the claims exchange, or the profile itself when it runs as a validation profile.
        page: the content definition of the page around it, None outside a page.
        texts: message id -> localized or configured text of the page or profile, None when there is none.
        record: takes the record of a REST call.
    """

    profile: TechnicalProfile
    inputs: tuple[InputClaim, ...]
    persisted: tuple[InputClaim, ...]
    claims: Mapping[str, ClaimValue]
    resolution: Resolution
    journey_id: str
    step: str
    exchange_id: str
    page: ContentDefinition | None
    texts: Callable[[str], str | None]
    record: Callable[[CallRecord], None]


class Provider(Protocol):
    """Run one technical profile; it holds what was made of the profile when the policy was loaded."""

    async def execute(self, call: Call) -> Outcome:
        """Run the profile. Raises ServiceError when the journey cannot go on."""
        ...


ProfileRunner = Callable[[str, Mapping[str, ClaimValue]], Awaitable[Mapping[str, ClaimValue]]]
