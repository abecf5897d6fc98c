from __future__ import annotations

import pytest
from yarl import URL

from journeyman.connector.egress import Egress, check_url, egress_of, parse_url
from journeyman.connector.errors import EgressRefusedError
from journeyman.connector.host_name import literal_address
from journeyman.errors import SettingsError
from journeyman.settings.values import egress_exception

DENIED_ADDRESSES = [
    "0.0.0.0",
    "0.0.0.1",
    "0.255.255.255",
    "10.0.0.0",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.0.0.2",
    "127.1.2.3",
    "127.255.255.255",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "169.254.255.255",
    "172.16.0.1",
    "172.20.10.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.1.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.254",
    "255.255.255.255",
    "::",
    "::1",
    "::2",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:192.168.1.1",
    "::ffff:0.0.0.0",
    "::ffff:7f00:1",
    "::127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "100:0:0:1::1",
    "1000::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2001:db8:ffff::1",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "2002:c0a8:101::1",
    "2002:808:808::1",
    "3fff::1",
    "3fff:fff:ffff::1",
    "4000::1",
    "5f00::1",
    "8000::1",
    "c000::1",
    "e000::1",
    "f000::1",
    "fc00::1",
    "fd00::1",
    "fd00:ec2::254",
    "fdff:ffff::1",
    "fe00::1",
    "fe80::1",
    "fe80::a9fe:a9fe",
    "febf::1",
    "fec0::1",
    "ff00::1",
    "ff02::1",
    "ff05::2",
    "ffff:ffff::1",
]

PUBLIC_ADDRESSES = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.1",
    "20.50.2.1",
    "100.63.255.255",
    "100.128.0.1",
    "126.255.255.255",
    "128.0.0.1",
    "168.63.129.15",
    "169.253.255.255",
    "169.255.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "191.255.255.255",
    "192.0.1.1",
    "192.167.255.255",
    "192.169.0.1",
    "198.17.255.255",
    "198.20.0.1",
    "203.0.112.1",
    "223.255.255.255",
    "2001:4860:4860::8888",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "2620:fe::fe",
    "2400:cb00::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
]

HOSTILE_URLS = [
    "ftp://api.example.com/a",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_INFO",
    "ws://api.example.com/a",
    "wss://api.example.com/a",
    "unix:///var/run/docker.sock",
    "javascript:alert(1)",
    "data:text/plain,hello",
    "dict://127.0.0.1:11211/stat",
    "ldap://127.0.0.1/",
    "//api.example.com/a",
    "/relative",
    "api.example.com/a",
    "",
    "https://",
    "https:///a",
    "https://:443/a",
    "https:api.example.com",
    "https:/api.example.com",
    "https://user@api.example.com/a",
    "https://user:password@api.example.com/a",
    "https://:password@api.example.com/a",
    "https://api.example.com@127.0.0.1/a",
    "https://127.0.0.1\\@api.example.com/a",
    "https://api.example.com\\.evil.example/a",
    "https://api.example.com /a",
    "https://api.example.com\r\nHost: evil/a",
    "https://api.example.com/a b",
    "https://api.example.com/a\tb",
    "https://api.example.com/a\nX: y",
    "https://api.example.com/\x00",
    "https://api.example.com:0/a",
    "https://api.example.com:65536/a",
    "https://api.example.com:/a",
    "https://api.example.com:99999/a",
    "https://api.example.com:port/a",
    "https://api.example.com:-1/a",
    "https://2130706433/a",
    "https://017700000001/a",
    "https://0x7f000001/a",
    "https://0x7f.0.0.1/a",
    "https://0177.0.0.1/a",
    "https://127.1/a",
    "https://127.0.1/a",
    "https://127.0.0.01/a",
    "https://127.0.0.0x1/a",
    "https://1/a",
    "https://0/a",
    "https://0x/a",
    "https://256.256.256.256/a",
    "https://1.2.3.4.5/a",
    "https://api.example.0x7f/a",
    "https://example.127/a",
    "https://127%2e0%2e0%2e1/a",
    "https://127.0.0.1%00.example.com/a",
    "https://api.example.com%2f@evil/a",
    "https://[::1/a",
    "https://::1/a",
    "https://[::1%25eth0]/a",
    "https://[fe80::1%eth0]/a",
    "https://[127.0.0.1]/a",
    "https://[v1.fe80::a]/a",
    "https://[]/a",
    "https://a..b.example.com/a",
    "https://-api.example.com/a",
    "https://api_example.com-/a",
    "https://{claim}.example.com/a",
    "https://api.example.com{x}/a",
    "https://api$.example.com/a",
    "https://api!.example.com/a",
    "https://*.example.com/a",
    "https://" + "a" * 254 + "/a",
    "https://" + "a" * 64 + ".example.com/a",
    "https://.example.com/a",
]

