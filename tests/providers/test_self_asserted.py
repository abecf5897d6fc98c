from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from journeyman.compiler.compiled import PageType
from journeyman.diagnostics import Location
from journeyman.errors import ServiceError
from journeyman.providers.self_asserted import SELF_ASSERTED_SPEC
from journeyman.technical_profile import Continue, Refuse, VerifiedControl

COLOURS = '<Restriction><Enumeration Text="Red" Value="r" /><Enumeration Text="Blue" Value="b" /></Restriction>'
LETTERS = '<Restriction><Pattern RegularExpression="^[a-z]+$" HelpText="Letters only" /></Restriction>'
UNIFIED = {"ContentDefinitionReferenceId": "api.signin"}


def done(values, cleared=()):
    return Continue(values, frozenset(cleared), keyed_by_claim=True)


@pytest.fixture
def one(xml, asked):
    """A page with one field, ``value``."""

    def make(control="TextBox", data_type="string", inner="", required=False, have=None, metadata=None, **options):
        mapping = 'value Required="true"' if required else "value"
        profile = xml.profile("Ask", "page", metadata, outputs=(mapping, "objectId"))
        claims = (xml.claim("value", data_type, control, "Value", inner),)
        return asked(profile, claims=claims, have=have, **options)

    return make


# --- which claims are asked for --------------------------------------------------------------------


async def test_display_claims_alone_are_shown_and_in_their_order(xml, asked):
    claims = tuple(xml.claim(name, control="TextBox") for name in ("a", "b", "c"))
    profile = xml.profile(
        "Ask",
        "page",
        display=('b Required="true"', "a"),
        outputs=("a", 'b PartnerClaimType="Verified.Email"', "c", "objectId"),
    )

    assert asked(profile, claims=claims).fields == ["b*?", "a"]


async def test_output_claims_are_asked_for_unless_something_else_makes_them(xml, asked):
    text = ("plain", "given", "made", "wanted", "needed", "computed")
    claims = (*(xml.claim(name, control="TextBox") for name in text), xml.claim("hidden"))
    outputs = (
        "plain",
        "hidden",
        'given DefaultValue="d"',
        "made",
        'wanted Required="true"',
        "needed",
        "computed",
        "objectId",
    )
    profiles = (
        xml.profile("Check", "rest", inputs=("needed",), outputs=("made", "wanted", "needed", "plainer")),
        xml.profile("Later", "rest", inputs=("made",), outputs=("made",)),
    )
    copy = xml.transformation("T", "CopyClaim", "plain=inputClaim", outputs="computed=outputClaim")

    page = asked(
        xml.profile("Ask", "page", outputs=outputs, validations=("Check", "Later"), after=("T",)),
        claims=(*claims, xml.claim("plainer")),
        profiles=profiles,
        transformations=(copy,),
    )

    assert page.fields == ["plain", "wanted*", "needed"]


async def test_a_claim_that_the_page_itself_fills_in_is_asked_for_although_an_api_returns_it(xml, asked):
    profiles = (xml.profile("Check", "rest", outputs=("made",)),)
    profile = xml.profile("Ask", "page", inputs=("made",), outputs=("made", "objectId"), validations=("Check",))

    assert asked(profile, claims=(xml.claim("made", control="TextBox"),), profiles=profiles).fields == ["made"]


async def test_a_unified_page_asks_for_the_first_two_and_both_must_be_filled(xml, asked):
    claims = (
        xml.claim("name", control="TextBox"),
        xml.claim("secret", control="Password"),
        xml.claim("more", control="TextBox"),
    )
    by_output = xml.profile("Ask", "page", UNIFIED, outputs=("name", "secret", "more", "objectId"))
    by_display = xml.profile("Ask", "page", UNIFIED, display=("more", "secret"), outputs=("name", "objectId"))

    assert asked(by_output, claims=claims).fields == ["name*", "secret*"]
    assert asked(by_display, claims=claims).fields == ["more*", "secret*"]


