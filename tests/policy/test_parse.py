from __future__ import annotations

import pytest

from journeyman.policy.parse import parse_policy
from journeyman.policy.source import parse_source
from journeyman.policy.substitution import Substitutions

NAMESPACE = "http://schemas.microsoft.com/online/cpim/schemas/2013/06"


def root_with(**attributes):
    values = {
        "PolicySchemaVersion": "0.3.0.0",
        "TenantId": "contoso.onmicrosoft.com",
        "PolicyId": "B2C_1A_Base",
        "PublicPolicyUri": "http://contoso.onmicrosoft.com/B2C_1A_Base",
    } | attributes
    written = " ".join(f'{name}="{value}"' for name, value in values.items() if value is not None)
    root, _ = parse_source(f'<TrustFrameworkPolicy xmlns="{NAMESPACE}" {written}/>'.encode(), "p.xml", Substitutions())
    return root


def parsed(**attributes):
    return parse_policy(root_with(**attributes), "p.xml")


def messages(diagnostics):
    return [(each.code, each.severity.value, each.message) for each in diagnostics]


def test_the_root_attributes_are_read():
    policy, diagnostics = parsed(
        TenantObjectId="11111111-2222-3333-4444-555555555555",
        DeploymentMode=" Development ",
        UserJourneyRecorderEndpoint="urn:journeyrecorder:applicationinsights",
        StateTableName="ignored",
    )

    assert diagnostics == ()
    assert policy.policy_id == "B2C_1A_Base"
    assert policy.tenant_id == policy.trust_framework_tenant_id == "contoso.onmicrosoft.com"
    assert policy.public_policy_uri == "http://contoso.onmicrosoft.com/B2C_1A_Base"
    assert policy.schema_version == "0.3.0.0"
    assert policy.tenant_object_id == "11111111-2222-3333-4444-555555555555"
    assert policy.deployment_mode == "Development"
    assert policy.journey_recorder_endpoint == "urn:journeyrecorder:applicationinsights"
    assert policy.files == ("p.xml",)
    assert policy.base is None


@pytest.mark.parametrize("version", ["0.3.0.1", "1.0.0.0", "0.3"])
def test_another_schema_version_is_refused(version):
    policy, diagnostics = parsed(PolicySchemaVersion=version)

    assert policy is None
    assert messages(diagnostics) == [
        ("JM1028", "error", f"Schema validation error found: PolicySchemaVersion is '{version}'.")
    ]


@pytest.mark.parametrize("name", ["PolicySchemaVersion", "TenantId", "PublicPolicyUri"])
def test_a_missing_root_attribute_is_an_error(name):
    _, diagnostics = parsed(**{name: None})

    assert ("JM1022", "error") in [(each.code, each.severity.value) for each in diagnostics]
    assert f"'{name}' of 'TrustFrameworkPolicy' is missing or empty" in diagnostics[0].message


def test_a_file_without_a_policy_id_is_no_policy():
    policy, diagnostics = parsed(PolicyId=None)

    assert policy is None
    assert [each.code for each in diagnostics] == ["JM1022"]


@pytest.mark.parametrize("policy_id", ["B2C_1A_x.", "B2C_1A x", "B2C_1A_ü", "../B2C_1A_x"])
def test_a_policy_id_outside_the_pattern_is_an_error(policy_id):
    policy, diagnostics = parsed(PolicyId=policy_id, PublicPolicyUri=f"http://c/{policy_id}")

    assert policy is None
    assert [each.code for each in diagnostics] == ["JM1032"]


def test_a_policy_id_without_the_prefix_is_a_warning():
    policy, diagnostics = parsed(PolicyId="Base", PublicPolicyUri="http://contoso.onmicrosoft.com/Base")

    assert policy is not None
    assert [(each.code, each.severity.value) for each in diagnostics] == [("JM1033", "warning")]


