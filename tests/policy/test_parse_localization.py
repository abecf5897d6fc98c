from __future__ import annotations

from journeyman.policy.model import Enumeration


def test_languages_strings_and_collections_are_read(clean):
    policy = clean("""<BuildingBlocks><Localization Enabled="True">
      <SupportedLanguages DefaultLanguage="en" PolicyLanguage="en" MergeBehavior="Append">
        <SupportedLanguage>en</SupportedLanguage><SupportedLanguage> de </SupportedLanguage></SupportedLanguages>
      <LocalizedResources Id="api.x.en" Culture="en"><LocalizedStrings>
        <LocalizedString ElementType="ClaimType" ElementId="email" StringId="DisplayName"> E-mail </LocalizedString>
        <LocalizedString ElementType="UxElement" StringId="button_continue">Go</LocalizedString></LocalizedStrings>
        <LocalizedCollections><LocalizedCollection ElementType="ClaimType" ElementId="city"
            TargetCollection="Restriction"><Item Text="Berlin" Value="b" SelectByDefault="1"/></LocalizedCollection>
        </LocalizedCollections></LocalizedResources></Localization></BuildingBlocks>""")

    found = policy.localization
    resources = found.resources["api.x.en"]
    assert (found.enabled, found.default_language, found.policy_language) == (True, "en", "en")
    assert (found.supported_languages, found.supported_languages_merge_behavior) == (("en", "de"), "Append")
    assert resources.strings["claimtype", "email", "displayname"].text == " E-mail "
    assert resources.strings["uxelement", "", "button_continue"].text == "Go"
    assert resources.collections["claimtype", "city", "restriction"].items == (
        Enumeration("Berlin", "b", select_by_default=True),
    )


def test_absent_parts_are_not_empty_parts(clean):
    policy = clean('<BuildingBlocks><Localization><LocalizedResources Id="x"/></Localization></BuildingBlocks>')

    assert (policy.localization.enabled, policy.localization.supported_languages) == (None, None)
    assert clean().localization is None


def test_the_last_of_two_different_texts_is_used_and_reported(read):
    string = '<LocalizedString ElementType="ClaimType" ElementId="email" StringId="DisplayName">{}</LocalizedString>'
    policy, diagnostics = read(
        f'<BuildingBlocks><Localization><LocalizedResources Id="x"><LocalizedStrings>{string.format("one")}\n'
        f"{string.format('two')}</LocalizedStrings></LocalizedResources></Localization></BuildingBlocks>"
    )

    assert policy.localization.resources["x"].strings["claimtype", "email", "displayname"].text == "two"
    assert [str(each) for each in diagnostics] == [
        "base.xml:4:1: info JM1036 [x] The text of email/DisplayName is given a second time: the last one is used."
    ]


def test_a_string_and_a_collection_that_do_not_say_what_they_are_for_are_errors(read, places):
    policy, diagnostics = read(
        '<BuildingBlocks><Localization><LocalizedResources Id="x"><LocalizedStrings>\n'
        '<LocalizedString ElementType="UxElement">t</LocalizedString></LocalizedStrings><LocalizedCollections>\n'
        '<LocalizedCollection ElementType="ClaimType"/></LocalizedCollections></LocalizedResources></Localization>'
        "</BuildingBlocks>"
    )

    assert dict(policy.localization.resources["x"].strings) == {}
    assert dict(policy.localization.resources["x"].collections) == {}
    assert places(diagnostics) == [("JM1022", 4, 1), ("JM1022", 5, 1), ("JM1022", 5, 1)]
