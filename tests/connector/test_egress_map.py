from __future__ import annotations

import pytest
from yarl import URL

from journeyman.connector.egress_map import egress_map_of, origin_of


@pytest.mark.parametrize(
    ("url", "dialled"),
    [
        ("https://your-account.azurewebsites.net/api/a?code=1", "http://127.0.0.1:7071/api/a?code=1"),
        ("https://YOUR-ACCOUNT.azurewebsites.net:443/api", "http://127.0.0.1:7071/api"),
        ("https://your-account.azurewebsites.net", "http://127.0.0.1:7071/"),
    ],
)
def test_only_the_origin_is_replaced(url, dialled):
    mapped = egress_map_of({"https://your-account.azurewebsites.net": "http://127.0.0.1:7071"}, token_origin=None)
    target = mapped.target(URL(url, encoded=True))

    assert str(target.url) == dialled
    assert target.original_host == "your-account.azurewebsites.net"


@pytest.mark.parametrize(
    "url",
    [
        "http://your-account.azurewebsites.net/api",
        "https://your-account.azurewebsites.net:8443/api",
        "https://other.your-account.azurewebsites.net/api",
        "https://your-account.azurewebsites.net.evil.example/api",
    ],
)
def test_another_origin_is_not_replaced(url):
    mapped = egress_map_of({"https://your-account.azurewebsites.net": "http://127.0.0.1:7071"}, token_origin=None)

    assert mapped.target(URL(url)).original_host is None
    assert str(mapped.target(URL(url)).url) == url


@pytest.mark.parametrize("host", ["login.microsoftonline.com", "sts.windows.net"])
def test_token_requests_to_the_microsoft_platform_go_to_the_own_origin_in_development(host):
    url = URL(f"https://{host}/contoso.onmicrosoft.com/oauth2/v2.0/token")
    own = egress_map_of({}, token_origin="http://127.0.0.1:8080").target(url)
    production = egress_map_of({}, token_origin=None).target(url)

    assert str(own.url) == "http://127.0.0.1:8080/contoso.onmicrosoft.com/oauth2/v2.0/token"
    assert str(production.url) == str(url)


def test_an_explicit_entry_wins_over_the_built_in_one():
    mapped = egress_map_of(
        {"https://login.microsoftonline.com": "https://127.0.0.1:9"}, token_origin="http://127.0.0.1:8080"
    )

    assert str(mapped.target(URL("https://login.microsoftonline.com/t")).url) == "https://127.0.0.1:9/t"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://a.example/x", "https://a.example"),
        ("https://a.example:443/x", "https://a.example"),
        ("http://a.example:80", "http://a.example"),
        ("http://a.example:443", "http://a.example:443"),
        ("https://[::1]:7071/x", "https://[::1]:7071"),
    ],
)
def test_an_origin_has_no_default_port(url, origin):
    assert origin_of(URL(url)) == origin
