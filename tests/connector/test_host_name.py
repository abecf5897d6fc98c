from __future__ import annotations

import pytest

from journeyman.connector.errors import EgressRefusedError
from journeyman.connector.host_name import check_host, literal_address, with_ascii_host


@pytest.mark.parametrize(
    ("url", "ascii_url"),
    [
        ("https://api.example.com/ü", "https://api.example.com/ü"),
        ("https://bücher.example/ü?q=ü", "https://xn--bcher-kva.example/ü?q=ü"),
        ("HTTPS://Bücher.Example:8443", "HTTPS://xn--bcher-kva.example:8443"),
        ("https://my-bücher_2.example?x", "https://xn--my-bcher_2-deb.example?x"),
        ("https://user@bücher.example/", "https://user@bücher.example/"),
        ("not a URL ü", "not a URL ü"),
    ],
)
def test_only_a_host_of_other_letters_is_rewritten(url, ascii_url):
    assert with_ascii_host(url) == ascii_url


@pytest.mark.parametrize(
    "host", ["１２７.0.0.1", "a。b.example", "®.example", "é..example", "-é.example", "é.example."]
)
def test_a_name_that_idna_would_change_is_refused(host):
    with pytest.raises(EgressRefusedError, match="rule: idn"):
        with_ascii_host(f"https://{host}/")


@pytest.mark.parametrize(
    ("host", "rule"),
    [("127.1", "number"), ("0x7f000001", "number"), ("127.0.0.1.", "number"), ("::1%eth0", "host"), ("a" * 64, "host")],
)
def test_a_host_in_disguise_is_refused_by_its_rule(host, rule):
    with pytest.raises(EgressRefusedError, match=f"rule: {rule}"):
        check_host(host)


@pytest.mark.parametrize(
    "host", ["api.example.com", "api.example.com.", "8.8.8.8", "::1", "a" * 63, "my_host", "4chan"]
)
def test_a_plain_host_passes(host):
    check_host(host)

    assert (literal_address(host) is not None) == (host in {"8.8.8.8", "::1"})


def test_a_url_that_is_not_unicode_is_refused():
    with pytest.raises(EgressRefusedError, match="rule: url"):
        with_ascii_host("https://api.example.com/\udcff")
