from __future__ import annotations

import pytest

from journeyman.compiler.compiled import Enablement, EnablementKind, Precondition
from journeyman.journey.preconditions import enabled, skips

CLAIMS = {"name": "Ada", "flag": True, "empty": "", "groups": ("a", "b"), "none": ()}


@pytest.mark.parametrize(
    ("claims", "when", "skipped"),
    [
        (("name",), True, True),
        (("name",), False, False),
        (("absent",), True, False),
        (("absent",), False, True),
        (("empty",), True, True),
        (("none",), True, True),
        (("name", "absent"), True, False),
        (("name", "flag"), True, True),
    ],
)
def test_claims_exist_asks_for_all_of_them(claims, when, skipped):
    assert skips((Precondition(claims, None, when),), CLAIMS) is skipped


@pytest.mark.parametrize(
    ("claim", "literal", "when", "skipped"),
    [
        ("name", "Ada", True, True),
        ("name", "ada", True, False),
        ("name", "ada", False, True),
        ("flag", "True", True, True),
        ("flag", "true", True, False),
        ("absent", "x", True, False),
        ("absent", "x", False, False),
        ("groups", "a", True, False),
    ],
)
def test_claim_equals_compares_text_and_ignores_a_claim_without_value(claim, literal, when, skipped):
    assert skips((Precondition((claim,), literal, when),), CLAIMS) is skipped


def test_one_satisfied_precondition_is_enough():
    no, yes = Precondition(("absent",), None, True), Precondition(("name",), None, True)

    assert skips((no, yes), CLAIMS)
    assert not skips((no,), CLAIMS)
    assert not skips((), CLAIMS)


@pytest.mark.parametrize(
    ("enablement", "expected"),
    [
        (Enablement(), True),
        (Enablement(EnablementKind.NEVER), False),
        (Enablement(EnablementKind.ON_CLAIMS_EXISTENCE, "name"), True),
        (Enablement(EnablementKind.ON_CLAIMS_EXISTENCE, "absent"), False),
        (Enablement(EnablementKind.ON_CLAIMS_EXISTENCE, "name", "Ada"), True),
        (Enablement(EnablementKind.ON_CLAIMS_EXISTENCE, "name", "Eve"), False),
        (Enablement(EnablementKind.ON_ITEM_EXISTENCE, "groups", "a"), True),
        (Enablement(EnablementKind.ON_ITEM_EXISTENCE, "groups", "A"), False),
        (Enablement(EnablementKind.ON_ITEM_EXISTENCE, "name", "Ada"), False),
        (Enablement(EnablementKind.ON_ITEM_ABSENCE, "groups", "c"), True),
        (Enablement(EnablementKind.ON_ITEM_ABSENCE, "groups", "a"), False),
        (Enablement(EnablementKind.ON_ITEM_ABSENCE, "absent", "a"), True),
    ],
)
def test_enabled_for_user_journeys(enablement, expected):
    assert enabled(enablement, CLAIMS) is expected