@pytest.mark.parametrize("tenant", ["{{ tenantId }}", "a", "your_tenant.onmicrosoft.com"])
def test_what_is_no_tenant_name_is_a_warning(tenant):
    policy, diagnostics = parsed(TenantId=tenant)

    assert policy.tenant_id == tenant
    assert [(each.code, each.severity.value) for each in diagnostics] == [("JM1034", "warning")]


def test_a_tenant_name_with_a_hyphen_is_accepted():
    assert parsed(TenantId="contoso-dev.onmicrosoft.com")[1] == ()


def test_a_public_policy_uri_of_another_policy_is_information():
    _, diagnostics = parsed(PublicPolicyUri="http://contoso.onmicrosoft.com/B2C_1A_Other")

    assert [(each.code, each.severity.value) for each in diagnostics] == [("JM1035", "info")]


def test_the_base_policy_is_read(clean):
    policy = clean(base="B2C_1A_Root")

    assert (policy.base.tenant_id, policy.base.policy_id) == ("contoso.onmicrosoft.com", "B2C_1A_Root")
    assert policy.base.location.line == 2


def test_a_base_policy_without_an_id_is_an_error_and_stays_a_base_policy(read, places):
    policy, diagnostics = read("<BasePolicy>\n<TenantId>contoso.onmicrosoft.com</TenantId></BasePolicy>")

    assert policy.base.policy_id == ""
    assert places(diagnostics) == [("JM1023", 3, 1)]


def test_contacts_and_document_references_are_ignored_and_constraints_are_reported(read, places):
    _, diagnostics = read(
        "<Contacts><Contact Id='a'/></Contacts><DocumentReferences/>\n<PolicyConstraints><Inheritance/></PolicyConstraints>"
    )

    assert places(diagnostics) == [("JM1030", 4, 1)]


def test_an_unknown_element_is_a_warning_that_names_what_may_stand_there(read):
    _, diagnostics = read("<BuildingBlocks>\n<ClaimSchema/></BuildingBlocks>")

    assert [str(each) for each in diagnostics] == [
        (
            "base.xml:4:1: warning JM1020 [B2C_1A_Base] Schema validation error found: the element 'BuildingBlocks' "
            "has invalid child element 'ClaimSchema': it is ignored."
        )
    ]
    assert "ClaimsSchema" in diagnostics[0].help


def test_sections_and_their_children_may_stand_in_any_order(clean):
    policy = clean(
        "<UserJourneys/><ClaimsProviders><ClaimsProvider><TechnicalProfiles><TechnicalProfile Id='P'>"
        "<OutputClaims/><Metadata/><DisplayName>P</DisplayName></TechnicalProfile></TechnicalProfiles>"
        "<DisplayName>Provider</DisplayName></ClaimsProvider></ClaimsProviders><BuildingBlocks/>"
    )

    assert policy.technical_profiles["p"].display_name == "P"
    assert policy.technical_profiles["p"].provider_display_name == "Provider"


