"""Which provider runs which handler: a handler's name in, its spec and its provider out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from journeyman.api_call.services import RestServices
from journeyman.compiler import handlers
from journeyman.compiler.compiled import CompiledPolicy, TechnicalProfile
from journeyman.compiler.spec import HandlerSpec
from journeyman.connector.api_connector.check import ConnectorChecks
from journeyman.connector.check import RestChecks
from journeyman.directory.sign_in import PasswordSignIn
from journeyman.mail.mailer import Mailer
from journeyman.providers.aad_sspr import AAD_SSPR_SPEC, build_aad_sspr
from journeyman.providers.api_connector import API_CONNECTOR_SPEC, build_api_connector
from journeyman.providers.claims_transformation import CLAIMS_TRANSFORMATION_SPEC, ClaimsTransformationProvider
from journeyman.providers.directory import DIRECTORY_SPEC, Directory, build_directory
from journeyman.providers.federation import (
    OAUTH2_SPEC,
    OPENID_CONNECT_SPEC,
    FederationServices,
    build_oauth2,
    build_openid_connect,
)
from journeyman.providers.grant import GRANT_SPEC, GrantProvider
from journeyman.providers.jwt_issuer import JWT_ISSUER_SPEC
from journeyman.providers.oauth2_error import OAUTH2_ERROR_SPEC, OAuth2ErrorProvider
from journeyman.providers.one_time_password import ONE_TIME_PASSWORD_SPEC, build_one_time_password
from journeyman.providers.password_grant import PASSWORD_GRANT_SPEC, PasswordGrantProvider
from journeyman.providers.restful import RESTFUL_SPEC, build_restful
from journeyman.providers.self_asserted import SELF_ASSERTED_SPEC, build_self_asserted
from journeyman.providers.session import SESSION_SPECS
from journeyman.settings import Settings
from journeyman.state.one_time_codes import OneTimeCodes
from journeyman.technical_profile import Provider

NOT_BUILT: Final = (
    handlers.OAUTH1,
    handlers.SAML2,
    handlers.SAML_ISSUER,
    handlers.USER_INFO_ISSUER,
    "Web.TPEngine.Providers.PhoneFactorProtocolProvider",
    "Web.TPEngine.Providers.AzureMfaProtocolProvider",
    "Web.TPEngine.Providers.CaptchaProvider",
    "Web.TPEngine.Providers.ConditionalAccessProtocolProvider",
    "Web.TPEngine.Providers.UserJourneyContextProvider",
    "Web.TPEngine.Providers.Insights.AzureApplicationInsightsProvider",
)
"""Handlers of the real service that this engine cannot run yet: their profiles compile with a warning."""

SPECS: Final[Mapping[str, HandlerSpec]] = {
    spec.handler: spec
    for spec in (
        RESTFUL_SPEC,
        API_CONNECTOR_SPEC,
        SELF_ASSERTED_SPEC,
        CLAIMS_TRANSFORMATION_SPEC,
        DIRECTORY_SPEC,
        PASSWORD_GRANT_SPEC,
        JWT_ISSUER_SPEC,
        OAUTH2_ERROR_SPEC,
        GRANT_SPEC,
        ONE_TIME_PASSWORD_SPEC,
        AAD_SSPR_SPEC,
        OAUTH2_SPEC,
        OPENID_CONNECT_SPEC,
        *SESSION_SPECS,
        *(HandlerSpec(handler=name, runs=False, reason="it is not built yet") for name in NOT_BUILT),
    )
}


def specs_of(settings: Settings) -> Mapping[str, HandlerSpec]:
    """Return the specs with checks that know the settings of a tenant folder."""
    checks = RestChecks(settings.profiles, settings.calls.open_apis, settings.egress.map)
    connectors = replace(API_CONNECTOR_SPEC, check=ConnectorChecks(settings.egress.map, settings.profiles))
    return {**SPECS, RESTFUL_SPEC.handler: replace(RESTFUL_SPEC, check=checks), connectors.handler: connectors}


@dataclass(frozen=True, slots=True)
class ProviderServices:
    """What providers work with; the REST services differ from policy to policy by its claims."""

    directory: Directory
    sign_in: PasswordSignIn
    tenant_id: str
    codes: OneTimeCodes
    mailer: Mailer
    tenant_name: str
    rest: Callable[[CompiledPolicy], RestServices]
    federation: Callable[[CompiledPolicy], FederationServices]


def build_providers(policy: CompiledPolicy, services: ProviderServices) -> dict[str, Provider]:
    """Make the provider of each technical profile that a journey can reach and this engine can run, by profile id.

    Raises:
        ServiceError: a profile cannot be made as secure as it says; the compiler has reported it.
    """
    rest, federation = services.rest(policy), services.federation(policy)
    makers: dict[str, Callable[[TechnicalProfile], Provider]] = {
        handlers.RESTFUL: lambda profile: build_restful(profile, rest),
        handlers.API_CONNECTOR: lambda profile: build_api_connector(profile, rest, policy.claim_types),
        handlers.SELF_ASSERTED: lambda profile: build_self_asserted(profile, policy),
        handlers.CLAIMS_TRANSFORMATION: lambda _: ClaimsTransformationProvider(),
        handlers.DIRECTORY: lambda profile: build_directory(profile, services.directory),
        handlers.PASSWORD_GRANT: lambda _: PasswordGrantProvider(services.sign_in, services.tenant_id),
        handlers.ONE_TIME_PASSWORD: lambda profile: build_one_time_password(profile, services.codes),
        handlers.AAD_SSPR: lambda profile: build_aad_sspr(
            profile, services.codes, services.mailer, services.tenant_name
        ),
        handlers.OAUTH2: lambda profile: build_oauth2(profile, federation),
        handlers.OPENID_CONNECT: lambda profile: build_openid_connect(profile, federation),
        handlers.NONE: lambda _: GrantProvider(),
        handlers.OAUTH2_ERROR: lambda _: OAuth2ErrorProvider(),
    }
    reached = (policy.technical_profiles[name] for name in sorted(policy.reached))
    runnable = (profile for profile in reached if profile.handler in makers and not profile.unsupported)
    return {profile.id: makers[profile.handler](profile) for profile in runnable}
