"""A page that a journey wants to show, before anybody draws it.

``texts`` holds only what the policy says (localized strings, ``language.*`` metadata); the
built-in English defaults of pages.md §9 are added by ``web/pages``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from journeyman.claims.claim_type import UserInputType
from journeyman.claims.restriction import Option
from journeyman.compiler.compiled import ContentDefinition


class PageApi(Enum):
    """The name of a page in its URLs and in ``SETTINGS.api``."""

    COMBINED = "CombinedSigninAndSignup"
    SELF_ASSERTED = "SelfAsserted"
    PROVIDER_SELECTION = "ClaimsProviderSelection"


class ForgotPasswordLink(Enum):
    """Where the forgot-password link stands."""

    NONE = "None"
    AFTER_LABEL = "AfterLabel"
    AFTER_INPUT = "AfterInput"
    AFTER_BUTTONS = "AfterButtons"


@dataclass(frozen=True, slots=True)
class ValueRule:
    """A predicate on the value of a field; ``parameters`` is keyed by id in lower case."""

    method: str
    parameters: Mapping[str, str]
    text: str = ""


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules of which at least ``match_at_least`` must hold; with ``reject``, fewer."""

    rules: tuple[ValueRule, ...]
    match_at_least: int
    text: str = ""
    reject: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A claim on a page.

    Attributes:
        value: the text with which it starts; always "" for a password.
        verify: whether the built-in e-mail verification belongs to it (PartnerClaimType Verified.Email).
        pattern: a regular expression in the .NET dialect, None when there is none.
        control: the display control in which it stands, "" for none.
        role: its ControlClaimType in lower case, "" for none.
        rules: what the value must hold; the page tells before the server does.
    """

    claim_id: str
    input_type: UserInputType
    label: str
    help_text: str = ""
    required: bool = False
    value: str = ""
    options: tuple[Option, ...] = ()
    pattern: str | None = None
    pattern_help: str = ""
    verify: bool = False
    control: str = ""
    role: str = ""
    rules: tuple[RuleGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class PageControl:
    """A display control on a page; ``texts`` holds what the policy says, by string id in lower case."""

    id: str
    kind: str
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProviderOption:
    """A button (or a text link) that picks an identity provider."""

    exchange_id: str
    text: str
    as_link: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that a page shows.

    Attributes:
        language: the language tag of the journey.
        texts: UxElement string id in lower case -> text from the policy.
        sign_up: whether the page offers the sign-up link (combined page only).
        forgot_password: where the forgot-password link stands (combined page only).
        message: an error that is there from the start, "" for none.
    """

    api: PageApi
    content: ContentDefinition
    language: str
    profile_id: str = ""
    fields: tuple[Field, ...] = ()
    controls: tuple[PageControl, ...] = ()
    options: tuple[ProviderOption, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    show_continue: bool = True
    show_cancel: bool = True
    sign_up: bool = False
    forgot_password: ForgotPasswordLink = ForgotPasswordLink.NONE
    remember_me: bool = False
    input_delay_ms: int = 2000
    template_url: str = "~/tenant/templates/AzureBlue/selfAsserted.cshtml"
    script_allowed: bool = False
    message: str = ""
