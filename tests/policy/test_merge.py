from __future__ import annotations

import pytest

from journeyman.policy.merge import merge_chain

PROFILES = (
    "<ClaimsProviders><ClaimsProvider><TechnicalProfiles>{}</TechnicalProfiles></ClaimsProvider></ClaimsProviders>"
)
BASE = PROFILES.format(
    '<TechnicalProfile Id="P"><Metadata><Item Key="A">1</Item><Item Key="B">2</Item></Metadata><OutputClaims>'
    '<OutputClaim ClaimTypeReferenceId="x"/><OutputClaim ClaimTypeReferenceId="y" PartnerClaimType="name"/>'
    '</OutputClaims><ValidationTechnicalProfiles><ValidationTechnicalProfile ReferenceId="W"/>'
    "</ValidationTechnicalProfiles></TechnicalProfile>"
) + (
    '<UserJourneys><UserJourney Id="J"><OrchestrationSteps>'
    '<OrchestrationStep Order="1" Type="CombinedSignInAndSignUp"><ClaimsExchanges>'
    '<ClaimsExchange Id="L" TechnicalProfileReferenceId="P"/></ClaimsExchanges></OrchestrationStep>'
    '<OrchestrationStep Order="2" Type="ClaimsExchange"><ClaimsExchanges>'
    '<ClaimsExchange Id="F" TechnicalProfileReferenceId="FB"/></ClaimsExchanges></OrchestrationStep>'
    '<OrchestrationStep Order="3" Type="SendClaims"/></OrchestrationSteps></UserJourney></UserJourneys>'
)
CHILD = PROFILES.format(
    '<TechnicalProfile Id="P"><Metadata><Item Key="B">9</Item></Metadata><OutputClaims>'
    '<OutputClaim ClaimTypeReferenceId="y" PartnerClaimType="full"/><OutputClaim ClaimTypeReferenceId="z"/>'
    '</OutputClaims><ValidationTechnicalProfiles><ValidationTechnicalProfile ReferenceId="R"/>'
    '<ValidationTechnicalProfile ReferenceId="W"/></ValidationTechnicalProfiles></TechnicalProfile>'
) + (
    '<UserJourneys><UserJourney Id="J"><OrchestrationSteps>'
    '<OrchestrationStep Order="2" Type="ClaimsExchange"><ClaimsExchanges>'
    '<ClaimsExchange Id="G" TechnicalProfileReferenceId="Google"/></ClaimsExchanges></OrchestrationStep>'
    "</OrchestrationSteps></UserJourney></UserJourneys>"
)


@pytest.fixture
def chain(clean):
    """Read the files of a chain, the root base first."""

    def read_chain(*bodies):
        names = ["B2C_1A_Base", "B2C_1A_Extensions", "B2C_1A_RP"]
        return [
            clean(body, path=f"{number}.xml", policy_id=names[number], base=names[number - 1] if number else "")
            for number, body in enumerate(bodies)
        ]

    return read_chain


def test_the_worked_example_of_the_specification(chain):
    policy, diagnostics = merge_chain(chain(BASE, CHILD))

    profile = policy.technical_profiles["p"]
    steps = policy.user_journeys["j"].steps
    assert diagnostics == ()
    assert {item.key: item.value for item in profile.metadata.values()} == {"A": "1", "B": "9"}
    assert [(claim.claim_type, claim.partner_claim_type) for claim in profile.output_claims] == [
        ("y", "full"),
        ("z", None),
        ("x", None),
    ]
    assert [each.profile.id for each in profile.validation_technical_profiles] == ["R", "W", "W"]
    assert list(steps) == [1, 2, 3]
    assert {e.id: e.profile.id for e in steps[1].claims_exchanges.values()} == {"L": "P"}
    assert {e.id: e.profile.id for e in steps[2].claims_exchanges.values()} == {"F": "FB", "G": "Google"}
    assert steps[3].type == "SendClaims"


def test_places_are_those_of_the_most_derived_definition(chain):
    policy, _ = merge_chain(chain(BASE, CHILD))

    assert policy.location.path == "1.xml"
    assert policy.technical_profiles["p"].location.path == "1.xml"
    assert policy.technical_profiles["p"].metadata["a"].location.path == "0.xml"
    assert policy.user_journeys["j"].steps[1].location.path == "0.xml"
    assert policy.user_journeys["j"].steps[2].location.path == "1.xml"


