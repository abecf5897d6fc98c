from __future__ import annotations

import pytest
from tests.policy.user_flow.conftest import PROVIDER

from journeyman.policy.user_flow.identity_providers import provider_fragment
from journeyman.policy.user_flow.pages import pages_of
from journeyman.policy.user_flow.texts import LocalizedOptions, LocalizedString, languages_of, resources_of
from journeyman.settings.identity import AttributeAssignment, AttributeOption, UserFlow, UserFlowType

ASSIGNMENT = AttributeAssignment(
    f"extension_{'a' * 32}_Tier",
    options=(AttributeOption("Gold", "gold", is_default=True), AttributeOption("Silver", "silver")),
)


def resources(texts, **more):
    settings = {"language_customization": True, "languages": ("en", "de"), "identity_providers": (PROVIDER.id,), **more}
    flow = UserFlow("B2C_1_x", UserFlowType.SIGN_IN, texts={"de": texts}, attributes=(ASSIGNMENT,), **settings)
    return resources_of(flow, pages_of(flow), [provider_fragment(PROVIDER)] * len(flow.identity_providers))


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("heading", ("UxElement", "", "heading")),
        ("UserMessageIfInvalidPassword", ("ErrorMessage", "", "UserMessageIfInvalidPassword")),
        ("DefaultMessage", ("ErrorMessage", "", "DefaultMessage")),
        ("city.displayname", ("ClaimType", "city", "DisplayName")),
        (f"extension_{'a' * 32}_Tier.UserHelpText", ("ClaimType", "extension_Tier", "UserHelpText")),
        ("email.PatternHelpText", ("ClaimType", "email", "PatternHelpText")),
        ("Digit.HelpText", ("Predicate", "Digit", "HelpText")),
        (PROVIDER.id, ("ClaimsProvider", "", "OIDC-V1-FabrikamExchange")),
        ("LocalAccountSignupExchange", ("ClaimsProvider", "", "LocalAccountSignupExchange")),
    ],
)
def test_a_key_names_the_text_that_it_replaces(key, expected):
    (string,) = resources({key: "Text"})[0].strings

    assert string == LocalizedString(*expected, "Text")


def test_a_text_of_one_page_wins_there_and_is_nowhere_else():
    found = resources({"signuporsignin/heading": "Hier", "heading": "Überall"})

    texts = {each.page: [string.text for string in each.strings] for each in found}
    assert texts == {"signuporsignin": ["Hier"], "localaccountpasswordreset": ["Überall"], "error": ["Überall"]}
    assert found[0].id == "api.signuporsignin.de"


def test_options_without_a_text_of_their_own_keep_theirs():
    (found, *_) = resources({"extension_Tier.option.gold": "Goldkunde"})

    items = (("Goldkunde", "gold", True), ("Silver", "silver", False))
    assert found.strings == ()
    assert found.options == (LocalizedOptions("extension_Tier", items),)


def test_texts_of_a_language_that_is_not_offered_are_left_out():
    assert resources({"heading": "x"}, languages=("en",)) == ()
    assert resources({"heading": "x"}, language_customization=False) == ()


@pytest.mark.parametrize(
    ("customized", "languages", "expected"),
    [(True, ("de", "EN", "pt-BR"), ("en", "de", "pt-BR")), (False, ("de",), ("en",)), (True, (), ("en",))],
)
def test_the_default_language_stands_first_and_each_once(customized, languages, expected):
    flow = UserFlow("B2C_1_x", UserFlowType.SIGN_IN, language_customization=customized, languages=languages)

    assert languages_of(flow) == expected