@pytest.mark.parametrize(
    ("before", "element", "after", "kind"),
    [
        ("<BuildingBlocks><ClaimsSchema>", '<ClaimType Id="{}"/>', "</ClaimsSchema></BuildingBlocks>", "ClaimType"),
        (
            "<BuildingBlocks><Predicates>",
            '<Predicate Id="{}" Method="IsLengthRange"/>',
            "</Predicates></BuildingBlocks>",
            "Predicate",
        ),
        (
            "<BuildingBlocks><PredicateValidations>",
            '<PredicateValidation Id="{}"/>',
            "</PredicateValidations></BuildingBlocks>",
            "PredicateValidation",
        ),
        (
            "<BuildingBlocks><InputValidations>",
            '<InputValidation Id="{}"/>',
            "</InputValidations></BuildingBlocks>",
            "InputValidation",
        ),
        (
            "<BuildingBlocks><ClaimsTransformations>",
            '<ClaimsTransformation Id="{}" TransformationMethod="NullClaim"/>',
            "</ClaimsTransformations></BuildingBlocks>",
            "ClaimsTransformation",
        ),
        (
            "<BuildingBlocks><ClientDefinitions>",
            '<ClientDefinition Id="{}"/>',
            "</ClientDefinitions></BuildingBlocks>",
            "ClientDefinition",
        ),
        (
            "<BuildingBlocks><ContentDefinitions>",
            '<ContentDefinition Id="{}"/>',
            "</ContentDefinitions></BuildingBlocks>",
            "ContentDefinition",
        ),
        (
            "<BuildingBlocks><Localization>",
            '<LocalizedResources Id="{}"/>',
            "</Localization></BuildingBlocks>",
            "LocalizedResources",
        ),
        ("<UserJourneys>", '<UserJourney Id="{}"/>', "</UserJourneys>", "UserJourney"),
        ("<SubJourneys>", '<SubJourney Id="{}" Type="Call"/>', "</SubJourneys>", "SubJourney"),
        (
            "<ClaimsProviders>",
            '<ClaimsProvider><TechnicalProfiles><TechnicalProfile Id="{}"/></TechnicalProfiles></ClaimsProvider>',
            "</ClaimsProviders>",
            "TechnicalProfile",
        ),
    ],
)
def test_an_id_that_stands_twice_in_one_file_is_an_error(read, before, element, after, kind):
    _, diagnostics = read(f"{before}\n{element.format('One')}\n{element.format('one')}{after}")

    assert [(each.code, each.severity.value, each.location.line) for each in diagnostics] == [("JM1025", "error", 5)]
    assert diagnostics[0].message == (
        f"There is a duplicate key sequence 'one' among the {kind} elements: the first stands in line 4."
    )


def test_all_problems_of_a_file_are_collected(read, places):
    _, diagnostics = read(
        "<ClaimsProviders><ClaimsProvider><TechnicalProfiles>\n"
        '<TechnicalProfile Id="A"><IncludeInSso>perhaps</IncludeInSso></TechnicalProfile>\n'
        "<TechnicalProfile/>\n"
        '<TechnicalProfile Id="B" Ordre="1"><Metadata><Item>x</Item></Metadata></TechnicalProfile>\n'
        "</TechnicalProfiles></ClaimsProvider></ClaimsProviders>"
    )

    assert places(diagnostics) == [("JM1026", 4, 1), ("JM1022", 5, 1), ("JM1021", 6, 1), ("JM1022", 6, 46)]


def test_a_file_with_nothing_but_problems_reports_five_hundred_of_them(read):
    _, diagnostics = read("<x/>" * 2000)

    assert len(diagnostics) == 501
    assert diagnostics[-1].message == "The file has more than 500 problems: the others are not shown."


def test_another_root_element_of_the_namespace_is_no_policy():
    root, _ = parse_source(f'<BuildingBlocks xmlns="{NAMESPACE}"/>'.encode(), "p.xml", Substitutions())
    policy, diagnostics = parse_policy(root, "p.xml")

    assert policy is None
    assert [each.code for each in diagnostics] == ["JM1009"]


def test_a_damaged_file_is_never_a_crash(xml):
    text = xml(
        '<ClaimsProviders><ClaimsProvider><TechnicalProfiles><TechnicalProfile Id="P"><Metadata><Item Key="a">{Settings:A}'
        "</Item></Metadata></TechnicalProfile></TechnicalProfiles></ClaimsProvider></ClaimsProviders>"
    ).encode()
    substitutions = Substitutions({"A": "value"}, "fabrikam.onmicrosoft.com")
    for position in range(len(text)):
        for damaged in (
            text[:position],
            text[:position] + b"<" + text[position:],
            text[:position] + text[position + 1 :],
        ):
            root, diagnostics = parse_source(damaged, "p.xml", substitutions)
            parsed_policy, found = parse_policy(root, "p.xml") if root else (None, diagnostics)

            assert parsed_policy is not None or found