async def test_a_unified_page_passes_over_what_a_derived_policy_adds(xml, asked):
    claims = (
        xml.claim("expired", "boolean", control="Readonly"),
        xml.claim("nick", control="TextBox"),
        xml.claim("source", control="TextBox"),
        xml.claim("name", control="TextBox"),
        xml.claim("secret", control="Password"),
    )
    outputs = (
        "expired",
        "nick",
        'source DefaultValue="x"',
        'name Required="true"',
        'secret Required="true"',
        "objectId",
    )

    assert asked(xml.profile("Ask", "page", UNIFIED, outputs=outputs), claims=claims).fields == ["name*", "secret*"]


async def test_verification_is_asked_for_unless_the_profile_turns_it_off(xml, asked):
    claims = (xml.claim("email", control="TextBox"),)
    outputs = ('email PartnerClaimType="Verified.Email" Required="true"', "objectId")

    assert asked(xml.profile("Ask", "page", outputs=outputs), claims=claims).fields == ["email*?"]
    off = xml.profile("Ask", "page", {"EnforceEmailVerification": "False"}, outputs=outputs)
    assert asked(off, claims=claims).fields == ["email*"]


async def test_the_page_starts_with_input_claims_and_fixed_claims(xml, asked):
    claims = (
        xml.claim("name", control="TextBox"),
        xml.claim("terms", control="Paragraph"),
        xml.claim("free", control="TextBox"),
    )
    profile = xml.profile("Ask", "page", inputs=("name",), outputs=("name", "terms", "free", "objectId"))
    page = asked(profile, claims=claims, have={"name": "Ada", "terms": "Be kind.", "free": "x"})

    shown = await page.provider.execute(page.call)

    assert shown.content_definition == "api.page"
    assert dict(shown.prefill) == {"name": "Ada", "terms": "Be kind."}


# --- what is sent ----------------------------------------------------------------------------------


async def test_fields_are_trimmed_and_passwords_are_not(xml, asked):
    claims = (xml.claim("name", control="TextBox"), xml.claim("secret", control="Password"))
    page = asked(xml.profile("Ask", "page", outputs=("name", "secret", "objectId")), claims=claims)

    assert await page.send(name="  Ada ", secret=" p ") == done({"name": "Ada", "secret": " p "})


async def test_claims_that_the_page_does_not_show_are_dropped(one):
    page = one()

    assert await page.send(value="x", objectId="admin", other="1") == done({"value": "x"})
    assert page.scopes == [{"value": "x"}]


async def test_what_is_read_only_is_the_server_s(xml, asked):
    claims = (xml.claim("upn", control="Readonly"), xml.claim("name", control="TextBox"))
    page = asked(xml.profile("Ask", "page", outputs=("upn", "name", "objectId")), claims=claims, have={"upn": "ada"})

    assert await page.send(upn="eve", name="x") == done({"upn": "ada", "name": "x"})


async def test_a_missing_field_that_must_be_filled_refuses_the_page(one):
    for text in ("", "   "):
        refused = await one(required=True).send(value=text)

        assert refused.user_message == "Missing required element: Value"


async def test_a_text_of_more_than_4000_characters_is_refused(one):
    assert (await one().send(value="x" * 4001)).user_message == "Value has invalid input."
    assert await one().send(value="x" * 4000) == done({"value": "x" * 4000})


async def test_a_pattern_refuses_with_its_help_text_else_in_general(one):
    assert (await one(inner=LETTERS).send(value="123")).user_message == "Letters only"
    silent = LETTERS.replace("Letters only", "")
    assert (await one(inner=silent).send(value="123")).user_message == "Incorrect pattern for: Value"
    assert await one(inner=LETTERS).send(value="abc") == done({"value": "abc"})


