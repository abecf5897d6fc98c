from __future__ import annotations

import pytest

from journeyman.diagnostics import Location
from journeyman.policy.element import Element
from journeyman.policy.node import Node, shape
from journeyman.policy.problems import Problems

HERE = Location("p.xml", 4, 2)


def node(expected, *children, **attributes):
    problems = Problems("p.xml")
    return Node(Element("E", attributes, children, "", HERE), expected, problems, "owner"), problems


def leaf(name, text=""):
    return Element(name, {}, (), text, HERE)


@pytest.mark.parametrize("written", ["true", "True", "TRUE", "1", " true "])
def test_a_boolean_may_be_true_in_any_case_or_one(written):
    found, problems = node(shape(optional="A"), A=written)

    assert found.flag("A") is True
    assert problems.found == ()


@pytest.mark.parametrize("written", ["false", "False", "FALSE", "0"])
def test_a_boolean_may_be_false_in_any_case_or_zero(written):
    assert node(shape(optional="A"), A=written)[0].flag("A") is False


@pytest.mark.parametrize("written", ["", "yes", "2", "truth"])
def test_any_other_boolean_is_an_error_and_counts_as_absent(written):
    found, problems = node(shape(optional="A"), A=written)

    assert found.flag("A") is None
    assert [(each.code, each.element, each.location) for each in problems.found] == [("JM1026", "owner", HERE)]


@pytest.mark.parametrize(("written", "value"), [("7", 7), (" 12 ", 12), ("-1", -1), ("+3", 3), ("007", 7)])
def test_a_whole_number_is_read(written, value):
    assert node(shape(optional="A"), A=written)[0].integer("A") == value


@pytest.mark.parametrize("written", ["", "1.0", "one", "1_000", "٣", "9" * 10, "9" * 5000])
def test_any_other_number_is_an_error(written):
    found, problems = node(shape(optional="A"), A=written)

    assert found.integer("A") is None
    assert [each.code for each in problems.found] == ["JM1027"]


@pytest.mark.parametrize("written", ["Append", "Prepend", "ReplaceAll"])
def test_the_three_merge_behaviors_are_known(written):
    assert node(shape(optional="MergeBehavior"), MergeBehavior=written)[0].merge_behavior() == written


def test_another_merge_behavior_is_an_error():
    found, problems = node(shape(optional="MergeBehavior"), MergeBehavior="Merge")

    assert found.merge_behavior() is None
    assert [each.code for each in problems.found] == ["JM1031"]


@pytest.mark.parametrize("attributes", [{}, {"Id": ""}, {"Id": " "}])
def test_a_required_attribute_that_is_missing_or_blank_is_an_error_and_the_element_is_left_out(attributes):
    found, problems = node(shape(required="Id"), **attributes)

    assert found.keep("value") is None
    assert [each.message for each in problems.found] == [
        "Schema validation error found: the required attribute 'Id' of 'E' is missing or empty."
    ]


def test_an_unknown_attribute_is_a_warning_that_names_the_known_ones():
    found, problems = node(shape(required="Id", optional="Kind"), Id="x", Knd="y")

    assert found.keep("value") == "value"
    assert [(each.code, each.severity.value) for each in problems.found] == [("JM1021", "warning")]
    assert problems.found[0].help == "remove it, or write one of: Id, Kind"


def test_what_is_not_supported_is_a_warning():
    _, problems = node(shape(unsupported="Old Child"), leaf("Child"), Old="x")

    assert [(each.code, each.severity.value) for each in problems.found] == [
        ("JM1030", "warning"),
        ("JM1030", "warning"),
    ]


def test_a_child_that_may_stand_once_is_an_error_the_second_time_and_the_first_counts():
    found, problems = node(shape(once="A"), leaf("A", "first"), leaf("A", "second"))

    assert found.text("A") == "first"
    assert [each.code for each in problems.found] == ["JM1024"]


def test_simple_text_is_trimmed_and_absent_is_not_empty():
    found, _ = node(shape(once="A B C"), leaf("A", "\n  a text \n"), leaf("B"))

    assert (found.text("A"), found.text("B"), found.text("C")) == ("a text", "", None)


def test_an_identifier_is_trimmed_and_another_attribute_is_not():
    found, _ = node(shape(optional="A"), A=" a ")

    assert (found.identifier("A"), found.attribute("A")) == ("a", " a ")
    assert found.reference("A").id == "a"
    assert found.reference("B") is None


def test_a_section_that_stands_twice_is_read_as_one():
    sections = (Element("S", {}, (leaf("I", "1"),), "", HERE), Element("S", {}, (leaf("I", "2"),), "", HERE))
    found, problems = node(shape(many="S"), *sections)

    assert [item.text for item in found.section("S", "I")] == ["1", "2"]
    assert found.section("T", "I") is None
    assert problems.found == ()
