"""Egress map and exceptions, profile limits, settings placeholders, the trace; development mode."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs

import pytest
from acceptance_api import Api
from acceptance_folder import CLIENT_ID, TENANT
from acceptance_policy import call, exchange, policy, rest
from acceptance_tls import authority, server

BASIC = {"BasicAuthenticationUsername": "B2C_1A_ClientId", "BasicAuthenticationPassword": "B2C_1A_ClientSecret"}
LOGIN_URL = f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"


def bearer(id: str) -> str:
    """The documented way: one profile acquires a token, a second one uses the claim."""
    grant = 'grant_type DefaultValue="client_credentials" AlwaysUseDefaultValue="true"'
    scope = 'scope DefaultValue="{Settings:Scope}" AlwaysUseDefaultValue="true"'
    acquire = rest(
        "REST-AcquireAccessToken", LOGIN_URL, "Basic", keys=BASIC, inputs=(grant, scope),
        outputs=('bearerToken PartnerClaimType="access_token"',), SendClaimsIn="Form",
    )  # fmt: skip
    use = rest(
        "REST-Use", "https://your-account.azurewebsites.net/ok/bearer", "Bearer",
        inputs=("bearerToken", 'note DefaultValue="hello"'), UseClaimAsBearerToken="bearerToken",
    )  # fmt: skip
    steps = (exchange("REST-AcquireAccessToken"), exchange("REST-Use"))
    return policy(id, acquire, use, steps=steps, outputs=("tier",))


@pytest.fixture(scope="module")
def tls_apis(tmp_path_factory):
    """Three APIs: their certificates are for the mapped host, the original host, and for neither."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca = authority(path)
    with (
        Api(server(ca, "127.0.0.1")) as mapped,
        Api(server(ca, "original.example")) as original,
        Api(server(ca, "foreign.example")) as foreign,
    ):
        yield path.read_bytes(), mapped, original, foreign


@pytest.fixture(scope="module")
def up(home, api, tls_apis):
    ca, mapped, original, foreign = tls_apis
    account = "https://your-account.azurewebsites.net"
    sample = f"""
[settings]
Place = "here"
ApiOrigin = "{account}"
Scope = "{CLIENT_ID}/.default"
[egress]
trust = ["ca.pem"]
[egress.map]
"{account}" = "{api.origin}"
"http://plain.example:8443" = "{api.origin}"
"https://mapped.example" = "{mapped.origin}"
"https://original.example" = "{original.origin}"
"https://neither.example" = "{foreign.origin}"
[profiles."REST-Slow"]
timeout_s = 0.3
retries = 1
[profiles."REST-Once"]
timeout_s = 0.3
retries = 0
[profiles."REST-Patient"]
timeout_s = 5
[profiles."REST-Large"]
response_limit_bytes = 4000000
"""
    (home.path / "policies").mkdir(parents=True)
    (home.path / "ca.pem").write_bytes(ca)
    home.write(sample)
    made = home.run("apps", "add", "Engine", "--json").json
    home.write(
        sample.replace(f"{CLIENT_ID}/.default", f"{made['client_id']}/.default"),
        plain=call("Plain", f"{account}/ok/plain/a%2Fb?code=1&amp;x=%20y"),
        http=call("Http", "http://plain.example:8443/ok/http"),
        placeholders=call(
            "Settings", "{Settings:ApiOrigin}/ok/settings", inputs=('note DefaultValue="{Settings:Place}"',)
        ),
        mapped=call("Mapped", "https://mapped.example/ok/mapped"),
        original=call("Original", "https://original.example/ok/original"),
        neither=call("Neither", "https://neither.example/ok/neither"),
        loopback=call("Loopback", f"{api.origin}/ok/loopback"),
        slow=call("Slow", f"{account}/slow/twice"),
        once=call("Once", f"{account}/slow/once"),
        patient=call("Patient", f"{account}/slow/patient"),
        large=call("Large", f"{account}/large/allowed"),
        cap=call("Cap", f"{account}/large/capped"),
        refuse=call("Refuse", f"{account}/refuse/me"),
        bearer=bearer("B2C_1A_Acquire"),
    )
    home.key("B2C_1A_ClientId.txt", made["client_id"])
    home.key("B2C_1A_ClientSecret.txt", made["client_secret"])
    return home.up()


def test_the_egress_map_replaces_the_origin_only_and_path_and_query_stay(up, api):
    assert up.browser().id_token("B2C_1A_Plain")["tier"] == "gold"
    assert api.asked[-1].path == "/ok/plain/a%2Fb?code=1&x=%20y"