PREDICATES = (
    '<Predicates><Predicate Id="Digit" Method="IncludesCharacters"><UserHelpText>a digit</UserHelpText>'
    '<Parameters><Parameter Id="CharacterSet">0-9</Parameter></Parameters></Predicate></Predicates>'
    '<PredicateValidations><PredicateValidation Id="Strong"><PredicateGroups><PredicateGroup Id="Group">'
    "<UserHelpText>It must have:</UserHelpText>"
    '<PredicateReferences MatchAtLeast="1"><PredicateReference Id="Digit" /></PredicateReferences></PredicateGroup>'
    "</PredicateGroups></PredicateValidation></PredicateValidations>"
)
STRONG = '<PredicateValidationReference Id="Strong" />'
WORDS = (
    '<LocalizedString ElementType="Predicate" ElementId="Digit" StringId="HelpText">eine Ziffer</LocalizedString>\n'
    '<LocalizedString ElementType="InputValidation" ElementId="Strong" StringId="Group">Es braucht:</LocalizedString>\n'
    '<LocalizedString ElementType="ClaimType" ElementId="value" StringId="PatternHelpText">Nur Buchstaben</LocalizedString>\n'
    '<LocalizedString ElementType="ClaimType" ElementId="value" StringId="DisplayName">Wert</LocalizedString>\n'
    '<LocalizedString ElementType="ErrorMessage" StringId="UserMessageIfMissingRequiredElement">{0} fehlt</LocalizedString>\n'
    '<LocalizedString ElementType="UxElement" StringId="error_passwordEntryMismatch">Ungleich</LocalizedString>\n'
)


async def test_predicates_refuse_with_what_is_missing(one):
    page = one(inner=STRONG, blocks=PREDICATES)

    assert (await page.send(value="abc")).user_message == "It must have:\na digit"
    assert await page.send(value="abc1") == done({"value": "abc1"})


async def test_predicates_without_any_text_refuse_in_general(one):
    silent = PREDICATES.replace("<UserHelpText>a digit</UserHelpText>", "").replace(
        "<UserHelpText>It must have:</UserHelpText>", ""
    )

    assert (await one(inner=STRONG, blocks=silent).send(value="abc")).user_message == "Value has invalid input."


async def test_refusals_are_in_the_language_of_the_page(one):
    strong = one(inner=STRONG, blocks=PREDICATES, resources=WORDS)
    pattern = one(inner=LETTERS, resources=WORDS)
    needed = one(required=True, resources=WORDS)

    assert (await strong.send(value="abc")).user_message == "Es braucht:\neine Ziffer"
    assert (await pattern.send(value="1")).user_message == "Nur Buchstaben"
    assert (await needed.send(value="")).user_message == "Wert fehlt"


async def test_a_value_that_does_not_fit_the_claim_is_refused(one):
    assert (await one(data_type="int").send(value="many")).user_message == "Value has invalid input."
    assert await one(data_type="int").send(value="12") == done({"value": 12})


@pytest.mark.parametrize("control", ["DropdownSingleSelect", "RadioSingleSelect", "CheckboxMultiSelect"])
async def test_only_what_a_list_offers_can_be_chosen(one, control):
    page = one(control, inner=COLOURS)

    assert await page.send(value="b") == done({"value": "b"})
    assert (await page.send(value="x")).user_message == "Value has invalid input."
    assert (await page.send(value="r,x")).user_message == "Value has invalid input."


async def test_several_boxes_of_a_collection_are_its_items(one):
    page = one("CheckboxMultiSelect", "stringCollection", COLOURS)

    assert await page.send(value="r,b,") == done({"value": ("r", "b")})
    assert (await page.send(value="r,x")).user_message == "Value has invalid input."


async def test_an_offered_value_may_hold_a_comma(one):
    inner = COLOURS.replace('Value="b"', 'Value="b, dark"')

    assert await one("RadioSingleSelect", inner=inner).send(value="b, dark") == done({"value": "b, dark"})


async def test_a_localized_list_replaces_that_of_the_claim(one):
    resources = (
        '<LocalizedCollection ElementType="ClaimType" ElementId="value" TargetCollection="Restriction">'
        '<Item Text="Grün" Value="g" /></LocalizedCollection>\n'
    )
    page = one("DropdownSingleSelect", inner=COLOURS, resources=resources)

    assert await page.send(value="g") == done({"value": "g"})
    assert (await page.send(value="r")).user_message == "Value has invalid input."


