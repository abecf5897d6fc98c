"""The pages of user flows: kinds of flows in, content definitions out. Source: pages.md §1, §13.1, §13.2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from journeyman.settings.identity import FlowPage, LocalAccounts, UserFlow, UserFlowType

COMBINED: Final = "signuporsignin"
SELECTION: Final = "idpselections"
SIGN_UP_SELECTION: Final = "idpselections.signup"
LOCAL_SIGN_UP: Final = "localaccountsignup"
SOCIAL_SIGN_UP: Final = "socialccountsignup"  # the published spelling
PROFILE: Final = "selfasserted.profileupdate"
PASSWORD_RESET: Final = "localaccountpasswordreset"  # noqa: S105  the name of a page
ERROR: Final = "error"


_TEMPLATES: Final[Mapping[str, str]] = {
    "oceanblue": "~/tenant/templates/AzureBlue/",
    "slategray": "~/tenant/templates/MSA/",
    "classic": "~/tenant/default/",
}


@dataclass(frozen=True, slots=True)
class _Kind:
    """What pages of one name have in common."""

    title: str
    element: str
    layout: str
    template: str


_FORM: Final = ("selfasserted", "2.1.29", "selfAsserted.cshtml")
_CHOICE: Final = ("providerselection", "1.2.1", "idpSelector.cshtml")
_KINDS: Final[Mapping[str, _Kind]] = {
    COMBINED: _Kind("Sign-in page", "unifiedssp", "2.1.17", "unified.cshtml"),
    SELECTION: _Kind("Identity provider selection page", *_CHOICE),
    SIGN_UP_SELECTION: _Kind("Identity provider selection page of sign-up", *_CHOICE),
    LOCAL_SIGN_UP: _Kind("Local account sign-up page", *_FORM),
    SOCIAL_SIGN_UP: _Kind("Social account sign-up page", *_FORM),
    PROFILE: _Kind("Profile edit page", *_FORM),
    PASSWORD_RESET: _Kind("Password reset page", *_FORM),
    ERROR: _Kind("Error page", "globalexception", "1.2.1", "exception.cshtml"),
}
_TEXTS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    SIGN_UP_SELECTION: (("heading", "Sign up"),),
    PROFILE: (("heading", "Edit your profile"), ("button_continue", "Continue")),
    PASSWORD_RESET: (("heading", "Reset your password"), ("button_continue", "Continue")),
}
"""English texts of pages that do something else than the form they are made of."""

PAGES: Final = tuple(_KINDS)
"""The names of pages: ids of content definitions without ``api.``."""


@dataclass(frozen=True, slots=True)
class Page:
    """One content definition; ``texts`` are its own English texts by string id."""

    name: str
    title: str
    load_uri: str
    data_uri: str
    texts: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        """The id of the content definition."""
        return f"api.{self.name}"


def pages_of(flow: UserFlow) -> tuple[Page, ...]:
    """Return the pages of a user flow, the error page last; a flow without pages has none."""
    names = _names(flow)
    return tuple(_page(name, flow) for name in (*names, ERROR)) if names else ()


def has_sign_in(flow: UserFlow) -> bool:
    """Whether a person signs in to an account that is there."""
    kinds = {UserFlowType.SIGN_UP_OR_SIGN_IN, UserFlowType.SIGN_IN, UserFlowType.PROFILE_UPDATE}
    return flow.type in kinds


def has_sign_up(flow: UserFlow) -> bool:
    """Whether accounts are made."""
    return flow.type in {UserFlowType.SIGN_UP_OR_SIGN_IN, UserFlowType.SIGN_UP}


def has_local_accounts(flow: UserFlow) -> bool:
    """Whether a person may have a password here."""
    return flow.local_accounts is not LocalAccounts.NONE


def resets_password(flow: UserFlow) -> bool:
    """Whether a person may choose a new password on the way."""
    inside = flow.self_service_password_reset and has_sign_in(flow)
    return has_local_accounts(flow) and (inside or flow.type is UserFlowType.PASSWORD_RESET)


def _names(flow: UserFlow) -> tuple[str, ...]:
    local, social = has_local_accounts(flow), bool(flow.identity_providers)
    wanted = {
        COMBINED: has_sign_in(flow) and local,
        SELECTION: has_sign_in(flow) and not local,
        SIGN_UP_SELECTION: flow.type is UserFlowType.SIGN_UP and social,
        LOCAL_SIGN_UP: has_sign_up(flow) and local,
        SOCIAL_SIGN_UP: has_sign_up(flow) and social and bool(flow.attributes),
        PROFILE: flow.type is UserFlowType.PROFILE_UPDATE,
        PASSWORD_RESET: resets_password(flow),
    }
    return tuple(name for name, used in wanted.items() if used)


def _page(name: str, flow: UserFlow) -> Page:
    kind = _KINDS[name]
    custom = {key.casefold(): page for key, page in flow.pages.items()}.get(name, FlowPage())
    folder = _TEMPLATES.get(flow.template.casefold(), _TEMPLATES["oceanblue"])
    return Page(
        name=name,
        title=kind.title,
        load_uri=custom.uri or folder + kind.template,
        data_uri=f"urn:com:microsoft:aad:b2c:elements:contract:{kind.element}:{custom.layout or kind.layout}",
        texts=_TEXTS.get(name, ()),
    )
