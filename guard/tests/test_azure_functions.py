from __future__ import annotations

import inspect

import pytest

from journeyman_guard import (
    ApiKeyCheck,
    Caller,
    ClientCertificateCheck,
    MisconfiguredError,
    hashed_credential,
    load_certificates,
)

functions = pytest.importorskip("azure.functions")

from journeyman_guard.azure_functions import guarded  # noqa: E402

KEY = ApiKeyCheck("x-functions-key", (hashed_credential("k", "good"),), query="code")
URL = "https://your-account.azurewebsites.net/api/loyalty"


def request(url=URL, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return functions.HttpRequest(method="POST", url=url, headers=named, params={}, body=b"{}")


@guarded({"POST /api/loyalty": KEY})
def loyalty(req, caller: Caller):
    return functions.HttpResponse(caller.subject)


@guarded({"POST /api/loyalty": KEY})
async def loyalty_async(req: functions.HttpRequest) -> functions.HttpResponse:
    return functions.HttpResponse("in")


def test_a_function_gets_the_caller_or_is_not_called():
    accepted, refused = loyalty(req=request(x_functions_key="good")), loyalty(req=request(x_functions_key="wrong"))

    assert (accepted.status_code, accepted.get_body()) == (200, b"k")
    assert (refused.status_code, refused.get_body()) == (401, b'{"error":"unauthorized"}')
    assert (refused.headers["www-authenticate"], refused.mimetype) == ('ApiKey realm="api"', "application/json")


def test_the_key_in_the_query_is_a_habit_that_works():
    assert loyalty(req=request(URL + "?code=good")).status_code == 200
    assert loyalty(req=request(URL + "?code=good&CODE=good")).status_code == 401
    assert loyalty(req=request(URL + "?code=wrong")).status_code == 401
    assert loyalty(req=request(URL + "/x?code=good")).status_code == 403


async def test_asynchronous_functions_too():
    assert (await loyalty_async(req=request(x_functions_key="good"))).get_body() == b"in"
    assert (await loyalty_async(req=request())).status_code == 401


def test_the_function_app_binds_the_request_only():
    assert list(inspect.signature(loyalty).parameters) == ["req"]
    assert loyalty.__name__ == "loyalty"


def test_the_function_app_takes_the_guarded_function():
    app = functions.FunctionApp()
    app.route(route="loyalty", auth_level=functions.AuthLevel.ANONYMOUS)(loyalty)

    (built,) = app.get_functions()
    assert built.get_function_name() == "loyalty"


def test_a_function_without_the_request_cannot_be_guarded():
    with pytest.raises(MisconfiguredError, match="no parameter req"):
        guarded({"POST /api/loyalty": KEY})(lambda: None)


@pytest.mark.parametrize(("platform", "status"), [("1", 200), ("", 403)])
def test_the_certificate_header_counts_in_app_service_only(monkeypatch, authority, platform, status):
    monkeypatch.setenv("WEBSITE_INSTANCE_ID", platform)
    check = ClientCertificateCheck(issuers=load_certificates(authority.cert_pem.bytes()))
    der = "".join(authority.issue_cert("c.example").cert_chain_pems[0].bytes().decode().splitlines()[1:-1])

    @guarded({"POST /api/loyalty": check}, client_certificates=True)
    def members(req):
        return functions.HttpResponse("in")

    assert members(req=request(x_arr_clientcert=der)).status_code == status


def test_the_front_end_names_the_source(monkeypatch, caplog):
    monkeypatch.setenv("WEBSITE_INSTANCE_ID", "1")

    @guarded({"POST /api/loyalty": KEY})
    def members(req):
        return functions.HttpResponse("in")

    members(req=request(x_forwarded_for="198.51.100.7:50123"))

    assert "from 198.51.100.7 with 401" in caplog.text