async def test_an_emptied_field_is_kept_emptied_or_removed_as_the_policy_says(one):
    allow = {"AllowGenerationOfClaimsWithNullValues": "true"}

    assert await one(have={"value": "old"}).send(value="") == done({"value": "old"})
    assert await one(have={"value": "old"}, metadata=allow).send(value="") == done({"value": ""})
    assert await one(data_type="int", have={"value": 7}, metadata=allow).send(value="") == done({}, {"value"})


@pytest.mark.parametrize(
    ("verified", "accepted"),
    [
        ({"email": "ada@contoso.com"}, True),
        ({"email": "Ada@contoso.com"}, False),
        ({}, False),
        ({"other": "ada@contoso.com"}, False),
    ],
)
async def test_an_address_must_be_the_one_that_was_verified_letter_for_letter(xml, asked, verified, accepted):
    profile = xml.profile("Ask", "page", outputs=('email PartnerClaimType="Verified.Email"', "objectId"))
    page = asked(profile, claims=(xml.claim("email", control="EmailBox", label="Email"),))
    page.verified = verified

    answer = await page.send(email="ada@contoso.com")

    assert isinstance(answer, Continue) is accepted
    if not accepted:
        assert answer.user_message == "Claim not verified: Email"


async def test_an_address_that_need_not_be_given_need_not_be_verified(xml, asked):
    profile = xml.profile("Ask", "page", outputs=('email PartnerClaimType="Verified.Email"', "objectId"))

    assert await asked(profile, claims=(xml.claim("email", control="EmailBox"),)).send(email="") == done({})


async def test_two_verified_addresses_do_not_take_each_other_s_place(xml, asked):
    names = ("email", "other")
    outputs = tuple(f'{name} PartnerClaimType="Verified.Email"' for name in names)
    page = asked(
        xml.profile("Ask", "page", outputs=(*outputs, "objectId")),
        claims=tuple(xml.claim(name, control="EmailBox") for name in names),
    )
    page.verified = {"email": "a@x.com", "other": "b@x.com"}

    assert await page.send(email="a@x.com", other="b@x.com") == done({"email": "a@x.com", "other": "b@x.com"})


@pytest.fixture
def passwords(xml, asked):
    def make(**options):
        claims = tuple(xml.claim(name, control="Password") for name in ("newPassword", "reenterPassword"))
        return asked(
            xml.profile("Ask", "page", outputs=("newPassword", "reenterPassword", "objectId")), claims=claims, **options
        )

    return make


@pytest.mark.parametrize(("again", "accepted"), [("Secret-1", True), ("Secret-2", False), ("", False)])
async def test_both_entries_of_a_new_password_must_be_the_same(passwords, again, accepted):
    answer = await passwords().send(newPassword="Secret-1", reenterPassword=again)

    assert isinstance(answer, Continue) is accepted
    if not accepted:
        assert answer.user_message.startswith("The password entry fields do not match.")


async def test_the_mismatch_is_told_in_the_words_of_the_page(passwords):
    assert (await passwords(resources=WORDS).send(newPassword="a", reenterPassword="b")).user_message == "Ungleich"


async def test_an_option_is_compared_as_it_is_written_also_where_the_claim_is_a_boolean(one):
    options = (
        '<Restriction><Enumeration Text="Yes" Value="true" /><Enumeration Text="No" Value="false" /></Restriction>'
    )
    page = one("DropdownSingleSelect", "boolean", options)

    assert await page.send(value="true") == done({"value": True})
    assert (await page.send(value="True")).message_id == "UserMessageIfInvalidInput"


async def test_one_choice_is_one_option(one):
    assert (
        await one("DropdownSingleSelect", "string", COLOURS).send(value="r,b")
    ).message_id == "UserMessageIfInvalidInput"


# --- unified pages ---------------------------------------------------------------------------------


@pytest.fixture
def unified(xml, asked):
    def make(metadata=None, control="TextBox", id="name", **options):
        claims = (xml.claim(id, control=control, label="Sign-in name"), xml.claim("password", control="Password"))
        profile = xml.profile("Ask", "page", {**UNIFIED, **(metadata or {})}, outputs=(id, "password", "objectId"))
        return asked(profile, claims=claims, **options)

    return make


