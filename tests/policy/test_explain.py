from __future__ import annotations

import json

import pytest

from journeyman.policy.explain import explain
from journeyman.policy.load import load_file
from journeyman.policy.merge import merge_chain
from journeyman.policy.substitution import Substitutions

BASE = """<BuildingBlocks><ClaimsSchema><ClaimType Id="tier"><DisplayName>Tier</DisplayName>
<DataType>string</DataType>
<Restriction><Enumeration Text="Gold" Value="g" /></Restriction></ClaimType></ClaimsSchema>
<Localization Enabled="true"><SupportedLanguages DefaultLanguage="en" MergeBehavior="Append">
<SupportedLanguage>en</SupportedLanguage></SupportedLanguages></Localization></BuildingBlocks>
<ClaimsProviders><ClaimsProvider><DisplayName>APIs</DisplayName><TechnicalProfiles>
<TechnicalProfile Id="REST-Common"><Protocol Name="Proprietary" Handler="Web.TPEngine.Providers.RestfulProvider, Web" />
<Metadata><Item Key="AuthenticationType">Basic</Item>
<Item Key="SendClaimsIn">Body</Item></Metadata></TechnicalProfile>
<TechnicalProfile Id="REST-Get"><DisplayName>Get</DisplayName>
<Metadata><Item Key="ServiceUrl">https://api.example/</Item></Metadata>
<IncludeTechnicalProfile ReferenceId="REST-Common" /></TechnicalProfile>
</TechnicalProfiles></ClaimsProvider></ClaimsProviders>
<UserJourneys><UserJourney Id="Sign"><OrchestrationSteps>
<OrchestrationStep Order="1" Type="ClaimsExchange"><ClaimsExchanges>
<ClaimsExchange Id="Get" TechnicalProfileReferenceId="REST-Get" /></ClaimsExchanges></OrchestrationStep>
</OrchestrationSteps></UserJourney></UserJourneys>"""
CHILD = """<BuildingBlocks><ClaimsSchema><ClaimType Id="tier"><UserInputType>TextBox</UserInputType>
<Restriction MergeBehavior="Append"><Enumeration Text="Silver" Value="s" /></Restriction></ClaimType></ClaimsSchema>
<Localization><SupportedLanguages DefaultLanguage="fr" MergeBehavior="Append">
<SupportedLanguage>fr</SupportedLanguage></SupportedLanguages></Localization></BuildingBlocks>
<ClaimsProviders><ClaimsProvider><DisplayName>Ours</DisplayName><TechnicalProfiles>
<TechnicalProfile Id="REST-Common">
<Metadata><Item Key="AuthenticationType">Bearer</Item></Metadata></TechnicalProfile>
</TechnicalProfiles></ClaimsProvider></ClaimsProviders>
<UserJourneys><UserJourney Id="Sign"><OrchestrationSteps>
<OrchestrationStep Order="1" Type="ClaimsExchange"><Preconditions><Precondition Type="ClaimsExist" ExecuteActionsIf="true">
<Value>tier</Value><Action>SkipThisOrchestrationStep</Action></Precondition></Preconditions></OrchestrationStep>
<OrchestrationStep Order="2" Type="SendClaims" />
</OrchestrationSteps></UserJourney></UserJourneys>"""


@pytest.fixture
def parts(clean):
    """The parts of one element of a merged policy: its path of names and value -> file:line."""
    chain = [clean(BASE, path="base.xml"), clean(CHILD, path="child.xml", policy_id="B2C_1A_Child", base="B2C_1A_Base")]
    merged, _ = merge_chain(chain)

    def of(element):
        (found,) = explain(merged, element)
        return dict(flat(found.parts))

    return of


def flat(found, above=""):
    for part in found:
        name = f"{above}{part.name}"
        yield f"{name} {part.value}".strip(), f"{part.location.path}:{part.location.line}"
        yield from flat(part.parts, f"{name}/")


def test_each_value_of_a_claim_type_comes_from_the_file_that_wrote_it_last(parts):
    found = parts("TIER")

    assert found["DisplayName Tier"] == "base.xml:3"
    assert found["DataType string"] == "base.xml:4"
    assert found["UserInputType TextBox"] == "child.xml:3"


def test_appended_options_keep_the_place_of_their_own_file(parts):
    found = parts("tier")

    assert found["Restriction/Enumeration g = Gold"] == "base.xml:5"
    assert found["Restriction/Enumeration s = Silver"] == "child.xml:4"


def test_what_a_profile_includes_comes_from_where_it_was_written(parts):
    found = parts("REST-Get")

    assert found["Protocol Proprietary Web.TPEngine.Providers.RestfulProvider"] == "base.xml:9"
    assert found["Metadata/Item AuthenticationType = Bearer"] == "child.xml:9"
    assert found["Metadata/Item SendClaimsIn = Body"] == "base.xml:11"
    assert found["Metadata/Item ServiceUrl = https://api.example/"] == "base.xml:13"


