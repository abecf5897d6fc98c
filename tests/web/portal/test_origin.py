import pytest
from starlette.requests import Request

from journeyman.web.portal.origin import same_origin

OWN = "http://127.0.0.1:8080"


def request(origin=OWN, host="127.0.0.1:8080", **headers):
    sent = {"host": host, **headers, **({} if origin is None else {"origin": origin})}
    return Request(
        {
            "type": "http",
            "scheme": "http",
            "path": "/portal/keys/new",
            "query_string": b"",
            "server": ("127.0.0.1", 8080),
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()],
        }
    )


def test_a_form_of_our_own_page_is_allowed():
    assert same_origin(request(), OWN)
    assert same_origin(request(sec_fetch_site="same-origin"), OWN)
    assert same_origin(request("http://localhost:8080", "localhost:8080"), OWN)


def test_behind_something_that_ends_tls_the_public_origin_counts():
    assert same_origin(request("https://id.contoso.com", "id.contoso.com"), "https://id.contoso.com")
    assert not same_origin(request("http://id.contoso.com", "id.contoso.com"), "https://id.contoso.com")


@pytest.mark.parametrize(
    "origin", [None, "null", "http://127.0.0.1:3000", "http://localhost:8080", "https://127.0.0.1:8080"]
)
def test_a_form_of_another_page_is_refused_even_of_another_port_of_this_machine(origin):
    assert not same_origin(request(origin), OWN)


@pytest.mark.parametrize("site", ["same-site", "cross-site", "none"])
def test_what_the_browser_says_of_the_sender_is_believed(site):
    assert not same_origin(request(sec_fetch_site=site), OWN)
