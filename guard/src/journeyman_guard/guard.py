"""The decision about one request, the same in every form: a request in, the caller out, or ``Refused``."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from journeyman_guard.caller import Caller
from journeyman_guard.check import Check
from journeyman_guard.errors import MisconfiguredError, Refused, forbidden
from journeyman_guard.failure_limit import FailureLimit
from journeyman_guard.metrics import GuardMetrics
from journeyman_guard.proxies import TrustedProxies
from journeyman_guard.request import GuardRequest
from journeyman_guard.routes import RouteTable

BODY: Final = b'{"error":"unauthorized"}'
"""The body of every refusal."""

_log: Final = logging.getLogger("journeyman_guard")


class NoCheck:
    """Refuse what no route is listed for."""

    async def check(self, request: GuardRequest) -> Caller:
        """Raise Refused."""
        raise forbidden("no check is set for this route", attempt=False)


class Guard:
    """A policy and all that is needed to decide by it.

    Args:
        policy: ``"METHOD /path/{name}"`` -> check; what is not listed is refused.
        proxies: whose word about certificates and addresses counts; nobody's unless given.
        limit: of wrong credentials per source.
    """

    def __init__(
        self,
        policy: Mapping[str, Check],
        *,
        proxies: TrustedProxies | None = None,
        limit: FailureLimit | None = None,
        metrics: GuardMetrics | None = None,
    ) -> None:
        self.routes = RouteTable(policy)
        self.proxies = proxies or TrustedProxies()
        self.limit = limit or FailureLimit()
        self.metrics = metrics or GuardMetrics()

    async def admit(self, request: GuardRequest) -> Caller:
        """Return who calls. Raises Refused; it is logged and counted here.

        Args:
            request: what ``proxies.believed`` has returned.
        """
        route = self.routes.find(request)
        if route is None:
            return await self.admit_by(NoCheck(), "", request)
        return await self.admit_by(route.check, route.text, request)

    async def admit_by(self, check: Check, route: str, request: GuardRequest) -> Caller:
        """Return who calls by this check. Raises Refused, logged and counted."""
        try:
            self._require_patience(request.source)
            caller = await check.check(request)
        except Refused as refusal:
            self._count(request, refusal)
            raise
        except BaseException:
            self.metrics.fail()
            raise
        self.metrics.accept(route, caller.methods)
        return caller

    def _require_patience(self, source: str) -> None:
        wait_s = self.limit.wait_s(source)
        if wait_s:
            raise Refused(
                "too many wrong credentials from this source",
                HTTPStatus.TOO_MANY_REQUESTS,
                attempt=False,
                retry_after_s=wait_s,
            )

    def _count(self, request: GuardRequest, refusal: Refused) -> None:
        if refusal.attempt:
            self.limit.note(request.source)
        self.metrics.refuse(refusal.status, refusal.reason)
        log_refusal(request, refusal)


def guard_of(policy: Guard | Mapping[str, Check]) -> Guard:
    """Return a guard for what a form was given. Raises MisconfiguredError."""
    if isinstance(policy, Guard):
        return policy
    if not isinstance(policy, Mapping):
        raise MisconfiguredError("give a Guard, or a policy of 'METHOD /path' and checks")
    return Guard(policy)


def log_refusal(request: GuardRequest, refusal: Refused) -> None:
    """Write the exact cause into the owner's log; nothing of the headers and the query goes there."""
    _log.warning(
        "refused %s %s from %s with %d: %s",
        ascii(request.method[:16])[1:-1],
        ascii(request.path[:200])[1:-1],
        ascii(request.source[:64])[1:-1],
        refusal.status,
        refusal.reason,
    )


def refusal_headers(refusal: Refused) -> list[tuple[str, str]]:
    """Return the header fields of the answer to a refusal."""
    headers = [
        ("content-type", "application/json"),
        ("content-length", str(len(BODY))),
        ("cache-control", "no-store"),
    ]
    headers += [("www-authenticate", challenge) for challenge in refusal.challenges]
    if refusal.retry_after_s is not None:
        headers.append(("retry-after", str(refusal.retry_after_s)))
    return headers
