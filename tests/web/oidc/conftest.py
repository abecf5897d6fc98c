"""Tokens read without a check, and the ways of the test tenant's applications."""

import base64
import json

import pytest


@pytest.fixture
def claims_of():
    """Return the claims of a token; nothing is verified."""

    def read(token):
        body = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))

    return read


@pytest.fixture
def header_of():
    """Return the header of a token."""

    def read(token):
        head = token.split(".")[0]
        return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))

    return read


@pytest.fixture
def basic():
    """Return the header of HTTP Basic for a user and a password as they stand."""

    def make(user, password):
        return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}

    return make
