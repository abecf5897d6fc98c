"""Every route there is, with every role, without a token, with a token of somebody else: decided before all else."""

import asyncio

import pytest

from journeyman.keys.creation import generate_rsa
from journeyman.keys.jose import sign_jwt
from journeyman.management.caller import ROLES, Right, caller_of
from journeyman.web.graph.areas import all_routes
from journeyman.web.graph.router import parameter_names

pytestmark = pytest.mark.asyncio(loop_scope="session")


def address(route, version="v1.0"):
    path = route.pattern
    for name in parameter_names(path):
        path = path.replace(f"{{{name}}}", "no-such-object")
    return f"/{version}/{path}"


def allowed_by(right):
    """Roles by graph-api.md §12: a right to write implies the right to read; every role may read the organization."""
    if right is Right.READ_ORGANIZATION:
        return set(ROLES)
    return {name for name, rights in ROLES.items() if right in rights}


async def statuses(site, http, routes, token):
    headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def ask(route):
        # The body is no JSON and the object does not exist: who may not ask is never told so.
        extra = {"data": b"{"} if route.method in {"POST", "PUT", "PATCH"} else {}
        reply = await site.ask(http, route.method, site.origin + address(route), headers=headers, **extra)
        return f"{route.method} {route.pattern}", reply.status

    found = []
    for start in range(0, len(routes), 16):
        found += await asyncio.gather(*map(ask, routes[start : start + 16]))
    return dict(found)


@pytest.fixture(scope="session")
def routes(shared_site):
    return all_routes(shared_site.engine)


async def test_without_a_token_every_route_is_401(shared_site, shared_http, routes):
    found = await statuses(shared_site, shared_http, routes, "")

    assert {name for name, status in found.items() if status != 401} == set()
    assert len(found) == len(routes)


async def test_a_token_of_another_tenant_is_401_on_every_route(shared_site, shared_http, shared_api, claims_of, routes):
    engine = shared_site.engine
    key = engine.keys.active(engine.platform_signing_key)
    elsewhere = "99999999-2222-4333-8444-555555555555"
    claims = claims_of(shared_api.token)
    issuer = claims["iss"].replace(engine.tenant.id, elsewhere)
    ours = sign_jwt(key, {**claims, "tid": elsewhere, "iss": issuer})
    # Two keys of one name, as two tenants on one machine could have.
    theirs = sign_jwt(generate_rsa(use="sig", now=engine.clock.now()), claims, {"kid": key.kid})

    assert set((await statuses(shared_site, shared_http, routes, ours)).values()) == {401}
    assert set((await statuses(shared_site, shared_http, routes, theirs)).values()) == {401}


@pytest.mark.parametrize("role", [*ROLES, ""])
async def test_a_role_opens_what_it_names_and_nothing_else(shared_site, shared_http, shared_employ, routes, role):
    api = await shared_employ(*([role] if role else []))
    found = await statuses(shared_site, shared_http, routes, api.token)

    opened = {name for name, status in found.items() if status != 403}
    assert opened == {f"{r.method} {r.pattern}" for r in routes if role in allowed_by(r.right)}
    assert {status for status in found.values() if status >= 500 or status == 401} == set()


@pytest.mark.parametrize("role", ROLES)
async def test_a_right_to_write_implies_the_right_to_read(role):
    rights = {right.name for right in caller_of("x", frozenset({role})).rights}

    assert {name.replace("WRITE_", "READ_") for name in rights} <= rights


async def test_every_route_that_changes_something_needs_a_right_to_write(routes):
    changing = [route for route in routes if route.method != "GET"]

    assert [route.pattern for route in changing if not route.right.name.startswith("WRITE_")] == []
    assert [r.pattern for r in routes if r.method == "GET" and not r.right.name.startswith("READ_")] == []
