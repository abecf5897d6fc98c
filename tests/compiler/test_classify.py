from __future__ import annotations

from journeyman.claims.claim_type import Sensitivity
from journeyman.compiler.classify import classify
from journeyman.diagnostics import Location
from journeyman.policy.model import (
    ClaimReference,
    ClaimsTransformation,
    ClaimType,
    Item,
    Policy,
    Protocol,
    TechnicalProfile,
    TransformationClaim,
    key,
)

HERE = Location("policy.xml", 1, 1)
PLAIN, PERSONAL, SECRET = Sensitivity.PLAIN, Sensitivity.PERSONAL, Sensitivity.SECRET


def claim(claim_id: str, **fields: object) -> ClaimType:
    return ClaimType(claim_id, HERE, **fields)


def sent(claim_id: str, **fields: object) -> ClaimReference:
    return ClaimReference(claim_id, HERE, **fields)


def transformation(source: str, target: str) -> ClaimsTransformation:
    inputs, outputs = (TransformationClaim(source, "in", HERE),), (TransformationClaim(target, "out", HERE),)
    return ClaimsTransformation(f"{source}To{target}", HERE, "FormatStringClaim", inputs, (), outputs)


def classified(
    *claims: ClaimType,
    profiles: tuple[TechnicalProfile, ...] = (),
    transformations: tuple[ClaimsTransformation, ...] = (),
) -> dict[str, Sensitivity]:
    return classify(
        Policy(
            location=HERE,
            tenant_id="contoso.onmicrosoft.com",
            policy_id="B2C_1A_test",
            public_policy_uri=None,
            schema_version="0.3.0.0",
            tenant_object_id=None,
            deployment_mode=None,
            journey_recorder_endpoint=None,
            base=None,
            trust_framework_tenant_id="contoso.onmicrosoft.com",
            files=(),
            claim_types={key(each.id): each for each in claims},
            technical_profiles={key(each.id): each for each in profiles},
            claims_transformations={key(each.id): each for each in transformations},
        )
    )


def test_what_is_typed_into_a_password_field_is_secret():
    assert classified(claim("pin", user_input_type="Password")) == {"pin": SECRET}


def test_a_claim_with_a_secret_like_name_is_secret():
    found = classified(claim("api_key"), claim("extension_token"), claim("my-secret"), claim("tokenType"))

    assert found == {"api_key": SECRET, "extension_token": SECRET, "my-secret": SECRET, "tokentype": PLAIN}


def test_the_last_word_of_a_name_can_tell_that_a_claim_is_secret():
    found = classified(claim("bearerToken"), claim("totpSecret"), claim("postalTokenArea"), claim("countryCode"))

    assert found == {"bearertoken": SECRET, "totpsecret": SECRET, "postaltokenarea": PLAIN, "countrycode": PLAIN}


def test_one_time_codes_are_secret():
    profile = TechnicalProfile(
        "OTP",
        HERE,
        input_claims=(sent("typed", partner_claim_type="otpToVerify"),),
        output_claims=(sent("made", partner_claim_type="otpGenerated"),),
    )

    found = classified(claim("typed"), claim("made"), claim("verificationCode"), claim("otp"), profiles=(profile,))

    assert set(found.values()) == {SECRET}


def test_a_boolean_named_after_a_secret_is_plain():
    assert classified(claim("mustChangePassword", data_type="boolean")) == {"mustchangepassword": PLAIN}


def test_the_claim_named_as_bearer_token_is_secret():
    metadata = {"useclaimasbearertoken": Item("UseClaimAsBearerToken", "bearer", HERE)}

    found = classified(claim("bearer"), profiles=(TechnicalProfile("REST", HERE, metadata=metadata),))

    assert found == {"bearer": SECRET}


def test_a_claim_that_takes_a_token_from_an_answer_is_secret():
    outputs = (
        sent("a", partner_claim_type="access_token"),
        sent("b", partner_claim_type="{oauth2:refresh_token}"),
        sent("c", partner_claim_type="token_type"),
    )

    found = classified(
        claim("a"), claim("b"), claim("c"), profiles=(TechnicalProfile("P", HERE, output_claims=outputs),)
    )

    assert found == {"a": SECRET, "b": SECRET, "c": PLAIN}


def test_a_claim_that_is_sent_as_a_password_is_secret():
    profile = TechnicalProfile("P", HERE, persisted_claims=(sent("typed", partner_claim_type="password"),))

    assert classified(claim("typed"), profiles=(profile,)) == {"typed": SECRET}


def test_a_claim_filled_with_the_password_of_the_request_is_secret():
    profile = TechnicalProfile("P", HERE, input_claims=(sent("typed", default_value="{OIDC:Password}"),))

    assert classified(claim("typed"), profiles=(profile,)) == {"typed": SECRET}


def test_secrecy_flows_through_chains_of_transformations():
    found = classified(
        claim("access_token"),
        claim("header"),
        claim("body"),
        claim("other"),
        transformations=(transformation("header", "body"), transformation("access_token", "header")),
    )

    assert found == {"access_token": SECRET, "header": SECRET, "body": SECRET, "other": PLAIN}


def test_a_truth_value_made_of_a_secret_is_plain():
    found = classified(
        claim("password", user_input_type="Password"),
        claim("same", data_type="boolean"),
        transformations=(transformation("password", "same"),),
    )

    assert found["same"] is PLAIN


def test_secrecy_flows_through_claim_resolvers_of_defaults():
    profile = TechnicalProfile("P", HERE, output_claims=(sent("copy", default_value="x {Claim:Password} y"),))

    found = classified(claim("password"), claim("copy"), profiles=(profile,))

    assert found["copy"] is SECRET


def test_secrecy_flows_through_a_profile_that_returns_a_value_under_the_name_it_was_sent():
    profile = TechnicalProfile(
        "P",
        HERE,
        input_claims=(sent("password", partner_claim_type="value"),),
        output_claims=(sent("copy", partner_claim_type="Value"),),
    )

    found = classified(claim("password"), claim("copy"), profiles=(profile,))

    assert found["copy"] is SECRET


def test_what_tells_who_the_person_is_is_personal():
    ids = ("email", "givenName", "surname", "displayName", "streetAddress", "postalCode", "objectId", "phoneNumber")
    more = ("signInNames.emailAddress", "otherMails", "userPrincipalName", "city", "alternativeSecurityId")

    found = classified(*(claim(each) for each in ids + more))

    assert set(found.values()) == {PERSONAL}


def test_a_data_type_or_wire_name_can_tell_that_a_claim_is_personal():
    wire = {"openidconnect": Protocol("OpenIdConnect", None, "given_name", HERE)}

    found = classified(
        claim("contact", data_type="phoneNumber"),
        claim("box", user_input_type="EmailBox"),
        claim("first", default_partner_claim_types=wire),
    )

    assert set(found.values()) == {PERSONAL}


def test_everything_else_is_plain():
    ids = (
        "newUser",
        "authenticationSource",
        "identityProvider",
        "loyaltyTier",
        "tenantId",
        "grant_type",
        "resource_id",
    )

    assert set(classified(*(claim(each) for each in ids)).values()) == {PLAIN}


def test_a_boolean_about_an_address_is_plain():
    assert classified(claim("emailVerified", data_type="boolean")) == {"emailverified": PLAIN}
