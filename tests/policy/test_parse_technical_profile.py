from __future__ import annotations


def providers(body):
    return f"<ClaimsProviders>{body}</ClaimsProviders>"


def test_every_part_of_a_technical_profile_is_read(clean):
    policy = clean(
        providers("""<ClaimsProvider><Domain>facebook.com</Domain><DisplayName>Facebook</DisplayName>
      <TechnicalProfiles><TechnicalProfile Id="REST-Get">
        <DisplayName>Get</DisplayName><Description>About</Description>
        <Protocol Name="Proprietary" Handler="Web.TPEngine.Providers.RestfulProvider, Web.TPEngine"/>
        <InputTokenFormat>JWT</InputTokenFormat><OutputTokenFormat>JSON</OutputTokenFormat>
        <Metadata><Item Key="ServiceUrl"> https://api </Item><Item Key="Empty"></Item></Metadata>
        <CryptographicKeys><Key Id="BasicAuthenticationUsername" StorageReferenceId="B2C_1A_User"/></CryptographicKeys>
        <IncludeInSso>false</IncludeInSso>
        <InputClaimsTransformations><InputClaimsTransformation ReferenceId="T1"/></InputClaimsTransformations>
        <OutputClaimsTransformations><OutputClaimsTransformation ReferenceId="T2"/></OutputClaimsTransformations>
        <SubjectNamingInfo ClaimType="sub" Format="f" ExcludeAsClaim="true"/>
        <IncludeClaimsFromTechnicalProfile> Other </IncludeClaimsFromTechnicalProfile>
        <IncludeTechnicalProfile ReferenceId="REST-Common"/>
        <UseTechnicalProfileForSessionManagement ReferenceId="SM-Noop"/>
        <EnabledForUserJourneys>Always</EnabledForUserJourneys>
      </TechnicalProfile></TechnicalProfiles></ClaimsProvider>""")
    )

    found = policy.technical_profiles["rest-get"]
    assert (found.id, found.display_name, found.description) == ("REST-Get", "Get", "About")
    assert (found.provider_display_name, found.domains) == ("Facebook", ("facebook.com",))
    assert found.protocol.name == "Proprietary"
    assert found.protocol.handler == "Web.TPEngine.Providers.RestfulProvider, Web.TPEngine"
    assert (found.input_token_format, found.output_token_format) == ("JWT", "JSON")
    assert {name: item.value for name, item in found.metadata.items()} == {"serviceurl": "https://api", "empty": ""}
    assert found.metadata["serviceurl"].key == "ServiceUrl"
    key = found.cryptographic_keys["basicauthenticationusername"]
    assert (key.id, key.storage_reference_id) == ("BasicAuthenticationUsername", "B2C_1A_User")
    assert found.include_in_sso is False
    assert [reference.id for reference in found.input_claims_transformations] == ["T1"]
    assert [reference.id for reference in found.output_claims_transformations] == ["T2"]
    subject = found.subject_naming_info
    assert (subject.claim_type, subject.format, subject.exclude_as_claim) == ("sub", "f", True)
    assert found.include_claims_from_technical_profile.id == "Other"
    assert found.include_technical_profile.id == "REST-Common"
    assert (found.session_management.id, found.enabled_for_user_journeys) == ("SM-Noop", "Always")


def test_the_domains_of_a_profile_win_over_those_of_its_provider(clean):
    policy = clean(
        providers("""<ClaimsProvider><Domains><Domain>a.com</Domain><Domain>b.com</Domain></Domains>
      <TechnicalProfiles><TechnicalProfile Id="Own"><Domain>own.com</Domain></TechnicalProfile>
      <TechnicalProfile Id="Other"/></TechnicalProfiles></ClaimsProvider>""")
    )

    assert policy.technical_profiles["own"].domains == ("own.com",)
    assert policy.technical_profiles["other"].domains == ("a.com", "b.com")


def test_one_metadata_key_in_two_spellings_is_an_error(read, places):
    policy, diagnostics = read(
        providers(
            '<ClaimsProvider><TechnicalProfiles><TechnicalProfile Id="P"><Metadata><Item Key="client_id">1</Item>\n'
            '<Item Key="Client_Id">2</Item></Metadata></TechnicalProfile></TechnicalProfiles></ClaimsProvider>'
        )
    )

    assert policy.technical_profiles["p"].metadata["client_id"].value == "1"
    assert places(diagnostics) == [("JM1025", 4, 1)]
    assert diagnostics[0].element == "P"


def test_a_key_without_a_container_is_an_error(read, places):
    policy, diagnostics = read(
        providers(
            '<ClaimsProvider><TechnicalProfiles><TechnicalProfile Id="P"><CryptographicKeys>\n'
            '<Key Id="client_secret"/></CryptographicKeys></TechnicalProfile></TechnicalProfiles></ClaimsProvider>'
        )
    )

    assert dict(policy.technical_profiles["p"].cryptographic_keys) == {}
    assert places(diagnostics) == [("JM1022", 4, 1)]


def test_what_this_engine_does_not_do_is_reported(read):
    _, diagnostics = read(
        providers(
            '<ClaimsProvider><TechnicalProfiles><TechnicalProfile Id="P"><Suppressions/><InputTokenSources/>'
            '<SubjectAuthenticationRequirements TimeToLive="1"/></TechnicalProfile></TechnicalProfiles></ClaimsProvider>'
        )
    )

    assert [(each.code, each.severity.value, each.element) for each in diagnostics] == [("JM1030", "warning", "P")] * 3
    assert diagnostics[0].message == "Suppressions of 'TechnicalProfile' is not supported: it has no effect."
