from __future__ import annotations

import pytest

from journeyman.claims.resolvers import Template
from journeyman.compiler.compiled import ContentDefinition, LocalizedTexts, Metadata, PageType
from journeyman.journey.messages import choose_language, localized_texts, texts_for


def page(**texts):
    found = {language.replace("_", "-"): LocalizedTexts({("x", "", "x"): text}) for language, text in texts.items()}
    uri = Template(("~/x",))
    return ContentDefinition(
        "api.x", PageType.SELF_ASSERTED, (2, 1, 0), contract=True, load_uri=uri, metadata=Metadata({}), texts=found
    )


def said(content, language, **options):
    return localized_texts(content, language, **options).strings.get(("x", "", "x"))


def test_a_message_is_looked_up_on_the_page_then_in_the_metadata_of_page_and_profile():
    localized = LocalizedTexts({("errormessage", "", "first"): "of the page"})
    texts = texts_for(
        localized,
        Metadata({"First": "no", "Second": "of the page's profile"}),
        Metadata({"second": "no", "THIRD": "of the failing profile"}),
    )

    assert [texts(name) for name in ("First", "Second", "Third", "Fourth")] == [
        "of the page",
        "of the page's profile",
        "of the failing profile",
        None,
    ]


def test_texts_are_of_the_exact_language_else_the_neutral_one_else_the_default_one():
    content = page(pt_br="Brasil", pt="Portugal", en="English")

    assert said(content, "pt-BR") == "Brasil"
    assert said(content, "pt-AO") == "Portugal"
    assert said(content, "fr", default="en") == "English"
    assert said(content, "fr") is None
    assert said(page(), "fr", default="en") is None
    assert said(None, "fr", default="en") is None


@pytest.mark.parametrize(
    ("wanted", "accepted", "chosen"),
    [
        ("de", "fr", "de"),
        ("it fr", "de", "fr"),
        ("", "it;q=0.9, de;q=0.5, fr;q=0.7", "fr"),
        ("", "de-AT, fr;q=0.9", "de"),
        ("", "de;q=0, it", "en"),
        ("", "de;q=nan, fr;q=x, ;;;, *", "en"),
        ("PT-br", "", "pt-BR"),
        ("", "", "en"),
    ],
)
def test_the_language_is_the_first_wanted_one_that_the_policy_speaks(wanted, accepted, chosen):
    assert choose_language(wanted, accepted, supported=("en", "de", "fr", "pt-BR"), default="en") == chosen


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ("nl-BE", "nl-BE"),
        ("x", "en"),
        ("1234", "en"),
        ("abcd-EF", "en"),
        ("de-" + "a" * 40, "en"),
        ("de-ä", "en"),
        ("de_AT de", "de"),
    ],
)
def test_without_a_list_every_language_tag_counts(wanted, chosen):
    assert choose_language(wanted, "", supported=(), default="en") == chosen
