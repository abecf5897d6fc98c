from __future__ import annotations

import base64

import pytest
from multidict import CIMultiDict

from journeyman.connector.authenticator import Credential
from journeyman.connector.authenticators.basic import Basic
from journeyman.secret import Secret


@pytest.mark.parametrize(
    ("username", "password", "pair"),
    [
        ("Aladdin", "open sesame", b"Aladdin:open sesame"),
        ("Zoë", "päss", "Zoë:päss".encode()),
        ("jo", " leading and trailing ", b"jo: leading and trailing "),
        ("jo", "with:colon", b"jo:with:colon"),
        ("", "", b":"),
    ],
)
def test_user_name_and_password_are_sent_byte_for_byte(username, password, pair):
    headers = CIMultiDict({"authorization": "from a claim"})
    Basic(Secret(username), Secret(password), Credential()).authenticate(headers, {})

    assert headers.getall("Authorization") == [f"Basic {base64.b64encode(pair).decode()}"]


def test_the_example_of_rfc_7617():
    headers = CIMultiDict()
    Basic(Secret("Aladdin"), Secret("open sesame"), Credential()).authenticate(headers, {})

    assert headers["Authorization"] == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def test_its_repr_holds_no_secret():
    assert "canary" not in repr(Basic(Secret("canary"), Secret("canary"), Credential()))
