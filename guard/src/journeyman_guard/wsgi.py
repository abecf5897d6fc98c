"""The guard in front of a WSGI application: Flask, Django, Bottle and the like (PEP 3333)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from journeyman_guard.blocking import BlockingGuard
from journeyman_guard.caller import Caller
from journeyman_guard.check import Check
from journeyman_guard.errors import Refused
from journeyman_guard.guard import BODY, Guard, guard_of, refusal_headers
from journeyman_guard.request import GuardRequest

Environ: TypeAlias = dict[str, Any]
StartResponse: TypeAlias = Callable[..., Any]
WSGIApp: TypeAlias = Callable[[Environ, StartResponse], Iterable[bytes]]

CALLER: Final = "journeyman_guard.caller"
_WITHOUT_PREFIX: Final = {"CONTENT_TYPE": b"content-type", "CONTENT_LENGTH": b"content-length"}


class GuardWsgiMiddleware:
    """Let a request through to ``app`` only when the check of its route accepts it.

    Flask: ``app.wsgi_app = GuardWsgiMiddleware(app.wsgi_app, policy)``. Django: wrap ``application`` in ``wsgi.py``. A
    client certificate is read from ``SSL_CLIENT_CERT``, which Apache's mod_ssl sets, or from the header of a named proxy.

    Args:
        policy: a ``Guard``, or ``"METHOD /path/{name}"`` -> check.
    """

    def __init__(self, app: WSGIApp, policy: Guard | Mapping[str, Check]) -> None:
        self._app = app
        self.guard = guard_of(policy)
        self._blocking = BlockingGuard(self.guard)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        arrived = request_of_environ(environ)
        request = self.guard.proxies.believed(arrived)
        try:
            caller = self._blocking.admit(request)
        except Refused as refusal:
            status = HTTPStatus(refusal.status)
            headers = [(name.title(), value) for name, value in refusal_headers(refusal)]
            start_response(f"{status.value} {status.phrase}", headers)
            return [BODY] if environ["REQUEST_METHOD"] != "HEAD" else [b""]
        inner = _without_stripped(environ, arrived, request) if request is not arrived else dict(environ)
        inner[CALLER] = caller
        return self._app(inner, start_response)


def caller_of_environ(environ: Mapping[str, Any]) -> Caller:
    """Return who calls, inside the application. Raises LookupError when no guard stands before it."""
    caller: Caller | None = environ.get(CALLER)
    if caller is None:
        raise LookupError("this request did not pass a GuardWsgiMiddleware")
    return caller


def request_of_environ(environ: Mapping[str, Any]) -> GuardRequest:
    """Read a WSGI environment; a path that is not UTF-8 matches no route."""
    verified = environ.get("SSL_CLIENT_VERIFY")
    certificate = environ.get("SSL_CLIENT_CERT")
    return GuardRequest(
        method=environ["REQUEST_METHOD"],
        path=_path(environ),
        headers=tuple(_headers(environ)),
        client_certificates=(certificate,) if certificate else (),
        client_certificate_error=None if verified in (None, "SUCCESS", "NONE") else "not verified by the server",
        source=environ.get("REMOTE_ADDR") or "unknown",
        query=environ.get("QUERY_STRING", "").encode("latin-1", "replace"),
        raw_path=_raw_path(environ),
    )


def _path(environ: Mapping[str, Any]) -> str:
    try:
        path: str = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8")
    except UnicodeError:
        return ""
    return path or "/"


def _raw_path(environ: Mapping[str, Any]) -> bytes:
    # Not in PEP 3333, but most servers set one of them.
    target: str = environ.get("REQUEST_URI") or environ.get("RAW_URI") or ""
    return target.partition("?")[0].encode("latin-1", "replace")


def _headers(environ: Mapping[str, Any]) -> Iterable[tuple[bytes, bytes]]:
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            yield key[5:].lower().replace("_", "-").encode("latin-1", "replace"), value.encode("latin-1", "replace")
        elif key in _WITHOUT_PREFIX and value:
            yield _WITHOUT_PREFIX[key], value.encode("latin-1", "replace")


def _without_stripped(environ: Environ, arrived: GuardRequest, believed: GuardRequest) -> Environ:
    kept = {name for name, _ in believed.headers}
    gone = {name.decode("latin-1") for name, _ in arrived.headers if name not in kept}
    keys = {"HTTP_" + name.upper().replace("-", "_") for name in gone}
    return {key: value for key, value in environ.items() if key not in keys}
