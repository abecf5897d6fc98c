import pytest

from journeyman.claims.claim_type import UserInputType
from journeyman.claims.restriction import Option
from journeyman.journey.page import Field, PageControl, RuleGroup, ValueRule
from journeyman.web.pages.fields import (
    autocomplete,
    chosen_values,
    date_parts,
    html_input_type,
    is_shown,
    item_class,
    rendered_type,
    script_control,
    script_field,
    title,
)
from journeyman.web.pages.texts import SELF_ASSERTED

COLOURS = (Option("Red", "r"), Option("Green", "g", selected=True), Option("Blue", "b", selected=True))


def test_a_verified_text_box_is_drawn_as_an_email_box():
    field = Field("email", UserInputType.TEXT_BOX, "Email", verify=True)
    found = script_field(field)

    assert rendered_type(field) is UserInputType.EMAIL_BOX
    assert (found["UX_INPUT_TYPE"], found["USER_INPUT_TYPE"]) == ("EmailBox", "TextBox")
    assert (found["IS_EMAIL"], found["IS_TEXT"], found["VERIFY"]) == (True, False, True)
    assert html_input_type(field) == "email"


def test_the_script_object_of_a_field_has_the_published_names():
    field = Field("newPassword", UserInputType.PASSWORD, "Password", "8 or more", required=True, pattern="^.{8,}$")

    assert script_field(field) == {
        "UX_INPUT_TYPE": "Password",
        "USER_INPUT_TYPE": "Password",
        "IS_TEXT": False,
        "IS_EMAIL": False,
        "IS_PASSWORD": True,
        "IS_DATE": False,
        "IS_RADIO": False,
        "IS_DROP": False,
        "IS_TEXT_IN_PARAGRAPH": False,
        "IS_CHECK_MULTI": False,
        "IS_LINK": False,
        "VERIFY": False,
        "DN": "Password",
        "ID": "newPassword",
        "U_HELP": "8 or more",
        "DAY_PRE": "0",
        "MONTH_PRE": "0",
        "YEAR_PRE": "0",
        "PAT": "^.{8,}$",
        "PAT_DESC": "",
        "IS_REQ": True,
        "IS_RDO": False,
        "PRE": "",
        "OPTIONS": [],
    }


def test_the_value_of_a_password_never_reaches_the_script_object():
    assert script_field(Field("password", UserInputType.PASSWORD, "P", value="hunter2"))["PRE"] == ""


def test_a_read_only_field_is_never_required_in_the_browser():
    field = Field("upn", UserInputType.READONLY, "User", required=True)

    assert script_field(field)["IS_REQ"] is False
    assert script_field(field)["IS_RDO"] is True


def test_options_carry_value_and_text():
    found = script_field(Field("colour", UserInputType.RADIO_SINGLE_SELECT, "Colour", options=COLOURS[:1]))

    assert found["OPTIONS"] == [{"VAL": "r", "DISP": "Red"}]


@pytest.mark.parametrize(
    ("input_type", "value", "chosen"),
    [
        (UserInputType.RADIO_SINGLE_SELECT, "", {"g"}),
        (UserInputType.RADIO_SINGLE_SELECT, "r", {"r"}),
        (UserInputType.DROPDOWN_SINGLE_SELECT, "r,b", {"r,b"}),
        (UserInputType.CHECKBOX_MULTI_SELECT, "", {"g", "b"}),
        (UserInputType.CHECKBOX_MULTI_SELECT, "r, b", {"r", "b"}),
    ],
)
def test_the_value_decides_what_is_chosen_else_the_policy(input_type, value, chosen):
    assert chosen_values(Field("colour", input_type, "Colour", options=COLOURS, value=value)) == chosen


