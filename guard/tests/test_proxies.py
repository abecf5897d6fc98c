from __future__ import annotations

import ipaddress

import pytest

from journeyman_guard import GuardRequest, MisconfiguredError, TrustedProxies, read_networks
from journeyman_guard.proxies import SPOOFABLE, without_spoofable

PROXY, STRANGER = "10.1.2.3", "203.0.113.9"
PEM = "-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n"


def proxies(header=None, **other):
    return TrustedProxies(read_networks(["10.1.2.0/24", "2001:db8::1"]), header, **other)


def request(*headers, source=PROXY, certificates=()):
    lines = tuple((name.encode(), value.encode()) for name, value in headers)
    return GuardRequest("GET", "/", lines, certificates, source=source)


def test_a_named_proxy_brings_the_certificate():
    believed = proxies("X-ARR-ClientCert").believed(request(("x-arr-clientcert", "TUlJQg==")))

    assert believed.client_certificates == (PEM,)


@pytest.mark.parametrize("name", sorted(SPOOFABLE))
@pytest.mark.parametrize("spelling", [bytes.lower, bytes.upper, lambda name: name.replace(b"-", b"_")])
def test_from_everyone_else_no_such_header_gets_through(name, spelling):
    arrived = GuardRequest("GET", "/", ((spelling(name), b"TUlJQg=="), (b"accept", b"*/*")), source=STRANGER)

    believed = proxies("x-arr-clientcert").believed(arrived)

    assert (believed.headers, believed.client_certificates) == (((b"accept", b"*/*"),), ())


@pytest.mark.parametrize("source", [STRANGER, "unknown", "", "10.1.3.3", "10.1.2.3, 1.1.1.1", "2001:db8::2"])
def test_who_is_not_named_is_not_believed(source):
    believed = proxies("client-cert").believed(request(("client-cert", ":TUlJQg==:"), source=source))

    assert believed.client_certificates == ()


def test_an_ipv4_address_in_ipv6_dress_is_the_same_proxy():
    assert proxies().trusts("::ffff:10.1.2.3")


def test_the_proxys_own_certificate_is_not_the_callers():
    believed = proxies("client-cert").believed(request(certificates=(PEM,)))

    assert believed.client_certificates == ()


def test_another_certificate_header_than_the_configured_one_is_stripped_even_from_a_proxy():
    believed = proxies("client-cert").believed(request(("x-arr-clientcert", "TUlJQg=="), ("x-a", "1")))

    assert (believed.headers, believed.client_certificates) == (((b"x-a", b"1"),), ())


def test_a_header_that_cannot_be_read_is_an_error_of_the_certificate():
    believed = proxies("x-arr-clientcert").believed(request(("x-arr-clientcert", "%%%")))

    assert believed.client_certificate_error == "the certificate header is not Base64"


@pytest.mark.parametrize(
    ("forwarded", "source"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("1.1.1.1, 198.51.100.7", "198.51.100.7"),
        ("198.51.100.7, 10.1.2.9", "198.51.100.7"),
        ("198.51.100.7:51234", "198.51.100.7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("nonsense", PROXY),
        ("198.51.100.7, nonsense", PROXY),
        ("10.1.2.8, 10.1.2.9", PROXY),
        ("", PROXY),
    ],
)
def test_the_source_is_the_last_address_that_no_proxy_has(forwarded, source):
    assert proxies().believed(request(("x-forwarded-for", forwarded))).source == source


def test_a_stranger_cannot_say_where_it_comes_from():
    assert proxies().believed(request(("x-forwarded-for", "1.1.1.1"), source=STRANGER)).source == STRANGER


def test_the_address_can_be_left_to_the_connection():
    believed = proxies(forwarded_for=False).believed(request(("x-forwarded-for", "1.1.1.1")))

    assert believed.source == PROXY


def test_headers_without_a_spoofed_one_stay_the_same_object():
    headers = ((b"accept", b"*/*"),)

    assert without_spoofable(headers) is headers


@pytest.mark.parametrize("text", ["", "proxy.example", "10.1.2.3/24", "0.0.0.0/0", "::/0", "10.1.2.3:80"])
def test_a_proxy_is_named_by_its_address(text):
    with pytest.raises(MisconfiguredError):
        read_networks([text])


def test_a_certificate_header_needs_named_proxies_and_a_known_form():
    with pytest.raises(MisconfiguredError, match="name their addresses"):
        TrustedProxies((), "client-cert")
    with pytest.raises(MisconfiguredError, match="x-arr-clientcert"):
        TrustedProxies((ipaddress.ip_network("10.0.0.1"),), "x-cert")