GOOD_URLS = [
    "https://api.example.com",
    "https://api.example.com/",
    "https://api.example.com/a/b?x=1&y=(z)",
    "https://API.Example.COM/a",
    "https://api.example.com:3000/a",
    "https://api.example.com:65535/a",
    "http://api.example.com/a",
    "https://localhost/a",
    "https://127.0.0.1:7071/a",
    "https://10.1.2.3/a",
    "https://[::1]:7071/a",
    "https://[2001:4860:4860::8888]/a",
    "https://8.8.8.8/a",
    "https://xn--bcher-kva.example/a",
    "https://my_host.internal/a",
    "https://a/b",
    "https://api.example.com./a",
    "https://4chan.example.com/a",
    "https://1and1.example/a",
    "https://api.example.com/?q=members&projection=(elements*(handle~))",
    "https://api.example.com/a?$select=displayName",
    "https://api.example.com/a?code=1%2F2",
]


@pytest.mark.parametrize("address", DENIED_ADDRESSES)
def test_an_address_that_is_not_public_is_refused(address):
    with pytest.raises(EgressRefusedError, match="may not be called"):
        Egress().check_address(address, 443, "api.example.com")


@pytest.mark.parametrize("address", PUBLIC_ADDRESSES)
def test_a_public_address_passes(address):
    Egress().check_address(address, 443, "api.example.com")

    assert not Egress().allowed


def test_the_tables_are_as_large_as_promised():
    assert len(set(DENIED_ADDRESSES)) + len(set(HOSTILE_URLS)) >= 150
    assert len(set(PUBLIC_ADDRESSES)) + len(set(GOOD_URLS)) >= 45


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_a_url_that_could_lead_elsewhere_is_refused(url):
    with pytest.raises(EgressRefusedError):
        parse_url(url)


@pytest.mark.parametrize("url", GOOD_URLS)
def test_a_plain_url_passes_and_stays_as_it_is(url):
    parsed = parse_url(url)

    assert parsed.raw_path_qs.endswith(url.partition("?")[2])
    assert parsed.port is not None


@pytest.mark.parametrize("url", ["https://user:canary@api.example.com/?code=canary", "ftp://canary.example/"])
def test_a_refusal_never_holds_a_credential_of_the_url(url):
    with pytest.raises(EgressRefusedError) as refused:
        parse_url(url)

    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("digits", ["１２７.0.0.1", "①②⑦.0.0.1", "127。0。0。1"])
def test_digits_of_other_scripts_do_not_hide_an_address(digits):
    try:
        url = URL(f"https://{digits}/a")
        check_url(url)
    except (EgressRefusedError, ValueError):
        return

    with pytest.raises(EgressRefusedError):
        Egress().check_address(literal_address(url.raw_host or "") or "", 443, "api")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_development_mode_may_call_its_own_machine(address):
    Egress(loopback=True).check_address(address, 7071, "localhost")

    with pytest.raises(EgressRefusedError):
        Egress(loopback=True).check_address("10.0.0.1", 7071, "localhost")


@pytest.mark.parametrize("entry", ["10.1.2.0/24:443", "[fd00::]/8:443", "fd00::/8:443", "::1/128:8443", "10.1.2.3:443"])
def test_an_exception_is_read_as_network_and_port(entry):
    assert egress_of([entry], loopback=False).allowed[0].port in {443, 8443}


@pytest.mark.parametrize(
    "entry",
    [
        "10.1.2.0/24",
        "10.1.2.0/24:*",
        "10.1.2.0/24:0",
        "10.1.2.0/24:70000",
        "10.1.2.9/24:443",
        "api:443",
        "",
        ":443",
        "x",
    ],
)
def test_an_exception_that_is_not_a_network_and_one_port_is_a_settings_error(entry):
    with pytest.raises(SettingsError, match=r"\[egress\] allow"):
        egress_of([entry], loopback=False)


def test_an_exception_opens_its_network_at_its_port_and_nothing_else():
    egress = egress_of(["10.1.2.0/24:443"], loopback=False)
    egress.check_address("10.1.2.77", 443, "api")

    for address, port in (("10.1.2.77", 444), ("10.1.3.77", 443), ("169.254.169.254", 443)):
        with pytest.raises(EgressRefusedError):
            egress.check_address(address, port, "api")


