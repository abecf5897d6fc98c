from __future__ import annotations

from dataclasses import replace

import pytest

from journeyman.applications.application import Application
from journeyman.applications.scopes import resolve_default_scope, resolve_scopes
from journeyman.errors import ServiceError

API_URI = "https://contoso.onmicrosoft.com/api"
API = Application(
    "aaaaaaaa-2222-3333-4444-555555555555", "API", identifier_uris=(API_URI,), scopes=("read", "write", "admin")
)
OTHER = Application("bbbbbbbb-2222-3333-4444-555555555555", "Other", identifier_uris=("api://other",), scopes=("go",))
CLIENT = Application(
    "cccccccc-2222-3333-4444-555555555555",
    "Client",
    permissions=(f"{API_URI}/read", f"{API_URI}/write", f"{API_URI}/gone", "api://other/go"),
)
ALL = (API, OTHER, CLIENT)


def code(resolve, scope, client=CLIENT):
    with pytest.raises(ServiceError) as caught:
        resolve(scope, client, ALL)
    return caught.value.service_code, caught.value.oauth_error


def test_openid_alone_asks_for_no_resource():
    scopes = resolve_scopes("openid", CLIENT, ALL)

    assert (scopes.openid, scopes.offline_access, scopes.resource, scopes.scope_names) == (True, False, None, ())
    assert scopes.granted == ("openid",)


def test_profile_and_email_mean_nothing_here():
    scopes = resolve_scopes("openid profile email address phone offline_access", CLIENT, ALL)

    assert scopes.granted == ("openid", "offline_access")
    assert scopes.offline_access is True


def test_a_granted_scope_names_its_resource():
    scopes = resolve_scopes(f"openid {API_URI}/read", CLIENT, ALL)

    assert scopes.resource == API
    assert scopes.scope_names == ("read",)
    assert scopes.granted == ("openid", f"{API_URI}/read")


def test_the_order_and_repetition_of_scopes_do_not_matter():
    scopes = resolve_scopes(f" {API_URI}/write  openid {API_URI}/read openid ", CLIENT, ALL)

    assert scopes.scope_names == ("write", "read")
    assert scopes.openid is True


def test_an_identifier_uri_is_matched_without_regard_to_case():
    assert resolve_scopes("https://CONTOSO.onmicrosoft.com/API/read", CLIENT, ALL).resource == API


def test_of_several_scopes_those_that_are_granted_remain():
    scopes = resolve_scopes(f"{API_URI}/read {API_URI}/admin {API_URI}/gone", CLIENT, ALL)

    assert scopes.scope_names == ("read",)
    assert scopes.granted == (f"{API_URI}/read",)


def test_the_own_client_id_is_a_resource_without_scope_names():
    scopes = resolve_scopes(f"openid {CLIENT.client_id.upper()}", CLIENT, ALL)

    assert scopes.resource == CLIENT
    assert scopes.scope_names == ()
    assert scopes.granted == ("openid", CLIENT.client_id.upper())


@pytest.mark.parametrize(
    ("scope", "service_code", "oauth_error"),
    [
        ("", "AADB2C90010", "invalid_request"),
        ("   ", "AADB2C90010", "invalid_request"),
        ('openid "', "AADB2C99005", "invalid_scope"),
        ("openid\tprofile", "AADB2C99005", "invalid_scope"),
        ("openid é", "AADB2C99005", "invalid_scope"),
        ("read", "AADB2C90055", "invalid_scope"),
        ("nonsense", "AADB2C90117", "invalid_scope"),
        ("OPENID", "AADB2C90117", "invalid_scope"),
        (API.client_id, "AADB2C90117", "invalid_scope"),
        ("https://unknown.example/read", "AADB2C90117", "invalid_scope"),
        (f"{API_URI}/", "AADB2C90117", "invalid_scope"),
        (f"{API_URI}/.default", "AADB2C90117", "invalid_scope"),
        (f"{API_URI}/read api://other/go", "AADB2C90146", "invalid_scope"),
        (f"{API_URI}/read {CLIENT.client_id}", "AADB2C90146", "invalid_scope"),
        (f"openid {API_URI}/admin", "AADB2C90205", "unauthorized_client"),
        (f"openid {API_URI}/gone", "AADB2C90205", "unauthorized_client"),
    ],
)
def test_a_scope_that_cannot_be_had_has_the_code_of_the_service(scope, service_code, oauth_error):
    assert code(resolve_scopes, scope) == (service_code, oauth_error)


def test_an_api_has_no_permission_at_itself_by_itself():
    assert code(resolve_scopes, f"{API_URI}/read", API) == ("AADB2C90205", "unauthorized_client")


def test_by_client_credentials_an_application_may_ask_for_itself():
    scopes = resolve_default_scope(f"{CLIENT.client_id}/.default", CLIENT, ALL)

    assert scopes.resource == CLIENT
    assert scopes.granted == (f"{CLIENT.client_id}/.default",)
    assert scopes.openid is False


def test_at_itself_an_application_has_its_application_roles():
    client = replace(CLIENT, roles=("Reader", "Writer"))

    assert resolve_default_scope(f"{CLIENT.client_id}/.default", client, ALL).scope_names == ("Reader", "Writer")


def test_by_client_credentials_an_application_may_ask_for_an_api_at_which_it_has_a_permission():
    scopes = resolve_default_scope(f"{API_URI}/.default", CLIENT, ALL)

    assert scopes.resource == API
    assert scopes.scope_names == ("read", "write")


def test_an_api_may_ask_for_itself_by_its_uri():
    assert resolve_default_scope(f"{API_URI}/.default", API, ALL).resource == API


def test_a_permission_that_is_only_the_default_scope_grants_no_names():
    client = Application("dddddddd-2222-3333-4444-555555555555", "D", permissions=(f"{API_URI}/.default",))

    assert resolve_default_scope(f"{API_URI}/.default", client, ALL).scope_names == ()


@pytest.mark.parametrize(
    ("scope", "service_code"),
    [
        ("", "AADB2C90010"),
        ("https://unknown.example/.default", "AADB2C90117"),
        (f"{API_URI}/read", "AADB2C90117"),
        (CLIENT.client_id, "AADB2C90117"),
        (f"{API.client_id}/.default", "AADB2C90117"),
        (".default", "AADB2C90117"),
        (f"{API_URI}/.default api://other/.default", "AADB2C90146"),
        (f"{API_URI}/.default\n", "AADB2C99005"),
    ],
)
def test_any_other_scope_is_refused_for_client_credentials(scope, service_code):
    assert code(resolve_default_scope, scope)[0] == service_code


def test_without_a_permission_there_is_no_client_credentials_token():
    assert code(resolve_default_scope, f"{API_URI}/.default", OTHER) == ("AADB2C90205", "unauthorized_client")
