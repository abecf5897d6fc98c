import pytest

from journeyman.errors import ClaimsTransformationError

ITEMS = (
    '[{"key":"tier","value":"gold"},{"key":"pts","value":40},{"key":"none","value":null},{"key":"vip","value":true}]'
)
OUTPUTS = {"tier": "string", "pts": "int", "ref": "string"}


@pytest.mark.parametrize(("value", "expected"), [('a"b', {"outputclaim": '["a\\"b"]'}), (None, {})])
def test_a_text_becomes_an_array_of_one(transform, value, expected):
    assert transform("CreateJsonArray", {"inputClaim": value}) == expected


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ('"gold"', "gold"),
        ("7", "7"),
        ("1.5", "1.5"),
        ("true", "True"),
        ("false", "False"),
        ('{"a": [1, "é"]}', '{"a":[1,"é"]}'),
        ("[ ]", "[]"),
    ],
)
def test_a_member_is_extracted_as_text(transform, member, expected):
    outputs = transform("GetClaimFromJson", {"inputJson": f'{{"a.b": {member}}}'}, {"claimToExtract": "a.b"})

    assert outputs == {"extractedclaim": expected}


@pytest.mark.parametrize("member", ["40", "40.0", "9223372036854775807"])
def test_a_number_is_extracted(transform, member):
    outputs = transform("GetNumericClaimFromJson", {"inputJson": f'{{"n": {member}}}'}, {"claimToExtract": "n"})

    assert outputs == {"extractedclaim": int(member.removesuffix(".0"))}


@pytest.mark.parametrize(
    ("method", "source"),
    [
        ("GetClaimFromJson", None),
        ("GetClaimFromJson", "{n: 1}"),
        ("GetClaimFromJson", "[1]"),
        ("GetClaimFromJson", '{"N": 1}'),
        ("GetClaimFromJson", '{"n": null}'),
        ("GetClaimFromJson", '{"n": 1e999}'),
        ("GetNumericClaimFromJson", '{"n": "40"}'),
        ("GetNumericClaimFromJson", '{"n": 1.5}'),
        ("GetNumericClaimFromJson", '{"n": true}'),
        ("GetNumericClaimFromJson", '{"n": 9223372036854775808}'),
        ("GetNumericClaimFromJson", "{}"),
    ],
)
def test_a_member_that_cannot_be_extracted_is_an_error(transform, method, source):
    with pytest.raises(ClaimsTransformationError) as caught:
        transform(method, {"inputJson": source}, {"claimToExtract": "n"})

    assert caught.value.message_id == "ClaimsTransformationError"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('{"sku":"A1","q":2}', {"key": "sku", "value": "A1"}),
        ('{"q":2}', {"key": "q", "value": "2"}),
        ('{"q":null}', {"key": "q", "value": None}),
    ],
)
def test_the_first_member_is_extracted(transform, source, expected):
    assert transform("GetSingleItemFromJson", {"inputJson": source}) == expected


@pytest.mark.parametrize(
    ("source", "expected"), [('["a","b"]', "a"), ('[{"x": 1}]', '{"x":1}'), ("[null]", None), ("[5]", "5")]
)
def test_the_first_item_is_extracted(transform, source, expected):
    assert transform("GetSingleValueFromJsonArray", {"inputJsonClaim": source}) == {"extractedclaim": expected}


@pytest.mark.parametrize(
    ("method", "inputs"),
    [
        ("GetSingleItemFromJson", {"inputJson": "{}"}),
        ("GetSingleValueFromJsonArray", {"inputJsonClaim": "[]"}),
        ("GetSingleValueFromJsonArray", {"inputJsonClaim": "{}"}),
        ("GetClaimsFromJsonArray", {"jsonSource": "{}"}),
        ("GetClaimsFromJsonArray", {"jsonSource": "[1]"}),
        ("GetClaimsFromJsonArrayV2", {"jsonSource": ("{",)}),
    ],
)
def test_json_of_another_shape_is_an_error(transform, method, inputs):
    with pytest.raises(ClaimsTransformationError) as caught:
        transform(method, inputs, outputs={"tier": "string"})

    assert caught.value.message_id == "ClaimsTransformationError"


@pytest.mark.parametrize("source_name", ["jsonSource", "jsonSourceClaim"])
def test_claims_are_taken_from_an_array_of_keys_and_values(transform, source_name):
    outputs = transform("GetClaimsFromJsonArray", {source_name: ITEMS}, {"errorOnMissingClaims": "false"}, OUTPUTS)

    assert outputs == {"tier": "gold", "pts": 40}


@pytest.mark.parametrize("source_name", ["jsonSource", "jsonSourceClaim"])
def test_claims_are_taken_from_a_collection_of_keys_and_values(transform, source_name):
    items = ('{"key":"Tier","value":"gold"}', '{"key":"pts","value":"40"}', '{"key":7}')

    assert transform("GetClaimsFromJsonArrayV2", {source_name: items}, {}, OUTPUTS) == {"tier": "gold", "pts": 40}


def test_the_names_of_key_and_value_can_be_set(transform):
    parameters = {"jsonSourceKeyName": "n", "jsonSourceValueName": "v"}

    outputs = transform("GetClaimsFromJsonArray", {"jsonSource": '[{"n":"tier","v":{"a":1}}]'}, parameters, OUTPUTS)

    assert outputs == {"tier": '{"a":1}'}


def test_a_boolean_is_text_in_a_string_claim_and_the_first_of_a_key_counts(transform):
    source = '[{"key":"vip","value":true},{"key":"vip","value":false}]'

    assert transform("GetClaimsFromJsonArray", {"jsonSource": source}, {}, {"vip": "string"}) == {"vip": "True"}


@pytest.mark.parametrize(("include", "expected"), [("false", {}), ("true", {"none": "", "count": None, "empty": ""})])
def test_empty_values_are_written_only_when_wanted(transform, include, expected):
    source = '[{"key":"none","value":null},{"key":"count","value":""},{"key":"empty","value":""}]'
    outputs = {"none": "string", "count": "int", "empty": "string"}

    assert transform("GetClaimsFromJsonArray", {"jsonSource": source}, {"includeEmptyClaims": include}, outputs) == (
        expected
    )


def test_a_missing_claim_is_an_error_when_the_policy_says_so(transform):
    with pytest.raises(ClaimsTransformationError, match="ref"):
        transform("GetClaimsFromJsonArray", {"jsonSource": ITEMS}, {"errorOnMissingClaims": "true"}, OUTPUTS)


def test_a_value_that_does_not_fit_its_claim_is_an_error(transform):
    with pytest.raises(ClaimsTransformationError, match="tier"):
        transform("GetClaimsFromJsonArray", {"jsonSource": ITEMS}, {}, {"tier": "int"})
