"""``/trustFramework/releases``: whole releases of policies. Journeyman's own; Graph has nothing like it.

Texts travel in base64, so that a byte order mark and line ends arrive as they are in the file.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from starlette.responses import JSONResponse, Response

from journeyman.configuration.releases import Difference, Release
from journeyman.engine import Engine
from journeyman.management.caller import Right
from journeyman.management.errors import InvalidError, NotFoundError, TooLargeError
from journeyman.management.releases import POLICIES_LIMIT, Plan, Problem, Releases, releases_of
from journeyman.policy.load import PolicyText
from journeyman.web.graph.answers import Entity, created, entity, listed, text
from journeyman.web.graph.json_text import parse_body
from journeyman.web.graph.members import Members
from journeyman.web.graph.policies import XML
from journeyman.web.graph.request import GraphRequest
from journeyman.web.graph.route import GraphRoute
from journeyman.web.graph.schema import INTEGER, MOMENT, TEXT, array, collection, or_null
from journeyman.web.graph.schema import entity as schema_of

_RELEASES: Final = "trustFramework/releases"
_RELEASE: Final = "trustFramework/releases/{number}"
_BODY_LIMIT: Final = 64 * 1024 * 1024

_PROBLEM: Final = schema_of(
    ("policyId", "name", "code", "message"),
    policyId=TEXT,
    name=TEXT,
    code=TEXT,
    message=TEXT,
    help=TEXT,
    line=INTEGER,
    column=INTEGER,
)
_PLAN: Final = schema_of(
    ("after", "added", "changed", "removed", "unchanged", "problems", "breaks"),
    after=INTEGER,
    added=array(TEXT),
    changed=array(TEXT),
    removed=array(TEXT),
    unchanged=array(TEXT),
    names={"type": "object", "additionalProperties": TEXT},
    shadows={"type": "object", "additionalProperties": TEXT},
    problems=array(_PROBLEM),
    breaks=array(_PROBLEM),
)
_RELEASE_SCHEMA: Final = schema_of(
    ("number", "createdDateTime", "actor", "note", "policies"),
    number=INTEGER,
    createdDateTime=MOMENT,
    actor=TEXT,
    note=TEXT,
    policies=array(schema_of(("id", "sha256"), id=TEXT, sha256=TEXT)),
)
_PUBLISHED: Final = schema_of(("plan", "release"), plan=_PLAN, release=or_null(_RELEASE_SCHEMA))
_NEW: Final = schema_of(
    ("policies",),
    policies=array(schema_of(("name", "content"), name=TEXT, content=TEXT)),
    note=TEXT,
    after=INTEGER,
)
_BACK: Final = schema_of((), note=TEXT, after=INTEGER)


def release_routes(engine: Engine) -> tuple[GraphRoute, ...]:
    """Return the routes of releases."""
    releases = releases_of(engine)
    read = partial(GraphRoute, "GET", right=Right.READ_POLICIES)
    write = partial(GraphRoute, "POST", right=Right.WRITE_POLICIES)
    whole = partial(write, takes=_NEW, body_limit_bytes=_BODY_LIMIT)
    published = {200: _PUBLISHED, 201: _PUBLISHED}
    return (
        read(
            _RELEASES,
            handler=partial(_list, releases),
            summary="List releases",
            gives={200: collection(_RELEASE_SCHEMA)},
        ),
        read(_RELEASE, handler=partial(_get, releases), summary="Get a release", gives={200: _RELEASE_SCHEMA}),
        read(
            f"{_RELEASE}/policies/{{id}}/$value",
            handler=partial(_text, releases),
            summary="Read a policy as it is in a release",
            gives={200: TEXT},
            gives_type=XML,
        ),
        whole(f"{_RELEASES}/plan", handler=partial(_plan, releases), summary="Plan a release", gives={200: _PLAN}),
        whole(_RELEASES, handler=partial(_publish, releases), summary="Publish a release", gives=published),
        write(
            f"{_RELEASE}/rollback",
            handler=partial(_roll_back, releases),
            summary="Publish an older release again",
            takes=_BACK,
            gives=published,
        ),
    )


async def _list(releases: Releases, request: GraphRequest) -> Response:
    return listed(request, [_release_json(one) for one in await releases.list(request.caller)], _RELEASES)


async def _get(releases: Releases, request: GraphRequest) -> Response:
    found = await releases.get(request.caller, _number(request))
    return entity(request, _release_json(found), f"{_RELEASES}/$entity")


async def _text(releases: Releases, request: GraphRequest) -> Response:
    found = await releases.text(request.caller, _number(request), request.parameters["id"])
    return text(found, media_type=XML)


async def _plan(releases: Releases, request: GraphRequest) -> Response:
    body = await _body(request)
    plan = await releases.plan(request.caller, await _texts(releases, body))
    return JSONResponse(_plan_json(plan))


async def _publish(releases: Releases, request: GraphRequest) -> Response:
    body = await _body(request)
    texts = await _texts(releases, body)
    plan, release = await releases.publish(request.caller, texts, note=_note(body), after=body.integer("after"))
    return _published(request, plan, release)


async def _roll_back(releases: Releases, request: GraphRequest) -> Response:
    raw = await request.body()
    value = parse_body(raw) if raw.strip() else {}
    if not isinstance(value, dict):
        raise InvalidError("the body is not a JSON object; write one in { }, or none")
    body = Members(value)
    number, after = _number(request), body.integer("after")
    plan, release = await releases.roll_back(request.caller, number, note=_note(body), after=after)
    return _published(request, plan, release)


def _published(request: GraphRequest, plan: Plan, release: Release | None) -> Response:
    content = {"plan": _plan_json(plan), "release": None if release is None else _release_json(release)}
    if release is None:
        return entity(request, content, f"{_RELEASES}/$entity")
    return created(request, content, f"{_RELEASES}/$entity", f"{_RELEASES}/{release.number}")


def _number(request: GraphRequest) -> int:
    text = request.parameters["number"]
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise NotFoundError(f"there is no release {text[:40]!r}; a release has a number")
    return int(text)


def _note(body: Members) -> str:
    return body.optional_text("note") or ""


async def _body(request: GraphRequest) -> Members:
    """Read a body that may be long, apart from the loop."""
    data = await request.body()
    try:
        value = await asyncio.to_thread(json.loads, data)
    except (ValueError, RecursionError):
        raise InvalidError("the body is not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise InvalidError("the body is not a JSON object; write one in { }")
    return Members(value)


async def _texts(releases: Releases, body: Members) -> Sequence[PolicyText]:
    policies = body.inners("policies", max_items=POLICIES_LIMIT)
    if policies is None:
        raise body.wrong("policies", "is missing: it holds all policies of the release")
    return await asyncio.to_thread(lambda: [_one_text(one, releases.text_limit_bytes) for one in policies])


def _one_text(one: Members, limit_bytes: int) -> PolicyText:
    name, content = one.text("name"), one.text("content", max_length=_BODY_LIMIT, blank=True)
    try:
        data = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise one.wrong("content", "is not base64") from None
    if len(data) > limit_bytes:
        raise TooLargeError(f"{name} is longer than {limit_bytes} bytes", member=one.place("content"))
    return PolicyText(name, data)


def _release_json(release: Release) -> Entity:
    return {
        "number": release.number,
        "createdDateTime": _moment(release.at),
        "actor": release.actor,
        "note": release.note,
        "policies": [{"id": name, "sha256": digest} for name, digest in release.manifest.items()],
    }


def _plan_json(plan: Plan) -> Entity:
    return {
        "after": plan.after,
        **_difference_json(plan.difference),
        "names": dict(plan.names),
        "shadows": dict(plan.shadows),
        "problems": [_problem_json(one) for one in plan.problems],
        "breaks": [_problem_json(one) for one in plan.breaks],
    }


def _difference_json(found: Difference) -> Entity:
    return {
        "added": [*found.added],
        "changed": [*found.changed],
        "removed": [*found.removed],
        "unchanged": [*found.unchanged],
    }


def _problem_json(one: Problem) -> Entity:
    return {
        "policyId": one.policy_id,
        "name": one.name,
        "code": one.code,
        "message": one.message,
        "help": one.help,
        "line": one.line,
        "column": one.column,
    }


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
