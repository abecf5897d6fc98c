"""``…/userAttributeAssignments``: what a user flow collects, and in which order. Source: graph-api.md §4."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from journeyman.management.caller import Right
from journeyman.management.errors import InvalidError, ManagementError
from journeyman.management.flow_edits import (
    assignment_of,
    in_order,
    with_assignment,
    with_changed_assignment,
    without_assignment,
)
from journeyman.management.user_attributes import BUILT_IN_ATTRIBUTES, attribute_id, shown_attribute_id
from journeyman.management.user_flows import UserFlows
from journeyman.settings.identity import AttributeAssignment, UserAttribute, UserFlow
from journeyman.web.graph.answers import Entity, created, entity, listed, no_content, selected
from journeyman.web.graph.request import GraphRequest
from journeyman.web.graph.route import GraphRoute
from journeyman.web.graph.schema import TEXT, array, collection
from journeyman.web.graph.schema import entity as schema_of
from journeyman.web.graph.user_attributes import ATTRIBUTE, attribute_shown
from journeyman.web.graph.user_flow_json import (
    ASSIGNMENT,
    ASSIGNMENT_CHANGE,
    NEW_ASSIGNMENT,
    assignment_shown,
    changed_assignment,
    new_assignment,
)

_ORDER: Final = schema_of(("order",), order=array(TEXT))
_NEW_ORDER: Final = schema_of(("newAssignmentOrder",), newAssignmentOrder=_ORDER)
_INDEXED: Final = re.compile(r"userAttributeAssignments/[0-9]+/?")


def flow_attribute_routes(flows: UserFlows, place: str) -> tuple[GraphRoute, ...]:
    """Return the routes of one collection of user flows."""
    handlers = FlowAttributeHandlers(flows, place)
    all_of_it = f"{place}/{{id}}/userAttributeAssignments"
    one = f"{all_of_it}/{{assignment}}"
    read, write = Right.READ_USER_FLOWS, Right.WRITE_USER_FLOWS
    return (
        GraphRoute(
            "GET", all_of_it, read, handlers.list, "List what a user flow collects, in its order",
            gives={200: collection(ASSIGNMENT)}, options=("$top", "$expand"),
        ),
        GraphRoute(
            "POST", all_of_it, write, handlers.create, "Collect one attribute more",
            takes=NEW_ASSIGNMENT, gives={201: ASSIGNMENT},
        ),
        GraphRoute(
            "GET", f"{all_of_it}/getOrder()", read, handlers.order, "Get the order of what is collected", gives={200: _ORDER}
        ),
        GraphRoute(
            "POST", f"{all_of_it}/setOrder", write, handlers.set_order, "Set the order of what is collected", takes=_NEW_ORDER
        ),
        GraphRoute(
            "GET", one, read, handlers.get, "Get how an attribute is collected",
            gives={200: ASSIGNMENT}, options=("$expand",),
        ),
        GraphRoute(
            "GET", f"{one}/userAttribute", read, handlers.attribute, "Get the attribute of an assignment",
            gives={200: ATTRIBUTE},
        ),
        GraphRoute(
            "PATCH", one, write, handlers.update, "Change how an attribute is collected", takes=ASSIGNMENT_CHANGE
        ),
        GraphRoute("DELETE", one, write, handlers.delete, "Collect an attribute no longer"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FlowAttributeHandlers:
    """What answers the requests; ``place`` is the collection of user flows."""

    flows: UserFlows
    place: str

    async def list(self, request: GraphRequest) -> Response:
        """List."""
        flow = await self._flow(request)
        shown = [await self._shown(request, each) for each in flow.attributes]
        return listed(request, [selected(request, each) for each in shown], self._context(flow))

    async def create(self, request: GraphRequest) -> Response:
        """Add."""
        new = new_assignment(await request.json())
        assignment = AttributeAssignment(
            self._id(new.attribute),
            new.display_name,
            new.optional,
            new.requires_verification,
            new.input_type,
            new.options,
        )
        try:
            held = await self.flows.update(
                request.caller,
                request.parameters["id"],
                lambda flow: with_assignment(flow, assignment),
                changed="userAttributeAssignments",
            )
        except InvalidError as error:
            raise _of_this(error) from None
        flow = held.value
        shown = await self._shown(request, assignment)
        place = f"{self.place}/{flow.id}/userAttributeAssignments/{shown_attribute_id(assignment.attribute)}"
        return created(request, shown, f"{self._context(flow)}/$entity", place, etag=held.etag)

    async def get(self, request: GraphRequest) -> Response:
        """Get."""
        flow = await self._flow(request)
        assignment = assignment_of(flow, self._id(request.parameters["assignment"]))
        shown = selected(request, await self._shown(request, assignment))
        return entity(request, shown, f"{self._context(flow)}/$entity")

    async def attribute(self, request: GraphRequest) -> Response:
        """Get the attribute."""
        assignment = assignment_of(await self._flow(request), self._id(request.parameters["assignment"]))
        attribute = await self._attribute(assignment)
        return entity(request, attribute_shown(attribute), "identity/userFlowAttributes/$entity")

    async def update(self, request: GraphRequest) -> Response:
        """Change."""
        body, name = await request.json(), self._id(request.parameters["assignment"])
        try:
            await self.flows.update(
                request.caller,
                request.parameters["id"],
                lambda flow: with_changed_assignment(flow, changed_assignment(assignment_of(flow, name), body)),
                changed="userAttributeAssignments",
                if_match=request.http.headers.get("if-match"),
            )
        except InvalidError as error:
            raise _of_this(error) from None
        return no_content()

    async def delete(self, request: GraphRequest) -> Response:
        """Take out."""
        name = self._id(request.parameters["assignment"])
        await self.flows.update(
            request.caller,
            request.parameters["id"],
            lambda flow: without_assignment(flow, name),
            changed="userAttributeAssignments",
            if_match=request.http.headers.get("if-match"),
        )
        return no_content()

    async def order(self, request: GraphRequest) -> Response:
        """Get the order."""
        flow = await self._flow(request)
        shown = {"order": [shown_attribute_id(each.attribute) for each in flow.attributes]}
        return entity(request, shown, "microsoft.graph.assignmentOrder")

    async def set_order(self, request: GraphRequest) -> Response:
        """Set the order."""
        order = (await request.json()).required_inner("newAssignmentOrder")
        wanted = order.texts("order")
        if wanted is None:
            raise order.wrong("order", "is missing")
        named = [self._id(each) for each in wanted]
        await self.flows.update(
            request.caller,
            request.parameters["id"],
            lambda flow: in_order(flow, named, order.place("order")),
            changed="userAttributeAssignments/order",
        )
        return no_content()

    async def _flow(self, request: GraphRequest) -> UserFlow:
        return (await self.flows.get(request.caller, request.parameters["id"])).value

    async def _attribute(self, assignment: AttributeAssignment) -> UserAttribute:
        attributes = (await self.flows.context.snapshot()).user_attributes
        known = (*BUILT_IN_ATTRIBUTES, *attributes)
        found = next((each for each in known if self._id(each.id).casefold() == assignment.attribute.casefold()), None)
        return found or UserAttribute(assignment.attribute, assignment.attribute)

    async def _shown(self, request: GraphRequest, assignment: AttributeAssignment) -> Entity:
        attribute = await self._attribute(assignment)
        shown = assignment_shown(assignment, attribute.display_name)
        if any(name.lower() in {"userattribute", "*"} for name in request.query.expand):
            return {**shown, "userAttribute": attribute_shown(attribute)}
        return shown

    def _id(self, name: str) -> str:
        return attribute_id(name, self.flows.context.extensions_app)

    def _context(self, flow: UserFlow) -> str:
        return f"{self.place}('{flow.id}')/userAttributeAssignments"


def _of_this(error: ManagementError) -> InvalidError:
    """Name a member of the assignment as the request has it: not as the n-th of the user flow."""
    member = _INDEXED.sub("", error.member)
    if error.member and not member:
        member = "userAttribute/id" if "there is no" in str(error) else "userInputType"
    text = _INDEXED.sub("", str(error))
    text = f"{member}{text}" if text.startswith(":") else text
    return InvalidError(text, service_code=error.service_code, member=member)
