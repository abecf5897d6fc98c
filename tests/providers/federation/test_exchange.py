from __future__ import annotations

from types import SimpleNamespace

import pytest

from journeyman.compiler.compiled import Metadata
from journeyman.errors import ServiceError
from journeyman.providers.federation.exchange import refused, require_user, sign_out_url, text_members
from journeyman.providers.federation.exchange_record import registered_word


@pytest.mark.parametrize(
    ("metadata", "endpoint", "url"),
    [
        ({}, "https://idp.example/leave", "https://idp.example/leave"),
        ({"SingleLogoutEnabled": "true"}, "https://idp.example/leave?a=1", "https://idp.example/leave?a=1"),
        ({"SingleLogoutEnabled": "false"}, "https://idp.example/leave", ""),
        ({"singlelogoutenabled": "False"}, "https://idp.example/leave", ""),
        ({}, "javascript:alert(1)", ""),
        ({}, "https://", ""),
        ({}, "https://[", ""),
        ({}, None, ""),
        ({}, ["https://idp.example"], ""),
    ],
)
def test_sign_out_goes_to_a_web_address_unless_the_policy_does_not_want_it(metadata, endpoint, url):
    assert sign_out_url(SimpleNamespace(metadata=Metadata(metadata)), endpoint) == url


@pytest.mark.parametrize(
    ("error", "word"),
    [
        ("invalid_grant", "invalid_grant"),
        (40029, "40029"),
        (True, ""),
        ("a b", ""),
        ("<b>", ""),
        ("x" * 64, ""),
        (None, ""),
    ],
)
def test_only_a_word_of_an_error_is_repeated(error, word):
    assert registered_word(error) == word


@pytest.mark.parametrize(
    "word", ["access_denied", "consent_required", "user_cancelled_login", "user_cancelled_authorize"]
)
def test_a_person_who_says_no_is_told_from_a_provider_that_fails(word):
    assert (refused("x", word).oauth_error, refused("x", "server_error").oauth_error) == (
        "access_denied",
        "server_error",
    )


@pytest.mark.parametrize("document", [{}, {"id": None}, {"id": ""}])
def test_an_answer_that_names_no_user_is_refused(document):
    with pytest.raises(ServiceError, match="it names no user"):
        require_user(document, "id")


def test_a_user_is_named_by_text_or_number_and_only_when_it_is_asked_for():
    require_user({"id": 0}, "id")
    require_user({}, "")


def test_claim_resolvers_see_the_simple_members_of_a_token_answer():
    answer = {"access_token": "at", "expires_in": 3599, "scope": None, "nested": {}, "ok": True}

    assert text_members(answer) == {"access_token": "at", "expires_in": "3599"}
