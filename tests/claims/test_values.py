from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.claims.values import (
    ClaimValue,
    ConversionError,
    DataType,
    UserIdentity,
    convert,
    decode_state,
    encode_state,
    to_json,
    to_text,
    to_wire_text,
)

TEN = datetime(2024, 1, 31, 10, tzinfo=UTC)
ANN = UserIdentity("idp.example", "dS03Nw==")
ANN_JSON = {"issuer": "idp.example", "issuerUserId": "dS03Nw=="}
ANN_TEXT = '{"issuer":"idp.example","issuerUserId":"dS03Nw=="}'


@pytest.mark.parametrize(
    ("value", "data_type", "expected"),
    [
        ("Ann", "string", "Ann"),
        ("", "string", ""),
        (1234, "string", "1234"),
        (1.5, "string", "1.5"),
        (True, "string", "true"),
        (["a", {"b": None}], "string", '["a",{"b":null}]'),
        ({"name": "Ñandú"}, "string", '{"name":"Ñandú"}'),
        (date(2031, 4, 2), "string", "2031-04-02"),
        (("a", "b"), "string", '["a","b"]'),
        (ANN, "string", ANN_TEXT),
        (True, "boolean", True),
        ("TRUE", "boolean", True),
        (" false ", "boolean", False),
        (1, "boolean", True),
        (0, "boolean", False),
        (7, "int", 7),
        (7.0, "int", 7),
        (" -12 ", "int", -12),
        ("+5", "int", 5),
        (2147483647, "int", 2147483647),
        (-2147483648, "int", -2147483648),
        (9223372036854775807, "long", 9223372036854775807),
        ("-9223372036854775808", "long", -9223372036854775808),
        ("2024-01-31", "date", date(2024, 1, 31)),
        ("2024-01-31T23:30:00-02:00", "date", date(2024, 2, 1)),
        (date(2024, 1, 31), "date", date(2024, 1, 31)),
        (TEN, "date", date(2024, 1, 31)),
        (1706695200, "date", date(2024, 1, 31)),
        ("2024-01-31T10:00:00.0000000Z", "dateTime", TEN),
        ("2024-01-31t10:00:00z", "dateTime", TEN),
        ("2024-01-31T10:00:00", "dateTime", TEN),
        ("2024-01-31T12:00+02:00", "dateTime", TEN),
        ("2024-01-31", "dateTime", datetime(2024, 1, 31, tzinfo=UTC)),
        (date(2024, 1, 31), "dateTime", datetime(2024, 1, 31, tzinfo=UTC)),
        (datetime(2024, 1, 31, 12, tzinfo=timezone(timedelta(hours=2))), "dateTime", TEN),
        (1706695200, "dateTime", TEN),
        (1706695200.5, "dateTime", TEN + timedelta(milliseconds=500)),
        ("1/31/2024 10:00:00 AM", "dateTime", TEN),
        ("10/10/2021 12:00:00 PM", "dateTime", datetime(2021, 10, 10, 12, tzinfo=UTC)),
        ("10/10/2021 12:00:00 AM", "dateTime", datetime(2021, 10, 10, 0, tzinfo=UTC)),
        ("P1Y2M3DT4H5M6S", "duration", "P1Y2M3DT4H5M6S"),
        ("P1Mo", "duration", "P1M"),
        ("N1D", "duration", "-P1D"),
        ("-P1D", "duration", "-P1D"),
        ("PT1.5S", "duration", "PT1.5S"),
        ("P2W", "duration", "P2W"),
        (["a", 1, True, None], "stringCollection", ("a", "1", "true")),
        ([{"id": 7}], "stringCollection", ('{"id":7}',)),
        ("one", "stringCollection", ("one",)),
        ([], "stringCollection", ()),
        (("a",), "stringCollection", ("a",)),
        ("+47 (22) 33-44.55", "phoneNumber", "+4722334455"),
        (ANN_JSON, "userIdentity", ANN),
        (ANN_TEXT, "userIdentity", ANN),
        (ANN, "userIdentity", ANN),
        ([ANN_JSON], "userIdentityCollection", (ANN,)),
        (ANN_JSON, "userIdentityCollection", (ANN,)),
        (f"[{ANN_TEXT}]", "alternativeSecurityIdCollection", (ANN,)),
        ((), "alternativeSecurityIdCollection", ()),
        ({"kind": "user"}, "objectIdentity", '{"kind":"user"}'),
        ([{"kind": "user"}], "objectIdentityCollection", '[{"kind":"user"}]'),
    ],
)
def test_a_value_is_converted_to_the_type_of_its_claim(value, data_type, expected):
    converted = convert(value, DataType(data_type))

    assert converted == expected
    assert type(converted) is type(expected)


