"""An action of a verification control: its fields in, checked claims and what they prove out.

A code proves the claims for which it was sent: what is verified must be, letter for letter, what the
code was sent for. Source: technical-profiles.md §4, policy-language.md §3.7; that a control remembers
what its last code was sent for is this project's decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.claim_type import UserInputType
from journeyman.claims.resolvers import Resolution
from journeyman.claims.values import ClaimValue, ConversionError, DataType, convert, to_text
from journeyman.compiler.compiled import DisplayControl
from journeyman.providers.self_asserted.form import Form
from journeyman.providers.self_asserted.page_claims import CODE, control_claims
from journeyman.technical_profile import ControlAction, ControlDone, Refuse, Shown
from journeyman.user_messages import message

VERIFICATION: Final = "verificationcontrol"
"""The type of the display controls that this engine shows, in lower case."""
SEND: Final = "sendcode"
NOT_SENT: Final = "UserMessageIfVerificationControlClaimsNotVerified"


@dataclass(frozen=True, slots=True)
class Control:
    """A verification control of a page."""

    control: DisplayControl
    shown: tuple[Shown, ...]

    async def act(self, action: ControlAction, scope: ClaimsBag) -> ControlDone | Refuse:
        """Check the fields that the action needs, run its profiles over ``scope``, say what it was about."""
        scope.update(control_inputs(self.control, scope, action.call.resolution))
        scope.update(action.outputs)
        form = Form(action.call, scope, keep_empty=False)
        sends = action.action_id.casefold() == SEND
        fields = [item for item in self.shown if not (sends and item.role == CODE)]
        refused = form.take_all(tuple(replace(item, control="") for item in fields), action.posted)
        if refused is not None:
            return refused
        about = self._about(scope)
        if not sends and self._sends_codes and about != action.sent:
            return Refuse(message(action.call.texts, NOT_SENT), detail=f"{NOT_SENT}: {self.control.id}")
        refused = await action.validate(scope)
        return refused or ControlDone(about, self._outputs(scope))

    @property
    def _sends_codes(self) -> bool:
        return any(name.casefold() == SEND for name in self.control.actions)

    def _about(self, scope: Mapping[str, ClaimValue]) -> dict[str, str]:
        """Return the texts of the claims that a code is sent for: all that it shows but the code itself."""
        ids = [item.claim.id for item in self.shown if item.role != CODE and _is_value(item)]
        return {claim_id: to_text(scope[claim_id]) for claim_id in ids if claim_id in scope}

    def _outputs(self, scope: Mapping[str, ClaimValue]) -> dict[str, ClaimValue]:
        ids = [mapping.claim.id for mapping in self.control.output_claims]
        return {claim_id: scope[claim_id] for claim_id in ids if claim_id in scope}


def verification_control(control: DisplayControl) -> Control:
    """Make the control of a page."""
    return Control(control, control_claims(control))


def control_inputs(
    control: DisplayControl, claims: Mapping[str, ClaimValue], resolution: Resolution
) -> dict[str, ClaimValue]:
    """Return the input claims of a control that have a value, defaults applied."""
    found: dict[str, ClaimValue] = {}
    for mapping in control.input_claims:
        value = None if mapping.always_use_default else claims.get(mapping.claim.id)
        if value is None and mapping.default is not None:
            value = _converted(mapping.default.resolve(resolution), mapping.claim.data_type)
        if value is not None:
            found[mapping.claim.id] = value
    return found


def _converted(text: str | None, data_type: DataType) -> ClaimValue | None:
    try:
        return None if text is None else convert(text, data_type)
    except ConversionError:
        return None  # a resolver that brings no value of the type brings none


def _is_value(item: Shown) -> bool:
    return item.claim.user_input_type is not UserInputType.PARAGRAPH
