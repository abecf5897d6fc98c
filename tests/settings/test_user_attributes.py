from __future__ import annotations

import pytest

from journeyman.settings.identity import AttributeType, UserAttribute

APP = 'extensions_app = "aaaabbbb-0000-cccc-1111-dddd2222eeee"\n'


def test_an_attribute_has_the_id_of_the_extensions_application(load):
    settings = load(f'{APP}[[user_attributes]]\nname = "Tier"\nlabel = "Loyalty tier"\ndescription = "How loyal"\n')

    assert settings.identity.user_attributes == (
        UserAttribute("extension_aaaabbbb0000cccc1111dddd2222eeee_Tier", "Loyalty tier", "How loyal"),
    )


def test_the_id_follows_from_the_tenant_id_where_no_application_is_set(load):
    settings = load('id = "11111111-2222-3333-4444-555555555555"\n[[user_attributes]]\nname = "Tier"\n')

    # uuid5 of that id and the name b2c-extensions-app.
    assert settings.identity.user_attributes[0].id == "extension_0e5bcb8b96ce5512b76fe834ba8197b2_Tier"


def test_before_the_tenant_has_an_id_the_short_one_stands(load):
    (attribute,) = load('[[user_attributes]]\nname = "Vip"\ntype = "boolean"\n').identity.user_attributes

    assert (attribute.id, attribute.display_name, attribute.data_type) == (
        "extension_Vip",
        "Vip",
        AttributeType.BOOLEAN,
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", 'journeyman.toml:3:3: a user attribute has no name; add name = "LoyaltyNumber"'),
        ('name = "extension_Tier"', "journeyman.toml:4:1: name begins with extension_; leave that out"),
        (
            'name = "Loyalty number"',
            (
                "journeyman.toml:4:1: name is not the name of an attribute; write a letter and up to 99 letters, digits "
                "and _, without extension_"
            ),
        ),
        (
            'name = "Tier"\ntype = "int"',
            (
                "journeyman.toml:5:1: type is not known; write one of 'string', 'boolean', 'int64', 'stringCollection', "
                "'dateTime'"
            ),
        ),
        (
            'name = "Tier"\nlabel = "<b>"',
            "journeyman.toml:5:1: label is not valid; write a text of 1 to 256 characters on one line, without < and >",
        ),
        (
            'name = "Tier"\nlable = "x"',
            "journeyman.toml:5:1: unknown key 'lable'; did you mean 'label'?",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place_and_remedy(problems, text, problem):
    assert problems(f"[[user_attributes]]\n{text}\n") == [problem]


def test_two_of_one_name_are_a_mistake(problems):
    text = '[[user_attributes]]\nname = "Tier"\n[[user_attributes]]\nname = "tier"\n'

    assert problems(text) == ["journeyman.toml:6:1: the user attribute tier is declared twice; keep one of them"]
