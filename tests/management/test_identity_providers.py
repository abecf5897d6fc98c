from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest

from journeyman.configuration.codec import encode
from journeyman.configuration.store import Kind
from journeyman.management.caller import caller_of
from journeyman.management.errors import ChangedError, ConflictingError, ForbiddenError, InvalidError, NotFoundError
from journeyman.management.identity_context import FlowProblem
from journeyman.management.identity_providers import IdentityProviders, available_types
from journeyman.secret import Secret
from journeyman.settings.identity import IdentityProvider, UserFlow, UserFlowType

FACEBOOK = IdentityProvider("", "facebook", "", client_id="app")
CONTOSO = IdentityProvider(
    "",
    "OpenIDConnect",
    "Contoso & Co",
    client_id="client",
    metadata_url="https://login.example/.well-known/openid-configuration",
    scope="openid profile",
    claims_mapping={"userId": "oid"},
)
FACEBOOK_KEY = r"B2C_1A_IdentityProvider-Facebook-OAUTH-secret-[0-9a-f]{6}"


@pytest.fixture
def providers(tenant):
    return IdentityProviders(tenant.context)


async def secret_of(tenant, provider):
    return (await tenant.context.keys.get(provider.secret_key)).keys[0].secret.reveal()


async def test_a_ready_provider_has_the_id_of_its_type_and_its_secret_is_a_policy_key(tenant, providers, admin):
    made = (await providers.create(admin, FACEBOOK, Secret("s"))).value

    expected = IdentityProvider("Facebook-OAUTH", "Facebook", "Facebook", "app", made.secret_key)
    assert made == expected
    assert re.fullmatch(FACEBOOK_KEY, made.secret_key)
    assert await secret_of(tenant, made) == "s"
    assert (await providers.get(admin, "facebook-oauth")).value == made
    assert [held.value for held in await providers.list(admin)] == [made]


