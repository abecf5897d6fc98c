"""The guard as a dependency of FastAPI, or called by hand in a Starlette endpoint; needs the extra ``starlette``."""

# Without postponed annotations: FastAPI reads them from the function when the route is made.
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request

from journeyman_guard.caller import Caller
from journeyman_guard.check import Check
from journeyman_guard.errors import MisconfiguredError, Refused
from journeyman_guard.middleware import log_refusal
from journeyman_guard.request import request_of_scope


def require(check: Check) -> Callable[[Request], Awaitable[Caller]]:
    """Return a dependency that yields the caller, for example ``Depends(require(check))``.

    A route without the dependency is open; the middleware is the safer form, because it refuses what is not listed.

    Raises:
        HTTPException: (when called) with the status and the challenges of the refusal.
    """
    if not callable(getattr(check, "check", None)):
        raise MisconfiguredError("require() takes a check")

    async def caller(request: Request) -> Caller:
        guarded = request_of_scope(request.scope)
        try:
            return await check.check(guarded)
        except Refused as refusal:
            log_refusal(guarded, refusal)
            headers = {"cache-control": "no-store"}
            if refusal.challenges:
                headers["www-authenticate"] = ", ".join(refusal.challenges)
            raise HTTPException(refusal.status, "unauthorized", headers) from None

    return caller