def test_the_requested_file_names_the_policy_and_the_root_base_the_trust_framework(clean):
    base = clean(policy_id="B2C_1A_Base", path="base.xml")
    child = clean(policy_id="B2C_1A_RP", base="B2C_1A_Base", path="rp.xml")
    policy, _ = merge_chain([base, child])

    assert (policy.policy_id, policy.base, policy.files) == ("B2C_1A_RP", None, ("base.xml", "rp.xml"))
    assert policy.public_policy_uri == "http://contoso.onmicrosoft.com/B2C_1A_RP"
    assert policy.trust_framework_tenant_id == "contoso.onmicrosoft.com"


def test_a_root_attribute_comes_from_the_nearest_file_that_sets_it(clean):
    base = clean(attributes=' DeploymentMode="Production" UserJourneyRecorderEndpoint="urn:a"', path="0.xml")
    middle = clean(attributes=' DeploymentMode="Development"', path="1.xml")
    policy, _ = merge_chain([base, middle, clean(path="2.xml")])

    assert (policy.deployment_mode, policy.journey_recorder_endpoint) == ("Development", "urn:a")
    assert policy.tenant_object_id is None


def test_a_chain_of_one_file_is_that_file_without_a_base(clean):
    policy, diagnostics = merge_chain([clean(BASE)])

    assert policy.files == ("base.xml",)
    assert list(policy.technical_profiles) == ["p"]
    assert diagnostics == ()


def test_predicates_and_client_definitions_are_replaced_whole(chain):
    blocks = (
        '<BuildingBlocks><Predicates><Predicate Id="Pin" Method="MatchesRegex" HelpText="{0}"/>{1}</Predicates>'
        '<InputValidations><InputValidation Id="Old"><PredicateReferences MatchAtLeast="{0}"/></InputValidation>'
        '</InputValidations><PredicateValidations><PredicateValidation Id="New"><PredicateGroups>'
        '<PredicateGroup Id="g{0}"><PredicateReferences/></PredicateGroup></PredicateGroups></PredicateValidation>'
        '</PredicateValidations><ClientDefinitions><ClientDefinition Id="Web"><ClientUIFilterFlags>{0}'
        "</ClientUIFilterFlags></ClientDefinition></ClientDefinitions></BuildingBlocks>"
    )
    kept = '<Predicate Id="Kept" Method="IsLengthRange"/>'
    base, child = chain(
        blocks.format("1", kept).replace("<PredicateReferences/>", '<PredicateReferences Id="x"/>'),
        blocks.format("2", "").replace("<PredicateReferences/>", '<PredicateReferences Id="x"/>'),
    )
    policy, _ = merge_chain([base, child])

    assert list(policy.predicates) == ["pin", "kept"]
    assert policy.predicates["pin"].help_text == "2"
    assert policy.input_validations["old"].groups[0].match_at_least == 2
    assert [group.id for group in policy.predicate_validations["new"].groups] == ["g2"]
    assert policy.client_definitions["web"].filter_flags == "2"


def test_ids_are_matched_without_regard_to_case_and_keep_their_first_spelling(chain):
    claim = '<BuildingBlocks><ClaimsSchema><ClaimType Id="{}"><DisplayName>{}</DisplayName></ClaimType></ClaimsSchema></BuildingBlocks>'
    policy, _ = merge_chain(chain(claim.format("surname", "Base"), claim.format("surName", "Child")))

    assert [(each.id, each.display_name) for each in policy.claim_types.values()] == [("surname", "Child")]


def test_merging_the_same_chain_again_gives_the_same_policy(chain):
    files = chain(BASE, CHILD)

    assert merge_chain(files) == merge_chain(files)


def test_a_grandchild_is_merged_over_the_merge_of_the_others(chain):
    policy, _ = merge_chain(chain(BASE, CHILD, CHILD.replace(">9<", ">10<")))

    profile = policy.technical_profiles["p"]
    assert profile.metadata["b"].value == "10"
    assert [each.profile.id for each in profile.validation_technical_profiles] == ["R", "W", "R", "W", "W"]
