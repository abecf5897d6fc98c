from datetime import date

import pytest

from journeyman.errors import ClaimsTransformationError


def key_text(key_id: str) -> str | None:
    return {"B2C_1A_AccountTransformSecret": "pepper"}.get(key_id)


@pytest.mark.parametrize("value", ["Bo", 5, True, date(2031, 4, 2), ("a",)])
def test_a_claim_is_copied(transform, value):
    assert transform("CopyClaim", {"inputClaim": value}) == {"outputclaim": value}


def test_an_absent_claim_leaves_the_target(transform):
    assert transform("CopyClaim", {"inputClaim": None}) == {}


@pytest.mark.parametrize(
    ("value", "expected"), [("x", True), ("", True), ((), True), (False, True), (0, True), (None, False)]
)
def test_a_claim_exists_when_it_has_a_value(transform, value, expected):
    assert transform("DoesClaimExist", {"inputClaim": value}) == {"outputclaim": expected}


def test_the_old_name_of_the_input_works_too(transform):
    assert transform("DoesClaimExist", {"firstDateTime": "x"}) == {"outputclaim": True}


def test_null_claim_removes(transform):
    assert transform("NullClaim", outputs={"claim_to_null": "string"}) == {"claim_to_null": None}


def test_a_hash_is_of_plaintext_salt_and_the_secret_of_the_key(transform):
    outputs = transform(
        "Hash",
        {"plaintext": "ann@contoso.example", "salt": "487624568"},
        {"randomizerSecret": "B2C_1A_AccountTransformSecret"},
        key_text=key_text,
    )

    # printf 'ann@contoso.example487624568pepper' | openssl dgst -sha256 -binary | base64
    assert outputs == {"hash": "O5UV52Ce6Wua3xLTvzVsYt7wpsbm4TqVhY6YL+w+42U="}


@pytest.mark.parametrize(
    ("plaintext", "salt", "key_id"),
    [
        (None, "s", "B2C_1A_AccountTransformSecret"),
        ("p", None, "B2C_1A_AccountTransformSecret"),
        ("p", "s", "B2C_1A_Absent"),
    ],
)
def test_a_hash_needs_both_claims_and_the_key(transform, plaintext, salt, key_id):
    with pytest.raises(ClaimsTransformationError) as caught:
        transform("Hash", {"plaintext": plaintext, "salt": salt}, {"randomizerSecret": key_id}, key_text=key_text)

    assert caught.value.message_id == "ClaimsTransformationError"
    assert "pepper" not in str(caught.value)
