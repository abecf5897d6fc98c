"""How long, how often and how much one REST call may take.

Source: rest-connectors.md §9.1 and §17. The sizes of requests are this project's decisions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from journeyman.connector.believed import ANYONE_TRUSTED, Believed
from journeyman.settings import CallLimits, CallSettings, ProfileSettings

REQUEST_BODY_LIMIT_BYTES: Final = 1_048_576
URL_LIMIT_BYTES: Final = 16_384
HEADER_LIMIT_BYTES: Final = 8_190
"""The longest header value; common servers refuse a longer line."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one call.

    Attributes:
        timeout_s: the budget of one try, from the look-up of the name to the last byte of the answer.
        retries: how many tries may follow the first.
        response_limit_bytes: the largest answer, counted after decompression.
        total_timeout_s: the budget of all tries together, waiting included; None for that of one try each.
    """

    timeout_s: float = 10.0
    retries: int = 1
    response_limit_bytes: int = 1_048_576
    total_timeout_s: float | None = None

    @property
    def budget_s(self) -> float:
        """The seconds that the call may take in all."""
        longest_s = self.timeout_s * (1 + self.retries)
        return longest_s if self.total_timeout_s is None else min(longest_s, self.total_timeout_s)


@dataclass(frozen=True, slots=True)
class CallRules:
    """The rules of the calls of one profile.

    Attributes:
        verify: whether the certificate of the API is verified; False only for
            ``IgnoreServerCertificateErrors`` in development mode.
        plain_http: whether the profile may call http:// without an entry in the egress map.
        believed: whom the profile believes to be its API; what it leaves open is decided by the origin.
    """

    limits: Limits = Limits()
    verify: bool = True
    plain_http: bool = False
    believed: Believed = ANYONE_TRUSTED


CUSTOM_POLICY: Final = Limits()
USER_FLOW: Final = Limits(timeout_s=5.0)
CUSTOM_POLICY_BEFORE_2025: Final = Limits(timeout_s=30.0, retries=2)
USER_FLOW_BEFORE_2025: Final = Limits(timeout_s=20.0)


def default_limits(calls: CallSettings, *, user_flow: bool = False) -> Limits:
    """Return the limits of a profile of which the settings say nothing."""
    default = _OF_THE_SERVICE[calls.limits, user_flow]
    return _replaced(default, calls.timeout_s, calls.retries, calls.response_limit_bytes)


def limits_of(settings: ProfileSettings | None, default: Limits = CUSTOM_POLICY) -> Limits:
    """Return ``default`` with what the settings of a profile replace."""
    if settings is None:
        return default
    limits = _replaced(default, settings.timeout_s, settings.retries, settings.response_limit_bytes)
    return replace(limits, total_timeout_s=settings.total_timeout_s)


def _replaced(
    default: Limits, timeout_s: float | None, retries: int | None, response_limit_bytes: int | None
) -> Limits:
    return Limits(
        timeout_s=default.timeout_s if timeout_s is None else timeout_s,
        retries=default.retries if retries is None else retries,
        response_limit_bytes=default.response_limit_bytes if response_limit_bytes is None else response_limit_bytes,
    )


_OF_THE_SERVICE: Final = {
    (CallLimits.CURRENT, False): CUSTOM_POLICY,
    (CallLimits.CURRENT, True): USER_FLOW,
    (CallLimits.B2C_2024, False): CUSTOM_POLICY_BEFORE_2025,
    (CallLimits.B2C_2024, True): USER_FLOW_BEFORE_2025,
}
