"""The JWT issuer: metadata of its profile in, lifetimes and issuer names of tokens out.

Source: technical-profiles.md §21, protocol.md §2.1 and §6.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from journeyman.compiler.compiled import TechnicalProfile
from journeyman.compiler.handlers import JWT_ISSUER
from journeyman.compiler.spec import HandlerSpec, ProfileCheck
from journeyman.diagnostics import Diagnostic, Rule, Severity

SIGNING_KEY: Final = "issuer_secret"
ENCRYPTION_KEY: Final = "issuer_refresh_token_key"

_LIFETIMES: Final = {
    "token_lifetime_secs": (3_600, 300, 86_400),
    "id_token_lifetime_secs": (3_600, 300, 86_400),
    "refresh_token_lifetime_secs": (1_209_600, 86_400, 7_776_000),
    "rolling_refresh_token_lifetime_secs": (7_776_000, 86_400, 31_536_000),
}

LIFETIME_RANGE: Final = Rule(
    code="JM1451",
    severity=Severity.ERROR,
    message="metadata item {name!r} is {value!r}, but must be a number of seconds from {low} to {high}",
    help="write a value in that range",
    source="configure-tokens.md; technical-profiles.md §21",
)
MISSING_SIGNING_KEY: Final = Rule(
    code="JM1452",
    severity=Severity.ERROR,
    message=(
        "AADB2C90025: Profile '{profile}' in policy '{policy}' in tenant '{tenant}' does not contain the required "
        "cryptographic key '{key}'."
    ),
    help='add <Key Id="{key}" StorageReferenceId="B2C_1A_TokenSigningKeyContainer" /> to <CryptographicKeys>',
    source="jwt-issuer-technical-profile.md",
)


@dataclass(frozen=True, slots=True)
class JwtIssuer:
    """One JWT issuer profile.

    Attributes:
        access_s, id_s, refresh_s, rolling_s: lifetimes in seconds; ``rolling_s`` None means no end.
        policy_in_issuer: ``IssuanceClaimPattern`` is AuthorityWithTfp.
        acr: whether tokens carry the policy as ``acr``.
        json_numbers: whether times in a token answer are numbers.
        refresh_journey: the journey that ``RefreshTokenUserJourneyId`` names.
    """

    profile_id: str
    signing_key: str
    access_s: int
    id_s: int
    refresh_s: int
    rolling_s: int | None
    policy_in_issuer: bool
    acr: bool
    json_numbers: bool
    refresh_journey: str | None

    def name(self, origin: str, tenant_id: str, policy_id: str) -> str:
        """Return ``iss``; it ends with a slash."""
        if self.policy_in_issuer:
            return f"{origin}/tfp/{tenant_id}/{policy_id.lower()}/v2.0/"
        return f"{origin}/{tenant_id}/v2.0/"


def build_jwt_issuer(profile: TechnicalProfile) -> JwtIssuer:
    """Read the metadata of a JWT issuer profile, which the compiler has checked."""
    metadata = profile.metadata
    keys = {name.casefold(): storage_id for name, storage_id in profile.keys.items()}
    pattern = (metadata.get("IssuanceClaimPattern") or "").strip().casefold()
    acr = (metadata.get("AuthenticationContextReferenceClaimPattern") or "").strip().casefold()
    return JwtIssuer(
        profile_id=profile.id,
        signing_key=keys.get(SIGNING_KEY, ""),
        access_s=_seconds(profile, "token_lifetime_secs"),
        id_s=_seconds(profile, "id_token_lifetime_secs"),
        refresh_s=_seconds(profile, "refresh_token_lifetime_secs"),
        rolling_s=None
        if metadata.flag("allow_infinite_rolling_refresh_token")
        else _seconds(profile, "rolling_refresh_token_lifetime_secs"),
        policy_in_issuer=pattern == "authoritywithtfp",
        acr=acr != "none",
        json_numbers=metadata.flag("SendTokenResponseBodyWithJsonNumbers", default=True),
        refresh_journey=metadata.get("RefreshTokenUserJourneyId"),
    )


def _seconds(profile: TechnicalProfile, name: str) -> int:
    seconds = _whole_number(profile.metadata.get(name) or "")
    return _LIFETIMES[name][0] if seconds is None else seconds


def _whole_number(text: str) -> int | None:
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 12 else None


def _check(check: ProfileCheck) -> Iterable[Diagnostic]:
    profile = check.profile
    for name, (_, low, high) in _LIFETIMES.items():
        text = profile.metadata.get(name)
        seconds = None if text is None else _whole_number(text)
        if text is not None and (seconds is None or not low <= seconds <= high):
            yield LIFETIME_RANGE.at(
                check.place(name), element=profile.id, name=name, value=text[:40], low=low, high=high
            )
    if SIGNING_KEY not in {name.casefold() for name in profile.keys}:
        yield MISSING_SIGNING_KEY.at(
            profile.location,
            element=profile.id,
            profile=profile.id,
            policy=check.policy_id,
            tenant=check.tenant_id,
            key=SIGNING_KEY,
        )


JWT_ISSUER_SPEC: Final = HandlerSpec(
    handler=JWT_ISSUER,
    metadata=frozenset(
        {
            *_LIFETIMES,
            "client_id",
            "issuer_refresh_token_user_identity_claim_type",
            "SendTokenResponseBodyWithJsonNumbers",
            "allow_infinite_rolling_refresh_token",
            "IssuanceClaimPattern",
            "AuthenticationContextReferenceClaimPattern",
            "RefreshTokenUserJourneyId",
            "ClientCredentialsUserJourneyId",
        }
    ),
    check=_check,
)