@pytest.mark.parametrize(
    ("value", "data_type"),
    [
        (None, "string"),
        (object(), "string"),
        (b"bytes", "string"),
        (float("nan"), "string"),
        ("\ud800", "string"),
        ("x" * 1_048_577, "string"),
        ({"text": "x" * 1_048_577}, "string"),
        ("yes", "boolean"),
        (2, "boolean"),
        (None, "boolean"),
        (["true"], "boolean"),
        ("", "int"),
        ("1.5", "int"),
        (1.5, "int"),
        (True, "int"),
        ("١", "int"),
        (2147483648, "int"),
        ("-2147483649", "int"),
        (9223372036854775808, "long"),
        ("1" * 65, "long"),
        (float("inf"), "long"),
        ("31.01.2024", "date"),
        ("2024-02-30", "date"),
        (True, "dateTime"),
        (1e300, "dateTime"),
        (float("nan"), "dateTime"),
        ("13/10/2021 1:00:00 PM", "dateTime"),
        ("10/10/2021 13:00:00 PM", "dateTime"),
        ("0001-01-01T00:00:00+10:00", "dateTime"),
        ("P", "duration"),
        ("P1H", "duration"),
        ("PT", "duration"),
        (5, "duration"),
        (None, "stringCollection"),
        ([object()], "stringCollection"),
        (["x"] * 10_001, "stringCollection"),
        ("22334455", "phoneNumber"),
        ("+0123456", "phoneNumber"),
        ("+" + "1" * 16, "phoneNumber"),
        ({"issuer": "a"}, "userIdentity"),
        ({"issuer": "a", "issuerUserId": 7}, "userIdentity"),
        ("not JSON", "userIdentity"),
        ("[]", "userIdentity"),
        ([ANN_JSON] * 10_001, "userIdentityCollection"),
        ([1], "userIdentityCollection"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_without_being_shown(value, data_type):
    with pytest.raises(ConversionError) as caught:
        convert(value, DataType(data_type))

    assert str(caught.value) == f"the value is not a {data_type}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_json_that_is_nested_too_deep_is_refused():
    nested: object = "x"
    for _ in range(65):
        nested = [nested]

    with pytest.raises(ConversionError):
        convert(nested, DataType.STRING)


@pytest.mark.parametrize(
    ("value", "text", "json", "wire"),
    [
        ("Ann", "Ann", "Ann", "Ann"),
        (True, "True", True, "true"),
        (False, "False", False, "false"),
        (-7, "-7", -7, "-7"),
        (date(987, 4, 2), "0987-04-02", "0987-04-02", "0987-04-02"),
        (TEN, "2024-01-31T10:00:00.0000000Z", "2024-01-31T10:00:00.0000000Z", "2024-01-31T10:00:00.0000000Z"),
        (("a", "b"), '["a","b"]', ["a", "b"], "a,b"),
        ((), "[]", [], ""),
        (ANN, ANN_TEXT, ANN_JSON, ANN_TEXT),
        ((ANN,), f"[{ANN_TEXT}]", [ANN_JSON], f"[{ANN_TEXT}]"),
    ],
)
def test_a_value_is_written_as_text_as_json_and_on_the_wire(value, text, json, wire):
    assert to_text(value) == text
    assert to_json(value) == json
    assert to_wire_text(value) == wire


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
IDENTITIES = st.builds(UserIdentity, TEXTS, TEXTS)
VALUES: dict[DataType, st.SearchStrategy[ClaimValue]] = {
    DataType.BOOLEAN: st.booleans(),
    DataType.INT: st.integers(-(2**31), 2**31 - 1),
    DataType.LONG: st.integers(-(2**63), 2**63 - 1),
    DataType.STRING: TEXTS,
    DataType.DATE: st.dates(),
    DataType.DATE_TIME: st.datetimes(timezones=st.just(UTC)),
    DataType.DURATION: st.sampled_from(["P1Y", "-P1DT2H", "PT0.5S"]),
    DataType.PHONE_NUMBER: st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True),
    DataType.STRING_COLLECTION: st.lists(TEXTS, max_size=5).map(tuple),
    DataType.USER_IDENTITY: IDENTITIES,
    DataType.USER_IDENTITY_COLLECTION: st.lists(IDENTITIES, max_size=3).map(tuple),
    DataType.ALTERNATIVE_SECURITY_ID_COLLECTION: st.lists(IDENTITIES, max_size=3).map(tuple),
    DataType.OBJECT_IDENTITY: TEXTS,
    DataType.OBJECT_IDENTITY_COLLECTION: TEXTS,
}
TYPED_VALUES = st.sampled_from(DataType).flatmap(lambda kind: st.tuples(st.just(kind), VALUES[kind]))


@given(TYPED_VALUES)
def test_state_gives_back_the_value_that_was_stored(typed):
    data_type, value = typed

    restored = decode_state(encode_state(value), data_type)

    assert restored == value
    assert type(restored) is type(value)


@given(TYPED_VALUES)
def test_conversion_leaves_a_value_of_the_type_unchanged(typed):
    data_type, value = typed

    assert convert(value, data_type) == value


@given(TYPED_VALUES.filter(lambda typed: typed[0] is not DataType.STRING_COLLECTION))
def test_the_text_of_a_value_converts_back_to_it(typed):
    data_type, value = typed

    assert convert(to_text(value), data_type) == value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, st.sampled_from(DataType))
def test_any_json_either_converts_or_is_a_conversion_error(value, data_type):
    try:
        converted = convert(value, data_type)
    except ConversionError:
        converted = None

    assert converted is None or convert(encode_state(converted), data_type) == converted
