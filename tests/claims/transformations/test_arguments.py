from datetime import UTC, datetime

import pytest

from journeyman.claims.transformations import Surroundings
from journeyman.claims.transformations.arguments import in_order, number, parameters_in_order, text_of, value_of
from journeyman.errors import ClaimsTransformationError

AROUND = Surroundings(
    now=datetime(2031, 4, 2, tzinfo=UTC), input_ids=("A", " b ", "a"), parameter_ids=("Second", "gone")
)


def test_inputs_of_one_name_keep_the_order_of_the_document():
    inputs = {"a": ["1", "3"], "b": ["2"]}

    assert list(in_order(inputs, AROUND)) == [("A", "1"), ("b", "2"), ("a", "3")]


def test_an_input_without_a_value_is_absent():
    assert list(in_order({"a": ["1"]}, AROUND)) == [("A", "1"), ("b", None), ("a", None)]


def test_parameters_have_the_names_as_written():
    assert list(parameters_in_order({"first": "1", "second": "2"}, AROUND)) == [("Second", "2")]


def test_the_first_present_value_counts():
    assert value_of({"a": [None, "x"], "b": ["y"]}, "a", "b") == "x"
    assert text_of({"a": [None], "b": [True]}, "a", "b") == "True"
    assert text_of({}, "a") is None


def test_a_number_without_default_is_required():
    assert number({"n": " 5 "}, "n") == 5
    assert number({"n": ""}, "n", 3) == 3
    with pytest.raises(ClaimsTransformationError, match="'n' is missing"):
        number({}, "n")
