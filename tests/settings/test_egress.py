from __future__ import annotations

import pytest

from journeyman.settings import OriginSettings

PIN = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_a_proxy_and_the_hosts_past_it(load):
    egress = load('[egress]\nproxy = "http://Proxy.example:3128"\ndirect = [".Intern.example", "10.1.2.3"]\n').egress

    assert egress.proxy == "http://proxy.example:3128"
    assert egress.direct == (".intern.example", "10.1.2.3")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('proxy = "https://proxy.example:3128"\n', "is not http://host:port"),
        ('proxy = "http://me:canary@proxy.example:3128"\n', "holds a user name or password"),
        ('proxy = "proxy.example:3128"\n', "is not an origin"),
        ('proxy = "http://p.example"\ndirect = ["a b"]\n', "is not a host"),
        ('direct = ["a.example"]\n', "no effect without a proxy"),
    ],
)
def test_a_wrong_proxy_says_what_to_write_and_repeats_no_password(problems, text, words):
    found = problems("[egress]\n" + text)

    assert words in found[0]
    assert "canary" not in found[0]


def test_an_origin_has_authorities_pins_and_connections_of_its_own(load, tmp_path):
    (tmp_path / "ca.pem").write_text("")
    text = f'[egress.origins."https://API.example:443"]\ntrust = ["ca.pem"]\npins = ["{PIN}"]\nconnections = 4\n'

    assert load(text).egress.origins == {
        "https://api.example": OriginSettings(trust=(tmp_path / "ca.pem",), pins=(PIN,), connections=4)
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[egress.origins."https://a.example/x"]\n', "a key of [egress.origins] is not an origin"),
        ('[egress.origins."https://a.example"]\n[egress.origins."https://A.example:443"]\n', "stands there twice"),
        (f'[egress.origins."http://a.example"]\npins = ["{PIN}"]\n', "plain http has no certificate"),
        ('[egress.origins."https://a.example"]\npins = ["sha256/abc"]\n', "is not sha256/ and 44 characters"),
        ('[egress.origins."https://a.example"]\npins = ["sha1/2jmj7l5rSw0yVb/vlWAYkK/YBwk="]\n', "is not sha256/"),
        ('[egress.origins."https://a.example"]\nconnections = 0\n', "a whole number from 1 to 10000"),
        ('[egress.origins."https://a.example"]\npin = "x"\n', "did you mean 'pins'?"),
    ],
)
def test_a_wrong_origin_says_what_to_write(problems, text, words):
    assert words in problems(text)[0]


def test_the_nat64_prefixes_of_the_network_are_read(load, problems):
    assert load('[egress]\nnat64 = ["2A00:64::/96"]\n').egress.nat64 == ("2a00:64::/96",)
    assert "is not a NAT64 prefix" in problems('[egress]\nnat64 = ["2a00:64::/95"]\n')[0]
