from __future__ import annotations

import pytest

from journeyman.policy.model import Enumeration


@pytest.fixture
def blocks(read):
    def read_blocks(body):
        policy, diagnostics = read(f"<BuildingBlocks>\n{body}</BuildingBlocks>")
        return policy, diagnostics

    return read_blocks


def test_every_part_of_a_claim_type_is_read(blocks):
    policy, diagnostics = blocks("""<ClaimsSchema><ClaimType Id=" surname " StatementType="Attribute">
        <UserHelpText> Your name </UserHelpText><DisplayName> Surname </DisplayName><DataType>string</DataType>
        <DefaultPartnerClaimTypes>
          <Protocol Name="OAuth2" PartnerClaimType="family_name"/>
          <Protocol Name="SAML2" PartnerClaimType="http://x/surname" Handler="h"/>
        </DefaultPartnerClaimTypes>
        <Mask Type="Regex" Regex="(?&lt;=.).">*</Mask><AdminHelpText>Admin</AdminHelpText>
        <UserInputType>TextBox</UserInputType>
        <Restriction MergeBehavior="Append"><Pattern RegularExpression=" ^a$ " HelpText="letters"/></Restriction>
        <InputValidationReference Id="Old"/><PredicateValidationReference Id="New"/>
      </ClaimType></ClaimsSchema>""")

    claim = policy.claim_types["surname"]
    assert diagnostics == []
    assert (claim.id, claim.display_name, claim.data_type) == ("surname", "Surname", "string")
    assert (claim.user_help_text, claim.admin_help_text, claim.user_input_type) == ("Your name", "Admin", "TextBox")
    assert claim.default_partner_claim_types["oauth2"].partner_claim_type == "family_name"
    assert claim.default_partner_claim_types["saml2"].handler == "h"
    assert (claim.mask.type, claim.mask.regex, claim.mask.text) == ("Regex", "(?<=.).", "*")
    assert claim.restriction.merge_behavior == "Append"
    assert (claim.restriction.pattern.regular_expression, claim.restriction.pattern.help_text) == (" ^a$ ", "letters")
    assert (claim.input_validation.id, claim.predicate_validation.id) == ("Old", "New")
    assert claim.location.line == 4


def test_a_claim_type_with_one_child_leaves_the_rest_absent(blocks):
    policy, _ = blocks(
        '<ClaimsSchema><ClaimType Id="e"><UserInputType>EmailBox</UserInputType></ClaimType></ClaimsSchema>'
    )

    claim = policy.claim_types["e"]
    assert claim.user_input_type == "EmailBox"
    assert (claim.display_name, claim.data_type, claim.restriction, claim.mask) == (None, None, None, None)


def test_the_options_of_a_restriction_keep_their_order_and_blanks(blocks):
    policy, diagnostics = blocks("""<ClaimsSchema><ClaimType Id="c"><Restriction>
        <Enumeration Text=" Bellevue" Value="bellevue" SelectByDefault="False"/>
        <Enumeration Text="None" Value="" SelectByDefault="true"/></Restriction></ClaimType></ClaimsSchema>""")

    assert diagnostics == []
    assert policy.claim_types["c"].restriction.enumerations == (
        Enumeration(" Bellevue", "bellevue", select_by_default=False),
        Enumeration("None", "", select_by_default=True),
    )


def test_an_option_without_a_value_is_an_error(blocks, places):
    _, diagnostics = blocks(
        '<ClaimsSchema><ClaimType Id="c"><Restriction>\n<Enumeration Text="x"/></Restriction></ClaimType></ClaimsSchema>'
    )

    assert places(diagnostics) == [("JM1022", 5, 1)]


def test_a_restriction_with_options_and_a_pattern_is_an_error(blocks, places):
    _, diagnostics = blocks(
        '<ClaimsSchema><ClaimType Id="c">\n<Restriction><Enumeration Text="x" Value="x"/>'
        '<Pattern RegularExpression="x"/></Restriction></ClaimType></ClaimsSchema>'
    )

    assert places(diagnostics) == [("JM1029", 5, 1)]


