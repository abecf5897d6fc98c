from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

from journeyman.connector.address import METADATA_NAMES, denial, embedded_address, is_own_machine

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "egress.md"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("10.0.0.1", "private, 10.0.0.0/8"),
        ("169.254.169.254", "cloud metadata, 169.254.169.254/32"),
        ("2001:db8::1", "documentation, 2001:db8::/32"),
        ("4000::1", "reserved, ::/0"),
        ("2606:4700::5efe:a00:1", "ISATAP, 2606:4700::5efe:a00:1/128"),
    ],
)
def test_a_denial_names_its_rule_and_network(text, rule):
    assert str(denial(ipaddress.ip_address(text))) == rule


@pytest.mark.parametrize("text", ["8.8.8.8", "2606:4700::1111"])
def test_a_public_address_is_not_denied(text):
    assert denial(ipaddress.ip_address(text)) is None


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("64:ff9b::a00:1", "10.0.0.1"),
        ("2606:4700::1", "2606:4700::1"),
    ],
)
def test_an_embedded_address_is_found(text, inner):
    assert embedded_address(ipaddress.ip_address(text)) == ipaddress.ip_address(inner)


@pytest.mark.parametrize(
    ("text", "own"),
    [("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("64:ff9b::127.0.0.1", False), ("8.8.8.8", False)],
)
def test_loopback_is_the_own_machine_and_that_of_a_gateway_is_not(text, own):
    assert is_own_machine(ipaddress.ip_address(text)) is own


@pytest.mark.parametrize(
    ("prefix", "address"),
    [
        ("2001:db8::/32", "2001:db8:c000:221::"),
        ("2001:db8:100::/40", "2001:db8:1c0:2:21::"),
        ("2001:db8:122::/48", "2001:db8:122:c000:2:2100::"),
        ("2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"),
        ("2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"),
        ("2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"),
    ],
)
def test_a_prefix_of_nat64_of_each_length_is_understood(prefix, address):
    """The examples of RFC 6052 §2.4."""
    nat64 = (ipaddress.IPv6Network(prefix),)

    assert embedded_address(ipaddress.IPv6Address(address), nat64) == ipaddress.IPv4Address("192.0.2.33")
    assert embedded_address(ipaddress.IPv6Address(address)) == ipaddress.IPv6Address(address)


def test_every_rule_and_every_name_is_on_the_page():
    page = PAGE.read_text(encoding="utf-8")
    networks = [
        ipaddress.ip_network(word)
        for word in page.replace("`", " ").replace(",", " ").split()
        if "/" in word and word[0].isalnum() and _is_network(word)
    ]
    rules = {denial(network.network_address).kind for network in networks if denial(network.network_address)}

    assert {f"`{rule}`" in page for rule in rules} == {True}
    assert all(f"`{name}`" in page for name in METADATA_NAMES)


def _is_network(word: str) -> bool:
    try:
        ipaddress.ip_network(word)
    except ValueError:
        return False
    return True
