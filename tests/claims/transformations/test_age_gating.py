"""Ages are those of the public table of age gating; today is 2031-04-02 (conftest)."""

from datetime import date

import pytest

from journeyman.claims.transformations.age_gating import RULES

METHOD = "GetAgeGroupConsentProvidedAndRequiresConsent"


def classified(transform, born, country, consent=None):
    inputs = {"dateOfBirth": born, "countryCode": country, "consentProvidedForMinor": consent}
    outputs = transform(METHOD, inputs)
    return outputs["agegroup"], outputs["requiresparentalconsent"], outputs["consentprovidedforminor"]


@pytest.mark.parametrize(
    ("born", "country", "expected"),
    [
        # United States: consent below 13, adult from 18.
        (date(2018, 4, 3), "US", ("Minor", True, "Granted")),
        (date(2018, 4, 2), "US", ("NotAdult", False, "NotRequired")),
        (date(2013, 4, 3), "US", ("NotAdult", False, "NotRequired")),
        (date(2013, 4, 2), "US", ("Adult", False, "NotRequired")),
        # Germany: consent below 16.
        (date(2015, 4, 3), "DE", ("Minor", True, "Granted")),
        (date(2015, 4, 2), "de", ("NotAdult", False, "NotRequired")),
        # Singapore: no rule of consent, adult from 21.
        (date(2010, 4, 3), "SG", ("Minor", False, "NotRequired")),
        (date(2010, 4, 2), "SG", ("Adult", False, "NotRequired")),
        # Brazil is not listed: no rule of consent, adult from 18.
        (date(2013, 4, 3), "BR", ("Minor", False, "NotRequired")),
        (date(2013, 4, 2), "BR", ("Adult", False, "NotRequired")),
    ],
)
def test_the_age_group_follows_the_ages_of_the_country(transform, born, country, expected):
    assert classified(transform, born, country, "Granted") == expected


@pytest.mark.parametrize(("born", "country"), [(None, "US"), (date(2000, 1, 1), None), (date(2000, 1, 1), " ")])
def test_without_birth_or_country_the_group_is_undefined_and_consent_stays(transform, born, country):
    assert classified(transform, born, country, "Denied") == ("Undefined", False, "Denied")


@pytest.mark.parametrize("consent", ["Granted", "Denied", None])
def test_where_consent_is_required_it_is_passed_through(transform, consent):
    assert classified(transform, date(2025, 1, 1), "FR", consent) == ("Minor", True, consent)


def test_a_person_of_29_february_is_a_year_older_on_1_march(transform):
    # 2031 is no leap year: on 2 April the 29th of February 2013 lies 18 years back.
    assert classified(transform, date(2012, 2, 29), "US")[0] == "Adult"


def test_the_table_holds_the_38_countries_of_the_documents():
    assert len(RULES) == 38
