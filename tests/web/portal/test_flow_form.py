from __future__ import annotations

import pytest

from journeyman.management.errors import InvalidError
from journeyman.settings.identity import (
    AttributeAssignment,
    AttributeOption,
    AttributeType,
    ConnectorStep,
    FlowPage,
    InputType,
    UserAttribute,
    UserFlow,
    UserFlowType,
)
from journeyman.web.portal.flow_form import (
    assignment,
    attribute_rows,
    new_flow,
    option_lines,
    with_attributes,
    with_connectors,
    with_pages,
)
from journeyman.web.portal.form import Form

FLOW = UserFlow(
    "B2C_1_a",
    UserFlowType.SIGN_UP_OR_SIGN_IN,
    attributes=(AttributeAssignment("city", "Town"), AttributeAssignment("displayName")),
)


def form(**fields):
    pairs = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    return Form({name: [("", text.encode()) for text in texts] for name, texts in pairs.items()})


def test_a_new_flow_takes_what_was_ticked():
    flow = new_flow(
        form(type="signUp", id="x", collect=["city"], **{"return": ["objectId"]}, provider=["Google-OAUTH"])
    )

    assert (flow.id, flow.type, flow.claims) == ("x", UserFlowType.SIGN_UP, ("objectId",))
    assert [one.attribute for one in flow.attributes] == ["city"]
    assert flow.identity_providers == ("Google-OAUTH",)


def test_a_kind_that_is_not_on_the_form_is_refused():
    with pytest.raises(InvalidError, match="type: choose one"):
        new_flow(form(type="everything"))


def test_attributes_stand_in_the_order_of_their_places_and_keep_their_labels():
    sent = form(
        collect=["city", "displayName", "country"],
        **{"place-city": "2", "place-displayName": "1", "place-country": "", "return": ["city"]},
    )

    changed = with_attributes(FLOW, sent)

    assert [(one.attribute, one.display_name) for one in changed.attributes] == [
        ("displayName", ""),
        ("city", "Town"),
        ("country", ""),
    ]
    assert changed.claims == ("city",)


def test_a_place_that_is_no_number_is_refused():
    with pytest.raises(InvalidError, match="place-city is not a whole number"):
        with_attributes(FLOW, form(collect=["city"], **{"place-city": "first"}))


def test_connectors_are_bound_to_the_steps_of_the_form_and_empty_ones_are_not():
    sent = form(postAttributeCollection="guid", preTokenIssuance="")

    assert with_connectors(FLOW, sent, tuple(ConnectorStep)).connectors == {
        ConnectorStep.POST_ATTRIBUTE_COLLECTION: "guid"
    }


def test_pages_and_texts_are_taken_over_and_empty_ones_left_out():
    sent = form(
        template="classic",
        defaultLanguage="en",
        languages="en, de",
        **{
            "uri-signuporsignin": "https://cdn.example/a.html",
            "layout-signuporsignin": "",
            "texts-de": "heading = Guten Tag = hallo\n\n",
            "texts-en": "",
        },
    )

    changed = with_pages(FLOW, sent, ("signuporsignin", "error"))

    assert changed.pages == {"signuporsignin": FlowPage("https://cdn.example/a.html", "")}
    assert changed.languages == ("en", "de")
    assert changed.texts == {"de": {"heading": "Guten Tag = hallo"}}


def test_a_text_without_a_name_is_refused():
    with pytest.raises(InvalidError, match="is not NAME = TEXT"):
        with_pages(FLOW, form(template="classic", languages="de", **{"texts-de": "Guten Tag"}), ())


def test_options_are_read_as_they_are_shown():
    options = (AttributeOption("Gold", "g", is_default=True), AttributeOption("silver", "silver"))
    sent = form(inputType="radioSingleSelect", options="*g = Gold\nsilver", displayName="Level", optional="yes")

    found = assignment("extension_Level", sent)

    assert found == AttributeAssignment(
        "extension_Level", "Level", optional=True, input_type=InputType.RADIO_SINGLE_SELECT, options=options
    )
    assert option_lines(options) == "*g = Gold\nsilver = silver"


def test_an_option_without_a_value_is_refused():
    with pytest.raises(InvalidError, match="has no value"):
        assignment("city", form(inputType="textBox", options="= Gold"))


def test_every_attribute_of_the_tenant_has_a_row_those_that_are_collected_first():
    own = UserAttribute("extension_0123456789abcdef0123456789abcdef_Level", "Level", "", AttributeType.INT64)

    rows = attribute_rows(FLOW, (own,))

    assert [(row.id, row.place) for row in rows[:2]] == [("city", 1), ("displayName", 2)]
    assert {row.id for row in rows} >= {"extension_Level", "objectId", "newUser"}
    assert [row.known.collected for row in rows if row.id in {"objectId", "extension_Level"}] == [True, False]
