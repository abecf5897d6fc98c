from __future__ import annotations

from journeyman.providers.session import SESSION_SPECS


def test_the_session_profiles_that_run_and_those_that_do_not():
    runs = {spec.handler.removeprefix("Web.TPEngine.SSO."): spec.runs for spec in SESSION_SPECS}

    assert runs == {
        "NoopSSOSessionProvider": True,
        "DefaultSSOSessionProvider": True,
        "OAuthSSOSessionProvider": True,
        "ExternalLoginSSOSessionProvider": True,
        "SamlSSOSessionProvider": False,
    }


def test_one_that_does_not_run_says_why():
    assert all(spec.runs or "not built yet" in spec.reason for spec in SESSION_SPECS)
