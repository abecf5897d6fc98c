"""The contract between a journey and the providers that run its technical profiles.

A journey hands a provider one ``Call`` and gets an ``Outcome``. A provider never touches the claims
bag: it returns values under the names on the wire, and the journey maps them to claims.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.claim_type import ClaimType
from journeyman.claims.resolvers import Resolution
from journeyman.claims.restriction import Option
from journeyman.claims.values import ClaimValue
from journeyman.compiler.compiled import ClaimMapping, ContentDefinition, LocalizedTexts, TechnicalProfile
from journeyman.trace.records import CallRecord
from journeyman.user_messages import Texts

InputClaim = tuple[ClaimMapping, ClaimValue]


@dataclass(frozen=True, slots=True)
class Continue:
    """The profile succeeded.

    Attributes:
        values: name on the wire of an output claim (``ClaimMapping.name``) -> value as the provider
            knows it (JSON or typed); the journey converts it to the data type of the claim.
        cleared: names on the wire of output claims that the person emptied: the journey removes them.
        keyed_by_claim: both are keyed by claim type id instead: pages know claims, not names on a wire.
        token_answer: what an identity provider's token endpoint answered, for ``{oauth2:access_token}``.
        sign_out_url: where the browser ends its session at the identity provider, "" when that is not wanted.
    """

    values: Mapping[str, object] = field(default_factory=dict)
    cleared: frozenset[str] = frozenset()
    keyed_by_claim: bool = False
    token_answer: Mapping[str, str] = field(default_factory=dict, repr=False)
    sign_out_url: str = ""


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


@dataclass(frozen=True, slots=True)
class SendAway:
    """The profile needs an identity provider: the browser goes there and comes back with its answer.

    Attributes:
        url: the authorization request without ``state``, which the journey adds.
        kept: what the provider must know when the browser is back; it stays in the journey.
    """

    url: str
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class ShowBlockPage:
    """The profile ends the journey: a last page says why, and nobody is signed in or signed up."""

    user_message: str


Outcome = Continue | Refuse | ShowPage | SendAway | ShowBlockPage


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
        grant: what a redeemed grant remembers (refresh journeys), by name; empty otherwise.
        localized: everything that the policy says on the page around it in the language of the journey.
        secrets: the secret texts of the journey, in the forms in which a record must not show them.
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
    texts: Texts
    record: Callable[[CallRecord], None]
    grant: Mapping[str, object] = field(default_factory=dict)
    localized: LocalizedTexts = field(default_factory=LocalizedTexts)
    secrets: Callable[[], frozenset[str]] = frozenset


class CallObserver(Protocol):
    """Is told of every REST call of a journey: the audit, metrics, spans."""

    async def begin(self, call: Call) -> None:
        """Take note that the call is about to be made. Raises ServiceError when it must not be made."""
        ...

    async def end(self, call: Call, record: CallRecord) -> None:
        """Take note of how it ended; ``record`` is redacted. Raises ServiceError when the journey cannot go on."""
        ...


@dataclass(frozen=True, slots=True)
class CallObservers:
    """Several observers as one, told in their order."""

    observers: tuple[CallObserver, ...] = ()

    async def begin(self, call: Call) -> None:
        """Tell all of them; the first that refuses ends it."""
        for observer in self.observers:
            await observer.begin(call)

    async def end(self, call: Call, record: CallRecord) -> None:
        """Tell all of them."""
        for observer in self.observers:
            await observer.end(call, record)


UNOBSERVED: Final = CallObservers()


def offered_options(claim: ClaimType, localized: LocalizedTexts) -> tuple[Option, ...]:
    """Return the options of a list on a page: the localized collection where the page has one, else the claim's."""
    items = localized.collections.get(("claimtype", claim.id.casefold(), "restriction"))
    return claim.options if items is None else tuple(Option(*item) for item in items)


class Provider(Protocol):
    """Run one technical profile; it holds what was made of the profile when the policy was loaded."""

    async def execute(self, call: Call) -> Outcome:
        """Run the profile. Raises ServiceError when the journey cannot go on."""
        ...


Validate = Callable[[ClaimsBag], Awaitable[Refuse | None]]
"""Run the validation technical profiles of the page over its claims; their outputs are written there."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person sent from a page.

    Attributes:
        posted: claim id in lower case -> what the field held; several values of one field are joined by commas.
        verified: claim id -> the value that was verified for it in this journey.
        validate: runs the validation technical profiles; None means that all of them agreed.
    """

    call: Call
    posted: Mapping[str, str]
    verified: Mapping[str, str]
    validate: Validate
    controls: Mapping[str, VerifiedControl] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VerifiedControl:
    """What a display control of the page has proved.

    Attributes:
        claims: claim id -> the text that was verified.
        outputs: the output claims of the control.
    """

    claims: Mapping[str, str]
    outputs: Mapping[str, ClaimValue]


@dataclass(frozen=True, slots=True)
class ControlAction:
    """An action of a display control that a person asked for.

    Attributes:
        posted: claim id in lower case -> what the field held.
        sent: claim id -> the text for which a code was sent last; None when none was sent.
        outputs: the output claims of the control, from earlier actions.
        validate: runs the profiles of the action over a scope.
    """

    call: Call
    control_id: str
    action_id: str
    posted: Mapping[str, str]
    sent: Mapping[str, str] | None
    outputs: Mapping[str, ClaimValue]
    validate: Validate


@dataclass(frozen=True, slots=True)
class ControlDone:
    """An action succeeded.

    Attributes:
        claims: claim id -> the text of the claims that the control is about.
        outputs: the output claims of the control.
    """

    claims: Mapping[str, str]
    outputs: Mapping[str, ClaimValue]


@dataclass(frozen=True, slots=True)
class Shown:
    """A claim that a page asks for, in the order of the page.

    Attributes:
        control: the display control in which it stands, "" for none.
        role: its ControlClaimType in lower case.
    """

    claim: ClaimType
    required: bool
    verify: bool
    control: str = ""
    role: str = ""


@runtime_checkable
class InteractiveProvider(Provider, Protocol):
    """A provider that shows a page and takes its answer."""

    content_definition: str

    def shown(self, page: ContentDefinition) -> tuple[Shown, ...]:
        """Return the claims that appear on ``page``."""
        ...

    async def submit(self, submission: Submission) -> Continue | Refuse:
        """Check what was sent, run the validation technical profiles, return the output claims."""
        ...


@runtime_checkable
class ControlProvider(InteractiveProvider, Protocol):
    """An interactive provider whose page may hold display controls."""

    async def act(self, action: ControlAction) -> ControlDone | Refuse:
        """Check the fields of a control and run one of its actions."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What the browser brought back from an identity provider.

    Attributes:
        parameters: of the query or the form, as sent; everything in them is the browser's word.
        kept: what ``SendAway`` asked to keep.
    """

    parameters: Mapping[str, str] = field(repr=False)
    kept: Mapping[str, str] = field(repr=False)


@runtime_checkable
class FederatedProvider(Provider, Protocol):
    """A provider that sends the browser to an identity provider and takes its answer."""

    async def receive(self, call: Call, returned: Returned) -> Continue | SendAway:
        """Check the answer and return the output claims, or ask once more. Raises ServiceError when it is refused."""
        ...
