from __future__ import annotations

import pytest

from journeyman.compiler.compiled import Metadata
from journeyman.connector.profile import AuthenticationType, authentication_type, send_claims_in
from journeyman.connector.request import SendClaimsIn


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("None", AuthenticationType.NONE),
        ("none", AuthenticationType.NONE),
        (" Basic ", AuthenticationType.BASIC),
        ("BEARER", AuthenticationType.BEARER),
        ("clientcertificate", AuthenticationType.CLIENT_CERTIFICATE),
        ("ApiKeyHeader", AuthenticationType.API_KEY_HEADER),
        ("Digest", None),
        ("", None),
    ],
)
def test_the_authentication_type_is_read_without_regard_to_case_and_never_guessed(text, kind):
    assert authentication_type(Metadata({"AuthenticationType": text})) is kind


def test_a_missing_authentication_type_is_not_none():
    assert authentication_type(Metadata({})) is None


@pytest.mark.parametrize(
    ("metadata", "mode"),
    [
        ({}, SendClaimsIn.BODY),
        ({"SendClaimsIn": "body"}, SendClaimsIn.BODY),
        ({"SendClaimsIn": " QueryString"}, SendClaimsIn.QUERY_STRING),
        ({"SendClaimsIn": ""}, None),
        ({"SendClaimsIn": "Cookie"}, None),
    ],
)
def test_claims_go_into_the_body_only_when_nothing_else_is_written(metadata, mode):
    assert send_claims_in(Metadata(metadata)) is mode
