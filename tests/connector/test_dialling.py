from __future__ import annotations

import socket

import pytest
from aiohttp.abc import AbstractResolver

from journeyman.connector.dialling import GuardedResolver, GuardedSockets, agreed
from journeyman.connector.egress import Egress
from journeyman.connector.errors import EgressRefusedError


class Fixed(AbstractResolver):
    def __init__(self, *addresses):
        self.addresses = addresses

    async def resolve(self, host, port=0, family=0):
        return [
            {"hostname": host, "host": address, "port": port, "family": family, "proto": 0, "flags": 0}
            for address in self.addresses
        ]

    async def close(self):
        pass


async def test_addresses_that_may_not_be_called_are_dropped():
    resolver = GuardedResolver(Fixed("10.0.0.1", "8.8.8.8", "::1", "2001:4860:4860::8888"), Egress())
    found = await resolver.resolve("api.example.com", 443)

    assert [one["host"] for one in found] == ["8.8.8.8", "2001:4860:4860::8888"]


async def test_where_somebody_else_chooses_one_denied_address_is_enough_to_refuse():
    resolver = GuardedResolver(Fixed("8.8.8.8", "10.0.0.1"), Egress(), all_of_them=True)
    with pytest.raises(EgressRefusedError, match="private"):
        await resolver.resolve("api.example.com", 443)

    assert await GuardedResolver(Fixed("8.8.8.8"), Egress(), all_of_them=True).resolve("api.example.com", 443)


async def test_a_name_with_no_address_left_is_refused():
    with pytest.raises(EgressRefusedError, match=r"api\.example\.com is"):
        await GuardedResolver(Fixed("10.0.0.1", "::1"), Egress()).resolve("api.example.com", 443)


async def test_a_name_without_address_is_an_os_error():
    with pytest.raises(OSError, match="no address"):
        await GuardedResolver(Fixed(), Egress()).resolve("api.example.com", 443)


def test_the_address_that_is_dialled_is_checked_whoever_gave_it():
    info = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("169.254.169.254", 80))
    with pytest.raises(EgressRefusedError, match="cloud metadata"):
        GuardedSockets(Egress())(info)


def test_a_permitted_address_gets_a_socket():
    info = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("8.8.8.8", 443))
    with GuardedSockets(Egress())(info) as made:
        assert made.family is socket.AF_INET


class Handshake:
    """What a TLS connection says of itself once it is made."""

    def __init__(self, certificate, version="TLSv1.3"):
        self._certificate, self._version = certificate, version

    def getpeercert(self):
        return self._certificate

    def version(self):
        return self._version


UNTIL = {"notAfter": "Mar  1 12:00:00 2027 GMT"}


@pytest.mark.parametrize(
    ("certificate", "said"),
    [
        (
            {**UNTIL, "subject": ((("organizationName", "Contoso"),), (("commonName", "api.example"),))},
            "TLSv1.3, certificate of api.example, good until 2027-03-01",
        ),
        (
            {**UNTIL, "subjectAltName": (("email", "a@b"), ("DNS", "api.example"), ("DNS", "other.example"))},
            "TLSv1.3, certificate of api.example, good until 2027-03-01",
        ),
        ({**UNTIL, "subject": ()}, "TLSv1.3, certificate of no name, good until 2027-03-01"),
        (
            {**UNTIL, "subject": ((("commonName", "evil\x1b[2J"),),)},
            "TLSv1.3, certificate of evil\\x1b[2J, good until 2027-03-01",
        ),
        ({}, "TLSv1.3, certificate not checked"),
        (None, "TLSv1.3, certificate not checked"),
    ],
)
def test_a_handshake_says_what_was_agreed_on(certificate, said):
    assert agreed(Handshake(certificate)) == said


def test_a_handshake_without_a_version_is_tls():
    assert agreed(Handshake({}, version=None)) == "TLS, certificate not checked"
