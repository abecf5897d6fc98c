"""User flows and what they are made of: the one model for ``journeyman.toml``, the management API and the portal.

No secret stands in it: credentials are policy keys, and these objects name them.
Source: rest-connectors.md §15, graph-api.md §3-§5, pages.md §13.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from journeyman.settings.bearer_model import BearerSettings

USER_FLOW_PREFIX: Final = "B2C_1_"


class UserFlowType(Enum):
    """The kinds of user flows, by their names in Graph."""

    SIGN_UP_OR_SIGN_IN = "signUpOrSignIn"
    SIGN_UP = "signUp"
    SIGN_IN = "signIn"
    PROFILE_UPDATE = "profileUpdate"
    PASSWORD_RESET = "passwordReset"  # noqa: S105  a name, no secret
    RESOURCE_OWNER = "resourceOwner"


class ConnectorStep(Enum):
    """Where a user flow calls an API connector, by the relation in Graph."""

    POST_FEDERATION_SIGNUP = "postFederationSignup"
    POST_ATTRIBUTE_COLLECTION = "postAttributeCollection"
    PRE_TOKEN_ISSUANCE = "preTokenIssuance"  # noqa: S105  a name, no secret


class LocalAccounts(Enum):
    """By what a person signs in without an identity provider."""

    NONE = "none"
    EMAIL = "email"
    USER_NAME = "userName"


class InputType(Enum):
    """How a page asks for an attribute, by the names in Graph."""

    TEXT_BOX = "textBox"
    EMAIL_BOX = "emailBox"
    DATE_TIME_DROPDOWN = "dateTimeDropdown"
    RADIO_SINGLE_SELECT = "radioSingleSelect"
    DROPDOWN_SINGLE_SELECT = "dropdownSingleSelect"
    CHECKBOX_MULTI_SELECT = "checkboxMultiSelect"


class AttributeType(Enum):
    """The data types of custom attributes, by the names in Graph."""

    STRING = "string"
    BOOLEAN = "boolean"
    INT64 = "int64"
    STRING_COLLECTION = "stringCollection"
    DATE_TIME = "dateTime"


class PasswordComplexity(Enum):
    """Which passwords a user flow accepts."""

    SIMPLE = "simple"
    STRONG = "strong"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class UserAttribute:
    """An attribute that users have: a built-in one, or a custom one of this tenant.

    Attributes:
        id: ``city`` for a built-in one; ``extension_<client id of the extensions application without dashes>_<Name>``
            for a custom one.
    """

    id: str
    display_name: str
    description: str = ""
    data_type: AttributeType = AttributeType.STRING
    custom: bool = True


@dataclass(frozen=True, slots=True)
class AttributeOption:
    """One value of a list from which a person chooses."""

    name: str
    value: str
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class AttributeAssignment:
    """An attribute that a user flow collects, in the order of the page; ``attribute`` is the id of a UserAttribute."""

    attribute: str
    display_name: str = ""
    optional: bool = False
    requires_verification: bool = False
    input_type: InputType = InputType.TEXT_BOX
    options: tuple[AttributeOption, ...] = ()


@dataclass(frozen=True, slots=True)
class BasicCredentials:
    """``Authorization: Basic``; ``password_key`` is the id of a policy key."""

    username: str
    password_key: str


@dataclass(frozen=True, slots=True)
class CertificateCredentials:
    """A client certificate: of the key set ``key`` the newest upload that is valid now."""

    key: str


@dataclass(frozen=True, slots=True)
class StaticBearerCredentials:
    """``Authorization: Bearer`` with the secret of the policy key ``key``."""

    key: str


@dataclass(frozen=True, slots=True)
class ManagedBearerCredentials:
    """A token that the engine acquires by client credentials and keeps."""

    bearer: BearerSettings


@dataclass(frozen=True, slots=True)
class ApiKeyCredentials:
    """The secret of the policy key ``key`` in a header of this name."""

    header: str
    key: str


ConnectorCredentials = (
    BasicCredentials | CertificateCredentials | StaticBearerCredentials | ManagedBearerCredentials | ApiKeyCredentials
)


@dataclass(frozen=True, slots=True)
class ApiConnector:
    """An API that user flows call; ``id`` is a GUID, ``target_url`` an https URL."""

    id: str
    display_name: str
    target_url: str
    credentials: ConnectorCredentials


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """An external identity provider that user flows offer.

    Attributes:
        id: ``Facebook-OAUTH``, ``OIDC-V1-Name-<guid>``; the ids of Graph.
        type: the name of one of ``provider_types.PROVIDER_TYPES``: ``Google``, …, ``OpenIDConnect`` for any other.
        secret_key: the id of the policy key with the client secret; None where the provider needs none. For Apple
            with a ``key_id`` it holds the private key (.p8), of which client secrets are made.
        metadata_url: of the discovery document; "" where the type has settings of its own.
        claims_mapping: our claim (``userId``, ``displayName``, ``givenName``, ``surname``, ``email``) -> theirs.
        response_mode, response_type: as in OpenID Connect.
        domain_hint: the value of ``domain_hint`` that chooses this provider; "" for that of its type.
        developer_id, key_id: of Apple: the team, and the private key; "" when ``secret_key`` holds a client secret.
    """

    id: str
    type: str
    display_name: str
    client_id: str = ""
    secret_key: str | None = None
    metadata_url: str = ""
    scope: str = ""
    response_type: str = "code"
    response_mode: str = "form_post"
    claims_mapping: Mapping[str, str] = field(default_factory=dict)
    domain_hint: str = ""
    developer_id: str = ""
    key_id: str = ""


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """The custom password complexity: lengths in characters, and of how many of the four classes there must be one."""

    min_length: int = 8
    max_length: int = 64
    character_classes: int = 3


@dataclass(frozen=True, slots=True)
class TokenLifetimes:
    """Lifetimes of what a user flow issues (pages.md §13.2)."""

    access_token_minutes: int = 60
    id_token_minutes: int = 60
    refresh_token_days: int = 14
    sliding_window_days: int | None = 90  # None: the window never ends


@dataclass(frozen=True, slots=True)
class FlowSession:
    """The sign-on session of a user flow (pages.md §13.2); ``scope`` is Tenant, Application, Policy or Suppressed."""

    lifetime_minutes: int = 1440
    absolute: bool = False
    scope: str = "Tenant"
    keep_signed_in_days: int = 0  # 0: not offered


@dataclass(frozen=True, slots=True)
class FlowPage:
    """One page of a user flow: a custom template, a layout version; "" for the built-in ones."""

    uri: str = ""
    layout: str = ""


@dataclass(frozen=True, slots=True)
class UserFlow:
    """A user flow.

    Attributes:
        id: begins with ``B2C_1_``.
        claims: what tokens carry, by the ids of user attributes; also ``objectId``, ``newUser``,
            ``identityProvider``, ``identityProviderAccessToken``.
        identity_providers: ids of identity providers, in the order of the buttons.
        connectors: step -> the id of an API connector.
        pages: page name -> page.
        template: ``oceanBlue``, ``slateGray`` or ``classic``.
        languages: the languages that a person may choose; empty when languages are not customized.
        texts: language -> (element id -> text), which replace the built-in ones.
        legacy_policy_claim: whether tokens name the flow in ``acr`` instead of ``tfp``.
    """

    id: str
    type: UserFlowType
    type_version: float = 1
    local_accounts: LocalAccounts = LocalAccounts.EMAIL
    attributes: tuple[AttributeAssignment, ...] = ()
    claims: tuple[str, ...] = ()
    identity_providers: tuple[str, ...] = ()
    connectors: Mapping[ConnectorStep, str] = field(default_factory=dict)
    tokens: TokenLifetimes = TokenLifetimes()
    session: FlowSession = FlowSession()
    password_complexity: PasswordComplexity = PasswordComplexity.STRONG
    password_rules: PasswordRules = PasswordRules()
    self_service_password_reset: bool = True
    email_verification: bool = True
    javascript: bool = False
    template: str = "oceanBlue"
    pages: Mapping[str, FlowPage] = field(default_factory=dict)
    language_customization: bool = False
    default_language: str = "en"
    languages: tuple[str, ...] = ()
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    legacy_policy_claim: bool = False


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """All of it: what ``journeyman.toml`` declares, or that together with what the store holds."""

    api_connectors: tuple[ApiConnector, ...] = ()
    user_flows: tuple[UserFlow, ...] = ()
    user_attributes: tuple[UserAttribute, ...] = ()
    identity_providers: tuple[IdentityProvider, ...] = ()