@pytest.mark.parametrize(
    ("value", "selected"),
    [
        ("1985-07-04", ["4", "7", "1985"]),
        ("1985-07-04T10:00:00Z", ["4", "7", "1985"]),
        ("", ["", "", ""]),
        ("soon", ["", "", ""]),
        ("1985-xx-04", ["", "", ""]),
    ],
)
def test_a_date_starts_with_its_value(value, selected):
    parts = date_parts(Field("born", UserInputType.DATE_TIME_DROPDOWN, "Born", value=value), SELF_ASSERTED)

    assert [part.name for part in parts] == ["day", "month", "year"]
    assert [part.selected for part in parts] == selected
    assert parts[1].options[6] == ("7", "July")


def test_the_class_of_the_claim_came_with_version_2_1_8():
    field = Field("displayName", UserInputType.TEXT_BOX, "Name")

    assert item_class(field, (2, 1, 8)) == "TextBox displayName_li"
    assert item_class(field, (2, 1, 7)) == "TextBox"


@pytest.mark.parametrize(
    ("field", "token"),
    [
        (Field("newPassword", UserInputType.PASSWORD, ""), "new-password"),
        (Field("reenterPassword", UserInputType.PASSWORD, ""), "new-password"),
        (Field("password", UserInputType.PASSWORD, ""), "current-password"),
        (Field("anything", UserInputType.EMAIL_BOX, ""), "email"),
        (Field("givenName", UserInputType.TEXT_BOX, ""), "given-name"),
        (Field("promoCode", UserInputType.TEXT_BOX, ""), "off"),
        (Field("loyaltyNumber", UserInputType.TEXT_BOX, ""), "on"),
    ],
)
def test_the_browser_is_told_what_it_may_fill_in(field, token):
    assert autocomplete(field) == token


def test_the_tooltip_is_the_help_of_the_pattern_then_of_the_claim_then_the_label():
    assert title(Field("a", UserInputType.TEXT_BOX, "L", "H", pattern_help="P")) == "P"
    assert title(Field("a", UserInputType.TEXT_BOX, "L", "H")) == "H"
    assert title(Field("a", UserInputType.TEXT_BOX, "L")) == "L"


def test_a_button_claim_is_not_shown():
    assert not is_shown(Field("b", UserInputType.BUTTON, "B"))


def test_a_display_control_is_one_object_with_the_fields_that_stand_in_it():
    email = Field("email", UserInputType.EMAIL_BOX, "Email", control="mail")
    code = Field("code", UserInputType.TEXT_BOX, "Code", control="mail", role="verificationcode")
    found = script_control(
        PageControl("mail", "VerificationControl"), (email, code, Field("x", UserInputType.TEXT_BOX, "X"))
    )

    assert (found["UX_INPUT_TYPE"], found["USER_INPUT_TYPE"], found["ID"]) == (
        "VerificationControl",
        "DisplayControl",
        "mail",
    )
    assert [(each["ID"], each["CONTROL_CLAIM"]) for each in found["DISPLAY_FIELDS"]] == [
        ("email", ""),
        ("code", "VerificationCode"),
    ]
    assert (autocomplete(code), item_class(code, (2, 1, 0))) == ("one-time-code", "TextBox code_li VerificationCode")
    assert item_class(email, (2, 1, 0)) == "EmailBox email_li email"


def test_predicates_reach_the_script_with_their_character_sets_taken_apart():
    rules = (
        ValueRule("IncludesCharacters", {"characterset": "a-z_"}, "a letter"),
        ValueRule("IsLengthRange", {"minimum": "8", "maximum": "64"}, "8 to 64"),
    )
    field = Field("p", UserInputType.PASSWORD, "P", rules=(RuleGroup(rules, 1, "Use:"),))

    assert script_field(field)["PREDICATES"] == [
        {
            "TEXT": "Use:",
            "MIN": 1,
            "REJECT": False,
            "RULES": [
                {"METHOD": "includescharacters", "TEXT": "a letter", "SET": ["az", "__"]},
                {"METHOD": "islengthrange", "TEXT": "8 to 64", "MINIMUM": "8", "MAXIMUM": "64"},
            ],
        }
    ]
