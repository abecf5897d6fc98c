from __future__ import annotations

import pytest

from journeyman.applications.application import (
    Application,
    decode_application,
    encode_application,
    from_settings,
    matches_redirect_uri,
)
from journeyman.settings import ApplicationSettings, ApplicationType

WEB, SPA, NATIVE = ApplicationType.WEB, ApplicationType.SPA, ApplicationType.NATIVE
REGISTERED = (
    "https://app.example/callback",
    "http://127.0.0.1:5000/callback",
    "http://localhost/cb?x=1",
    "http://[::1]:5000/",
    "com.example.app://callback",
)


def app(kind) -> Application:
    return Application("22222222-2222-3333-4444-555555555555", "App", kind, REGISTERED)


@pytest.mark.parametrize("development", [True, False])
@pytest.mark.parametrize("kind", [None, WEB, SPA, NATIVE])
def test_an_https_uri_matches_exactly_in_every_mode(kind, development):
    assert matches_redirect_uri(app(kind), "https://app.example/callback", development=development) is True
    for other in ("https://app.example/callback/", "https://APP.example/callback", "https://app.example:443/callback",
                  "https://app.example/callback?x", "https://app.example/callback#", "https://app.example", ""):  # fmt: skip
        assert matches_redirect_uri(app(kind), other, development=development) is False


@pytest.mark.parametrize("kind", [None, WEB, SPA, NATIVE])
@pytest.mark.parametrize(
    "uri",
    ["http://127.0.0.1:5000/callback", "http://127.0.0.1:49152/callback", "http://127.0.0.1/callback",
     "http://localhost:8080/cb?x=1", "http://[::1]/"],
)  # fmt: skip
def test_in_development_http_on_this_machine_matches_at_any_port(kind, uri):
    assert matches_redirect_uri(app(kind), uri, development=True) is True


@pytest.mark.parametrize(
    ("kind", "uri", "matches"),
    [
        (NATIVE, "http://127.0.0.1:49152/callback", True),
        (NATIVE, "http://127.0.0.1:5000/callback", True),
        (NATIVE, "com.example.app://callback", True),
        (None, "http://127.0.0.1:5000/callback", True),
        (None, "http://127.0.0.1:49152/callback", False),
        (WEB, "http://127.0.0.1:5000/callback", False),
        (SPA, "http://127.0.0.1:5000/callback", False),
    ],
)
def test_in_production_http_is_for_native_applications(kind, uri, matches):
    assert matches_redirect_uri(app(kind), uri, development=False) is matches


@pytest.mark.parametrize(
    "uri",
    ["http://127.0.0.1:5000@evil.example/callback", "http://127.0.0.1:5000.evil.example/callback",
     "http://localhost:5000/callback", "http://127.0.0.1:5000/other", "http://127.0.0.1:5000/callback/..",
     "https://127.0.0.1:5000/callback", "http://127.0.0.1:5000\\@evil.example/callback", "http://[::1/callback",
     "http://127.0.0.1:123456/callback", "http://127.0.0.1:/callback", "http://127.0.0.1:5000/callback\n"],
)  # fmt: skip
@pytest.mark.parametrize("development", [True, False])
def test_nothing_but_the_port_may_differ(uri, development):
    assert matches_redirect_uri(app(NATIVE), uri, development=development) is False


def test_an_application_without_redirect_uris_matches_nothing():
    assert matches_redirect_uri(Application("id", "App", NATIVE), "http://127.0.0.1/", development=True) is False


def test_a_stored_application_is_read_back():
    application = Application("id", "Jöb", SPA, ("https://a.example/",), roles=("Policy.Read",))
    untyped = Application("id", "x")

    assert decode_application("id", encode_application(application)) == application
    assert decode_application("id", encode_application(untyped)) == untyped


def test_an_application_of_the_settings_keeps_all_its_fields():
    settings = ApplicationSettings(
        "id",
        "App",
        NATIVE,
        ("https://a.example/",),
        True,
        ("api://x",),
        ("read",),
        ("api://y/read",),
        ("R",),
        "https://o/",
    )

    assert from_settings(settings) == Application(
        "id",
        "App",
        NATIVE,
        ("https://a.example/",),
        True,
        ("api://x",),
        ("read",),
        ("api://y/read",),
        ("R",),
        "https://o/",
    )
