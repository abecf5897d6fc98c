"""Run an action of a display control: send a code, check a code.

Source: technical-profiles.md §4, pages.md §5 row 8 and §6.3. The limit of actions is our choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from journeyman.claims.bag import ClaimsBag
from journeyman.compiler.compiled import CompiledPolicy, TechnicalProfile
from journeyman.journey.control_state import ControlState, control_state
from journeyman.journey.outcome import PageAnswer
from journeyman.journey.pipeline import Pipeline
from journeyman.journey.place import Place
from journeyman.journey.state import JourneyState, lost_state
from journeyman.journey.submission import Submitted, Validation, refused
from journeyman.technical_profile import ControlAction, ControlProvider, Refuse
from journeyman.user_messages import message

ACTIONS: Final = 50
"""How many actions one journey may ask for: sending codes costs money, and codes can be guessed."""
VERIFY: Final = "verifycode"
SEND: Final = "sendcode"


async def run_action(
    pipeline: Pipeline,
    profile: TechnicalProfile,
    names: tuple[str, str],
    posted: Mapping[str, str],
    state: JourneyState,
    place: Place,
) -> Submitted:
    """Run the action ``names`` (control, action) of the page that ``profile`` shows.

    Raises:
        ServiceError: the page has no such control, or the control no such action.
    """
    control_id, action_id = _named(pipeline.policy, profile, names)
    provider = pipeline.provider(profile)
    if state.page is None or not isinstance(provider, ControlProvider):
        raise lost_state()
    state.control_actions += 1
    call = pipeline.call(profile, state.claims, place)
    profiles = pipeline.policy.display_controls[control_id].actions[action_id]
    validation = Validation(pipeline, profiles, place)
    if state.control_actions > ACTIONS:
        return refused(Refuse(message(call.texts, "ServiceThrottled"), "AADB2C90158"), validation)
    before = control_state(pipeline.policy, state, control_id)
    action = ControlAction(call, control_id, action_id, posted, before.sent, before.outputs, validation.run)
    outcome = await provider.act(action)
    if isinstance(outcome, Refuse):
        return refused(outcome, validation)
    sends, proves = action_id.casefold() == SEND, action_id.casefold() == VERIFY
    after = ControlState(
        sent=outcome.claims if sends else before.sent,
        # A new code takes back what an earlier one has proved.
        verified=outcome.claims if proves else (None if sends else before.verified),
        outputs=ClaimsBag(outcome.outputs),
    )
    state.page.controls[control_id] = after.to_json()
    return Submitted(PageAnswer())


def _named(policy: CompiledPolicy, profile: TechnicalProfile, names: tuple[str, str]) -> tuple[str, str]:
    """Return the declared ids; only controls of the page that is shown can be asked."""
    wanted, action = (name.casefold() for name in names)
    shown = (display.display_control for display in profile.display_claims if display.display_control)
    control_id = next((name for name in shown if name.casefold() == wanted), None)
    control = policy.display_controls.get(control_id) if control_id else None
    action_id = next((name for name in control.actions if name.casefold() == action), None) if control else None
    if control is None or action_id is None:
        raise lost_state()
    return control.id, action_id
