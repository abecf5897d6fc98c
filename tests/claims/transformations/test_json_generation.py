from datetime import UTC, datetime

import pytest

from journeyman.claims.values import DataType, UserIdentity
from journeyman.errors import ClaimsTransformationError

TYPES = {"a.flag": DataType.BOOLEAN, "a.count": DataType.INT, "a.big": DataType.LONG, "a.text": DataType.STRING}


@pytest.mark.parametrize(
    ("inputs", "parameters", "expected"),
    [
        (
            {"a.city": "Oslo", "a.items.0.n": 3},
            {"a.k": "v"},
            '{"a":{"city":"Oslo","items":[{"n":3}],"k":"v"}}',
        ),
        (
            {"personalizations.0.to.0.email": "ann@contoso.example"},
            {"template_id": "d-1", "from.email": "no-reply@contoso.example", "Mixed-Case": "x"},
            (
                '{"personalizations":[{"to":[{"email":"ann@contoso.example"}]}],'
                '"template_id":"d-1","from":{"email":"no-reply@contoso.example"},"Mixed-Case":"x"}'
            ),
        ),
        ({"emails.0": "a"}, {"emails.1": "b"}, '{"emails":["a","b"]}'),
        ({"0": "a", "1": 2}, {}, '["a",2]'),
        ({"a": '{"b":1}'}, {}, '{"a":"{\\"b\\":1}"}'),
        ({"a": True, "b": ("x", "y"), "c": None}, {}, '{"a":true,"b":["x","y"]}'),
        ({"l.0": None, "l.1": "x", "o.a": None}, {}, '{"l":["x"],"o":{}}'),
        ({"t": datetime(2031, 4, 2, tzinfo=UTC)}, {}, '{"t":"2031-04-02T00:00:00.0000000Z"}'),
        ({"i": UserIdentity("idp", "YQ==")}, {}, '{"i":{"issuer":"idp","issuerUserId":"YQ=="}}'),
        (
            {},
            {"a.flag": "true", "a.count": "7", "a.big": "9223372036854775807", "a.text": "7"},
            '{"a":{"flag":true,"count":7,"big":9223372036854775807,"text":"7"}}',
        ),
        ({"a": "first"}, {"a": "last"}, '{"a":"last"}'),
        ({"a.1x": "x"}, {}, '{"a":{"1x":"x"}}'),
        ({}, {}, "{}"),
    ],
)
def test_json_is_generated_from_dotted_paths(transform, inputs, parameters, expected):
    assert transform("GenerateJson", inputs, parameters, parameter_types=TYPES) == {"outputclaim": expected}


def test_without_the_written_names_those_in_lower_case_are_used(transform):
    outputs = transform("GenerateJson", {"a.City": "Oslo"}, {"B": "x"}, input_ids=(), parameter_ids=())

    assert outputs == {"outputclaim": '{"a":{"city":"Oslo"},"b":"x"}'}


@pytest.mark.parametrize(
    ("inputs", "parameters"),
    [
        ({"l.1": "x"}, {}),
        ({"l.0": "x", "l.2": "y"}, {}),
        ({"a": "x", "a.b": "y"}, {}),
        ({"a.b": "x", "a": "y"}, {}),
        ({}, {"a.count": "seven"}),
        ({".".join("a" * 70): "x"}, {}),
    ],
)
def test_paths_that_contradict_each_other_are_an_error(transform, inputs, parameters):
    with pytest.raises(ClaimsTransformationError) as caught:
        transform("GenerateJson", inputs, parameters, parameter_types=TYPES)

    assert caught.value.message_id == "ClaimsTransformationError"
