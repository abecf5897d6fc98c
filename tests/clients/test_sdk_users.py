"""Users by msgraph-sdk: filter, paging, change, deletion. Source: graph-api.md §8."""

from __future__ import annotations

import httpx
import pytest
from acceptance_folder import TENANT
from clients_sdk import SDK_WARNINGS, v1_client
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.object_identity import ObjectIdentity
from msgraph.generated.models.password_profile import PasswordProfile
from msgraph.generated.models.user import User

pytestmark = SDK_WARNINGS


@pytest.fixture
async def http():
    async with httpx.AsyncClient(trust_env=False) as found:
        yield found


@pytest.fixture
def users(master, http):
    return v1_client(master, http).users


@pytest.fixture
def asked(users):
    """Write the options of a list request."""
    return lambda **options: RequestConfiguration(
        query_parameters=users.UsersRequestBuilderGetQueryParameters(**options)
    )


def person(mail, name="Ada Lovelace", **more):
    return User(
        display_name=name,
        identities=[ObjectIdentity(sign_in_type="emailAddress", issuer=TENANT, issuer_assigned_id=mail)],
        password_profile=PasswordProfile(password="Canary-sdk-user-1", force_change_password_next_sign_in=False),
        password_policies="DisablePasswordExpiration",
        **more,
    )


async def test_a_person_is_created_found_by_identity_changed_and_deleted(users, asked):
    made = await users.post(person("sdk-ada@contoso.example", given_name="Ada"))
    identity = f"issuerAssignedId eq 'sdk-ada@contoso.example' and c/issuer eq '{TENANT}'"
    found = await users.get(asked(filter=f"identities/any(c:c/{identity})"))
    one = users.by_user_id(made.id)
    await one.patch(User(given_name="Augusta", password_profile=PasswordProfile(password="Canary-sdk-user-2")))
    read = await one.get()
    await one.delete()

    assert made.password_profile is None
    assert [each.id for each in found.value] == [made.id]
    assert (read.given_name, read.display_name) == ("Augusta", "Ada Lovelace")
    with pytest.raises(ODataError) as gone:
        await one.get()
    assert (gone.value.response_status_code, gone.value.error.code) == (404, "Request_ResourceNotFound")


async def test_a_list_is_filtered_and_followed_page_by_page(users, asked):
    names = [f"SdkPaged {number}" for number in range(5)]
    for number, name in enumerate(names):
        await users.post(person(f"sdk-paged-{number}@contoso.example", name))
    page = await users.get(asked(filter="startswith(displayName,'SdkPaged')", top=2))
    pages = [page]
    while page.odata_next_link:
        page = await users.with_url(page.odata_next_link).get()
        pages.append(page)

    assert [len(each.value) for each in pages] == [2, 2, 1]
    assert sorted(person.display_name for each in pages for person in each.value) == names


async def test_select_leaves_what_was_named(users, asked):
    made = await users.post(person("sdk-select@contoso.example", "SdkSelect"))
    found = await users.get(asked(filter="displayName eq 'SdkSelect'", select=["id", "identities"]))

    assert [each.id for each in found.value] == [made.id]
    assert found.value[0].display_name is None
    assert "sdk-select@contoso.example" in [each.issuer_assigned_id for each in found.value[0].identities]


async def test_the_errors_of_users_are_those_that_clients_know(users):
    await users.post(person("sdk-twice@contoso.example"))
    with pytest.raises(ODataError) as twice:
        await users.post(person("sdk-twice@contoso.example"))
    with pytest.raises(ODataError) as unfinished:
        await users.post(User(display_name="Nobody"))

    assert (twice.value.response_status_code, unfinished.value.response_status_code) == (409, 400)
    assert unfinished.value.error.target
