"""What strangers may read of an error."""

import pytest

from journeyman.errors import KeyStoreError, ServiceError
from journeyman.service_codes import service_error
from journeyman.web.public_errors import key_failure, public_text

DETAIL = "technical profile 'REST-Internal' does not show a page"


@pytest.mark.parametrize(
    ("error", "production"),
    [
        (ServiceError(DETAIL), "An exception has occurred."),
        (ServiceError(DETAIL, service_code="AADB2C90037"), "An exception has occurred."),
        (ServiceError(DETAIL, service_code="AADB2C90065"), "An exception has occurred."),
        (ServiceError(DETAIL, user_message="Try again."), "Try again."),
        (
            service_error(90006, "https://a/\nb", "x"),
            "The redirect URI 'https://a/\nb' is not registered for the client id 'x'.",
        ),
    ],
)
def test_our_own_words_are_for_developers(error, production):
    assert public_text(error, development=False) == production
    assert public_text(error, development=True) == (error.user_message or str(error))


@pytest.mark.parametrize(
    ("text", "code", "shown"),
    [
        ("AADB2C90019: The key container is empty.", "AADB2C90019", "The key container is empty."),
        (
            "the record was damaged: secret",
            "AADB2C90037",
            "An error occurred while processing the request. Please contact the administrator of the site.",
        ),
    ],
)
def test_a_key_that_cannot_be_used_is_an_error_of_the_service(text, code, shown):
    error = key_failure(KeyStoreError(text))

    assert (error.service_code, str(error), error.oauth_error) == (code, shown, "server_error")
