"""Age gating: date of birth and country in, age group and need of consent out (claims.md B.10).

The method has no public reference. Its ages are those of the documented table of age gating in user flows;
what it makes of them is in docs/decisions/0059-age-gating.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from journeyman.claims.transformations.arguments import moment_of, text_of
from journeyman.claims.transformations.contract import Inputs, Method, Outputs, Parameters, Surroundings


@dataclass(frozen=True, slots=True)
class AgeRule:
    """The ages of one country, in years.

    Attributes:
        consent_age: below it a minor needs the consent of a parent; None where no rule demands it.
        adult_age: from it on a person is no minor.
    """

    consent_age: int | None
    adult_age: int


_DEFAULT: Final = AgeRule(None, 18)
_RULES: Final[Mapping[AgeRule, str]] = {
    AgeRule(13, 18): "ES GB IE PL SE US",
    AgeRule(14, 18): "AT BE KR",
    AgeRule(16, 18): "BG CY CZ DE DK EE FR GR HR HU IT LT LU LV MT NL PT RO SI SK",
    AgeRule(None, 20): "TH TW",
    AgeRule(None, 21): "AE BH CM EG NA SG TD",
}
RULES: Final[Mapping[str, AgeRule]] = {
    country: rule for rule, countries in _RULES.items() for country in countries.split()
}
"""ISO 3166 code -> its ages; a country that is not listed has the default."""


def _classify(inputs: Inputs, _parameters: Parameters, surroundings: Surroundings) -> Outputs:
    born, country = moment_of(inputs, "dateofbirth"), (text_of(inputs, "countrycode") or "").strip().upper()
    consent = text_of(inputs, "consentprovidedforminor")
    if born is None or not country:
        return _outputs("Undefined", consent, required=False)
    rule = RULES.get(country, _DEFAULT)
    age = _years(born.date(), surroundings.now.date())
    required = rule.consent_age is not None and age < rule.consent_age
    return _outputs(_group(age, rule), consent if required else "NotRequired", required=required)


def _outputs(group: str, consent: str | None, *, required: bool) -> Outputs:
    return {"agegroup": group, "requiresparentalconsent": required, "consentprovidedforminor": consent}


def _group(age: int, rule: AgeRule) -> str:
    if age >= rule.adult_age:
        return "Adult"
    return "NotAdult" if rule.consent_age is not None and age >= rule.consent_age else "Minor"


def _years(born: date, today: date) -> int:
    had_birthday = (today.month, today.day) >= (born.month, born.day)
    return today.year - born.year - (0 if had_birthday else 1)


METHODS: Final = (
    Method(
        "GetAgeGroupConsentProvidedAndRequiresConsent",
        _classify,
        inputs=frozenset({"dateofbirth", "countrycode", "consentprovidedforminor"}),
        outputs=frozenset({"agegroup", "requiresparentalconsent", "consentprovidedforminor"}),
    ),
)