async def test_an_identifier_must_look_like_an_address_in_operating_mode_email(unified):
    email = {"setting.operatingMode": "Email"}

    assert (await unified(email).send(name="ada", password="p")).user_message == "Please enter a valid Sign-in name"
    assert await unified(email).send(name=" a@x ", password="p") == done({"name": "a@x", "password": "p"})
    assert await unified({"setting.operatingMode": "Username"}).send(name="ada", password="p") == done(
        {"name": "ada", "password": "p"}
    )


@pytest.mark.parametrize(
    ("control", "id", "refused"), [("EmailBox", "name", True), ("TextBox", "email", True), ("TextBox", "name", False)]
)
async def test_without_a_mode_the_identifier_tells_which_it_is(unified, control, id, refused):
    answer = await unified(control=control, id=id).send(**{id: "ada", "password": "p"})

    assert isinstance(answer, Refuse) is refused


async def test_a_unified_page_asks_for_both_in_its_own_words(unified):
    assert (await unified().send(name=" ", password="p")).user_message == "Please enter your Sign-in name"
    assert (await unified().send(name="ada", password="")).user_message == "Please enter your password"
    inline = unified({"language.requiredField_password": "No password, no entry"})
    assert (await inline.send(name="ada", password="")).user_message == "No password, no entry"
    text = '<LocalizedString ElementType="UxElement" StringId="requiredField_email">Wo ist {0}?</LocalizedString>\n'
    assert (await unified(resources=text).send(name="", password="p")).user_message == "Wo ist Sign-in name?"


# --- around the validation profiles ----------------------------------------------------------------


async def test_what_was_sent_is_seen_over_the_claims_of_the_journey_and_the_prefilled_ones(xml, asked):
    claims = (xml.claim("name", control="TextBox"), xml.claim("hint", control="TextBox"), xml.claim("known"))
    profile = xml.profile("Ask", "page", inputs=("hint",), outputs=("name", "hint", "objectId"))
    page = asked(profile, claims=claims, have={"name": "old", "hint": "h", "known": "k"})

    await page.send(name="new", hint="")

    assert page.scopes == [{"name": "new", "hint": "h", "known": "k"}]


async def test_a_refusal_of_the_validation_profiles_is_that_of_the_page(one):
    page = one()
    page.refusal = Refuse("Not today.")

    assert await page.send(value="x") == Refuse("Not today.")


async def test_the_address_of_the_browser_is_there_before_the_validation_profiles(xml, asked):
    claims = (xml.claim("name", control="TextBox"), xml.claim("ip"))
    page = asked(
        xml.profile("Ask", "page", {"IpAddressClaimReferenceId": "IP"}, outputs=("name", "objectId")), claims=claims
    )

    await page.send(name="x")

    assert page.scopes == [{"name": "x", "ip": "203.0.113.9"}]


async def test_without_an_address_the_claim_stays_away(xml, asked):
    claims = (xml.claim("name", control="TextBox"), xml.claim("ip"))
    page = asked(
        xml.profile("Ask", "page", {"IpAddressClaimReferenceId": "ip"}, outputs=("name", "objectId")), claims=claims
    )
    page.call = replace(page.call, resolution=replace(page.call.resolution, ip_address=""))

    await page.send(name="x")

    assert page.scopes == [{"name": "x"}]


async def test_a_page_with_nothing_to_enter_calls_nobody(one):
    page = one("Paragraph", have={"value": "terms"})

    assert await page.send(value="x") == done({"value": "terms"})
    assert page.scopes == []


async def test_outside_a_page_the_claims_of_a_selfasserted_page_count(one):
    page = one(required=True)
    page.call = replace(page.call, page=None)

    assert (await page.send(value="")).user_message == "Missing required element: Value"


# --- display controls ------------------------------------------------------------------------------

CODE = 'code ControlClaimType="VerificationCode"'
ACTIONS = {"SendCode": ("Send",), "VerifyCode": ("Verify",)}


