"""User flows made of a few words, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from journeyman.compiler.compile_folder import CompileResult, compile_all
from journeyman.engine.registry import SPECS
from journeyman.policy.load import PolicyText, load_policies
from journeyman.policy.user_flow.policies import user_flow_policies
from journeyman.settings.identity import (
    ApiConnector,
    AttributeType,
    BasicCredentials,
    IdentityProvider,
    IdentitySettings,
    UserAttribute,
    UserFlow,
)

EXTENSIONS_APP = "aaaaaaaa-2222-3333-4444-555555555555"
CONNECTOR = ApiConnector(
    "11111111-2222-3333-4444-555555555555",
    "Check",
    "https://api.contoso.example/check",
    BasicCredentials("j", "B2C_1A_P"),
)
PROVIDER = IdentityProvider(
    "OIDC-V1-Fabrikam",
    "OpenIDConnect",
    "Fabrikam",
    client_id="journeyman",
    secret_key="B2C_1A_Fabrikam",
    metadata_url="https://login.fabrikam.example/.well-known/openid-configuration",
)
TENANT = IdentitySettings(
    api_connectors=(CONNECTOR,),
    identity_providers=(PROVIDER,),
    user_attributes=(
        UserAttribute(f"extension_{'a' * 32}_Tier", "Tier"),
        UserAttribute("extension_Vip", "Vip", data_type=AttributeType.BOOLEAN),
        UserAttribute("extension_Hobbies", "Hobbies", data_type=AttributeType.STRING_COLLECTION),
    ),
)


def texts_of(*flows: UserFlow, tenant: IdentitySettings = TENANT) -> tuple[PolicyText, ...]:
    return user_flow_policies(
        replace(tenant, user_flows=flows), tenant="contoso.onmicrosoft.com", extensions_app=EXTENSIONS_APP
    )


@pytest.fixture
def compile_flow() -> Callable[..., CompileResult]:
    """Compile user flows as an engine does, whose tenant has one of everything."""

    def run(*flows: UserFlow, tenant: IdentitySettings = TENANT) -> CompileResult:
        loaded = load_policies(
            (),
            settings={"Secret": "LEAKED"},
            tenant_name="contoso.onmicrosoft.com",
            texts=texts_of(*flows, tenant=tenant),
        )
        return compile_all(loaded, specs=SPECS, keys=None, engine_production=True)

    return run
