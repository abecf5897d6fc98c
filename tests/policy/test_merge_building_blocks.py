from __future__ import annotations

import pytest

from journeyman.policy.merge import merge_chain


@pytest.fixture
def merged(clean):
    """Merge two files, written by their building blocks."""

    def merge(*blocks):
        files = [clean(f"<BuildingBlocks>{each}</BuildingBlocks>", path=f"{n}.xml") for n, each in enumerate(blocks)]
        return merge_chain(files)

    return merge


def claim_type(body):
    return f'<ClaimsSchema><ClaimType Id="c">{body}</ClaimType></ClaimsSchema>'


def restriction(merge_behavior, *values):
    behavior = f' MergeBehavior="{merge_behavior}"' if merge_behavior else ""
    options = "".join(f'<Enumeration Text="{value}" Value="{value}"/>' for value in values)
    return claim_type(f"<Restriction{behavior}>{options}</Restriction>")


CHILDREN = [
    ("<DisplayName>{}</DisplayName>", lambda c: c.display_name),
    ("<Mask Type='Simple'>{}</Mask>", lambda c: c.mask.text),
    ("<AdminHelpText>{}</AdminHelpText>", lambda c: c.admin_help_text),
    ("<UserHelpText>{}</UserHelpText>", lambda c: c.user_help_text),
    ("<UserInputType>{}</UserInputType>", lambda c: c.user_input_type),
    ("<InputValidationReference Id='{}'/>", lambda c: c.input_validation.id),
    ("<PredicateValidationReference Id='{}'/>", lambda c: c.predicate_validation.id),
    (
        "<Restriction><Pattern RegularExpression='{}'/></Restriction>",
        lambda c: c.restriction.pattern.regular_expression,
    ),
]


@pytest.mark.parametrize(("element", "value"), CHILDREN)
def test_a_child_element_of_a_claim_type_replaces_and_the_others_are_inherited(merged, element, value):
    base = claim_type(element.format("base") + "<DataType>string</DataType>")
    replaced, _ = merged(base, claim_type(element.format("child")))
    inherited, _ = merged(base, claim_type(""))

    assert value(replaced.claim_types["c"]) == "child"
    assert value(inherited.claim_types["c"]) == "base"
    assert replaced.claim_types["c"].data_type == "string"


def test_default_partner_claim_types_are_merged_by_protocol(merged):
    rows = "<DefaultPartnerClaimTypes>{}</DefaultPartnerClaimTypes>"
    row = "<Protocol Name='{}' PartnerClaimType='{}'/>"
    policy, _ = merged(
        claim_type(rows.format(row.format("OAuth2", "family_name") + row.format("SAML2", "sn"))),
        claim_type(rows.format(row.format("oauth2", "surname"))),
    )

    partners = policy.claim_types["c"].default_partner_claim_types
    assert {name: each.partner_claim_type for name, each in partners.items()} == {"oauth2": "surname", "saml2": "sn"}


def test_another_data_type_in_a_child_is_allowed_with_a_warning(merged):
    policy, diagnostics = merged(claim_type("<DataType>string</DataType>"), claim_type("<DataType>int</DataType>"))

    assert policy.claim_types["c"].data_type == "int"
    assert [(each.code, each.severity.value, each.location.path) for each in diagnostics] == [
        ("JM1046", "warning", "1.xml")
    ]


def test_the_same_data_type_in_another_case_is_no_change(merged):
    assert merged(claim_type("<DataType>date</DataType>"), claim_type("<DataType>Date</DataType>"))[1] == ()


@pytest.mark.parametrize(
    ("behavior", "expected"),
    [
        ("Append", ["a", "b", "c"]),
        ("Prepend", ["c", "a", "b"]),
        ("ReplaceAll", ["c"]),
        (None, ["c"]),
    ],
)
def test_the_merge_behavior_of_the_child_decides_for_the_options(merged, behavior, expected):
    policy, _ = merged(restriction("Append", "a", "b"), restriction(behavior, "c"))

    assert [each.value for each in policy.claim_types["c"].restriction.enumerations] == expected


