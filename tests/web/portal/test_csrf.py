from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import Response

from journeyman.web.portal.csrf import COOKIE, Csrf

CSRF = Csrf(secure=False)
MINE = "c" * 43
OWN = "http://127.0.0.1:8080"


def request(cookie=MINE, origin=OWN, **headers):
    sent = {"host": "127.0.0.1:8080", "cookie": f"{COOKIE}={cookie}", **headers}
    if origin is not None:
        sent["origin"] = origin
    scope = {
        "type": "http",
        "scheme": "http",
        "path": "/portal/keys/new",
        "query_string": b"",
        "server": ("127.0.0.1", 8080),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()],
    }
    return Request(scope)


def test_a_form_of_this_browser_from_our_own_page_is_allowed():
    assert CSRF.allows(request(), CSRF.token(MINE))
    assert CSRF.allows(request(sec_fetch_site="same-origin"), CSRF.token(MINE))


@pytest.mark.parametrize(
    "origin", [None, "null", "http://127.0.0.1:3000", "http://localhost:8080", "https://127.0.0.1:8080"]
)
def test_a_form_of_another_page_is_refused_even_of_another_port_of_this_machine(origin):
    assert not CSRF.allows(request(origin=origin), CSRF.token(MINE))


def test_a_cookie_that_another_port_has_set_is_of_no_use_without_our_token():
    assert not CSRF.allows(request(cookie="planted" * 8), "planted" * 8)
    assert not CSRF.allows(request(), CSRF.token("another browser" * 3))
    assert not CSRF.allows(request(), Csrf(secure=False).token(MINE))
    assert not CSRF.allows(request(cookie=""), CSRF.token(""))
    assert not CSRF.allows(request(), "é\ud800")


def test_what_the_browser_says_of_the_sender_is_believed():
    assert not CSRF.allows(request(sec_fetch_site="same-site"), CSRF.token(MINE))


def test_a_browser_keeps_its_cookie_and_a_new_one_gets_a_random_one():
    assert CSRF.cookie(request()) == MINE
    assert len(CSRF.cookie(request(cookie="short"))) == 43


def test_neither_scripts_nor_other_sites_get_the_cookie():
    response = Response()
    Csrf(secure=True).remember(response, MINE)
    cookie = response.headers["set-cookie"]

    assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Secure", "Path=/portal"))
    assert "key=" not in repr(CSRF)
