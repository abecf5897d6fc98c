"""The address of the person's browser behind proxies."""

import pytest
from starlette.requests import Request

from journeyman.web.client_address import client_address


def request(peer, forwarded=None):
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded is not None else []
    return Request({"type": "http", "client": (peer, 1) if peer else None, "headers": headers})


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("203.0.113.9", None, (), "203.0.113.9"),
        ("203.0.113.9", "1.2.3.4", (), "203.0.113.9"),
        ("203.0.113.9", "1.2.3.4", ("10.0.0.0/8",), "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4", ("10.0.0.0/8",), "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4", ("10.0.0.0/8",), "1.2.3.4"),
        ("10.0.0.1", "1.2.3.4, 10.0.0.2", ("10.0.0.0/8",), "1.2.3.4"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", ("10.0.0.0/8",), "10.0.0.3"),
        ("10.0.0.1", "<script>", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", " , ", ("10.0.0.0/8",), "10.0.0.1"),
        ("::1", "2001:db8::7", ("::1/128",), "2001:db8::7"),
        ("", "1.2.3.4", ("10.0.0.0/8",), ""),
    ],
)
def test_only_trusted_proxies_are_believed_from_the_right(peer, forwarded, trusted, address):
    assert client_address(request(peer, forwarded), trusted) == address