@pytest.mark.parametrize(
    ("address", "host", "line"),
    [
        ("10.1.2.3", "api.example.com", 'allow = ["api.example.com 10.1.2.3/32:8443"]'),
        ("10.1.2.3", "API.Example.com.", 'allow = ["api.example.com 10.1.2.3/32:8443"]'),
        ("10.1.2.3", "10.1.2.3", 'allow = ["10.1.2.3/32:8443"]'),
        ("::ffff:10.1.2.3", "api.example.com", 'allow = ["api.example.com 10.1.2.3/32:8443"]'),
        ("fd00::1", "fd00::1", 'allow = ["fd00::1/128:8443"]'),
        ("169.254.169.254", "169.254.169.254", 'allow = ["169.254.169.254/32:8443"]'),
        ("8.8.8.8", "metadata.google.internal", 'allow = ["metadata.google.internal 8.8.8.8/32:8443"]'),
        ("2606:4700::5efe:a00:1", "api.example.com", 'allow = ["api.example.com 2606:4700::5efe:a00:1/128:8443"]'),
    ],
)
def test_the_line_of_a_refusal_is_one_that_would_allow_it(address, host, line):
    with pytest.raises(EgressRefusedError) as refused:
        Egress().check_address(address, 8443, host)

    assert line in str(refused.value)
    entry = egress_exception(line.split('"')[1])
    egress_of([entry], loopback=False).check_address(address, 8443, host)


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        ("10.1.2.3", "10.1.2.3 may not be called (rule: private, 10.0.0.0/8);"),
        ("api.internal", "api.internal is 10.1.2.3 and may not be called (rule: private, 10.0.0.0/8);"),
    ],
)
def test_a_refusal_is_a_sentence(host, sentence):
    with pytest.raises(EgressRefusedError) as refused:
        Egress().check_address("10.1.2.3", 443, host)

    assert str(refused.value).startswith(sentence)


def test_an_exception_with_a_host_opens_nothing_under_another_name():
    egress = egress_of(["api.internal 10.1.2.0/24:443"], loopback=False)
    egress.check_address("10.1.2.77", 443, "API.internal.")

    for host in ("other.internal", "10.1.2.77", "xapi.internal", "api.internal.evil.example"):
        with pytest.raises(EgressRefusedError):
            egress.check_address("10.1.2.77", 443, host)


@pytest.mark.parametrize("address", ["169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16"])
def test_a_wide_exception_never_opens_the_credentials_of_the_machine(address):
    with pytest.raises(EgressRefusedError):
        egress_of(["169.254.0.0/16:80", "100.0.0.0/8:80", "128.0.0.0/1:80"], loopback=False).check_address(
            address, 80, "api.example.com"
        )


@pytest.mark.parametrize("address", ["64:ff9b::127.0.0.1", "::127.0.0.1", "::ffff:0:127.0.0.1"])
def test_development_mode_does_not_call_the_loopback_of_a_gateway(address):
    with pytest.raises(EgressRefusedError):
        Egress(loopback=True).check_address(address, 443, "api.example.com")


def test_development_mode_does_not_call_a_name_of_cloud_metadata_even_on_its_own_machine():
    with pytest.raises(EgressRefusedError, match=r"cloud metadata, metadata\.google\.internal"):
        Egress(loopback=True).check_address("127.0.0.1", 80, "metadata.google.internal")


@pytest.mark.parametrize("address", ["2606:64::10.0.0.1", "2606:64::127.0.0.1", "2606:64::169.254.169.254"])
def test_a_private_address_behind_a_nat64_prefix_of_the_network_is_refused(address):
    Egress().check_address(address, 443, "api.example.com")
    egress = egress_of((), loopback=True, nat64=["2606:64::/96"])
    egress.check_address("2606:64::8.8.8.8", 443, "api.example.com")

    with pytest.raises(EgressRefusedError):
        egress.check_address(address, 443, "api.example.com")


@pytest.mark.parametrize("address", ["fe80::1%eth0", "2001:4860:4860::8888%eth0"])
def test_an_address_of_one_network_card_is_refused_even_where_an_exception_opens_it(address):
    with pytest.raises(EgressRefusedError, match="rule: zone"):
        egress_of(["fe80::/10:443", "2000::/3:443"], loopback=False).check_address(address, 443, "api")


def test_what_a_resolver_makes_up_is_refused():
    with pytest.raises(EgressRefusedError, match="not an address"):
        Egress().check_address("localhost", 443, "api.example.com")


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("https://u@api.example.com/", "userinfo"),
        ("https://api.example.com:0/", "host"),
        ("ftp://a.example/", "scheme"),
    ],
)
def test_a_url_that_was_not_read_by_us_is_held_to_the_same_rules(url, rule):
    with pytest.raises(EgressRefusedError, match=f"rule: {rule}"):
        check_url(URL(url, encoded=True))
