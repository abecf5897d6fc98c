from __future__ import annotations

import pytest

from journeyman.claims.claim_type import UserInputType
from journeyman.claims.restriction import Option
from journeyman.journey.page import ForgotPasswordLink, PageApi
from journeyman.technical_profile import Continue

TEXTS = (
    '<LocalizedCollection ElementType="ClaimType" ElementId="colour" TargetCollection="Restriction">'
    '<Item Text="Rot" Value="r" SelectByDefault="true" /><Item Text="Blau" Value="b" /></LocalizedCollection>\n'
    '<LocalizedString ElementType="ClaimType" ElementId="colour" StringId="DisplayName">Farbe</LocalizedString>\n'
    '<LocalizedString ElementType="ClaimType" ElementId="name" StringId="PatternHelpText">Nur Buchstaben</LocalizedString>\n'
    '<LocalizedString ElementType="UxElement" StringId="button_continue">Weiter</LocalizedString>\n'
    '<LocalizedString ElementType="ClaimsProvider" StringId="ToTwo">Zweiter Weg</LocalizedString>\n'
)
PATTERN = '<Restriction><Pattern RegularExpression="^[a-z]+$" HelpText="Letters only" /></Restriction>'
COLOURS = '<Restriction><Enumeration Text="Red" Value="r" /><Enumeration Text="Green" Value="g" SelectByDefault="true" /></Restriction>'
MASK = '<Mask Type="Simple">****</Mask>'


@pytest.fixture
def show(xml, play):
    async def show(metadata=None, *, claims=(), outputs=("name",), page="", parameters=None, **options):
        profile = xml.profile("Ask", "page", metadata, outputs=outputs, inputs=options.pop("inputs", ()))
        if page == "api.signin":
            step = xml.step("CombinedSignInAndSignUp", xml.selections(local="Ask"), page=page, Ask="Ask")
            steps = (step, xml.step(SignUp="Ask", skip_if="objectId"))
        else:
            steps = (xml.step(Ask="Ask"),)
        known = claims or (xml.claim("name", control="TextBox", label="Name"),)
        text = xml.policy(*steps, claims=known, profiles=(profile,), outputs=("name",), subject="", **options)
        journey = play(text)
        outcome = await journey.start(**(parameters or {}))
        return outcome.page

    return show


async def test_fields_say_what_the_claims_say(xml, show):
    inner = "<UserHelpText>As in your passport</UserHelpText>"
    claims = (
        xml.claim("name", control="TextBox", label="Name")
        .replace("<UserInputType>", f"{inner}<UserInputType>")
        .replace("</ClaimType>", f"{PATTERN}</ClaimType>"),
        xml.claim("colour", control="DropdownSingleSelect", inner=COLOURS),
    )

    name, colour = (await show(claims=claims, outputs=('name Required="true"', "colour"))).fields

    assert (name.label, name.help_text, name.required) == ("Name", "As in your passport", True)
    assert (name.pattern, name.pattern_help, name.verify) == ("^[a-z]+$", "Letters only", False)
    assert (colour.label, colour.input_type) == ("colour", UserInputType.DROPDOWN_SINGLE_SELECT)
    assert colour.options == (Option("Red", "r"), Option("Green", "g", selected=True))


async def test_the_language_of_the_journey_wins_over_the_claims(xml, show):
    claims = (
        xml.claim("name", control="TextBox", inner=PATTERN),
        xml.claim("colour", control="RadioSingleSelect", inner=COLOURS),
    )

    page = await show(
        {"language.button_continue": "Go", "language.heading": "Hi"},
        claims=claims,
        outputs=("name", "colour"),
        resources=TEXTS,
    )

    assert page.fields[0].pattern_help == "Nur Buchstaben"
    assert page.fields[1].label == "Farbe"
    assert page.fields[1].options == (Option("Rot", "r", selected=True), Option("Blau", "b"))
    assert page.texts == {"button_continue": "Weiter", "heading": "Hi"}


async def test_fields_start_with_their_values_but_passwords_never_and_masked_ones_masked(xml, show):
    claims = (
        xml.claim("name", control="TextBox"),
        xml.claim("secret", control="Password"),
        xml.claim("phone", control="Readonly", inner=MASK),
        xml.claim("free", control="TextBox", inner=MASK),
    )
    names = ("name", "secret", "phone", "free")
    defaults = tuple(f'{name} DefaultValue="0123456" AlwaysUseDefaultValue="true"' for name in names)

    page = await show(claims=claims, inputs=defaults, outputs=names)

    assert [field.value for field in page.fields] == ["0123456", "", "****456", "0123456"]


