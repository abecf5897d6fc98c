from __future__ import annotations

import pytest

from journeyman.connector.status_names import status_name, status_phrase


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (302, "Found"),
        (400, "BadRequest"),
        (404, "NotFound"),
        (405, "MethodNotAllowed"),
        (407, "ProxyAuthenticationRequired"),
        (409, "Conflict"),
        (413, "RequestEntityTooLarge"),
        (414, "RequestUriTooLong"),
        (415, "UnsupportedMediaType"),
        (416, "RequestedRangeNotSatisfiable"),
        (418, "418"),
        (422, "UnprocessableEntity"),
        (429, "TooManyRequests"),
        (500, "InternalServerError"),
        (501, "NotImplemented"),
        (503, "ServiceUnavailable"),
        (504, "GatewayTimeout"),
        (505, "HttpVersionNotSupported"),
        (599, "599"),
    ],
)
def test_a_status_has_the_name_that_dotnet_gives_it(status, name):
    assert status_name(status) == name


@pytest.mark.parametrize(
    ("status", "sent", "phrase"),
    [
        (404, "", "Not Found"),
        (404, "Nothing here", "Nothing here"),
        (404, "x\x07", "Not Found"),
        (404, "é", "Not Found"),
        (404, "x" * 65, "Not Found"),
        (422, "", "Unprocessable Entity"),
        (599, "", ""),
    ],
)
def test_a_phrase_is_what_was_sent_when_it_is_fit_to_show(status, sent, phrase):
    assert status_phrase(status, sent) == phrase
