"""Paths of a tenant."""

import pytest

from journeyman.web.routing import Endpoint, Target, match_path


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/t/p/oauth2/v2.0/authorize", None, Target("t", "p", Endpoint.AUTHORIZE)),
        ("/t/p/OAuth2/V2.0/Token/", None, Target("t", "p", Endpoint.TOKEN)),
        ("/t/p/oauth2/v2.0/logout", "other", Target("t", "p", Endpoint.LOGOUT)),
        ("/t/oauth2/v2.0/token", "p", Target("t", "p", Endpoint.TOKEN, query_form=True)),
        ("/t/oauth2/v2.0/token", "", Target("t", None, Endpoint.TOKEN)),
        ("/t/oauth2/v2.0/token", None, Target("t", None, Endpoint.TOKEN)),
        ("/TFP/t/p/v2.0/.well-known/openid-configuration", None, Target("t", "p", Endpoint.DISCOVERY)),
        ("/t/p//discovery/v2.0/keys", None, Target("t", "p", Endpoint.KEYS)),
        ("/t/p/selfasserted", None, Target("t", "p", Endpoint.SELF_ASSERTED)),
        ("/t/p/API/SelfAsserted/Confirmed", None, Target("t", "p", Endpoint.PAGE, page=("SelfAsserted", "Confirmed"))),
        ("/t/Pages/css/a.css", None, Target("t", None, Endpoint.FILE, file=("css", "a.css"))),
    ],
)
def test_a_path_names_tenant_policy_and_endpoint(path, query, expected):
    assert match_path(path, query) == expected


@pytest.mark.parametrize(
    "path",
    ["", "/", "/t", "/t/p", "/tfp/t/p", "/t/p/oauth2/v1.0/token", "/t/x/p/oauth2/v2.0/token", "/t/p/api/x", "/t/pages"],
)
def test_other_paths_mean_nothing(path):
    assert match_path(path, None) is None
