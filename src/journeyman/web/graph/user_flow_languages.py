"""``…/languages``: which languages a user flow offers, and the texts of its pages in them. Source: graph-api.md §4."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from babel import Locale, UnknownLocaleError
from starlette.responses import JSONResponse, Response

from journeyman.management.caller import Right
from journeyman.management.errors import NotFoundError
from journeyman.management.flow_edits import with_language, without_language
from journeyman.management.flow_rules import language_tag
from journeyman.management.user_flows import UserFlows
from journeyman.policy.user_flow.pages import Page, pages_of
from journeyman.settings.identity import UserFlow
from journeyman.web.graph.answers import Entity, created, entity, listed, no_content
from journeyman.web.graph.language_files import (
    default_file,
    overridden_pages,
    overrides_file,
    page_of_flow,
    with_overrides,
)
from journeyman.web.graph.request import GraphRequest
from journeyman.web.graph.route import GraphRoute
from journeyman.web.graph.schema import ANY, FLAG, TEXT, collection
from journeyman.web.graph.schema import entity as schema_of

LANGUAGE: Final = schema_of(("id", "isEnabled"), id=TEXT, displayName=TEXT, isEnabled=FLAG)
_PAGE: Final = schema_of(("id",), id=TEXT)
_FILE: Final = schema_of((), LocalizedStrings={"type": "array", "items": ANY})


def flow_language_routes(flows: UserFlows, place: str) -> tuple[GraphRoute, ...]:
    """Return the routes of one collection of user flows."""
    handlers = FlowLanguageHandlers(flows, place)
    all_of_it, one = f"{place}/{{id}}/languages", f"{place}/{{id}}/languages/{{tag}}"
    read, write = Right.READ_USER_FLOWS, Right.WRITE_USER_FLOWS
    defaults, overrides = f"{one}/defaultPages", f"{one}/overridesPages"
    pages = collection(_PAGE)
    return (
        GraphRoute(
            "GET", all_of_it, read, handlers.list, "List the languages of a user flow", gives={200: collection(LANGUAGE)}
        ),
        GraphRoute("GET", one, read, handlers.get, "Get a language of a user flow", gives={200: LANGUAGE}),
        GraphRoute(
            "PUT", one, write, handlers.put, "Offer a language, or with isEnabled false offer it no longer",
            takes=schema_of((), isEnabled=FLAG), gives={201: LANGUAGE, 204: None},
        ),
        GraphRoute("DELETE", one, write, handlers.delete, "Offer a language no longer, and forget its texts"),
        GraphRoute("GET", defaults, read, handlers.default_pages, "List the pages of a user flow", gives={200: pages}),
        GraphRoute(
            "GET", overrides, read, handlers.overrides_pages, "List the pages whose texts are replaced", gives={200: pages}
        ),
        GraphRoute("GET", f"{defaults}/{{page}}", read, handlers.page, "Get a page", gives={200: _PAGE}),
        GraphRoute(
            "GET", f"{defaults}/{{page}}/$value", read, handlers.default_value, "Get the built-in texts of a page",
            gives={200: _FILE},
        ),
        GraphRoute("GET", f"{overrides}/{{page}}", read, handlers.page, "Get a page", gives={200: _PAGE}),
        GraphRoute(
            "GET", f"{overrides}/{{page}}/$value", read, handlers.overrides_value, "Get the texts that replace others",
            gives={200: _FILE},
        ),
        GraphRoute(
            "PUT", f"{overrides}/{{page}}/$value", write, handlers.put_overrides, "Replace texts of a page", takes=_FILE
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FlowLanguageHandlers:
    """What answers the requests; ``place`` is the collection of user flows."""

    flows: UserFlows
    place: str

    async def list(self, request: GraphRequest) -> Response:
        """List."""
        flow = await self._flow(request)
        return listed(request, [_shown(flow, tag) for tag in known_languages(flow)], f"{self.place}/languages")

    async def get(self, request: GraphRequest) -> Response:
        """Get."""
        flow = await self._flow(request)
        return entity(request, _shown(flow, _known(flow, request)), f"{self.place}/languages/$entity")

    async def put(self, request: GraphRequest) -> Response:
        """Offer a language or not."""
        tag = language_tag(request.parameters["tag"], "id")
        enabled = (await request.json()).flag("isEnabled") is not False
        before = tag.casefold() in map(str.casefold, known_languages(await self._flow(request)))

        def edit(flow: UserFlow) -> UserFlow:
            if enabled:
                return replace(with_language(flow, tag), language_customization=True)
            return replace(flow, languages=tuple(each for each in flow.languages if each.casefold() != tag.casefold()))

        flow = await self._update(request, edit, f"languages/{tag}")
        if before:
            return no_content()
        return created(
            request, _shown(flow, tag), f"{self.place}/languages/$entity", f"{self.place}/{flow.id}/languages/{tag}"
        )

    async def delete(self, request: GraphRequest) -> Response:
        """Take a language out."""
        tag = request.parameters["tag"]
        await self._update(request, lambda flow: without_language(flow, tag), f"languages/{tag[:64]}")
        return no_content()

    async def default_pages(self, request: GraphRequest) -> Response:
        """List the pages."""
        flow = await self._flow(request)
        _known(flow, request)
        return listed(request, [{"id": page.name} for page in pages_of(flow)], "defaultPages")

    async def overrides_pages(self, request: GraphRequest) -> Response:
        """List the pages whose texts are replaced."""
        flow = await self._flow(request)
        found = overridden_pages(flow, _known(flow, request))
        return listed(request, [{"id": page.name} for page in found], "overridesPages")

    async def page(self, request: GraphRequest) -> Response:
        """Get a page."""
        flow = await self._flow(request)
        _known(flow, request)
        return entity(request, {"id": _page(flow, request).name}, "pages/$entity")

    async def default_value(self, request: GraphRequest) -> Response:
        """Get built-in texts."""
        flow = await self._flow(request)
        _known(flow, request)
        return JSONResponse(default_file(flow, _page(flow, request)))

    async def overrides_value(self, request: GraphRequest) -> Response:
        """Get texts that replace others."""
        flow = await self._flow(request)
        return JSONResponse(overrides_file(flow, _page(flow, request), _known(flow, request)))

    async def put_overrides(self, request: GraphRequest) -> Response:
        """Replace texts."""
        file = await request.json()

        def edit(flow: UserFlow) -> UserFlow:
            return with_overrides(flow, _page(flow, request), _known(flow, request), file)

        await self._update(request, edit, f"overridesPages/{request.parameters['page'][:64]}")
        return no_content()

    async def _flow(self, request: GraphRequest) -> UserFlow:
        return (await self.flows.get(request.caller, request.parameters["id"])).value

    async def _update(self, request: GraphRequest, edit: Callable[[UserFlow], UserFlow], changed: str) -> UserFlow:
        if_match = request.http.headers.get("if-match")
        held = await self.flows.update(
            request.caller, request.parameters["id"], edit, changed=changed, if_match=if_match
        )
        return held.value


def known_languages(flow: UserFlow) -> tuple[str, ...]:
    """Return the default language, those that are offered, and those with texts."""
    known: dict[str, str] = {}
    for tag in (flow.default_language, *flow.languages, *flow.texts):
        known.setdefault(tag.casefold(), tag)
    return tuple(known.values())


def _known(flow: UserFlow, request: GraphRequest) -> str:
    wanted = request.parameters["tag"]
    found = next((tag for tag in known_languages(flow) if tag.casefold() == wanted.casefold()), None)
    if found is None:
        raise NotFoundError(f"the user flow {flow.id!r} has no language {wanted[:64]!r}")
    return found


def _page(flow: UserFlow, request: GraphRequest) -> Page:
    page = page_of_flow(flow, request.parameters["page"])
    if page is None:
        known = ", ".join(each.name for each in pages_of(flow))
        raise NotFoundError(
            f"the user flow {flow.id!r} has no page {request.parameters['page'][:64]!r}; it has {known}"
        )
    return page


def _shown(flow: UserFlow, tag: str) -> Entity:
    offered = (flow.default_language, *(flow.languages if flow.language_customization else ()))
    return {
        "id": tag,
        "displayName": _english_name(tag),
        "isEnabled": tag.casefold() in map(str.casefold, offered),
    }


def _english_name(tag: str) -> str:
    try:
        return Locale.parse(tag, sep="-").get_display_name("en") or tag
    except (UnknownLocaleError, ValueError):
        return tag