@pytest.fixture
def controlled(xml, asked):
    """A page with the display control ``mail`` between two fields."""

    def make(*displayed, **options):
        silent = tuple(xml.profile(name, "transform", outputs=("objectId",)) for name in ("Send", "Verify"))
        profile = xml.profile("Ask", "page", display=("first", "@mail", "last"), outputs=("first", "email", "made"))
        claims = (
            *(xml.claim(name, control="TextBox") for name in ("first", "last", "email", "code", "phone")),
            xml.claim("shown", control="Readonly"),
            xml.claim("made"),
        )
        control = xml.control("mail", *(displayed or ("email Required='true'", CODE)), actions=ACTIONS, **options)
        return asked(profile, claims=claims, profiles=silent, blocks=control)

    return make


async def test_the_claims_of_a_control_stand_in_its_place_and_its_code_must_be_entered(controlled):
    page = controlled()

    assert page.fields == ["first", "email*", "code*", "last"]
    assert [shown.control for shown in page.provider.shown(page.call.page)] == ["", "mail", "mail", ""]


async def test_a_page_is_refused_until_its_control_has_proved_the_claim_that_is_sent(controlled):
    page = controlled()
    unproved = await page.send(first="f", email="ada@contoso.com", code="123456")
    page.controls = {"mail": VerifiedControl({"email": "ada@contoso.com"}, {})}
    other = await page.send(first="f", email="eve@contoso.com")
    right = await page.send(first="f", email=" ada@contoso.com ")

    assert unproved.message_id == other.message_id == "UserMessageIfVerificationControlClaimsNotVerified"
    assert right == done({"first": "f", "email": "ada@contoso.com"})


async def test_what_the_control_put_out_is_among_the_claims_of_the_page(controlled):
    page = controlled(outputs=("made",))
    page.controls = {"mail": VerifiedControl({"email": "ada@contoso.com"}, {"made": "by the control"})}

    assert await page.send(first="f") == done({"first": "f", "email": "ada@contoso.com", "made": "by the control"})


async def test_the_inputs_of_a_control_fill_its_fields(controlled):
    page = controlled(
        inputs=('email DefaultValue="ada@contoso.com"', 'made DefaultValue="m" AlwaysUseDefaultValue="true"')
    )

    assert (await page.provider.execute(page.call)).prefill["email"] == "ada@contoso.com"


async def test_a_control_of_another_type_is_refused_by_name_and_reported(controlled):
    page = controlled(type="QrCodeControl")
    names = {"mail": SimpleNamespace(control_type="QrCodeControl")}
    check = SimpleNamespace(
        profile=page.provider.profile, place=lambda _: Location("policy.xml", 3, 5), display_controls=names, pages={}
    )
    (found,) = SELF_ASSERTED_SPEC.check(check)

    with pytest.raises(ServiceError, match="the display control 'mail' of the type 'QrCodeControl' is not built yet"):
        await page.provider.execute(page.call)
    assert (found.code, found.location.line) == ("JM1471", 3)
    assert "the display control 'mail' is of the type 'QrCodeControl'" in found.message


async def test_a_page_of_a_version_without_controls_is_refused_and_reported(controlled):
    page = controlled()
    older = replace(page.call.page, version=(1, 2, 0))
    check = SimpleNamespace(
        profile=page.provider.profile,
        place=lambda _: Location("policy.xml", 3, 5),
        display_controls={},
        pages={"api.page": older},
    )
    (found,) = SELF_ASSERTED_SPEC.check(check)

    with pytest.raises(ServiceError, match=r"display controls need a page of version 2\.0\.0 or later"):
        page.provider.shown(older)
    assert (found.code, "'api.page' is of version 1.2.0" in found.message) == ("JM1472", True)


async def test_an_input_of_a_control_without_a_fitting_value_fills_nothing(controlled):
    page = controlled(inputs=("email", 'made DefaultValue="{OIDC:LoginHint}" AlwaysUseDefaultValue="true"'))

    assert (await page.provider.execute(page.call)).prefill == {"made": "{OIDC:LoginHint}"}


async def test_a_sign_in_page_with_a_control_is_refused_and_not_shown_without_it(controlled):
    page = controlled()

    with pytest.raises(ServiceError, match="a sign-in page shows no display control"):
        page.provider.shown(replace(page.call.page, page_type=PageType.UNIFIED_SSP))
