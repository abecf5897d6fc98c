"""User flows: list, read, create, change and delete; a flow that could not be served is not stored.

Source: graph-api.md §4, rest-connectors.md §15.2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from journeyman.configuration.identity import find
from journeyman.management.caller import Caller, Right
from journeyman.management.errors import InvalidError
from journeyman.management.flow_rules import flow_id, refuse_wrong
from journeyman.management.held import Held, HeldObjects, T
from journeyman.management.identity_context import IdentityContext
from journeyman.management.user_attributes import BUILT_IN_ATTRIBUTES, attribute_id
from journeyman.settings.identity import IdentitySettings, UserFlow

_CODED: Final = re.compile(r"(AADB2C[0-9]{5}): (.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class UserFlows:
    """The user flows of a tenant."""

    context: IdentityContext

    @property
    def held(self) -> HeldObjects[UserFlow]:
        """The objects as they are stored."""
        return HeldObjects(
            self.context,
            UserFlow,
            "user flow",
            Right.READ_USER_FLOWS,
            Right.WRITE_USER_FLOWS,
            tuple(map(self._with_attribute_ids, self.context.declared.user_flows)),
        )

    async def list(self, caller: Caller) -> tuple[Held[UserFlow], ...]:
        """Return all user flows."""
        return await self.held.all(caller)

    async def get(self, caller: Caller, id: str) -> Held[UserFlow]:
        """Return one. Raises NotFoundError."""
        return await self.held.get(caller, id)

    async def create(self, caller: Caller, flow: UserFlow) -> Held[UserFlow]:
        """Store a new user flow; ``B2C_1_`` is put before its id.

        Raises:
            InvalidError: a value is wrong, it names what there is not, or it does not compile.
            ConflictingError: there is one of this id.
        """
        caller.require(Right.WRITE_USER_FLOWS)
        new = await self._checked(replace(flow, id=flow_id(flow.id)))

        async def check() -> None:
            await self._refuse_unknown(new)

        return await self.held.create(caller, new, check=check)

    async def update(
        self,
        caller: Caller,
        id: str,
        edit: Callable[[UserFlow], UserFlow],
        *,
        changed: str,
        if_match: str | None = None,
    ) -> Held[UserFlow]:
        """Make of a user flow what ``edit`` makes of it; ``changed`` says in the audit trail what that is.

        Raises:
            NotFoundError, ConflictingError (declared), ChangedError (``if_match``), and what ``create`` raises.
        """

        async def checked(present: UserFlow) -> UserFlow:
            edited = edit(present)
            return present if edited == present else await self._checked(edited)

        return await self.held.change(
            caller, id, checked, changed=changed, if_match=if_match, check=self._refuse_unknown
        )

    async def delete(self, caller: Caller, id: str, *, if_match: str | None = None) -> None:
        """Delete a user flow."""
        await self.held.delete(caller, id, if_match=if_match)

    async def _checked(self, flow: UserFlow) -> UserFlow:
        """Return the flow with ids as they are stored; refuse one that could not be served."""
        snapshot = await self.context.snapshot()
        known = self._with_known_ids(flow, snapshot)
        refuse_wrong(known)
        for wrong in _unknown(known, snapshot, self.context.extensions_app):
            raise wrong
        for problem in await self.context.flow_problems(known, snapshot):
            found = _CODED.fullmatch(problem.text)
            if found is None:
                raise InvalidError(problem.text, member=problem.member)
            raise InvalidError(found[2], service_code=found[1], member=problem.member)
        return known

    async def _refuse_unknown(self, flow: UserFlow) -> None:
        # Once more while nobody else can write: what the flow names may have been deleted in the meantime.
        for wrong in _unknown(flow, await self.context.snapshot(), self.context.extensions_app):
            raise wrong

    def _with_known_ids(self, flow: UserFlow, snapshot: IdentitySettings) -> UserFlow:
        return replace(
            self._with_attribute_ids(flow),
            identity_providers=tuple(_stored_id(snapshot.identity_providers, each) for each in flow.identity_providers),
            connectors={step: _stored_id(snapshot.api_connectors, each) for step, each in flow.connectors.items()},
        )

    def _with_attribute_ids(self, flow: UserFlow) -> UserFlow:
        def attribute(name: str) -> str:
            return attribute_id(name, self.context.extensions_app)

        return replace(
            flow,
            attributes=tuple(replace(each, attribute=attribute(each.attribute)) for each in flow.attributes),
            claims=tuple(map(attribute, flow.claims)),
        )


def _stored_id(objects: tuple[T, ...], name: str) -> str:
    found = find(objects, name)
    return name if found is None else found.id


def _unknown(flow: UserFlow, snapshot: IdentitySettings, extensions_app: str) -> Iterator[InvalidError]:
    """Yield what the flow names and the tenant does not have."""
    attributes = {each.id.casefold() for each in BUILT_IN_ATTRIBUTES}
    attributes |= {attribute_id(each.id, extensions_app).casefold() for each in snapshot.user_attributes}
    named = [(f"userAttributeAssignments/{n}", "user attribute", a.attribute) for n, a in enumerate(flow.attributes)]
    named += [(f"x_claims/{n}", "user attribute", claim) for n, claim in enumerate(flow.claims)]
    for member, noun, name in named:
        if name.casefold() not in attributes:
            yield _missing(member, noun, name)
    for index, name in enumerate(flow.identity_providers):
        if find(snapshot.identity_providers, name) is None:
            yield _missing(f"identityProviders/{index}", "identity provider", name)
    for step, name in flow.connectors.items():
        if find(snapshot.api_connectors, name) is None:
            yield _missing(f"apiConnectorConfiguration/{step.value}", "API connector", name)


def _missing(member: str, noun: str, name: str) -> InvalidError:
    return InvalidError(f"{member}: there is no {noun} with the id {name[:200]!r}", member=member)
