"""``/trustFramework/keySets``: policy keys. Source: graph-api.md §6.1, policy-keys.md §7."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from functools import partial
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.responses import Response

from journeyman.engine import Engine
from journeyman.keys.creation import (
    PASSWORD_LIMIT_BYTES,
    SECRET_LIMIT_BYTES,
    UPLOAD_LIMIT_BYTES,
    Lifetime,
    base64url,
    base64url_number,
)
from journeyman.keys.keyset import Key, KeySet
from journeyman.management.caller import Right
from journeyman.management.errors import NotFoundError
from journeyman.management.key_sets import KeySets, NewKey, etag_of
from journeyman.secret import Secret
from journeyman.web.graph.answers import Entity, created, entity, listed, no_content, selected
from journeyman.web.graph.members import Members
from journeyman.web.graph.request import GraphRequest
from journeyman.web.graph.route import GraphRoute
from journeyman.web.graph.schema import INTEGER, TEXT, array, collection, or_null
from journeyman.web.graph.schema import entity as schema_of

_SETS: Final = "trustFramework/keySets"
_SET: Final = "trustFramework/keySets/{id}"
_LATEST: Final = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())
_BASE64_LIMIT: Final = UPLOAD_LIMIT_BYTES * 4 // 3 + 4
_BODY_LIMIT: Final = 2 * _BASE64_LIMIT

_KEY: Final = schema_of(
    ("kid", "kty", "use"),
    kid=TEXT,
    kty=TEXT,
    use=TEXT,
    nbf=or_null(INTEGER),
    exp=or_null(INTEGER),
    n=TEXT,
    e=TEXT,
    x5c=array(TEXT),
    x5t=TEXT,
    status=TEXT,
)
_KEY_SET: Final = schema_of(("id", "keys"), id=TEXT, keys=array(_KEY))
_DATES: Final = {"use": TEXT, "nbf": or_null(INTEGER), "exp": or_null(INTEGER)}
_NEW_SET: Final = schema_of(("id",), id=TEXT, keys=array(schema_of(("kty",), kty=TEXT)))


def key_set_routes(engine: Engine) -> tuple[GraphRoute, ...]:
    """Return the routes of policy keys."""
    sets = KeySets(engine)
    return (*_reading(sets), *_changing(sets), *_adding(sets))


def _reading(sets: KeySets) -> tuple[GraphRoute, ...]:
    get = partial(GraphRoute, "GET", right=Right.READ_KEYS)
    one = partial(get, gives={200: _KEY})
    many = {200: collection(_KEY)}
    return (
        get(_SETS, handler=partial(_list, sets), summary="List key sets", gives={200: collection(_KEY_SET)}),
        get(_SET, handler=partial(_get, sets), summary="Get a key set", gives={200: _KEY_SET}),
        one(f"{_SET}/getActiveKey()", handler=partial(_active, sets), summary="Get the key that is used now"),
        get(f"{_SET}/keys_v2", handler=partial(_keys, sets), summary="List the keys of a set", gives=many),
        one(f"{_SET}/keys_v2/{{kid}}", handler=partial(_key, sets), summary="Get one key of a set"),
    )


def _changing(sets: KeySets) -> tuple[GraphRoute, ...]:
    whole = partial(GraphRoute, right=Right.WRITE_KEYS, takes=_NEW_SET, body_limit_bytes=_BODY_LIMIT)
    return (
        whole("POST", _SETS, handler=partial(_create, sets), summary="Create a key set", gives={201: _KEY_SET}),
        whole("PUT", _SET, handler=partial(_replace, sets), summary="Replace all keys", gives={200: _KEY_SET}),
        whole("PATCH", _SET, handler=partial(_replace, sets), summary="Replace all keys", gives={200: _KEY_SET}),
        GraphRoute("DELETE", _SET, Right.WRITE_KEYS, partial(_delete, sets), "Delete a key set; a copy is kept"),
    )


def _adding(sets: KeySets) -> tuple[GraphRoute, ...]:
    add = partial(GraphRoute, "POST", right=Right.WRITE_KEYS, gives={200: _KEY}, body_limit_bytes=_BODY_LIMIT)
    return (
        add(
            f"{_SET}/generateKey",
            handler=partial(_generate, sets),
            summary="Add a random key",
            takes=schema_of(("use", "kty"), kty=TEXT, **_DATES),
        ),
        add(
            f"{_SET}/uploadSecret",
            handler=partial(_upload_secret, sets),
            summary="Add a secret",
            takes=schema_of(("use", "k"), k=TEXT, **_DATES),
        ),
        add(
            f"{_SET}/uploadPkcs12",
            handler=partial(_upload_pfx, sets),
            summary="Add the key and the certificates of a PFX file",
            takes=schema_of(("key", "password"), key=TEXT, password=TEXT),
        ),
        add(
            f"{_SET}/uploadCertificate",
            handler=partial(_upload_certificate, sets),
            summary="Add a certificate",
            takes=schema_of(("key",), key=TEXT),
        ),
    )


# --- reading -----------------------------------------------------------------------------------------


async def _list(sets: KeySets, request: GraphRequest) -> Response:
    found = await sets.all(request.caller)
    return listed(request, [selected(request, _set_json(one)) for one in found], _SETS)


async def _get(sets: KeySets, request: GraphRequest) -> Response:
    return _set_answer(request, await sets.get(request.caller, request.parameters["id"]))


async def _active(sets: KeySets, request: GraphRequest) -> Response:
    return _key_answer(request, await sets.active(request.caller, request.parameters["id"]))


async def _keys(sets: KeySets, request: GraphRequest) -> Response:
    found = await sets.get(request.caller, request.parameters["id"])
    return listed(request, [_key_json(key) for key in found.keys], f"{_SETS}('{found.id}')/keys_v2")


async def _key(sets: KeySets, request: GraphRequest) -> Response:
    found = await sets.get(request.caller, request.parameters["id"])
    kid = request.parameters["kid"]
    key = next((one for one in found.keys if one.kid == kid), None)
    if key is None:
        raise NotFoundError(f"the key set {found.id} has no key {kid[:100]!r}")
    return _key_answer(request, key)


# --- changing ----------------------------------------------------------------------------------------


async def _create(sets: KeySets, request: GraphRequest) -> Response:
    body = await request.json()
    made = await sets.create(request.caller, body.text("id", max_length=200), _jwks(body))
    location = f"{_SETS}('{made.id}')"
    return created(request, _set_json(made), f"{_SETS}/$entity", location, etag=etag_of(made))


async def _replace(sets: KeySets, request: GraphRequest) -> Response:
    body = await request.json()
    if body.values.get("keys") is None:
        raise body.wrong("keys", "is missing: it holds all keys that the set is to have")
    name, if_match = request.parameters["id"], request.http.headers.get("if-match")
    made = await sets.replace(request.caller, name, _jwks(body), if_match=if_match)
    return _set_answer(request, made)


async def _delete(sets: KeySets, request: GraphRequest) -> Response:
    name, if_match = request.parameters["id"], request.http.headers.get("if-match")
    await sets.delete(request.caller, name, if_match=if_match)
    return no_content()


async def _generate(sets: KeySets, request: GraphRequest) -> Response:
    body = await request.json()
    if body.optional_text("kty") is None:
        raise body.wrong("kty", "is missing: it is RSA or oct", service_code="AADB2C95030")
    made = await sets.generate(request.caller, request.parameters["id"], body.text("kty"), _new_key(body))
    return _key_answer(request, made)


async def _upload_secret(sets: KeySets, request: GraphRequest) -> Response:
    body = await request.json()
    secret = Secret(_needed(body, "k", SECRET_LIMIT_BYTES))
    made = await sets.upload_secret(request.caller, request.parameters["id"], secret, _new_key(body))
    return _key_answer(request, made)


async def _upload_pfx(sets: KeySets, request: GraphRequest) -> Response:
    body = await request.json()
    pfx = _decoded(body, "key")
    password = Secret(body.text("password", max_length=PASSWORD_LIMIT_BYTES, blank=True))
    return _key_answer(request, await sets.upload_pfx(request.caller, request.parameters["id"], pfx, password))


async def _upload_certificate(sets: KeySets, request: GraphRequest) -> Response:
    body = await request.json()
    certificate = _decoded(body, "key")
    made = await sets.upload_certificate(request.caller, request.parameters["id"], certificate)
    return _key_answer(request, made)


# --- JSON --------------------------------------------------------------------------------------------


def _needed(body: Members, name: str, limit: int = _BASE64_LIMIT) -> str:
    value = body.optional_text(name, max_length=limit)
    if not value:
        raise body.wrong(name, "is missing or empty", service_code="AADB2C90253")
    return value


def _decoded(body: Members, name: str) -> bytes:
    text = _needed(body, name)
    if "-----BEGIN" in text:
        return text.encode()
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise body.wrong(name, "is not base64", service_code="AADB2C90179") from None


def _new_key(body: Members) -> NewKey:
    if body.optional_text("use") is None:
        raise body.wrong("use", "is missing: it is sig or enc", service_code="AADB2C95033")
    return NewKey(body.text("use").lower(), Lifetime(_date(body, "nbf"), _date(body, "exp")))


def _date(body: Members, name: str) -> datetime | None:
    seconds = body.integer(name)
    if seconds is None:
        return None
    if not 0 <= seconds <= _LATEST:
        raise body.wrong(name, "is not a date in seconds since 1970")
    return datetime.fromtimestamp(seconds, UTC)


def _jwks(body: Members) -> list[dict[str, object]]:
    return [dict(one.values) for one in body.inners("keys", max_items=100) or ()]


def _set_answer(request: GraphRequest, found: KeySet) -> Response:
    content = selected(request, _set_json(found))
    return entity(request, content, f"{_SETS}/$entity", etag=etag_of(found))


def _key_answer(request: GraphRequest, key: Key) -> Response:
    return entity(request, _key_json(key), "microsoft.graph.trustFrameworkKey")


def _set_json(found: KeySet) -> Entity:
    return {"id": found.id, "keys": [_key_json(key) for key in found.keys]}


def _key_json(key: Key) -> Entity:
    """Return what may be seen of a key: never its secret, never a private member."""
    content: dict[str, object] = {
        "kid": key.kid,
        "kty": key.kty,
        "use": key.use,
        "nbf": _seconds(key.not_before),
        "exp": _seconds(key.expires_at),
        "status": "enabled" if key.usable else "disabled",
    }
    if key.public_key is not None:
        numbers = key.public_key.public_numbers()
        content |= {"n": base64url_number(numbers.n), "e": base64url_number(numbers.e)}
    if key.certificates:
        chain = [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in key.certificates]
        # RFC 7517 §4.8 defines x5t by SHA-1; it names the certificate and protects nothing.
        content |= {"x5c": chain, "x5t": base64url(key.certificates[0].fingerprint(SHA1()))}  # noqa: S303 - RFC 7517
    return content


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())
