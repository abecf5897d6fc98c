"""What the API calls of one policy share: the client, the keys, the limits and who is told of a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from journeyman.compiler.compiled import TechnicalProfile
from journeyman.connector.authenticator import ActiveKeys
from journeyman.connector.believed import believed_of
from journeyman.connector.client import ApiClient
from journeyman.connector.kept_token import KeptTokens
from journeyman.connector.limits import CUSTOM_POLICY, USER_FLOW, CallRules, Limits, limits_of
from journeyman.connector.managed_bearer import TokenHolders, TokenSource, TokenSources
from journeyman.connector.profile import secrets_in_url
from journeyman.settings import BearerSettings, ProfileSettings
from journeyman.technical_profile import UNOBSERVED, CallObserver
from journeyman.trace.redaction import Redactor


@dataclass(frozen=True, slots=True)
class RestServices:
    """What the calls of one policy share.

    Attributes:
        development: whether the rules of development mode apply to the policy: plain http, DebugMode,
            ``IgnoreServerCertificateErrors`` and URLs in messages. Loopback is a matter of the client.
        settings: what ``journeyman.toml`` says of profiles, by profile id in lower case.
        limits, connector_limits: the limits of a RESTful profile and of an API connector of which the settings say nothing.
        observer: is told of every call before it is made and when it has ended.
        tokens: the managed bearers of the engine.
        kept_tokens: the tokens of its profiles that acquire one.
    """

    client: ApiClient
    keys: ActiveKeys
    redactor: Redactor
    policy_id: str
    tenant_id: str
    development: bool
    settings: Mapping[str, ProfileSettings] = field(default_factory=dict)
    limits: Limits = CUSTOM_POLICY
    connector_limits: Limits = USER_FLOW
    observer: CallObserver = UNOBSERVED
    tokens: TokenSources = field(default_factory=TokenSources)
    kept_tokens: KeptTokens = field(default_factory=KeptTokens)

    def own(self, profile: TechnicalProfile) -> ProfileSettings | None:
        """Return what the settings say of a profile."""
        return self.settings.get(profile.id.lower())

    def hidden(self, profile: TechnicalProfile) -> frozenset[str]:
        """Return the keys in the address of a profile; from now on no record shows them, for an answer may repeat them."""
        found = secrets_in_url(profile)
        self.redactor.keep(found)
        return found

    def token_source(self, profile_id: str, bearer: BearerSettings, default: Limits) -> TokenSource:
        """Return the source of a managed bearer."""
        rules = CallRules(default, plain_http=self.development)
        return self.tokens.of(profile_id, bearer, TokenHolders(self.client, self.keys, self.tenant_id, rules))

    def rules(
        self, own: ProfileSettings | None, default: Limits, *, verify: bool = True, plain_http: bool
    ) -> CallRules:
        """Return the rules of the calls of a profile."""
        return CallRules(
            limits=limits_of(own, default), verify=verify, plain_http=plain_http, believed=believed_of(own)
        )
