import pytest

from journeyman.claims.claim_type import ClaimType
from journeyman.claims.restriction import Option
from journeyman.errors import ClaimsTransformationError

TEXTS = {
    ("formatlocalizedstringtransformationclaimtype", "responsemessge_emailexists"): "{0} has {1} accounts",
    ("formatlocalizedstringtransformationclaimtype", "long"): "{0,4001}",
    ("formatlocalizedstringtransformationclaimtype", "wrong"): "{5}",
    ("getlocalizedstringstransformationclaimtype", "email_subject"): "Ihr Code",
}


def texts(element_type: str, string_id: str) -> str | None:
    return TEXTS.get((element_type, string_id))


def test_a_localized_text_is_filled_with_the_claims_in_their_order(transform):
    outputs = transform(
        "FormatLocalizedString",
        {"email": "ann@contoso.example", "count": None},
        {"stringFormatId": "ResponseMessge_EmailExists"},
        texts=texts,
    )

    assert outputs == {"outputclaim": "ann@contoso.example has  accounts"}


def test_a_text_that_is_not_there_writes_nothing(transform):
    assert transform("FormatLocalizedString", {}, {"stringFormatId": "absent"}, texts=texts) == {}
    assert transform("FormatLocalizedString", {}, {"stringFormatId": "absent"}) == {}


@pytest.mark.parametrize("string_id", ["long", "wrong"])
def test_a_result_that_is_too_long_or_a_wrong_text_is_an_error(transform, string_id):
    with pytest.raises(ClaimsTransformationError) as caught:
        transform("FormatLocalizedString", {"a": "x"}, {"stringFormatId": string_id}, texts=texts)

    assert caught.value.message_id == "ClaimsTransformationError"


def test_each_output_is_the_localized_text_of_its_name_or_empty(transform):
    outputs = transform(
        "GetLocalizedStringsTransformation",
        outputs={"email_subject": "string", "email_body": "string"},
        texts=texts,
    )

    assert outputs == {"email_subject": "Ihr Code", "email_body": ""}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Oslo", {"restrictionvalueclaim": "osl"}), ("oslo", {}), ("osl", {}), (None, {})],
)
def test_the_value_of_an_option_is_found_by_its_text(transform, text, expected):
    city = ClaimType("city", options=(Option("Bergen", "bgo"), Option("Oslo", "osl")))

    outputs = transform(
        "GetMappedValueFromLocalizedCollection",
        {"mapFromClaim": text},
        output_claims={"restrictionvalueclaim": city},
    )

    assert outputs == expected


def test_without_options_nothing_is_mapped(transform):
    assert transform("GetMappedValueFromLocalizedCollection", {"mapFromClaim": "Oslo"}) == {}