def test_every_part_of_a_claims_transformation_is_read(blocks):
    policy, diagnostics = blocks("""<ClaimsTransformations>
      <ClaimsTransformation Id="Make" TransformationMethod="FormatStringClaim">
        <InputClaims><InputClaim ClaimTypeReferenceId="a" TransformationClaimType="inputClaim"/>
          <InputClaim ClaimTypeReferenceId="b"/></InputClaims>
        <InputParameters><InputParameter Id="stringFormat" DataType="string" Value=" {0} "/>
          <InputParameter Id="empty" DataType="string" Value=""/></InputParameters>
        <OutputClaims><OutputClaim ClaimTypeReferenceId="c" TransformationClaimType="outputClaim"/></OutputClaims>
      </ClaimsTransformation></ClaimsTransformations>""")

    found = policy.claims_transformations["make"]
    assert diagnostics == []
    assert (found.id, found.method) == ("Make", "FormatStringClaim")
    assert [(c.claim_type, c.transformation_claim_type) for c in found.input_claims] == [
        ("a", "inputClaim"),
        ("b", None),
    ]
    assert [(p.id, p.data_type, p.value) for p in found.input_parameters] == [
        ("stringFormat", "string", " {0} "),
        ("empty", "string", ""),
    ]
    assert [(c.claim_type, c.transformation_claim_type) for c in found.output_claims] == [("c", "outputClaim")]


def test_an_absent_section_of_a_transformation_is_not_an_empty_one(blocks):
    policy, _ = blocks(
        '<ClaimsTransformations><ClaimsTransformation Id="t" TransformationMethod="m"><InputClaims/>'
        "</ClaimsTransformation></ClaimsTransformations>"
    )

    found = policy.claims_transformations["t"]
    assert (found.input_claims, found.input_parameters, found.output_claims) == ((), None, None)


def test_a_transformation_without_method_and_a_parameter_without_value_are_errors(blocks, places):
    policy, diagnostics = blocks(
        '<ClaimsTransformations>\n<ClaimsTransformation Id="t"/>\n'
        '<ClaimsTransformation Id="u" TransformationMethod="m"><InputParameters>\n'
        '<InputParameter Id="i" DataType="string"/></InputParameters></ClaimsTransformation></ClaimsTransformations>'
    )

    assert places(diagnostics) == [("JM1022", 5, 1), ("JM1022", 7, 1)]
    assert list(policy.claims_transformations) == ["u"]


def test_a_client_definition_is_read(blocks):
    policy, _ = blocks(
        '<ClientDefinitions><ClientDefinition Id="DefaultWeb"><ClientUIFilterFlags>LineMarkers, MetaRefresh'
        "</ClientUIFilterFlags></ClientDefinition></ClientDefinitions>"
    )

    assert policy.client_definitions["defaultweb"].filter_flags == "LineMarkers, MetaRefresh"


def test_every_part_of_a_content_definition_is_read(blocks):
    policy, diagnostics = blocks("""<ContentDefinitions><ContentDefinition Id="api.error">
        <LoadUri> ~/tenant/x.cshtml </LoadUri><RecoveryUri>~/common/default_page_error.html</RecoveryUri>
        <DataUri>urn:com:microsoft:aad:b2c:elements:globalexception:1.0.0</DataUri>
        <Metadata><Item Key="DisplayName"> Error page </Item></Metadata>
        <LocalizedResourcesReferences MergeBehavior="Prepend">
          <LocalizedResourcesReference Language="en" LocalizedResourcesReferenceId="api.error.en"/>
          <LocalizedResourcesReference Language="de" Url="https://x/de"/>
        </LocalizedResourcesReferences></ContentDefinition></ContentDefinitions>""")

    found = policy.content_definitions["api.error"]
    assert diagnostics == []
    assert (found.load_uri, found.recovery_uri) == ("~/tenant/x.cshtml", "~/common/default_page_error.html")
    assert found.data_uri == "urn:com:microsoft:aad:b2c:elements:globalexception:1.0.0"
    assert found.metadata["displayname"].value == "Error page"
    assert found.localized_resources_merge_behavior == "Prepend"
    assert [(r.language, r.resources and r.resources.id, r.url) for r in found.localized_resources] == [
        ("en", "api.error.en", None),
        ("de", None, "https://x/de"),
    ]
