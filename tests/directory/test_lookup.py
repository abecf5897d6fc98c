from __future__ import annotations

from datetime import UTC, datetime

import pytest

from journeyman.claims.values import UserIdentity
from journeyman.directory.errors import AttributeValueError, NotSearchableError
from journeyman.directory.lookup import find_user
from journeyman.directory.user import EMAIL_ADDRESS, FEDERATED, Identity, User, local_identity


@pytest.fixture
async def ada(store):
    return await store.create(
        User(
            "",
            datetime(1970, 1, 1, tzinfo=UTC),
            identities=(
                local_identity(EMAIL_ADDRESS, "ada@example.org"),
                local_identity("oidToLink", "link-7"),
                Identity(FEDERATED, "idp.example", "dS03Nw=="),
            ),
            principal_name="ada@contoso.onmicrosoft.com",
        )
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("signInNames.emailAddress", "Ada@Example.org"),
        ("signInNames.oidToLink", "link-7"),
        ("signInNames", "link-7"),
        ("SIGNINNAMES", "ada@example.org"),
        ("userPrincipalName", "ADA@contoso.onmicrosoft.com"),
        ("alternativeSecurityId", '{"issuer":"idp.example","issuerUserId":"dS03Nw=="}'),
        ("userIdentities", (UserIdentity("idp.example", "MQ=="), UserIdentity("idp.example", "dS03Nw=="))),
    ],
)
async def test_every_documented_key_finds_the_user(store, ada, name, value):
    assert await find_user(store, name, value) == ada
    assert await find_user(store, "objectId", ada.object_id) == ada


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("objectId", "11111111-0000-0000-0000-000000000001"),
        ("signInNames.userName", "ada@example.org"),
        ("signInNames", "nobody"),
        ("userIdentities", (UserIdentity("idp.example", "MQ=="),)),
        ("alternativeSecurityId", '{"issuer":"other.example","issuerUserId":"dS03Nw=="}'),
    ],
)
async def test_a_key_that_nobody_holds_finds_nobody(store, ada, name, value):
    assert await find_user(store, name, value) is None


async def test_a_claim_that_is_no_key_is_an_error_that_names_it(store):
    with pytest.raises(NotSearchableError, match="mailNickName"):
        await find_user(store, "mailNickName", "ada")


async def test_a_key_of_another_type_is_an_error(store):
    with pytest.raises(AttributeValueError):
        await find_user(store, "objectId", 7)
