"""The state of a journey between two requests: a small value that any node can load and go on with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.claim_type import ClaimType
from journeyman.claims.values import ConversionError, Json
from journeyman.errors import ServiceError
from journeyman.secret import Secret
from journeyman.service_codes import service_error

LIFETIME = timedelta(hours=1)
"""How long a person may take from the authorize request to the token; our choice."""


@dataclass(slots=True)
class Frame:
    """A place in a journey: the next step to run is ``steps[index]``."""

    journey_id: str
    sub_journey: bool = False
    index: int = 0


@dataclass(slots=True)
class PageState:
    """The page that the browser shows now.

    Attributes:
        csrf: the token that a request from this page must bring.
        submitted: the page was sent and accepted; ``confirmed`` goes on from here.
        tries: how often the validation technical profiles refused it.
        ended: number of the service code that ends the journey at the next navigation, 0 for none.
        verify: claim ids whose value the page lets a person verify by a code.
        controls: what each display control has done so far (``display_control.ControlState``), by id.
    """

    csrf: str
    exchange_id: str = ""
    profile_id: str = ""
    submitted: bool = False
    tries: int = 0
    ended: int = 0
    verify: list[str] = field(default_factory=list)
    controls: dict[str, dict[str, Json]] = field(default_factory=dict)


@dataclass(slots=True)
class AwayState:
    """The browser is at an identity provider.

    Attributes:
        secret: the random part of ``state``; only the answer to this very request knows it.
        kept: what the provider wants to know when the browser is back.
    """

    secret: str
    exchange_id: str
    profile_id: str
    kept: dict[str, str]


@dataclass(slots=True)
class JourneyState:
    """Everything that a journey remembers.

    Attributes:
        browser: SHA-256 (hex) of the cookie that binds the journey to its browser.
        parameters: the parameters of the authorization request, as checked.
        selection: the claims exchange that was chosen on a selection page.
        verified: claim id -> the value verified by a code.
        session_writes: session profile id -> claims to keep when the journey completes.
        grant: what a redeemed refresh token remembers.
        auth_time: seconds since 1970 when the person last proved who they are.
        control_actions: how many actions of display controls were asked for.
        tainted: claim ids whose value holds a secret that an API sent back; records hide them.
        blocked: what an API has ended the journey with; None while it may go on.
        plan: the steps of the policy when the page was shown (``steps.plan_of``): ``index`` counts in them.
        username, password: of a password grant, whose journey ends in one request; they are never stored.
    """

    id: str
    correlation_id: str
    tenant: str
    policy_id: str
    browser: str
    parameters: dict[str, str]
    language: str
    started_at: datetime
    frames: list[Frame]
    claims: ClaimsBag = field(default_factory=ClaimsBag)
    selection: str | None = None
    page: PageState | None = None
    away: AwayState | None = None
    verified: dict[str, str] = field(default_factory=dict)
    session_writes: dict[str, dict[str, Json]] = field(default_factory=dict)
    grant: dict[str, Json] = field(default_factory=dict)
    auth_time: int | None = None
    keep_me_signed_in: bool = False
    interactive: bool = True
    plan: str = ""
    tainted: list[str] = field(default_factory=list)
    username: str | None = field(default=None, repr=False)
    password: Secret | None = None
    control_actions: int = 0
    blocked: str | None = None

    @property
    def expires_at(self) -> datetime:
        """When the state store may forget the journey."""
        return self.started_at + LIFETIME

    def to_bytes(self) -> bytes:
        """Serialise."""
        data = {
            "id": self.id,
            "correlation_id": self.correlation_id,
            "tenant": self.tenant,
            "policy_id": self.policy_id,
            "browser": self.browser,
            "parameters": self.parameters,
            "language": self.language,
            "started_at": self.started_at.isoformat(),
            "frames": [[frame.journey_id, frame.sub_journey, frame.index] for frame in self.frames],
            "claims": self.claims.to_json(),
            "selection": self.selection,
            "page": asdict(self.page) if self.page else None,
            "away": asdict(self.away) if self.away else None,
            "verified": self.verified,
            "session_writes": self.session_writes,
            "grant": self.grant,
            "auth_time": self.auth_time,
            "keep_me_signed_in": self.keep_me_signed_in,
            "interactive": self.interactive,
            "plan": self.plan,
            "tainted": self.tainted,
            "control_actions": self.control_actions,
            "blocked": self.blocked,
        }
        return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()


def load_state(data: bytes, claim_types: Mapping[str, ClaimType]) -> JourneyState:
    """Read what ``to_bytes`` wrote; claims that the policy no longer declares are left out.

    Raises:
        ServiceError: AADB2C90046, the policy or the engine has changed so much that the journey cannot go on.
    """
    raw = json.loads(data)
    try:
        page, away = raw.pop("page"), raw.pop("away", None)
        return JourneyState(
            claims=ClaimsBag.from_json(raw.pop("claims"), claim_types),
            page=PageState(**page) if page else None,
            away=AwayState(**away) if away else None,
            frames=[Frame(*frame) for frame in raw.pop("frames")],
            started_at=datetime.fromisoformat(raw.pop("started_at")),
            **raw,
        )
    except (ConversionError, KeyError, TypeError) as error:
        raise lost_state() from error


def read_policy_id(data: bytes) -> str:
    """Return the policy of a stored journey, so that the caller can find its claim types."""
    policy_id = json.loads(data)["policy_id"]
    if not isinstance(policy_id, str):
        detail = "stored journey without a policy"
        raise TypeError(detail)
    return policy_id


def lost_state() -> ServiceError:
    """Build the error for a journey that is gone, ended, or belongs to another browser."""
    return service_error(90046)
