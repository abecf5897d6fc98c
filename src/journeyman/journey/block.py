"""The end of a journey by the block page of an API: the message in, a state out that can only show it again.

What the journey knew of the person is forgotten at once, and it stands at no step any more: the back button, a
reload, a second request or an answer of an identity provider find nothing to go on with. Source: rest-connectors.md
§15.4; that a reload shows the page again is this project's decision.
"""

from __future__ import annotations

from journeyman.claims.bag import ClaimsBag
from journeyman.journey.outcome import Block
from journeyman.journey.state import JourneyState, PageState


def block(state: JourneyState, message: str) -> Block:
    """End a journey."""
    state.blocked = message
    state.frames, state.claims = [], ClaimsBag()
    state.selection = state.away = None
    state.verified, state.session_writes, state.grant, state.tainted = {}, {}, {}, []
    if state.page is not None:
        # The page that the browser still shows may come here with its token, and does nothing else any more.
        state.page = PageState(csrf=state.page.csrf)
    return Block(message)
