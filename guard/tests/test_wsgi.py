from __future__ import annotations

import asyncio
import threading
from wsgiref.util import setup_testing_defaults

import argon2
import django
import flask
import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path

from journeyman_guard import (
    AnyoneCheck,
    ApiKeyCheck,
    BasicCheck,
    ClientCertificateCheck,
    Credential,
    Guard,
    GuardWsgiMiddleware,
    SlowSecret,
    TrustedProxies,
    caller_of_environ,
    hashed_credential,
    load_certificates,
    read_networks,
)
from journeyman_guard.blocking import BlockingGuard, run_at_once

KEY = ApiKeyCheck("x-key", (hashed_credential("k", "good"),), query="code")


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    shown = [caller_of_environ(environ).subject, *sorted(key for key in environ if key.startswith("HTTP_"))]
    return [" ".join(shown).encode()]


def call(app, target="/", method="GET", **environ):
    answer = {}
    given = {"REQUEST_METHOD": method, "PATH_INFO": target, "REMOTE_ADDR": "198.51.100.7", **environ}
    setup_testing_defaults(given)
    del given["HTTP_HOST"]

    def start_response(status, headers):
        answer.update(status=int(status[:3]), headers=headers)

    answer["body"] = b"".join(app(given, start_response))
    return answer


def test_a_right_key_gets_in_by_header_and_query():
    app = GuardWsgiMiddleware(application, {"GET /": KEY})

    assert call(app, HTTP_X_KEY="good")["body"] == b"k HTTP_X_KEY"
    assert call(app, QUERY_STRING="code=good")["body"] == b"k"
    assert call(app, HTTP_X_KEY="good", QUERY_STRING="code=good")["status"] == 401


@pytest.mark.parametrize(
    ("target", "environ", "status"),
    [
        ("/", {}, 401),
        ("/", {"HTTP_X_KEY": "good,good"}, 401),
        ("/other", {"HTTP_X_KEY": "good"}, 403),
        ("/", {"HTTP_X_KEY": "good", "REQUEST_METHOD": "POST"}, 403),
        ("/", {"HTTP_X_KEY": "good", "REQUEST_URI": "/%2f"}, 403),
        ("/", {"HTTP_X_KEY": "good", "RAW_URI": "/;x?a=1"}, 403),
        ("/\xff", {"HTTP_X_KEY": "good"}, 403),
    ],
)
def test_a_wrong_request_does_not(target, environ, status):
    answer = call(GuardWsgiMiddleware(application, {"GET /": KEY}), target, **environ)

    assert (answer["status"], answer["body"]) == (status, b'{"error":"unauthorized"}')
    assert ("Cache-Control", "no-store") in answer["headers"]


def test_the_answer_to_head_has_no_body():
    assert call(GuardWsgiMiddleware(application, {"GET /": KEY}), method="HEAD")["body"] == b""


def test_spoofed_headers_are_taken_off_and_the_rest_stays():
    answer = call(GuardWsgiMiddleware(application, {"GET /": KEY}), HTTP_X_KEY="good", HTTP_X_ARR_CLIENTCERT="MIIB")

    assert answer["body"] == b"k HTTP_X_KEY"


def test_a_certificate_comes_from_apache_or_from_a_named_proxy(authority):
    pem = authority.issue_cert("c.example", common_name="c").cert_chain_pems[0].bytes().decode()
    check = ClientCertificateCheck(issuers=load_certificates(authority.cert_pem.bytes()))
    app = GuardWsgiMiddleware(application, Guard({"GET /": check}))

    assert call(app, SSL_CLIENT_CERT=pem, SSL_CLIENT_VERIFY="SUCCESS")["status"] == 200
    assert call(app, SSL_CLIENT_CERT=pem, SSL_CLIENT_VERIFY="FAILED:x")["status"] == 403
    assert call(app, HTTP_SSL_CLIENT_CERT=pem)["status"] == 403


def test_behind_a_named_proxy_the_header_of_the_certificate_stays(authority):
    der = "".join(authority.issue_cert("c.example").cert_chain_pems[0].bytes().decode().splitlines()[1:-1])
    check = ClientCertificateCheck(issuers=load_certificates(authority.cert_pem.bytes()))
    proxies = TrustedProxies(read_networks(["10.0.0.5"]), "x-arr-clientcert")
    app = GuardWsgiMiddleware(application, Guard({"GET /": check}, proxies=proxies))

    assert call(app, HTTP_X_ARR_CLIENTCERT=der)["status"] == 403
    behind = call(app, HTTP_X_ARR_CLIENTCERT=der, HTTP_CLIENT_CERT="x", REMOTE_ADDR="10.0.0.5")
    assert behind["body"].endswith(b" HTTP_X_ARR_CLIENTCERT")


def test_slow_checks_run_on_one_loop_for_all_threads():
    hashed = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("p")
    app = GuardWsgiMiddleware(application, {"GET /": BasicCheck((Credential("u", SlowSecret(hashed)),))})
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(call(app, HTTP_AUTHORIZATION="Basic dTpw")["status"]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    app._blocking.close()
    app._blocking.close()

    assert answers == [200] * 4


def test_a_check_that_takes_too_long_lets_nobody_in(monkeypatch, request_with):
    class Endless:
        async def check(self, request):
            await asyncio.sleep(60)

    monkeypatch.setattr("journeyman_guard.blocking.WAIT_S", 0.05)
    app = GuardWsgiMiddleware(application, {"GET /": Endless()})

    assert call(app)["status"] == 403
    app._blocking.close()


def test_a_check_that_waits_although_it_said_never_is_an_error():
    class Liar:
        never_waits = True

        async def check(self, request):
            await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="has waited"):
        call(GuardWsgiMiddleware(application, {"GET /": Liar()}))


def test_a_blocking_guard_serves_an_open_route(request_with):
    assert BlockingGuard(Guard({"GET /": AnyoneCheck()})).admit(request_with()).subject == "anonymous"
    assert run_at_once(AnyoneCheck().check(request_with())).subject == "anonymous"


def test_an_application_without_a_guard_has_no_caller():
    with pytest.raises(LookupError, match="GuardWsgiMiddleware"):
        caller_of_environ({})


def test_flask_behind_the_guard():
    app = flask.Flask(__name__)

    @app.get("/members/<member>")
    def show(member):
        return {"member": member, "caller": caller_of_environ(flask.request.environ).subject}

    app.wsgi_app = GuardWsgiMiddleware(app.wsgi_app, {"GET /members/{member}": KEY})
    client = app.test_client()

    assert client.get("/members/7", headers={"x-key": "good"}).json == {"member": "7", "caller": "k"}
    assert client.get("/members/7").status_code == 401
    assert client.get("/members/7/", headers={"x-key": "good"}).status_code == 403


def show_member(request, member):
    return JsonResponse({"member": member, "caller": caller_of_environ(request.environ).subject})


class Urls:
    urlpatterns = (path("members/<member>", show_member),)


def test_django_behind_the_guard():
    if not settings.configured:
        settings.configure(ROOT_URLCONF=Urls, ALLOWED_HOSTS=["*"], SECRET_KEY="x" * 50)
        django.setup()
    app = GuardWsgiMiddleware(get_wsgi_application(), {"GET /members/{member}": KEY})

    accepted, refused = call(app, "/members/7", HTTP_X_KEY="good"), call(app, "/members/7")

    assert (accepted["status"], accepted["body"]) == (200, b'{"member": "7", "caller": "k"}')
    assert refused["status"] == 401
