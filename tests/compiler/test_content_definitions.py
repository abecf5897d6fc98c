from __future__ import annotations

import pytest

from journeyman.claims.resolvers import Resolver
from journeyman.compiler.compiled import Languages, LocalizedTexts, PageType
from journeyman.diagnostics import Severity

URI = "urn:com:microsoft:aad:b2c:elements:"


def test_page_version_and_contract_are_read_from_the_data_uri(compile_xml):
    definitions = compile_xml().policy.content_definitions

    combined, asserted = definitions["api.signuporsignin"], definitions["api.selfasserted"]
    assert (combined.page_type, combined.version, combined.contract) == (PageType.UNIFIED_SSP, (2, 1, 5), True)
    assert (asserted.page_type, asserted.version, asserted.contract) == (PageType.SELF_ASSERTED, (1, 1, 0), False)


def test_the_old_name_of_the_provider_selection_is_understood(compile_xml):
    sample = compile_xml((f"{URI}selfasserted:1.1.0", f"{URI}idpselection:1.0.0"))

    assert sample.policy.content_definitions["api.selfasserted"].page_type is PageType.PROVIDER_SELECTION


def test_resolvers_in_the_load_uri_always_work(compile_xml):
    load_uri = compile_xml().policy.content_definitions["api.selfasserted"].load_uri

    assert load_uri.parts[-1] == Resolver("culture", "LanguageName", "{Culture:LanguageName}")


def test_texts_are_found_by_language(compile_xml):
    texts = compile_xml().policy.content_definitions["api.signuporsignin"].texts

    assert texts == {"en": LocalizedTexts({("uxelement", "", "button_signin"): "Come in"}, {})}


def test_of_two_references_for_a_language_the_first_one_counts(compile_xml):
    second = '<LocalizedResourcesReference Language="EN" LocalizedResourcesReferenceId="other" />'
    other = '<LocalizedResources Id="other"><LocalizedStrings /></LocalizedResources>'

    sample = compile_xml(
        ("        </LocalizedResourcesReferences>", f"{second}</LocalizedResourcesReferences>"),
        ("    </Localization>", f"{other}</Localization>"),
    )

    texts = sample.policy.content_definitions["api.signuporsignin"].texts
    assert texts["en"].strings == {("uxelement", "", "button_signin"): "Come in"}


def test_languages_and_texts_count_only_where_localization_is_on(compile_xml):
    on, off = compile_xml(), compile_xml(('<Localization Enabled="true">', '<Localization Enabled="false">'))

    assert on.policy.languages == Languages("en", ("en",))
    assert off.policy.languages == Languages("en", ())
    assert off.policy.content_definitions["api.signuporsignin"].texts == {}


@pytest.mark.parametrize(
    ("behavior", "languages"),
    [("Append", ("en", "fr")), ("Prepend", ("en", "fr")), ("ReplaceAll", ("en",))],
)
def test_a_list_that_is_appended_takes_the_languages_that_have_texts(compile_xml, behavior, languages):
    sample = compile_xml(
        (
            '<SupportedLanguages DefaultLanguage="en"',
            f'<SupportedLanguages DefaultLanguage="en" MergeBehavior="{behavior}"',
        ),
        ('<LocalizedResourcesReference Language="en"', '<LocalizedResourcesReference Language="fr"'),
    )

    assert sample.policy.languages == Languages("en", languages)


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        (f"<DataUri>{URI}selfasserted:1.1.0</DataUri>", "", "JM1130", "has no DataUri"),
        (f"{URI}selfasserted:1.1.0", f"{URI}signup:1.1.0", "JM1131", "names no page"),
        (f"{URI}selfasserted:1.1.0", f"{URI}selfasserted:1.1", "JM1131", "names no page"),
        (
            "<LoadUri>~/tenant/templates/AzureBlue/selfAsserted.cshtml?lang={Culture:LanguageName}</LoadUri>",
            "",
            "JM1132",
            "has no LoadUri",
        ),
    ],
)
def test_a_broken_content_definition_is_an_error_at_its_place(compile_xml, old, new, code, message):
    sample = compile_xml((old, new))

    found = sample.only(code)
    assert message in found.message
    assert (found.severity, found.element) == (Severity.ERROR, "api.selfasserted")
    assert found.location.line == sample.line_of('Id="api.selfasserted"')


def test_a_reference_to_missing_texts_is_an_error(compile_xml):
    sample = compile_xml(('ReferenceId="api.signuporsignin.en"', 'ReferenceId="nothing"'))

    assert 'LocalizedResources with id "nothing"' in sample.only("JM1102").message


def test_texts_at_a_url_are_reported_as_not_read(compile_xml):
    sample = compile_xml(
        ('LocalizedResourcesReferenceId="api.signuporsignin.en"', 'Url="https://cdn.contoso.com/en.json"')
    )

    assert sample.only("JM1133").severity is Severity.WARNING
