"""The user journey of a user flow: a flow in, its orchestration steps in their order out.

Source: pages.md §13.1 (pages of each kind), rest-connectors.md §15.2 (where API connectors are called).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from journeyman.policy.user_flow.identity_providers import ProviderFragment
from journeyman.policy.user_flow.pages import (
    COMBINED,
    SELECTION,
    SIGN_UP_SELECTION,
    has_local_accounts,
    has_sign_in,
    has_sign_up,
    resets_password,
)
from journeyman.settings.identity import ConnectorStep, UserFlow, UserFlowType

EXCHANGES: Final = {
    ConnectorStep.POST_FEDERATION_SIGNUP: "PreSelfAssertedRestful",
    ConnectorStep.POST_ATTRIBUTE_COLLECTION: "PreUserWriteRestful",
    ConnectorStep.PRE_TOKEN_ISSUANCE: "PreSendClaimsRestful",
}
"""The exchanges that call API connectors, by the names of the real service."""

FEDERATED: Final = "-Federated"
"""Ends the id of the second profile of a connector, for accounts that come from an identity provider."""

SIGN_IN: Final = "LocalAccountSigninExchange"
SIGN_UP: Final = "LocalAccountSignupExchange"
FORGOT_PASSWORD: Final = "ForgotPasswordExchange"  # noqa: S105  the id of an exchange


@dataclass(frozen=True, slots=True)
class Skip:
    """A precondition: leave the step out when the claim has a value (``value``: this one) or, with ``when``, has not."""

    claim: str
    value: str = ""
    when: bool = True


@dataclass(frozen=True, slots=True)
class Exchange:
    """A claims exchange."""

    id: str
    profile: str


@dataclass(frozen=True, slots=True)
class Step:
    """One orchestration step.

    Attributes:
        targets: exchanges of the next step that a person may choose.
        validation: the exchange of this step that checks what a person enters; "" for none.
    """

    type: str
    exchanges: tuple[Exchange, ...] = ()
    skips: tuple[Skip, ...] = ()
    content_definition: str = ""
    targets: tuple[str, ...] = ()
    validation: str = ""
    issuer: str = ""


_KNOWN: Final = Skip("objectId")
_LOCAL: Final = Skip("authenticationSource", "localAccountAuthentication")
_NOT_FORGOTTEN: Final = Skip("isForgotPassword", when=False)


def reachable_steps(flow: UserFlow) -> tuple[ConnectorStep, ...]:
    """Return the steps at which a flow of this kind can call API connectors (rest-connectors.md §15.2)."""
    steps = tuple(ConnectorStep) if has_sign_up(flow) else ()
    if flow.type is UserFlowType.SIGN_IN:
        return (ConnectorStep.PRE_TOKEN_ISSUANCE,)
    return steps if flow.identity_providers else steps[1:]


def journey_steps(flow: UserFlow, providers: Sequence[ProviderFragment]) -> tuple[Step, ...]:
    """Return the steps of the flow's user journey."""
    return (
        *_identified(flow, providers),
        *_federated(flow, providers),
        *_one("AADUserReadWithObjectId", "AAD-UserReadUsingObjectId"),
        *(
            _one("ProfileUpdateExchange", "SelfAsserted-ProfileUpdate")
            if flow.type is UserFlowType.PROFILE_UPDATE
            else ()
        ),
        *_connector(flow, ConnectorStep.PRE_TOKEN_ISSUANCE),
        Step("SendClaims", issuer="JwtIssuer"),
    )


def refresh_steps() -> tuple[Step, ...]:
    """Return the steps of a redeemed refresh token; API connectors are not called (rest-connectors.md §15.2)."""
    return (
        *_one("RefreshTokenSetupExchange", "RefreshTokenReadAndSetup"),
        *_one("CheckRefreshTokenDateExchange", "AAD-CheckRefreshTokenDate"),
        Step("SendClaims", issuer="JwtIssuer"),
    )


def _identified(flow: UserFlow, providers: Sequence[ProviderFragment]) -> tuple[Step, ...]:
    """Return the steps after which it is known who the person is, or at which provider they signed in."""
    if flow.type is UserFlowType.RESOURCE_OWNER:
        return _one("PasswordExchange", "ResourceOwnerPasswordCredentials-OAUTH2")
    if flow.type is UserFlowType.PASSWORD_RESET:
        return _new_password()
    return (*_chosen(flow, providers), *(_new_password(_NOT_FORGOTTEN) if resets_password(flow) else ()))


def _chosen(flow: UserFlow, providers: Sequence[ProviderFragment]) -> Iterator[Step]:
    offered = [Exchange(provider.exchange_id, provider.profile_id) for provider in providers]
    local = has_local_accounts(flow)
    if has_sign_up(flow) and local:
        offered.append(Exchange(SIGN_UP, "LocalAccountSignUp"))
    if resets_password(flow):
        offered.append(Exchange(FORGOT_PASSWORD, "ForgotPassword"))
    if has_sign_in(flow) and local:
        # The sign-up link and the link to reset a password stand on the page itself; the first is no selection.
        targets = tuple(each.id for each in offered if each.id != SIGN_UP)
        sign_in = Exchange(SIGN_IN, "SelfAsserted-LocalAccountSignin")
        page = f"api.{COMBINED}"
        yield Step("CombinedSignInAndSignUp", (sign_in,), (), page, targets, validation=SIGN_IN)
    elif providers:
        page = f"api.{SELECTION if has_sign_in(flow) else SIGN_UP_SELECTION}"
        yield Step("ClaimsProviderSelection", (), (), page, tuple(each.id for each in offered))
    if offered:
        yield Step("ClaimsExchange", tuple(offered), (_KNOWN,))


def _new_password(*skips: Skip) -> tuple[Step, ...]:
    return (
        *_one("PasswordResetDiscoveryExchange", "LocalAccountDiscovery", *skips),
        *_one("NewPasswordExchange", "LocalAccountWritePassword", *skips),
    )


def _federated(flow: UserFlow, providers: Sequence[ProviderFragment]) -> Iterator[Step]:
    """Yield what finds the account of a person who came from a provider, or makes it."""
    if not providers:
        return
    yield from _one("AADUserReadUsingAlternativeSecurityId", "AAD-UserReadUsingAlternativeSecurityId", _LOCAL)
    if not has_sign_up(flow):
        return
    yield from _connector(flow, ConnectorStep.POST_FEDERATION_SIGNUP, _KNOWN)
    if flow.attributes:
        yield from _one("SelfAsserted-Social", "SelfAsserted-Social", _KNOWN)
        return
    yield from _connector(flow, ConnectorStep.POST_ATTRIBUTE_COLLECTION, _KNOWN, suffix=FEDERATED)
    yield from _one("AADUserWrite", "AAD-UserWriteUsingAlternativeSecurityId", _KNOWN)


def _connector(flow: UserFlow, step: ConnectorStep, *skips: Skip, suffix: str = "") -> tuple[Step, ...]:
    wanted = step in flow.connectors and step in reachable_steps(flow)
    return _one(EXCHANGES[step], EXCHANGES[step] + suffix, *skips) if wanted else ()


def _one(exchange: str, profile: str, *skips: Skip) -> tuple[Step, ...]:
    return (Step("ClaimsExchange", (Exchange(exchange, profile),), skips),)
