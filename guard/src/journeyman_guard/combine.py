"""Several checks as one."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from journeyman_guard.caller import Caller
from journeyman_guard.check import Check
from journeyman_guard.errors import MisconfiguredError, Refused
from journeyman_guard.request import GuardRequest


@dataclass(frozen=True, slots=True)
class AllOf:
    """Accept what every check accepts; the caller has the subject of the first and the claims of all."""

    checks: tuple[Check, ...]

    @property
    def never_waits(self) -> bool:
        """Whether it decides without input and output."""
        return all(getattr(check, "never_waits", False) for check in self.checks)

    async def check(self, request: GuardRequest) -> Caller:
        """Return the caller. Raises Refused, of the first check that refuses."""
        callers = [await check.check(request) for check in self.checks]
        claims: dict[str, object] = {}
        for caller in reversed(callers):
            claims.update(caller.claims)
        return Caller(callers[0].subject, tuple(method for caller in callers for method in caller.methods), claims)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Accept what one check accepts; when all refuse, the answer carries the challenges of all."""

    checks: tuple[Check, ...]

    @property
    def never_waits(self) -> bool:
        """Whether it decides without input and output."""
        return all(getattr(check, "never_waits", False) for check in self.checks)

    async def check(self, request: GuardRequest) -> Caller:
        """Return the caller of the first check that accepts. Raises Refused."""
        refusals: list[Refused] = []
        for check in self.checks:
            try:
                return await check.check(request)
            except Refused as refusal:
                refusals.append(refusal)
        challenges = tuple(dict.fromkeys(challenge for refusal in refusals for challenge in refusal.challenges))
        statuses = {refusal.status for refusal in refusals}
        status = HTTPStatus.UNAUTHORIZED if HTTPStatus.UNAUTHORIZED in statuses else HTTPStatus.FORBIDDEN
        reason = "; ".join(refusal.reason for refusal in refusals)
        raise Refused(reason, status, challenges, attempt=any(refusal.attempt for refusal in refusals))


def all_of(*checks: Check) -> Check:
    """Return a check that accepts what every one of ``checks`` accepts."""
    return AllOf(_require_some(checks))


def any_of(*checks: Check) -> Check:
    """Return a check that accepts what at least one of ``checks`` accepts."""
    return AnyOf(_require_some(checks))


def _require_some(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    if not checks:
        raise MisconfiguredError("give at least one check")
    return checks
