from datetime import UTC, date, datetime

import pytest

from journeyman.claims.preconditions import equals_test
from journeyman.claims.values import UserIdentity


@pytest.mark.parametrize(
    ("value", "literal", "expected"),
    [
        (None, "True", None),
        (True, "True", True),
        (True, "true", False),
        (False, "False", True),
        ("socialIdpAuthentication", "socialIdpAuthentication", True),
        ("socialIdpAuthentication", "SocialIdpAuthentication", False),
        ("null", "null", True),
        ("", "", True),
        (42, "42", True),
        (date(2031, 4, 2), "2031-04-02", True),
        (datetime(2031, 4, 2, 10, tzinfo=UTC), "2031-04-02T10:00:00.0000000Z", True),
        (("a",), '["a"]', False),
        (UserIdentity("a", "b"), '{"issuer":"a","issuerUserId":"b"}', False),
    ],
)
def test_a_claim_equals_a_literal_in_ordinal_comparison_of_its_text(value, literal, expected):
    assert equals_test(value, literal) is expected
