"""``/users``: create, list, read, change and delete accounts. Source: graph-api.md §8."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from journeyman.directory.user import User
from journeyman.engine import Engine
from journeyman.management.caller import Right
from journeyman.management.errors import InvalidError
from journeyman.management.user_members import FIELDS, MEMBERS, READ_ONLY, is_extension, shown_name
from journeyman.management.users import UserPage, Users
from journeyman.web.graph import schema
from journeyman.web.graph.answers import PAGE, Entity, collection, count, created, entity, no_content, value
from journeyman.web.graph.filters import parse_filter
from journeyman.web.graph.request import GraphRequest, etag_of
from journeyman.web.graph.route import GraphRoute
from journeyman.web.graph.user_body import UserBodies

ORDERED: Final = 10_000
"""How many users can be put in another order than that of their ids."""

_SHOWN: Final = ("id", *MEMBERS, *(name for name in (*READ_ONLY, *FIELDS) if name != "id"))
_OPTIONS: Final = ("$select", "$filter", "$top", "$skiptoken", "$count", "$orderby")
_IDENTITY: Final = schema.entity(
    ("signInType", "issuer", "issuerAssignedId"),
    signInType=schema.TEXT,
    issuer=schema.TEXT,
    issuerAssignedId=schema.TEXT,
)
_PASSWORD: Final = schema.entity(password=schema.TEXT, forceChangePasswordNextSignIn=schema.FLAG)
_BODY: Final = schema.entity(
    **{one.name: schema.array(schema.TEXT) if one.many else schema.or_null(schema.TEXT) for one in MEMBERS.values()},
    accountEnabled=schema.FLAG,
    identities=schema.array(_IDENTITY),
    userPrincipalName=schema.or_null(schema.TEXT),
    passwordPolicies=schema.or_null(schema.TEXT),
    passwordProfile=schema.or_null(_PASSWORD),
)
_USER: Final = schema.entity(id=schema.GUID, displayName=schema.or_null(schema.TEXT))


def user_routes(engine: Engine) -> tuple[GraphRoute, ...]:
    """Return the routes of users."""
    users = Users(engine.users, engine.passwords, engine.clock)
    bodies = UserBodies(engine.tenant, lambda: engine.identity.user_attributes)
    api = UserApi(users, bodies, engine.tenant.extensions_app)
    read, write = Right.READ_USERS, Right.WRITE_USERS
    listed = schema.collection(_USER)
    return (
        GraphRoute("GET", "users", read, api.list, "List users", gives={200: listed}, options=_OPTIONS),
        GraphRoute("POST", "users", write, api.create, "Create a user", takes=_BODY, gives={201: _USER}),
        GraphRoute(
            "GET",
            "users/$count",
            read,
            api.count,
            "Count users",
            gives={200: schema.TEXT},
            gives_type="text/plain",
            options=("$filter",),
        ),
        GraphRoute("GET", "users/{id}", read, api.get, "Get a user", gives={200: _USER}, options=("$select",)),
        GraphRoute("PATCH", "users/{id}", write, api.update, "Update a user", takes=_BODY),
        GraphRoute("DELETE", "users/{id}", write, api.delete, "Delete a user"),
        GraphRoute(
            "POST",
            "users/{id}/revokeSignInSessions",
            write,
            api.end_sessions,
            "End the sessions of a user",
            gives={200: schema.entity(value=schema.FLAG)},
        ),
    )


@dataclass(frozen=True, slots=True)
class UserApi:
    """The handlers of users."""

    users: Users
    bodies: UserBodies
    extensions_app: str

    async def list(self, request: GraphRequest) -> Response:
        """Answer with one page of users."""
        query = request.query
        if query.search:
            detail = "$search is not served here; use $filter, for instance startswith(displayName,'A')"
            raise InvalidError(detail, member="$search", service_code="Request_UnsupportedQuery")
        condition = parse_filter(query.filter)
        size = PAGE if query.top is None else query.top
        if query.order_by:
            return await self._ordered(request, size)
        page = await self.users.page(request.caller, condition, after=query.skip_token, size=size)
        page = page if size else UserPage((), "")
        total = await self.users.count(request.caller, condition) if query.count else None
        items = [self.json(request, user) for user in page.users]
        return collection(request, items, "users", next_token=page.next_after, total=total)

    async def count(self, request: GraphRequest) -> Response:
        """Answer how many there are."""
        return count(await self.users.count(request.caller, parse_filter(request.query.filter)))

    async def create(self, request: GraphRequest) -> Response:
        """Add a user."""
        change = self.bodies.change(await request.json(), None)
        user = await self.users.create(request.caller, change)
        etag = etag_of(user.version)
        return created(request, self.json(request, user), "users/$entity", f"users/{user.object_id}", etag=etag)

    async def get(self, request: GraphRequest) -> Response:
        """Answer with one user."""
        user = await self.users.get(request.caller, request.parameters["id"])
        return entity(request, self.json(request, user), "users/$entity", etag=etag_of(user.version))

    async def update(self, request: GraphRequest) -> Response:
        """Change a user."""
        body = await request.json()
        await self.users.update(
            request.caller,
            request.parameters["id"],
            lambda user: self.bodies.change(body, user),
            check=_unchanged(request),
        )
        return no_content()

    async def delete(self, request: GraphRequest) -> Response:
        """Delete a user."""
        await self.users.delete(request.caller, request.parameters["id"], check=_unchanged(request))
        return no_content()

    async def end_sessions(self, request: GraphRequest) -> Response:
        """End the sessions of a user."""
        await self.users.end_sessions(request.caller, request.parameters["id"])
        return value(request, content=True, context="Edm.Boolean")

    def json(self, request: GraphRequest, user: User) -> Entity:
        """Return a user with the members that ``$select`` names; without it all but extension attributes."""
        value_of = self.users.value_of(user)
        wanted = request.query.select or _SHOWN
        canonical = {name.lower(): name for name in _SHOWN}
        found: dict[str, object] = {}
        for name in wanted:
            known = canonical.get(name.lower())
            if known is not None:
                found[known] = value_of(known)
            elif is_extension(name) and (held := value_of(name)) is not None:
                found[shown_name(name, self.extensions_app)] = held
        return found

    async def _ordered(self, request: GraphRequest, size: int) -> Response:
        """Answer with one page of users in the order of a member."""
        condition = parse_filter(request.query.filter)
        page = await self.users.page(request.caller, condition, size=ORDERED)
        if page.next_after:
            detail = f"$orderby puts at most {ORDERED} users in order; add a $filter, or leave it out"
            raise InvalidError(detail, member="$orderby", service_code="Request_UnsupportedQuery")
        users = [*page.users]
        for name, descending in reversed(request.query.order_by):
            users.sort(key=self._key_of(name), reverse=descending)
        token = request.query.skip_token
        start = int(token) if token.isdecimal() and len(token) < 8 else request.query.skip
        items = [self.json(request, user) for user in users[start : start + size]]
        following = str(start + size) if size and start + size < len(users) else ""
        return collection(request, items, "users", next_token=following, total=len(users))

    def _key_of(self, name: str) -> Callable[[User], str]:
        return lambda user: str(self.users.value_of(user)(name) or "").casefold()


def _unchanged(request: GraphRequest) -> Callable[[User], None]:
    return lambda user: request.refuse_changed(etag_of(user.version))
