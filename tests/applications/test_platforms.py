from __future__ import annotations

import pytest

from journeyman.applications.application import Application
from journeyman.applications.platforms import platforms_of, with_platforms
from journeyman.settings import ApplicationType

WEB, SPA, NATIVE = ApplicationType.WEB, ApplicationType.SPA, ApplicationType.NATIVE
ONE = Application("22222222-2222-3333-4444-555555555555", "One")


@pytest.mark.parametrize("kind", [WEB, SPA, NATIVE])
def test_one_platform_is_the_type(kind):
    made = with_platforms(ONE, {kind: ("https://a.example/",)})

    assert (made.type, made.redirect_uris) == (kind, ("https://a.example/",))
    assert platforms_of(made)[kind] == ("https://a.example/",)
    assert [uris for other, uris in platforms_of(made).items() if other is not kind] == [(), ()]


def test_several_platforms_have_no_single_type_and_are_told_apart():
    platforms = {WEB: ("https://a.example/",), SPA: ("https://b.example/",), NATIVE: ("com.c://auth",)}
    made = with_platforms(ONE, platforms)

    assert made.type is None
    assert made.redirect_uris == ("https://a.example/", "https://b.example/", "com.c://auth")
    assert platforms_of(made) == platforms


@pytest.mark.parametrize("kind", [WEB, None])
def test_without_a_redirect_uri_the_type_stays(kind):
    made = with_platforms(Application(ONE.client_id, "x", kind), {WEB: (), SPA: ()})

    assert (made.type, made.redirect_uris) == (kind, ())