def test_a_pattern_over_options_replaces_the_whole_restriction(merged):
    pattern = claim_type("<Restriction MergeBehavior='Append'><Pattern RegularExpression='x'/></Restriction>")
    policy, _ = merged(restriction(None, "a"), pattern)

    found = policy.claim_types["c"].restriction
    assert (found.enumerations, found.pattern.regular_expression) == ((), "x")


def test_options_over_a_pattern_replace_the_whole_restriction(merged):
    pattern = claim_type("<Restriction><Pattern RegularExpression='x'/></Restriction>")
    policy, _ = merged(pattern, restriction("Append", "a"))

    found = policy.claim_types["c"].restriction
    assert ([each.value for each in found.enumerations], found.pattern) == (["a"], None)


def transformation(*sections, method="m"):
    body = "".join(sections)
    return (
        f'<ClaimsTransformations><ClaimsTransformation Id="t" TransformationMethod="{method}">{body}'
        "</ClaimsTransformation></ClaimsTransformations>"
    )


INPUTS = "<InputClaims><InputClaim ClaimTypeReferenceId='{}'/></InputClaims>"
PARAMETERS = "<InputParameters><InputParameter Id='{}' DataType='string' Value=''/></InputParameters>"
OUTPUTS = "<OutputClaims><OutputClaim ClaimTypeReferenceId='{}'/></OutputClaims>"


def test_a_section_of_a_transformation_replaces_the_whole_section_and_an_absent_one_is_inherited(merged):
    base = transformation(INPUTS.format("a"), PARAMETERS.format("p"), OUTPUTS.format("o"))
    policy, _ = merged(base, transformation(INPUTS.format("b"), "<OutputClaims/>", method="n"))

    found = policy.claims_transformations["t"]
    assert found.method == "n"
    assert [each.claim_type for each in found.input_claims] == ["b"]
    assert [each.id for each in found.input_parameters] == ["p"]
    assert found.output_claims == ()


def content(body):
    return f'<ContentDefinitions><ContentDefinition Id="api.error">{body}</ContentDefinition></ContentDefinitions>'


def references(behavior, *pairs):
    written = f' MergeBehavior="{behavior}"' if behavior else ""
    rows = "".join(
        f'<LocalizedResourcesReference Language="{language}" LocalizedResourcesReferenceId="{name}"/>'
        for language, name in pairs
    )
    return content(f"<LocalizedResourcesReferences{written}>{rows}</LocalizedResourcesReferences>")


def test_overriding_only_the_data_uri_keeps_the_rest_of_a_content_definition(merged):
    base = content(
        "<LoadUri>l</LoadUri><RecoveryUri>r</RecoveryUri><DataUri>old</DataUri>"
        "<Metadata><Item Key='a'>1</Item><Item Key='b'>2</Item></Metadata>"
    )
    policy, _ = merged(base, content("<DataUri>new</DataUri><Metadata><Item Key='B'>3</Item></Metadata>"))

    found = policy.content_definitions["api.error"]
    assert (found.load_uri, found.recovery_uri, found.data_uri) == ("l", "r", "new")
    assert {name: item.value for name, item in found.metadata.items()} == {"a": "1", "b": "3"}


@pytest.mark.parametrize(
    ("behavior", "expected"),
    [
        ("Prepend", [("en", "child"), ("de", "base"), ("en", "base")]),
        ("Append", [("en", "base"), ("de", "base"), ("en", "child")]),
        ("ReplaceAll", [("en", "child"), ("de", "base")]),
        (None, [("en", "child"), ("de", "base")]),
    ],
)
def test_the_merge_behavior_of_the_child_decides_for_localized_resources(merged, behavior, expected):
    policy, _ = merged(
        references(None, ("en", "base"), ("de", "base")), references(behavior, ("en", "child"), ("de", "base"))
    )

    found = policy.content_definitions["api.error"].localized_resources
    assert [(each.language, each.resources.id) for each in found] == expected


def test_a_content_definition_without_localized_resources_inherits_them(merged):
    policy, _ = merged(references(None, ("en", "base")), content(""))

    assert policy.content_definitions["api.error"].localized_resources[0].resources.id == "base"


