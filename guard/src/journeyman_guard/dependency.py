"""The guard as a dependency of FastAPI, or called by hand in a Starlette endpoint; needs the extra ``starlette``."""

# Without postponed annotations: FastAPI reads them from the function when the route is made.
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request

from journeyman_guard.caller import Caller
from journeyman_guard.check import Check
from journeyman_guard.errors import MisconfiguredError, Refused
from journeyman_guard.guard import Guard
from journeyman_guard.request import request_of_scope


def require(check: Check, guard: Guard | None = None) -> Callable[[Request], Awaitable[Caller]]:
    """Return a dependency that yields the caller, for example ``Depends(require(check))``.

    A route without the dependency is open; the middleware is the safer form, because it refuses what is not listed.

    Args:
        guard: whose proxies, limit and metrics count; its routes do not. Without one, each dependency has its own.

    Raises:
        HTTPException: (when called) with the status and the challenges of the refusal.
    """
    if not callable(getattr(check, "check", None)):
        raise MisconfiguredError("require() takes a check")
    decider = guard or Guard({})

    async def caller(request: Request) -> Caller:
        guarded = decider.proxies.believed(request_of_scope(request.scope))
        try:
            return await decider.admit_by(check, "dependency", guarded)
        except Refused as refusal:
            headers = {"cache-control": "no-store"}
            if refusal.challenges:
                headers["www-authenticate"] = ", ".join(refusal.challenges)
            if refusal.retry_after_s is not None:
                headers["retry-after"] = str(refusal.retry_after_s)
            raise HTTPException(refusal.status, "unauthorized", headers) from None

    return caller
