from __future__ import annotations

import pytest

from journeyman.policy.merge_technical_profile import merge_technical_profile


@pytest.fixture
def merged(clean):
    """Merge two profiles, written by their children."""

    def merge(base, derived):
        text = (
            "<ClaimsProviders><ClaimsProvider>{}<TechnicalProfiles>"
            '<TechnicalProfile Id="P">{}</TechnicalProfile></TechnicalProfiles></ClaimsProvider></ClaimsProviders>'
        )
        provider = "<Domain>{0}.com</Domain><DisplayName>{0}</DisplayName>"
        first = clean(text.format(provider.format("base"), base), path="base.xml")
        second = clean(text.format("", derived), path="derived.xml")
        return merge_technical_profile(first.technical_profiles["p"], second.technical_profiles["p"])

    return merge


SCALARS = [
    ("<DisplayName>{}</DisplayName>", lambda p: p.display_name),
    ("<Description>{}</Description>", lambda p: p.description),
    ('<Protocol Name="{}"/>', lambda p: p.protocol.name),
    ("<InputTokenFormat>{}</InputTokenFormat>", lambda p: p.input_token_format),
    ("<OutputTokenFormat>{}</OutputTokenFormat>", lambda p: p.output_token_format),
    ('<SubjectNamingInfo ClaimType="{}"/>', lambda p: p.subject_naming_info.claim_type),
    ('<UseTechnicalProfileForSessionManagement ReferenceId="{}"/>', lambda p: p.session_management.id),
    ("<EnabledForUserJourneys>{}</EnabledForUserJourneys>", lambda p: p.enabled_for_user_journeys),
    ('<IncludeTechnicalProfile ReferenceId="{}"/>', lambda p: p.include_technical_profile.id),
    (
        "<IncludeClaimsFromTechnicalProfile>{}</IncludeClaimsFromTechnicalProfile>",
        lambda p: p.include_claims_from_technical_profile.id,
    ),
    ("<Domain>{}</Domain>", lambda p: p.domains[0]),
]


@pytest.mark.parametrize(("element", "value"), SCALARS)
def test_a_single_value_of_the_derived_profile_replaces_the_inherited_one(merged, element, value):
    assert value(merged(element.format("base"), element.format("derived"))) == "derived"


@pytest.mark.parametrize(("element", "value"), SCALARS)
def test_a_single_value_that_the_derived_profile_does_not_have_is_inherited(merged, element, value):
    assert value(merged(element.format("base"), "")) == "base"


def test_include_in_sso_false_replaces_true_and_is_inherited(merged):
    assert merged("<IncludeInSso>true</IncludeInSso>", "<IncludeInSso>false</IncludeInSso>").include_in_sso is False
    assert merged("<IncludeInSso>false</IncludeInSso>", "").include_in_sso is False


def test_name_and_domain_of_the_provider_are_inherited_when_the_derived_provider_has_none(merged):
    found = merged("", "")

    assert (found.provider_display_name, found.domains) == ("base", ("base.com",))


def test_metadata_is_merged_by_key_without_regard_to_case_and_empty_is_a_value(merged):
    items = '<Metadata><Item Key="{}">1</Item><Item Key="Kept">2</Item><Item Key="Emptied">3</Item></Metadata>'
    found = merged(
        items.format("client_id"), '<Metadata><Item Key="Client_Id">9</Item><Item Key="Emptied"/></Metadata>'
    )

    assert {name: item.value for name, item in found.metadata.items()} == {"client_id": "9", "kept": "2", "emptied": ""}


def test_cryptographic_keys_are_merged_by_id(merged):
    keys = '<CryptographicKeys><Key Id="a" StorageReferenceId="B2C_1A_{0}"/>{1}</CryptographicKeys>'
    found = merged(keys.format("Base", '<Key Id="b" StorageReferenceId="B2C_1A_Kept"/>'), keys.format("Derived", ""))

    assert {k.id: k.storage_reference_id for k in found.cryptographic_keys.values()} == {
        "a": "B2C_1A_Derived",
        "b": "B2C_1A_Kept",
    }


@pytest.mark.parametrize(
    ("section", "item", "claims"),
    [
        ("InputClaims", "InputClaim", lambda p: p.input_claims),
        ("OutputClaims", "OutputClaim", lambda p: p.output_claims),
        ("PersistedClaims", "PersistedClaim", lambda p: p.persisted_claims),
    ],
)
def test_derived_claims_come_first_and_replace_inherited_ones_whole(merged, section, item, claims):
    base = (
        f'<{item} ClaimTypeReferenceId="a" DefaultValue="x"/><{item} ClaimTypeReferenceId="surname" Required="true"/>'
    )
    derived = (
        f'<{item} ClaimTypeReferenceId="z"/><{item} ClaimTypeReferenceId="surName" PartnerClaimType="one"/>'
        f'<{item} ClaimTypeReferenceId="surName" PartnerClaimType="two"/>'
    )
    found = claims(merged(f"<{section}>{base}</{section}>", f"<{section}>{derived}</{section}>"))

    assert [(c.claim_type, c.partner_claim_type, c.required, c.default_value) for c in found] == [
        ("z", None, False, None),
        ("surName", "one", False, None),
        ("surName", "two", False, None),
        ("a", None, False, "x"),
    ]


def test_display_claims_are_matched_by_claim_type_or_by_control(merged):
    claim = '<DisplayClaim ClaimTypeReferenceId="{}"/>'
    control = '<DisplayClaim DisplayControlReferenceId="{}"/>'
    found = merged(
        f"<DisplayClaims>{claim.format('email')}{control.format('email')}{claim.format('name')}</DisplayClaims>",
        f"<DisplayClaims>{claim.format('name')}{control.format('EMAIL')}</DisplayClaims>",
    )

    assert [(c.claim_type, c.display_control) for c in found.display_claims] == [
        ("name", None),
        (None, "EMAIL"),
        ("email", None),
    ]


@pytest.mark.parametrize(
    ("name", "references"),
    [
        ("InputClaimsTransformation", lambda p: p.input_claims_transformations),
        ("OutputClaimsTransformation", lambda p: p.output_claims_transformations),
    ],
)
def test_derived_transformations_come_first_and_keep_their_position(merged, name, references):
    def write(*ids):
        return f"<{name}s>{''.join(f'<{name} ReferenceId={each!r}/>' for each in ids)}</{name}s>"

    found = references(merged(write("A", "B", "C"), write("D", "b")))

    assert [reference.id for reference in found] == ["D", "b", "A", "C"]


def test_validation_profiles_are_not_deduplicated_and_inherited_ones_keep_their_attributes(merged):
    base = '<ValidationTechnicalProfiles><ValidationTechnicalProfile ReferenceId="W"/></ValidationTechnicalProfiles>'
    derived = (
        '<ValidationTechnicalProfiles><ValidationTechnicalProfile ReferenceId="REST"/>'
        '<ValidationTechnicalProfile ReferenceId="W" ContinueOnSuccess="false"/></ValidationTechnicalProfiles>'
    )
    found = merged(base, derived).validation_technical_profiles

    assert [(each.profile.id, each.continue_on_success) for each in found] == [
        ("REST", None),
        ("W", False),
        ("W", None),
    ]
