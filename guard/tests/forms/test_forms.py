"""The guard passes its own catalogue in every form."""

import asyncio
import threading
import warnings
from dataclasses import replace
from typing import Annotated

import flask
import pytest
from fastapi import Depends, FastAPI
from forms_support import gold, not_refused
from werkzeug.serving import WSGIRequestHandler, make_server

from journeyman_guard import Caller, GuardMiddleware, GuardWsgiMiddleware
from journeyman_guard.dependency import require
from journeyman_guard.proxy.forward import Forwarder

KINDS = ("basic", "api-key", "bearer", "jwt")
PLAIN = {"ssl_context_factory": None, "proxy_headers": False}


@pytest.fixture
def scene(make_scene, request):
    made = make_scene(request.param)
    return replace(made, subject=replace(made.subject, tls=False))


every_kind = pytest.mark.parametrize("scene", KINDS, indirect=True)


@pytest.mark.slow
@every_kind
async def test_the_dependency_of_fastapi(serve_app, scene, attack, at):
    app = FastAPI(openapi_url=None, redirect_slashes=False)

    required = require(scene.check, scene.guard)

    @app.get("/api/loyalty")
    async def loyalty(caller: Annotated[Caller, Depends(required)]):
        return {"tier": "gold"}

    api = await serve_app(app, **PLAIN)
    report = await attack(at(scene.subject, api.port))

    assert [(name, seen) for name, seen in not_refused(report) if not name.startswith("path/")] == []
    assert report.passed


class QuietHandler(WSGIRequestHandler):
    """Log nothing."""

    def log(self, *arguments):
        pass


@pytest.fixture
def flask_server(scene):
    app = flask.Flask("api")

    @app.get("/api/loyalty")
    def loyalty():
        return {"tier": "gold"}

    app.wsgi_app = GuardWsgiMiddleware(app.wsgi_app, scene.guard)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.slow
@every_kind
async def test_flask_behind_wsgi(flask_server, scene, attack, at):
    with warnings.catch_warnings():
        # The development server leaves broken connections to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        report = await attack(at(scene.subject, flask_server.server_port))

    # Flask's own server unfolds a header before anyone sees it, and leaves a connection without keep-alive half open.
    of_the_server = ("/folded", "/after-the-right-one", "/after-two-right-ones")
    assert [name for name, _ in not_refused(report) if not name.endswith(of_the_server)] == []
    assert report.rightly_refused == 0


@pytest.mark.slow
@every_kind
async def test_the_reverse_proxy(serve_app, scene, attack, at):
    upstream = await serve_app(gold, **PLAIN)
    forwarder = Forwarder(f"http://127.0.0.1:{upstream.port}", tls=False, timeout_s=5, limit_bytes=10_000)
    await forwarder.open()
    api = await serve_app(GuardMiddleware(forwarder, scene.guard), **PLAIN)
    report = await attack(at(scene.subject, api.port))
    await forwarder.close()

    assert not_refused(report) == []
    assert report.passed


@pytest.mark.slow
@every_kind
async def test_azure_functions(serve_app, scene, attack, at):
    functions = pytest.importorskip("azure.functions")
    from journeyman_guard.azure_functions import guarded

    @guarded(scene.guard)
    def loyalty(req):
        return functions.HttpResponse('{"tier":"gold"}')

    async def host(scope, receive, send):
        url = f"https://host{scope['raw_path'].decode()}?{scope['query_string'].decode()}"
        headers = {}
        for name, value in scope["headers"]:
            # As the host of Azure Functions does it.
            earlier = headers.get(name.decode())
            headers[name.decode()] = (
                value.decode("latin-1") if earlier is None else f"{earlier}, {value.decode('latin-1')}"
            )
        request = functions.HttpRequest(method=scope["method"], url=url, headers=headers, params={}, body=b"")
        answer = await asyncio.to_thread(loyalty, req=request)
        lines = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
        body = answer.get_body()
        await send(
            {
                "type": "http.response.start",
                "status": answer.status_code,
                "headers": [*lines, (b"content-length", str(len(body)).encode())],
            }
        )
        await send({"type": "http.response.body", "body": body})

    api = await serve_app(host, **PLAIN)
    report = await attack(at(scene.subject, api.port))

    assert not_refused(report) == []
    assert report.passed