def languages(attributes, *cultures, enabled=""):
    rows = "".join(f"<SupportedLanguage>{each}</SupportedLanguage>" for each in cultures)
    return f"<Localization{enabled}><SupportedLanguages {attributes}>{rows}</SupportedLanguages></Localization>"


@pytest.mark.parametrize(
    ("behavior", "expected"),
    [
        ("MergeBehavior='Append'", ("en", "de", "fr")),
        ("MergeBehavior='Prepend'", ("fr", "DE", "en")),
        ("MergeBehavior='ReplaceAll'", ("fr", "DE")),
        ("", ("fr", "DE")),
    ],
)
def test_the_merge_behavior_of_the_child_decides_for_supported_languages(merged, behavior, expected):
    policy, _ = merged(languages("DefaultLanguage='en'", "en", "de"), languages(behavior, "fr", "DE"))

    assert policy.localization.supported_languages == expected
    assert policy.localization.default_language == "en"


def test_the_default_language_and_the_switch_of_the_child_replace(merged):
    policy, _ = merged(
        languages("DefaultLanguage='en' PolicyLanguage='en'", "en", enabled=" Enabled='true'"),
        languages("DefaultLanguage='de' MergeBehavior='Append'", enabled=" Enabled='false'"),
    )

    found = policy.localization
    assert (found.default_language, found.policy_language, found.enabled) == ("de", "en", False)
    assert found.supported_languages == ("en",)


def test_localization_of_either_side_alone_is_taken(merged):
    text = languages("DefaultLanguage='en'", "en")

    assert merged(text, "")[0].localization.default_language == "en"
    assert merged("", text)[0].localization.default_language == "en"


def test_localized_strings_and_collections_are_merged_by_their_keys(merged):
    resources = (
        '<Localization><LocalizedResources Id="r"><LocalizedStrings>{}</LocalizedStrings><LocalizedCollections>'
        '<LocalizedCollection ElementType="ClaimType" ElementId="city" TargetCollection="Restriction">{}'
        "</LocalizedCollection></LocalizedCollections></LocalizedResources></Localization>"
    )
    string = '<LocalizedString ElementType="ClaimType" ElementId="{}" StringId="DisplayName">{}</LocalizedString>'
    item = '<Item Text="{0}" Value="{0}"/>'
    policy, _ = merged(
        resources.format(string.format("a", "base a") + string.format("b", "base b"), item.format("x")),
        resources.format(string.format("A", "child a"), item.format("y")),
    )

    found = policy.localization.resources["r"]
    assert sorted(each.text for each in found.strings.values()) == ["base b", "child a"]
    assert [option.value for each in found.collections.values() for option in each.items] == ["y"]


def control(attributes, *, claims="", actions=""):
    return (
        f'<DisplayControls><DisplayControl Id="d" {attributes}><InputClaims>{claims}</InputClaims>'
        f"<Actions>{actions}</Actions></DisplayControl></DisplayControls>"
    )


def test_a_display_control_is_merged_and_a_matched_action_is_replaced(merged):
    claim = '<InputClaim ClaimTypeReferenceId="{}"/>'
    action = (
        '<Action Id="{}"><ValidationClaimsExchange><ValidationClaimsExchangeTechnicalProfile '
        'TechnicalProfileReferenceId="{}"/></ValidationClaimsExchange></Action>'
    )
    policy, _ = merged(
        control(
            'UserInterfaceControlType="VerificationControl"',
            claims=claim.format("a") + claim.format("b"),
            actions=action.format("SendCode", "Old") + action.format("VerifyCode", "Verify"),
        ),
        control("", claims=claim.format("c") + claim.format("B"), actions=action.format("sendcode", "New")),
    )

    found = policy.display_controls["d"]
    assert found.control_type == "VerificationControl"
    assert [each.claim_type for each in found.input_claims] == ["c", "B", "a"]
    assert {name: each.profiles[0].profile.id for name, each in found.actions.items()} == {
        "sendcode": "New",
        "verifycode": "Verify",
    }