def test_steps_languages_and_providers_say_where_they_are_from(parts):
    journey, localization = parts("Sign"), parts("Localization")

    condition = "Precondition ClaimsExist tier is true: SkipThisOrchestrationStep"
    assert journey[f"OrchestrationStep/Preconditions/{condition}"] == "child.xml:12"
    assert journey["OrchestrationStep/ClaimsExchanges/ClaimsExchange Get → REST-Get"] == "base.xml:18"
    assert journey["OrchestrationStep 2 SendClaims"] == "child.xml:14"
    assert localization["SupportedLanguage en"] == "base.xml:7"
    assert localization["SupportedLanguage fr"] == "child.xml:6"
    assert localization["DefaultLanguage fr"] == "child.xml:5"
    assert parts("REST-Common")["ClaimsProvider Ours"] == "child.xml:7"


@pytest.mark.corpus
def test_every_part_of_every_element_of_the_public_policies_has_a_line_in_one_of_their_files(corpus):
    index = json.loads((corpus / "index.json").read_text(encoding="utf-8"))["policies"]
    substitutions = Substitutions({}, "contoso.onmicrosoft.com")
    chains = [each for each in index if each["wellformed"] and each["chain_complete"]][::12]
    for record in chains:
        paths = [link["path"] for link in reversed(record["chain"])]
        merged, _ = merge_chain([load_file(corpus / path, path, substitutions)[0] for path in paths])
        elements = explain(merged)
        places = {place for element in elements[1:] for _, place in flat(element.parts)}
        assert {place.rpartition(":")[0] for place in places} <= set(paths)
        assert not [place for place in places if place.endswith(":0")]


MORE = """<BuildingBlocks><ClaimsSchema><ClaimType Id="mail"><DefaultPartnerClaimTypes>
<Protocol Name="OAuth2" PartnerClaimType="email" /></DefaultPartnerClaimTypes><Mask Type="Regex" Regex="a">*</Mask>
<Restriction><Pattern RegularExpression="@" HelpText="An address" /></Restriction>
<PredicateValidationReference Id="Valid" /></ClaimType></ClaimsSchema>
<Predicates><Predicate Id="Long" Method="IsLengthRange" HelpText="Long"><Parameters>
<Parameter Id="Minimum">1</Parameter></Parameters></Predicate></Predicates>
<PredicateValidations><PredicateValidation Id="Valid"><PredicateGroups><PredicateGroup Id="All"><PredicateReferences>
<PredicateReference Id="Long" /></PredicateReferences></PredicateGroup></PredicateGroups></PredicateValidation>
</PredicateValidations><ClientDefinitions><ClientDefinition Id="Web"><ClientUIFilterFlags>LineMarkers</ClientUIFilterFlags>
</ClientDefinition></ClientDefinitions><Localization Enabled="true"><LocalizedResources Id="texts"><LocalizedCollections>
<LocalizedCollection ElementType="ClaimType" ElementId="mail" TargetCollection="Restriction">
<Item Text="One" Value="1" SelectByDefault="true" /></LocalizedCollection></LocalizedCollections><LocalizedStrings>
<LocalizedString ElementType="UxElement" StringId="heading">Hello</LocalizedString></LocalizedStrings></LocalizedResources>
</Localization><DisplayControls><DisplayControl Id="control" UserInterfaceControlType="VerificationControl"><DisplayClaims>
<DisplayClaim ClaimTypeReferenceId="mail" Required="true" ControlClaimType="Email" /></DisplayClaims><Actions>
<Action Id="SendCode"><ValidationClaimsExchange>
<ValidationClaimsExchangeTechnicalProfile TechnicalProfileReferenceId="Send" ContinueOnError="true" />
</ValidationClaimsExchange></Action></Actions></DisplayControl></DisplayControls></BuildingBlocks>"""


@pytest.mark.parametrize(
    ("element", "part", "line"),
    [
        ("mail", "DefaultPartnerClaimTypes/Protocol OAuth2 → email", 4),
        ("mail", 'Mask Regex "*" for a', 4),
        ("mail", "Restriction/Pattern @", 5),
        ("mail", "Restriction/Pattern/HelpText An address", 5),
        ("mail", "PredicateValidationReference Valid", 6),
        ("Long", "HelpText Long", 7),
        ("Long", "Parameter minimum = 1", 7),
        ("Valid", "PredicateGroup All (all)", 9),
        ("Valid", "PredicateGroup/PredicateReference Long", 10),
        ("Web", "ClientUIFilterFlags LineMarkers", 11),
        ("texts", "LocalizedCollection/Item 1 = One (selected by default)", 14),
        ("texts", "LocalizedString UxElement heading = Hello", 15),
        ("control", "DisplayClaims/DisplayClaim mail ControlClaimType=Email Required", 17),
        ("control", "Action/ValidationClaimsExchangeTechnicalProfile Send ContinueOnError=true", 19),
    ],
)
def test_every_kind_of_element_says_where_its_parts_stand(read, element, part, line):
    policy, _ = read(MORE)
    (found,) = explain(policy, element)

    assert dict(flat(found.parts))[part] == f"base.xml:{line}"
