from __future__ import annotations

import time

import pytest

from journeyman.policy.include import resolve_includes
from journeyman.policy.merge import merge_chain
from journeyman.policy.problems import Problems


def profiles(**bodies):
    rows = "\n".join(f'<TechnicalProfile Id="{name}">{body}</TechnicalProfile>' for name, body in bodies.items())
    return (
        "<ClaimsProviders><ClaimsProvider><TechnicalProfiles>\n"
        f"{rows}</TechnicalProfiles></ClaimsProvider></ClaimsProviders>"
    )


def include(name):
    return f'<IncludeTechnicalProfile ReferenceId="{name}"/>'


def metadata(**items):
    rows = "".join(f'<Item Key="{name}">{value}</Item>' for name, value in items.items())
    return f"<Metadata>{rows}</Metadata>"


def values(profile):
    return {item.key: item.value for item in profile.metadata.values()}


@pytest.fixture
def merged(clean):
    def merge(*bodies):
        return merge_chain([clean(body, path=f"{number}.xml") for number, body in enumerate(bodies)])

    return merge


def test_an_included_profile_is_merged_with_the_including_one_as_the_derived_side(merged):
    policy, diagnostics = merged(
        profiles(
            Read=include("common") + metadata(Operation="Read", Shared="own"),
            Common='<Protocol Name="Proprietary" Handler="AAD"/><DisplayName>Directory</DisplayName>'
            + metadata(Shared="common", Other="x"),
        )
    )

    found = policy.technical_profiles["read"]
    assert diagnostics == ()
    assert (found.id, found.display_name, found.protocol.handler) == ("Read", "Directory", "AAD")
    assert values(found) == {"Shared": "own", "Other": "x", "Operation": "Read"}
    assert found.location.line == 4
    assert values(policy.technical_profiles["common"]) == {"Shared": "common", "Other": "x"}


def test_includes_are_resolved_after_the_chain_so_that_a_changed_common_profile_reaches_all(merged):
    policy, _ = merged(
        profiles(Common=metadata(A="1"), Read=include("Common")), profiles(Common=metadata(ClientId="app"))
    )

    assert values(policy.technical_profiles["read"]) == {"A": "1", "ClientId": "app"}


def test_a_profile_of_a_base_may_include_one_that_only_the_child_defines(merged):
    policy, diagnostics = merged(profiles(Read=include("Common")), profiles(Common=metadata(A="1")))

    assert values(policy.technical_profiles["read"]) == {"A": "1"}
    assert diagnostics == ()


def test_a_derived_include_replaces_the_inherited_one(merged):
    policy, _ = merged(profiles(A=metadata(From="a"), B=metadata(From="b"), P=include("A")), profiles(P=include("B")))

    assert values(policy.technical_profiles["p"]) == {"From": "b"}


def test_includes_of_any_depth_are_resolved(merged):
    links = {f"P{number}": include(f"P{number + 1}") for number in range(2000)}
    policy, diagnostics = merged(profiles(**links, P2000=metadata(Deep="yes")))

    assert values(policy.technical_profiles["p0"]) == {"Deep": "yes"}
    assert diagnostics == ()


def test_validation_profiles_of_an_included_profile_run_after_the_own_ones(merged):
    def validation(name):
        return f'<ValidationTechnicalProfiles><ValidationTechnicalProfile ReferenceId="{name}"/></ValidationTechnicalProfiles>'

    policy, _ = merged(profiles(A=validation("W"), P=include("A") + validation("R")))

    found = policy.technical_profiles["p"].validation_technical_profiles
    assert [each.profile.id for each in found] == ["R", "W"]


def test_a_missing_include_is_an_error_where_the_include_stands(merged):
    policy, diagnostics = merged(profiles(P=include("Missing") + metadata(A="1")))

    assert values(policy.technical_profiles["p"]) == {"A": "1"}
    assert [str(each) for each in diagnostics] == [
        (
            '0.xml:4:26: error JM1050 [P] The policy makes a reference to TechnicalProfile with id "Missing" '
            "but neither the policy nor any of its base policies contain such an element."
        )
    ]


def test_profiles_that_include_each_other_are_one_error_that_names_the_circle(merged):
    policy, diagnostics = merged(profiles(X=include("A"), A=include("B"), B=include("C"), C=include("a")))

    assert len(policy.technical_profiles) == 4
    assert [each.message for each in diagnostics] == [
        "Technical profiles include each other in a circle: A → B → C → A."
    ]
    assert diagnostics[0].severity.value == "error"


def test_a_profile_that_includes_itself_is_an_error(merged):
    _, diagnostics = merged(profiles(A=include("A")))

    assert [each.message for each in diagnostics] == ["Technical profiles include each other in a circle: A → A."]


def test_included_claims_are_appended_and_those_already_there_skipped(merged):
    claims = (
        '<InputClaims><InputClaim ClaimTypeReferenceId="{0}"/><InputClaim ClaimTypeReferenceId="both"/></InputClaims>'
        '<OutputClaims><OutputClaim ClaimTypeReferenceId="{0}"/></OutputClaims>'
    )
    source = "<IncludeClaimsFromTechnicalProfile>Source</IncludeClaimsFromTechnicalProfile>"
    policy, diagnostics = merged(
        profiles(P=claims.format("own") + source, Source=claims.format("other") + metadata(Not="taken"))
    )

    found = policy.technical_profiles["p"]
    assert [each.claim_type for each in found.input_claims] == ["own", "both", "other"]
    assert [each.claim_type for each in found.output_claims] == ["own", "other"]
    assert values(found) == {}
    assert diagnostics == ()


def test_the_claims_of_a_missing_profile_are_an_error(merged):
    text = "<IncludeClaimsFromTechnicalProfile>Missing</IncludeClaimsFromTechnicalProfile>"
    _, diagnostics = merged(profiles(P=text))

    assert [each.code for each in diagnostics] == ["JM1050"]


def test_a_small_policy_cannot_ask_for_gigabytes(clean):
    items = {f"K{number}": "v" for number in range(5000)}
    links = {f"P{number}": include("Large") for number in range(5000)}
    policy = clean(profiles(Large=metadata(**items), **links))
    problems = Problems("p.xml")
    started = time.process_time()
    resolve_includes(policy.technical_profiles, problems)
    used_s = time.process_time() - started

    assert [each.code for each in problems.found] == ["JM1052"]
    assert used_s < 1


def test_profiles_without_includes_are_left_as_they_are(clean):
    policy = clean(profiles(A=metadata(A="1")))

    assert resolve_includes(policy.technical_profiles, Problems("p.xml")) is policy.technical_profiles