async def test_the_combined_page_has_its_links_as_the_profile_says(show):
    plain = await show({"SignUpTarget": "SignUp"}, page="api.signin")
    odd = await show(
        {
            "SignUpTarget": "SignUp",
            "setting.showSignupLink": "false",
            "setting.forgotPasswordLinkLocation": "afterbuttons",
            "setting.enableRememberMe": "True",
        },
        page="api.signin",
        behaviors='<UserJourneyBehaviors><SingleSignOn Scope="Tenant" KeepAliveInDays="7" /></UserJourneyBehaviors>',
    )

    assert (plain.api, plain.sign_up, plain.forgot_password) == (PageApi.COMBINED, True, ForgotPasswordLink.AFTER_LABEL)
    assert (plain.remember_me, plain.show_cancel) == (False, False)
    assert (odd.sign_up, odd.forgot_password, odd.remember_me) == (False, ForgotPasswordLink.AFTER_BUTTONS, True)


async def test_keep_me_signed_in_is_offered_only_where_the_policy_keeps_anybody(show):
    assert not (
        await show({"SignUpTarget": "SignUp", "setting.enableRememberMe": "true"}, page="api.signin")
    ).remember_me


async def test_a_page_has_the_buttons_and_the_delay_that_the_profile_sets(show):
    usual, other = (
        await show(),
        await show(
            {
                "setting.showCancelButton": "false",
                "setting.showContinueButton": "0",
                "setting.inputVerificationDelayTimeInMilliseconds": "500",
            }
        ),
    )
    odd = await show({"setting.inputVerificationDelayTimeInMilliseconds": "-1"})

    assert (usual.show_cancel, usual.show_continue, usual.input_delay_ms) == (True, True, 2000)
    assert (other.show_cancel, other.show_continue, other.input_delay_ms) == (False, False, 500)
    assert odd.input_delay_ms == 2000


async def test_parameters_of_the_template_are_resolved_and_encoded(xml, show):
    behaviors = (
        "<UserJourneyBehaviors><ContentDefinitionParameters>"
        '<Parameter Name="campaign">{OAUTH-KV:campaign}</Parameter><Parameter Name="la nd">{Culture:LanguageName}</Parameter>'
        "</ContentDefinitionParameters><ScriptExecution>Allow</ScriptExecution></UserJourneyBehaviors>"
    )

    page = await show(behaviors=behaviors, parameters={"campaign": "a&b=c"})

    assert page.template_url == "~/tenant/templates/AzureBlue/page.cshtml?campaign=a%26b%3Dc&la%20nd=en"
    assert page.script_allowed


async def test_options_are_named_by_the_policy_and_may_be_links(xml, play):
    profiles = (
        xml.profile(
            "One", "page", {"ClaimsProviderSelectionDisplayType": "TextLink"}, outputs=("name",), name="First way"
        ),
        xml.profile("Two", "page", outputs=("name",), name="Second way"),
    )
    select = xml.step("ClaimsProviderSelection", xml.selections("ToOne", "ToTwo"), page="api.select")
    text = xml.policy(
        select,
        xml.step(ToOne="One", ToTwo="Two"),
        claims=(xml.claim("name", control="TextBox"),),
        profiles=profiles,
        resources=TEXTS,
        outputs=("name",),
        subject="",
    )

    page = (await play(text, answers={"x": Continue()}).start()).page

    assert [(option.text, option.as_link) for option in page.options] == [("First way", True), ("Zweiter Weg", False)]


async def test_the_exchange_behind_the_link_of_a_forgotten_password_is_no_button(xml, play):
    link = {"setting.forgotPasswordLinkOverride": "tolost"}
    profiles = (
        xml.profile("Ask", "page", link, outputs=("name",)),
        xml.profile("Other", "page", outputs=("name",), name="Other"),
    )
    selections = xml.selections("ToOther", "ToLost", local="Ask")
    text = xml.policy(
        xml.step("CombinedSignInAndSignUp", selections, page="api.signin", Ask="Ask"),
        xml.step(ToOther="Other", ToLost="Other"),
        claims=(xml.claim("name", control="TextBox"),),
        profiles=profiles,
        outputs=("name",),
        subject="",
    )

    page = (await play(text, answers={"x": Continue()}).start()).page

    assert [option.exchange_id for option in page.options] == ["ToOther"]