def test_the_egress_map_works_for_an_http_url(up, api):
    assert up.browser().id_token("B2C_1A_Http")["tier"] == "gold"
    assert api.count("/ok/http") == 1


def test_settings_placeholders_are_replaced_in_metadata_and_in_start_tags(up, api):
    up.browser().id_token("B2C_1A_Settings")

    assert api.last("/ok/settings").json == {"note": "here"}


def test_the_certificate_of_a_mapped_call_may_be_valid_for_the_mapped_host(up):
    assert up.browser().id_token("B2C_1A_Mapped")["tier"] == "gold"


def test_the_certificate_of_a_mapped_call_may_be_valid_for_the_original_host(up):
    assert up.browser().id_token("B2C_1A_Original")["tier"] == "gold"


def test_the_certificate_of_a_mapped_call_for_another_host_is_refused(up, tls_apis):
    answer = up.browser().authorize("B2C_1A_Neither", response_type="id_token").answer

    assert answer["error"] == "server_error"
    assert tls_apis[3].asked == []


def test_development_mode_allows_loopback_targets(up):
    assert up.browser().id_token("B2C_1A_Loopback")["tier"] == "gold"


def test_timeout_s_and_retries_of_a_profile_count(up, api):
    answer = up.browser().authorize("B2C_1A_Slow", response_type="id_token").answer

    assert answer["error"] == "server_error"
    assert api.count("/slow/twice") == 2


def test_no_retry_when_retries_is_0(up, api):
    assert up.browser().authorize("B2C_1A_Once", response_type="id_token").answer["error"] == "server_error"
    assert api.count("/slow/once") == 1


def test_a_slow_answer_within_timeout_s_is_taken(up):
    assert up.browser().id_token("B2C_1A_Patient")["tier"] == "gold"


def test_an_answer_above_1_mib_fails_unless_the_profile_allows_it(up):
    assert up.browser().authorize("B2C_1A_Cap", response_type="id_token").answer["error"] == "server_error"


def test_a_failure_of_an_exchange_goes_to_the_application_with_code_and_correlation_id(up):
    answer = up.browser().authorize("B2C_1A_Refuse", response_type="id_token").answer

    assert answer["error"] == "server_error"
    assert "Not with this number." in answer["error_description"]
    assert "Correlation ID: " in answer["error_description"]


def test_a_token_url_of_the_microsoft_platform_is_the_own_client_credentials_endpoint_in_development(up, api):
    up.browser().id_token("B2C_1A_Acquire")

    asked = api.last("/ok/bearer")
    assert asked.headers["authorization"].startswith("Bearer ey")
    assert asked.json == {"note": "hello"}


def test_an_explicit_map_entry_for_login_microsoftonline_com_wins_over_the_built_in_one(folder, api):
    api.answers[f"/{TENANT}/oauth2/v2.0/token"] = 200, {"access_token": "from-the-explicit-entry"}
    account = "https://your-account.azurewebsites.net"
    folder.write(
        f'[settings]\nScope = "x/.default"\n[egress.map]\n"{account}" = "{api.origin}"\n'
        f'"https://login.microsoftonline.com" = "{api.origin}"\n',
        bearer=bearer("B2C_1A_Acquire"),
    )
    folder.key("B2C_1A_ClientId.txt", "one")
    folder.key("B2C_1A_ClientSecret.txt", "two")

    folder.up().browser().id_token("B2C_1A_Acquire")

    asked = api.last(f"/{TENANT}/oauth2/v2.0/token")
    assert parse_qs(asked.body) == {"grant_type": ["client_credentials"], "scope": ["x/.default"]}
    assert base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")) == b"one:two"
    assert api.last("/ok/bearer").headers["authorization"] == "Bearer from-the-explicit-entry"


def test_trace_json_beside_a_running_up_names_every_technical_profile_that_ran(up, home):
    up.browser().id_token("B2C_1A_Acquire")

    traces = home.run("trace", "--json")

    assert traces.code == 0
    newest = [str(journey) for journey in traces.json if "REST-AcquireAccessToken" in str(journey)]
    assert newest
    assert "'REST-Use'" in newest[0]
    assert "Bearer ey" not in traces.out


def test_up_prints_one_line_per_call(up):
    up.browser().id_token("B2C_1A_Plain")

    lines = [line for line in up.log.splitlines() if "REST-Plain" in line]
    assert lines
    assert "your-account.azurewebsites.net" in lines[-1] or "127.0.0.1" in lines[-1]
    assert "200" in lines[-1]
    assert "ms" in lines[-1]


def test_response_limit_bytes_of_a_profile_raises_the_limit(up):
    assert up.browser().id_token("B2C_1A_Large")["tier"] == "gold"
