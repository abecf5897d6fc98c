from __future__ import annotations

import pytest

from journeyman.configuration.codec import encode
from journeyman.configuration.store import Kind
from journeyman.management.caller import caller_of
from journeyman.management.errors import (
    ChangedError,
    ConflictingError,
    ForbiddenError,
    InvalidError,
    ManagementError,
    NotFoundError,
)
from journeyman.management.user_attributes import UserAttributes, attribute_id
from journeyman.settings.identity import AttributeAssignment, AttributeType, UserAttribute, UserFlow, UserFlowType

SHOE = "extension_aaaabbbb0000cccc1111dddd2222eeee_Shoe"
ZEROS = "extension_" + "0" * 32


@pytest.fixture
def attributes(tenant):
    return UserAttributes(tenant.context)


async def made(attributes, admin, name="Shoe"):
    return await attributes.create(admin, display_name=name, description="Size", data_type=AttributeType.INT64)


async def test_a_custom_attribute_has_an_id_of_its_name_and_the_extensions_application(tenant, attributes, admin):
    held = await made(attributes, admin)

    assert held.value == UserAttribute(SHOE, "Shoe", "Size", AttributeType.INT64)
    assert tenant.taken_over == ["once"]


async def test_characters_that_no_id_has_are_left_out_of_it(attributes, admin):
    held = await made(attributes, admin, "Shoe size (EU) <b>")

    assert (held.value.id, held.value.display_name) == (f"{SHOE}sizeEUb", "Shoe size (EU) <b>")


@pytest.mark.parametrize("name", [SHOE, SHOE.upper(), "extension_Shoe", "EXTENSION_shoe", f"{ZEROS}_Shoe"])
async def test_a_custom_attribute_is_found_by_each_of_its_names(attributes, admin, name):
    await made(attributes, admin)

    assert (await attributes.get(admin, name)).value.id == SHOE


async def test_an_attribute_of_another_application_is_another_one(attributes, admin):
    await made(attributes, admin)

    with pytest.raises(NotFoundError):
        await attributes.get(admin, "extension_11112222333344445555666677778888_Shoe")


async def test_built_in_attributes_are_listed_and_found_in_any_case(attributes, admin):
    found = [held.value for held in await attributes.list(admin)]

    assert UserAttribute("city", "City", custom=False) in found
    assert {"displayName", "givenName", "surname", "objectId", "newUser", "identityProvider"} <= {a.id for a in found}
    assert (await attributes.get(admin, "CITY")).value.id == "city"


async def test_only_the_description_changes(attributes, admin):
    held = await made(attributes, admin)

    changed = await attributes.describe(admin, "extension_Shoe", "Other", if_match=held.etag)

    assert changed.value == UserAttribute(SHOE, "Shoe", "Other", AttributeType.INT64)
    with pytest.raises(ChangedError):
        await attributes.describe(admin, SHOE, "Third", if_match=held.etag)


async def test_a_second_attribute_of_one_name_is_refused(attributes, admin):
    await made(attributes, admin)

    with pytest.raises(ConflictingError) as refused:
        await made(attributes, admin, "s-h-o-e")

    text = f"User attribute with id: '{SHOE.removesuffix('Shoe')}shoe' already exists in directory 'contoso.onmicrosoft.com'."
    assert (str(refused.value), refused.value.service_code) == (text, "AADB2C90074")


@pytest.mark.parametrize("name", ["", "  ", "---", "日本", "a" * 101, "a\nb"])
async def test_a_name_of_which_no_id_can_be_made_is_refused(attributes, admin, name):
    with pytest.raises(InvalidError) as refused:
        await made(attributes, admin, name)
    assert refused.value.member == "displayName"


async def test_a_tenant_has_a_limited_number_of_custom_attributes(tenant, attributes, admin):
    for number in range(100):
        attribute = UserAttribute(attributes.id_of(f"extension_A{number}"), "A")
        await tenant.context.configuration.create(Kind.USER_ATTRIBUTE, attribute.id, encode(attribute))

    with pytest.raises(ManagementError) as refused:
        await made(attributes, admin)
    assert refused.value.service_code == "AADB2C99012"


@pytest.mark.parametrize(
    "used", [{"attributes": (AttributeAssignment("extension_shoe"),)}, {"claims": (f"{ZEROS}_Shoe",)}]
)
async def test_an_attribute_that_a_flow_uses_is_not_deleted(tenant, attributes, admin, used):
    await made(attributes, admin)
    flow = UserFlow("B2C_1_a", UserFlowType.SIGN_UP, **used)
    await tenant.context.configuration.create(Kind.USER_FLOW, flow.id, encode(flow))

    with pytest.raises(ConflictingError, match="B2C_1_a"):
        await attributes.delete(admin, SHOE)


async def test_a_deleted_attribute_is_gone(attributes, admin):
    await made(attributes, admin)
    await attributes.delete(admin, "extension_Shoe")

    with pytest.raises(NotFoundError):
        await attributes.get(admin, SHOE)


async def test_built_in_attributes_do_not_change(attributes, admin):
    for refused in (attributes.describe(admin, "City", "x"), attributes.delete(admin, "city")):
        with pytest.raises(InvalidError, match="built in"):
            await refused


async def test_a_declared_attribute_is_read_under_its_full_id_and_not_changed(tenant, admin):
    declared = UserAttribute("extension_Shoe", "Shoe")
    attributes = UserAttributes(tenant.declaring(user_attributes=(declared,)))

    assert (await attributes.get(admin, "extension_SHOE")).value.id == SHOE
    for change in (attributes.describe(admin, SHOE, "x"), attributes.delete(admin, SHOE)):
        with pytest.raises(ConflictingError, match=r"journeyman\.toml"):
            await change
    with pytest.raises(ConflictingError, match="already exists"):
        await made(attributes, admin)


async def test_rights_are_asked_first(attributes, admin):
    reader = caller_of("eve", frozenset({"IdentityUserFlow.Read.All"}))

    assert await attributes.get(reader, "city")
    for refused in (
        attributes.create(reader, display_name="", data_type=AttributeType.STRING),
        attributes.describe(reader, "missing", "\n"),
        attributes.delete(reader, "city"),
        attributes.list(caller_of("eve", frozenset({"APIConnectors.ReadWrite.All"}))),
    ):
        with pytest.raises(ForbiddenError):
            await refused


def test_what_is_no_name_of_an_attribute_stays_as_it_is():
    assert attribute_id(" extension_a b ", "a-b") == "extension_a b"
