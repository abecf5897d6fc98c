from __future__ import annotations

import pytest

from journeyman.settings import ApplicationType
from journeyman.settings.applications import redirect_uri

WEB, SPA, NATIVE = ApplicationType.WEB, ApplicationType.SPA, ApplicationType.NATIVE
ONE = 'client_id = "22222222-2222-3333-4444-555555555555"\nname = "One"\n'
TWO = 'client_id = "33333333-2222-3333-4444-555555555555"\nname = "Two"\n'


@pytest.mark.parametrize(
    "uri",
    ["https://app.example/callback", "https://app.example", "http://localhost/cb", "http://127.0.0.1:5000/callback",
     "http://[::1]:5000/", "https://app.example/cb?x=1"],
)  # fmt: skip
@pytest.mark.parametrize("kind", [None, WEB, SPA, NATIVE])
def test_https_and_http_on_this_machine_may_be_registered_by_all(uri, kind):
    assert redirect_uri(uri, kind=kind) == uri


@pytest.mark.parametrize(
    "uri",
    ["com.example.app://callback", "msal22222222-2222-3333-4444-555555555555://auth", "urn:ietf:wg:oauth:2.0:oob"],
)
def test_a_scheme_of_its_own_is_for_native_applications_only(uri):
    assert redirect_uri(uri, kind=NATIVE) == uri
    for kind in (None, WEB, SPA):
        with pytest.raises(ValueError, match='type = "native"'):
            redirect_uri(uri, kind=kind)


@pytest.mark.parametrize(
    "uri",
    ["http://app.example/cb", "http://localhost.example/cb", "http://127.0.0.2/cb", "https://*.example/cb",
     "https://app.example/*", "https://app.example/#x", "https://app.example/#", "https://user@app.example/", "https:///cb",
     "https://app.example/a b", "https://app.example\\@evil.example", "javascript:alert(1)", "data:text/html,x",
     "urn:other", "/relative", "", "https://app.example/" + "x" * 256],
)  # fmt: skip
@pytest.mark.parametrize("kind", [None, WEB, SPA, NATIVE])
def test_a_redirect_uri_that_could_be_read_in_two_ways_is_refused(uri, kind):
    with pytest.raises(ValueError, match=r"; \w+"):
        redirect_uri(uri, kind=kind)


def test_an_application_needs_an_id_and_a_name(problems):
    found = problems("[[applications]]\n")

    assert ["no client_id" in found[0], "no name" in found[1]] == [True, True]
    assert found[0].startswith("journeyman.toml:3:3: ")


def test_two_applications_with_one_id_are_an_error_at_the_second(problems):
    found = problems(
        f"[[applications]]\n{ONE}[[applications]]\n{ONE.upper().replace('CLIENT_ID', 'client_id').replace('NAME', 'name')}"
    )

    assert found[0].startswith("journeyman.toml:7:1: client_id 22222222-2222-3333-4444-555555555555 is used twice")


def test_two_applications_with_one_identifier_uri_are_an_error(problems):
    uri = 'identifier_uris = ["https://contoso.example/api"]\n'

    assert "is used twice" in problems(f"[[applications]]\n{ONE}{uri}[[applications]]\n{TWO}{uri}")[0]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('type = "desktop"', '"web", "spa" or "native"'),
        ('identifier_uris = ["http://a.example/api"]', "is not an identifier URI"),
        ('identifier_uris = ["https://a.example/api/"]', "ends in a slash"),
        ('scopes = ["a b"]', "a scope name like read"),
        ('scopes = [".default"]', "a scope name like read"),
        ('scopes = ["a/b"]', "a scope name like read"),
        ('permissions = ["read"]', "is not a permission"),
        ('permissions = ["https://a.example/api/"]', "is not a permission"),
        ('roles = ["a b"]', "a role without blanks"),
        ('logout_url = "http://a.example/"', "is http on another host"),
        ("allow_implicit = 1", "true or false"),
    ],
)
def test_a_bad_value_says_what_to_write(problems, line, words):
    found = problems(f"[[applications]]\n{ONE}{line}\n")

    assert len(found) == 1
    assert words in found[0]


def test_all_keys_of_an_application_are_kept(load):
    text = ONE + 'type = "spa"\nroles = ["Policy.ReadWrite"]\nlogout_url = "https://a.example/out"\n'
    application = load(f"[[applications]]\n{text}").applications[0]

    assert application.type is SPA
    assert application.roles == ("Policy.ReadWrite",)
    assert application.logout_url == "https://a.example/out"
