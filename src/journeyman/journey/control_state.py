"""What the display controls of the page that is shown have done so far, as the journey remembers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.values import Json
from journeyman.compiler.compiled import CompiledPolicy
from journeyman.journey.state import JourneyState
from journeyman.technical_profile import VerifiedControl


@dataclass(frozen=True, slots=True)
class ControlState:
    """One display control.

    Attributes:
        sent: claim id -> the text for which a code was sent last, None before that.
        verified: claim id -> the text that was verified, None before that.
        outputs: the output claims of the control.
    """

    sent: Mapping[str, str] | None = None
    verified: Mapping[str, str] | None = None
    outputs: ClaimsBag = field(default_factory=ClaimsBag)

    def to_json(self) -> dict[str, Json]:
        """Write it so that ``control_state`` reads it."""
        return {
            "sent": None if self.sent is None else dict(self.sent),
            "verified": None if self.verified is None else dict(self.verified),
            "outputs": self.outputs.to_json(),
        }


def control_state(policy: CompiledPolicy, state: JourneyState, control_id: str) -> ControlState:
    """Return the state of a control of the page that is shown; a fresh one before its first action."""
    raw = state.page.controls.get(control_id) if state.page else None
    if raw is None:
        return ControlState()
    outputs = ClaimsBag.from_json(_object(raw["outputs"]), policy.claim_types)
    return ControlState(_texts(raw["sent"]), _texts(raw["verified"]), outputs)


def verified_controls(policy: CompiledPolicy, state: JourneyState) -> dict[str, VerifiedControl]:
    """Return what the controls of the page have proved, by control id."""
    names = state.page.controls if state.page else {}
    found = {name: control_state(policy, state, name) for name in names}
    return {
        name: VerifiedControl(control.verified, control.outputs)
        for name, control in found.items()
        if control.verified is not None
    }


def _object(raw: Json) -> Mapping[str, Json]:
    return raw if isinstance(raw, Mapping) else {}


def _texts(raw: Json) -> dict[str, str] | None:
    return {name: str(text) for name, text in raw.items()} if isinstance(raw, Mapping) else None
