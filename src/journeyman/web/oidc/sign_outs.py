"""Who is told that a sign-in session ends: identity providers and applications in, addresses for hidden frames out.

Source: protocol.md §12 steps 6 and 7, technical-profiles.md §27. That both are told by frames of one page is this
project's decision: a provider that asks something or does not come back must not keep the person.
"""

from __future__ import annotations

from journeyman.compiler.handlers import JWT_ISSUER, SESSION_OAUTH
from journeyman.engine import Engine, ServedPolicy
from journeyman.journey.session import Session, sign_out_urls


async def sign_out_frames(
    engine: Engine, served: ServedPolicy, session: Session | None, client_id: str
) -> tuple[str, ...]:
    """Return the addresses that end the sessions which hang on this one.

    Args:
        client_id: the application that logs out, "" when it is not known; it is not told of what it does itself.
    """
    if session is None:
        return ()
    applications = [
        found.logout_url
        for each in (session.clients if _tells_applications(served) else ())
        if each.casefold() != client_id.casefold()
        and (found := await engine.applications.get(each)) is not None
        and found.logout_url
    ]
    return tuple(dict.fromkeys((*sign_out_urls(session), *applications)))


def _tells_applications(served: ServedPolicy) -> bool:
    """Whether the issuer of the policy takes part in single sign-out: its session profile must keep applications."""
    profiles = served.policy.technical_profiles
    managers = (profiles.get(each.session_profile or "") for each in profiles.values() if each.handler == JWT_ISSUER)
    return any(manager is not None and manager.handler == SESSION_OAUTH for manager in managers)
