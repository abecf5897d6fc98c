"""How long, how often and how much one REST call may take.

Source: rest-connectors.md §9.1 and §17. The sizes of requests are this project's decisions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from journeyman.settings import ProfileSettings

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
    """

    timeout_s: float = 10.0
    retries: int = 1
    response_limit_bytes: int = 1_048_576


@dataclass(frozen=True, slots=True)
class CallRules:
    """The rules of the calls of one profile.

    Attributes:
        verify: whether the certificate of the API is verified; False only for
            ``IgnoreServerCertificateErrors`` in development mode.
        plain_http: whether the profile may call http:// without an entry in the egress map.
    """

    limits: Limits = Limits()
    verify: bool = True
    plain_http: bool = False


CUSTOM_POLICY: Final = Limits()
USER_FLOW: Final = Limits(timeout_s=5.0)
CUSTOM_POLICY_BEFORE_2025: Final = Limits(timeout_s=30.0, retries=2)
USER_FLOW_BEFORE_2025: Final = Limits(timeout_s=20.0)


def limits_of(settings: ProfileSettings | None, default: Limits = CUSTOM_POLICY) -> Limits:
    """Return ``default`` with what the settings of a profile replace."""
    if settings is None:
        return default
    return Limits(
        timeout_s=default.timeout_s if settings.timeout_s is None else settings.timeout_s,
        retries=default.retries if settings.retries is None else settings.retries,
        response_limit_bytes=(
            default.response_limit_bytes if settings.response_limit_bytes is None else settings.response_limit_bytes
        ),
    )
