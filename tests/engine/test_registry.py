from __future__ import annotations

from types import SimpleNamespace

from journeyman.api_call.call import ApiCaller
from journeyman.compiler import handlers
from journeyman.engine.registry import NOT_BUILT, SPECS, ProviderServices, build_providers
from journeyman.providers.claims_transformation import ClaimsTransformationProvider
from journeyman.providers.directory import DirectoryProvider
from journeyman.providers.grant import GrantProvider
from journeyman.providers.password_grant import PasswordGrantProvider
from journeyman.providers.self_asserted import SelfAssertedProvider


def test_every_handler_of_the_service_is_known_and_those_not_built_say_so():
    assert len(SPECS) == 28  # one of them, Journeyman.ApiConnector, is ours
    assert {name for name, spec in SPECS.items() if not spec.runs} >= set(NOT_BUILT)
    assert all(SPECS[name].reason == "it is not built yet" for name in NOT_BUILT)
    assert SPECS[handlers.RESTFUL].runs


async def test_each_profile_that_is_reached_gets_the_provider_of_its_handler(xml, open_tenant):
    names = {
        "Page": "page",
        "Rest": "rest",
        "Directory": "directory",
        "Transform": "transform",
        "Grant": "None",
        "Unused": "rest",
    }
    metadata = {"Directory": {"Operation": "Read"}}
    key = {"Directory": ("objectId",)}
    profiles = tuple(
        xml.profile(name, kind, metadata.get(name), inputs=key.get(name, ()), outputs=("objectId",))
        for name, kind in names.items()
    )
    login = xml.profile(
        "Login",
        "OpenIdConnect",
        inputs=('grant_type DefaultValue="password" AlwaysUseDefaultValue="true"',),
        outputs=("objectId",),
    )
    steps = [xml.step(**{name: name}) for name in ("Rest", "Page", "Directory", "Transform", "Grant", "Login")]
    otp = xml.profile("Otp", "mfa", outputs=("objectId",))
    text = xml.policy(*steps, xml.step(Otp="Otp"), claims=(xml.claim("grant_type"),), profiles=(*profiles, login, otp))

    engine = await open_tenant({"test.xml": text})
    providers = engine.policies.find("B2C_1A_Test").runner.pipeline.providers

    assert {name: type(provider) for name, provider in providers.items()} == {
        "Page": SelfAssertedProvider,
        "Rest": ApiCaller,
        "Directory": DirectoryProvider,
        "Transform": ClaimsTransformationProvider,
        "Grant": GrantProvider,
        "Login": PasswordGrantProvider,
    }


def test_a_policy_that_reaches_nothing_has_no_providers(xml, compile_policy_text):
    services = ProviderServices(
        None, None, "t", None, None, "contoso", lambda _: SimpleNamespace(), lambda _: SimpleNamespace()
    )

    assert build_providers(compile_policy_text(xml.policy(xml.step("Noop"), outputs=(), subject="")), services) == {}
