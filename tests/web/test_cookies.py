"""Cookies: their names, and what binds a journey to its browser."""

import pytest
from starlette.requests import Request

from journeyman.web.cookies import browser_hash, browser_of, same_browser, session_cookie


def request(cookie=None):
    headers = [(b"cookie", cookie.encode("latin-1"))] if cookie is not None else []
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize("cookie", [None, "x-ms-cpim-trans=", "x-ms-cpim-trans=short", "x-ms-cpim-trans=" + "x" * 129])
def test_a_browser_without_a_good_cookie_gets_a_new_one(cookie):
    first, second = browser_of(request(cookie)), browser_of(request(cookie))

    assert first != second
    assert len(first) == 43


def test_a_browser_keeps_its_cookie():
    value = "v" * 43

    assert browser_of(request(f"x-ms-cpim-trans={value}")) == value
    assert same_browser(request(f"x-ms-cpim-trans={value}"), browser_hash(value))


@pytest.mark.parametrize("cookie", [None, "x-ms-cpim-trans=", "x-ms-cpim-trans=\xff"])
def test_another_browser_is_not_the_same(cookie):
    assert not same_browser(request(cookie), browser_hash("v" * 43))


def test_each_scope_has_a_cookie_of_its_own():
    names = {session_cookie(scope) for scope in ("tenant", "policy-a", "application-a")}

    assert len(names) == 3
    assert all(name.startswith("x-ms-cpim-sso:") and name.endswith("_0") for name in names)