async def test_another_provider_has_an_id_of_its_name_and_a_guid(providers, admin):
    made = (await providers.create(admin, CONTOSO, Secret("s"))).value

    assert re.fullmatch(r"OIDC-V1-ContosoCo-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made.id)
    assert re.fullmatch(r"B2C_1A_IdentityProvider-[0-9a-f]{32}-secret-[0-9a-f]{6}", made.secret_key)
    assert replace(made, id="", secret_key=None) == CONTOSO


async def test_a_provider_that_answers_with_an_id_token_needs_no_secret(tenant, providers, admin):
    made = (await providers.create(admin, replace(CONTOSO, response_type="id_token"), None)).value

    assert made.secret_key is None
    assert await tenant.key_sets() == []


async def test_a_new_secret_replaces_the_old_one_and_another_setting_keeps_it(tenant, providers, admin):
    made = (await providers.create(admin, FACEBOOK, Secret("s"))).value
    renamed = (await providers.update(admin, made.id, lambda each: replace(each, display_name="FB"))).value
    changed = (await providers.update(admin, made.id, lambda each: each, secret=Secret("new"))).value

    assert renamed == replace(made, display_name="FB")
    assert changed == replace(renamed, secret_key=changed.secret_key)
    assert await tenant.key_sets_later() == [changed.secret_key]
    assert await secret_of(tenant, changed) == "new"


@pytest.mark.parametrize(
    ("changed", "member"),
    [
        ({"type": "MySpace"}, "identityProviderType"),
        ({"type": "Twitter"}, "identityProviderType"),
        ({"client_id": ""}, "clientId"),
        ({"client_id": "a b"}, "clientId"),
        ({"display_name": "a\n"}, "displayName"),
        ({"display_name": "a" * 129}, "displayName"),
        ({"scope": "a\r\nb"}, "scope"),
        ({"scope": "profile"}, "scope"),
        ({"metadata_url": ""}, "metadataUrl"),
        ({"metadata_url": "http://login.example/x"}, "metadataUrl"),
        ({"metadata_url": "https://user:pw@login.example/x"}, "metadataUrl"),
        ({"metadata_url": "https://login.example/{x}"}, "metadataUrl"),
        ({"response_type": "token"}, "responseType"),
        ({"response_mode": "fragment"}, "responseMode"),
        ({"response_type": "id_token", "response_mode": "query"}, "responseMode"),
        ({"domain_hint": "<x>"}, "domainHint"),
        ({"claims_mapping": {"userId": "a b"}}, "claimsMapping/userId"),
        ({"claims_mapping": {"role": "x"}}, "claimsMapping/role"),
        ({"developer_id": "ABCDEFGHIJ", "key_id": "ABCDEFGHIJ"}, "developerId"),
        ({"developer_id": "short"}, "developerId"),
    ],
)
async def test_a_wrong_member_is_named_and_nothing_is_stored(tenant, providers, admin, changed, member):
    with pytest.raises(InvalidError) as refused:
        await providers.create(admin, replace(CONTOSO, **changed), Secret("s"))

    assert refused.value.member == member
    assert member.partition("/")[0] in str(refused.value)
    assert await tenant.key_sets() == []


@pytest.mark.parametrize(
    ("provider", "member"),
    [(CONTOSO, "clientSecret"), (replace(FACEBOOK, type="Apple"), "certificateData")],
)
async def test_a_secret_that_is_needed_is_asked_for_by_its_name(providers, admin, provider, member):
    with pytest.raises(InvalidError, match=f"{member} is missing"):
        await providers.create(admin, provider, None)


async def test_a_ready_provider_has_its_own_settings(providers, admin):
    with pytest.raises(InvalidError, match="metadataUrl"):
        await providers.create(admin, replace(FACEBOOK, metadata_url="https://login.example/x"), Secret("s"))


async def test_a_secret_that_is_too_long_is_refused(tenant, providers, admin):
    with pytest.raises(InvalidError) as refused:
        await providers.create(admin, FACEBOOK, Secret("x" * 70_000))
    assert refused.value.member == "clientSecret"


async def test_a_tenant_has_one_provider_of_a_ready_type(tenant, providers, admin):
    made = (await providers.create(admin, FACEBOOK, Secret("s"))).value

    with pytest.raises(ConflictingError):
        await providers.create(admin, FACEBOOK, Secret("other"))
    assert await tenant.key_sets() == [made.secret_key]


async def test_a_provider_that_a_flow_offers_is_not_deleted(tenant, providers, admin):
    made = (await providers.create(admin, FACEBOOK, Secret("s"))).value
    flow = UserFlow("B2C_1_a", UserFlowType.SIGN_IN, identity_providers=("facebook-OAUTH",))
    entry = await tenant.context.configuration.create(Kind.USER_FLOW, flow.id, encode(flow))

    with pytest.raises(ConflictingError, match="B2C_1_a"):
        await providers.delete(admin, made.id)
    await tenant.context.configuration.delete(entry)
    await providers.delete(admin, made.id)

    assert await tenant.key_sets() == []
    with pytest.raises(NotFoundError):
        await providers.get(admin, made.id)


async def test_settings_with_which_a_flow_could_not_be_served_are_refused(tenant, providers, admin):
    made = (await providers.create(admin, FACEBOOK, Secret("s"))).value
    flow = UserFlow("B2C_1_a", UserFlowType.SIGN_IN, identity_providers=(made.id,))
    await tenant.context.configuration.create(Kind.USER_FLOW, flow.id, encode(flow))
    tenant.problems.append(FlowProblem("", "it breaks"))

    with pytest.raises(InvalidError, match="B2C_1_a could not be served any more: it breaks"):
        await providers.update(admin, made.id, lambda each: replace(each, client_id="x"), secret=Secret("n"))
    assert await tenant.key_sets() == [made.secret_key]


async def test_of_writers_at_once_each_leaves_a_provider_with_its_secret(tenant, providers, admin):
    made = (await providers.create(admin, FACEBOOK, Secret("s"))).value

    results = await asyncio.gather(
        *(providers.update(admin, made.id, lambda each: each, secret=Secret(f"s{n}")) for n in range(5)),
        return_exceptions=True,
    )

    assert all(isinstance(each, ConflictingError) for each in results if isinstance(each, BaseException))
    assert await tenant.key_sets_later() == [(await providers.get(admin, made.id)).value.secret_key]


async def test_a_change_of_what_somebody_else_has_changed_is_refused(tenant, providers, admin):
    read = await providers.create(admin, FACEBOOK, Secret("s"))
    await providers.update(admin, read.value.id, lambda each: replace(each, client_id="x"))

    with pytest.raises(ChangedError):
        await providers.update(admin, read.value.id, lambda each: each, secret=Secret("n"), if_match=read.etag)
    with pytest.raises(ChangedError):
        await providers.delete(admin, read.value.id, if_match=read.etag)
    assert await tenant.key_sets() == [read.value.secret_key]


async def test_a_declared_provider_is_read_and_not_changed(tenant, admin):
    declared = IdentityProvider("Google-OAUTH", "Google", "Google", "app", "B2C_1A_Google")
    providers = IdentityProviders(tenant.declaring(identity_providers=(declared,)))

    assert (await providers.get(admin, "google-oauth")).declared
    for change in (
        providers.update(admin, "Google-OAUTH", lambda each: each),
        providers.delete(admin, "google-OAUTH"),
    ):
        with pytest.raises(ConflictingError, match=r"journeyman\.toml"):
            await change


async def test_rights_are_asked_first(providers, admin):
    reader = caller_of("eve", frozenset({"IdentityProvider.Read.All"}))

    assert await providers.list(reader) == ()
    for refused in (
        providers.create(reader, IdentityProvider("", "nothing", ""), None),
        providers.update(reader, "missing", lambda each: each),
        providers.delete(reader, "missing"),
        providers.list(caller_of("eve", frozenset({"IdentityUserFlow.ReadWrite.All"}))),
    ):
        with pytest.raises(ForbiddenError):
            await refused


def test_the_types_that_can_be_used_are_named():
    assert {"Facebook", "Google", "Microsoft", "Amazon", "LinkedIn", "Apple", "OpenIDConnect"} <= {*available_types()}
    assert "Twitter" not in available_types()
