from __future__ import annotations

import pytest

from journeyman.settings.values import egress_exception, is_loopback, nat64_prefix, network, origin


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("10.1.2.0/24:443", "10.1.2.0/24:443"),
        (" 127.0.0.1/32:7071 ", "127.0.0.1/32:7071"),
        ("[FD00::/8]:443", "fd00::/8:443"),
        ("[::1]/128:443", "::1/128:443"),
        ("::1/128:0443", "::1/128:443"),
        ("API.internal.  10.1.2.3/32:443", "api.internal 10.1.2.3/32:443"),
        ("my_host [fd00::]/8:443", "my_host fd00::/8:443"),
    ],
)
def test_an_egress_exception_is_a_network_and_a_port(text, kept):
    assert egress_exception(text) == kept


@pytest.mark.parametrize(
    "text",
    ["", "10.0.0.1", "10.0.0.1:443", "10.0.0.0/24", "10.0.0.0/24:*", "10.0.0.0/24:0", "10.0.0.0/24:65536",
     "10.0.0.0/33:443", "host/24:443", "0.0.0.0/0:443", "::/0:443", "10.0.0.0/24:４４３",
     "10.0.0.1 10.0.0.0/24:443", "a b 10.0.0.0/24:443", "*.internal 10.0.0.0/24:443", "api 10.0.0.0/24", "api 0.0.0.0/0:1"],
)  # fmt: skip
def test_what_is_too_wide_or_no_exception_is_refused(text):
    with pytest.raises(ValueError, match=r"CIDR:port|no valid network|opens every address|not a host name"):
        egress_exception(text)


@pytest.mark.parametrize(
    "text",
    ["https://a b", "https://a\t.example", "https://a\\b", "https://a:99999", "https://a:x", "https://[::1", "https://-a",
     "https://a?x", "https://a#x", "https://@a", "//a", "javascript:x", "https://a..b", "https://" + "a" * 300],
)  # fmt: skip
def test_what_others_may_read_differently_is_no_origin(text):
    with pytest.raises(ValueError, match="is not"):
        origin(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://a.example:0443", "https://a.example"),
        ("http://a.example:443", "http://a.example:443"),
        ("HTTP://[::1]:7071", "http://[::1]:7071"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://my_service:8443", "https://my_service:8443"),
    ],
)
def test_an_origin_has_one_spelling(text, kept):
    assert origin(text) == kept


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_loopback_hosts_are_this_machine(host):
    assert is_loopback(host) is True


@pytest.mark.parametrize("host", ["localhost.example", "0.0.0.0", "10.0.0.1", "::", ""])
def test_other_hosts_are_not(host):
    assert is_loopback(host) is False


def test_a_single_address_is_a_network():
    assert network("192.0.2.1") == "192.0.2.1/32"


def test_a_nat64_prefix_is_an_ipv6_network_of_a_length_of_the_standard():
    assert nat64_prefix(" 2A00:64::/96 ") == "2a00:64::/96"
    for text in ("2a00:64::/95", "2a00:64::1/96", "10.0.0.0/8", "2a00:64::", "x", ""):
        with pytest.raises(ValueError, match="not a NAT64 prefix"):
            nat64_prefix(text)