RULES = (
    '<Predicates><Predicate Id="Digit" Method="IncludesCharacters"><UserHelpText>a digit</UserHelpText><Parameters>'
    '<Parameter Id="CharacterSet">0-9</Parameter></Parameters></Predicate></Predicates><PredicateValidations>'
    '<PredicateValidation Id="Strong"><PredicateGroups><PredicateGroup Id="Classes"><UserHelpText>Use:</UserHelpText>'
    '<PredicateReferences MatchAtLeast="1"><PredicateReference Id="Digit" /></PredicateReferences></PredicateGroup>'
    "</PredicateGroups></PredicateValidation></PredicateValidations>"
)


async def test_predicates_reach_the_page_in_the_words_of_its_language(xml, show):
    claims = (xml.claim("name", control="TextBox", inner='<PredicateValidationReference Id="Strong" />'),)
    texts = (
        '<LocalizedString ElementType="Predicate" ElementId="Digit" StringId="HelpText">eine Ziffer</LocalizedString>\n'
    )

    ((group,),) = (field.rules for field in (await show(claims=claims, blocks=RULES, resources=texts)).fields)

    assert (group.text, group.match_at_least, group.reject) == ("Use:", 1, False)
    assert [(rule.method, rule.text) for rule in group.rules] == [("IncludesCharacters", "eine Ziffer")]


async def test_an_older_policy_may_write_a_label_into_the_metadata(show):
    page = await show({"claimType.name.DisplayName.en": "Full name", "claimType.name.DisplayName.de": "Name"})

    assert page.fields[0].label == "Full name"


async def test_the_texts_of_a_display_control_are_those_of_its_id(xml, play):
    texts = (
        '<LocalizedString ElementType="DisplayControl" ElementId="MAIL" StringId="but_send_code">Send</LocalizedString>\n'
        '<LocalizedString ElementType="DisplayControl" ElementId="other" StringId="but_send_code">No</LocalizedString>\n'
    )
    text = xml.policy(
        xml.step(Ask="Ask"),
        claims=(xml.claim("email", control="EmailBox"),),
        profiles=(xml.profile("Ask", "page", display=("@mail",), outputs=("email",)),),
        blocks=xml.control("mail", "email", actions={}),
        resources=texts,
        outputs=("email",),
        subject="",
    )
    page = (await play(text).start()).page

    assert [(control.id, control.kind, control.texts) for control in page.controls] == [
        ("mail", "VerificationControl", {"but_send_code": "Send"})
    ]
    assert [(field.claim_id, field.control) for field in page.fields] == [("email", "mail")]


@pytest.mark.parametrize(("language", "strings", "formatted"), [("en", "Hello", "Bye"), ("de", "", "Bye")])
async def test_the_default_language_stands_in_for_every_text_but_get_localized_strings(
    xml, play, language, strings, formatted
):
    texts = "".join(
        f'<LocalizedString ElementType="{kind}TransformationClaimType" StringId="{name}">{text}</LocalizedString>\n'
        for kind, name, text in (("GetLocalizedStrings", "one", "Hello"), ("FormatLocalizedString", "two", "Bye"))
    )
    profile = xml.profile(
        "Make",
        "transform",
        {"ContentDefinitionReferenceId": "api.page"},
        outputs=("one", "two"),
        after=("Get", "Format"),
    )
    text = xml.policy(
        xml.step(Make="Make"),
        claims=(xml.claim("one"), xml.claim("two")),
        profiles=(profile,),
        transformations=(
            xml.transformation("Get", "GetLocalizedStringsTransformation", outputs="one=one"),
            xml.transformation("Format", "FormatLocalizedString", "", "stringFormatId=two", "two=outputClaim"),
        ),
        resources=texts,
        outputs=("two",),
        subject="",
    )
    journey = play(text, language=language)
    await journey.start()

    assert (journey.claims.get("one", ""), journey.claims["two"]) == (strings, formatted)
