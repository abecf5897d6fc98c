"""Changes of a policy key: rotate it step by step, delete it, bring a deleted one back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from journeyman.engine import Engine
from journeyman.engine.key_uses import KeyUse, uses_of
from journeyman.engine.rehearsal import Light, Rehearsal
from journeyman.keys.keyset import Key, KeySet
from journeyman.keys.names import is_backup, is_reserved
from journeyman.keys.rotation import POSSIBLE, State, Step, rotation_of
from journeyman.management.caller import Right
from journeyman.management.errors import ManagementError
from journeyman.management.key_rotations import KeyRotations
from journeyman.management.key_sets import KeySets
from journeyman.web.portal.area import Page
from journeyman.web.portal.frame import Visit
from journeyman.web.portal.key_form import Entered, FormError, Way, entered_of, new_keys
from journeyman.web.portal.refusals import refused_confirmation

_LIST: Final = "/portal/keys"
TONES: Final = {Light.GREEN: "good", Light.RED: "bad", Light.UNPROVED: "warn", Light.DRY: "neutral"}
_DONE: Final = {
    Step.PROMOTE: "The next version is in use. The one before stays the fallback of refused calls for a while.",
    Step.RETIRE: "The previous version is used for nothing any more.",
    Step.UNDO: "The last step is taken back.",
}


@dataclass(frozen=True, slots=True)
class KeyChanges:
    """The pages that change a policy key; data come from the management operations alone."""

    engine: Engine

    @property
    def _keys(self) -> KeySets:
        return KeySets(self.engine)

    @property
    def _rotations(self) -> KeyRotations:
        return KeyRotations(self.engine)

    async def rotation(self, visit: Visit) -> Response:
        """Show how far the rotation of a key is, and what can be done next."""
        return await self._page(visit, await self._found(visit), _entered(visit))

    async def step(self, visit: Visit) -> Response:
        """Do one step of a rotation."""
        key_set = await self._found(visit)
        wanted = visit.form.text("step")
        try:
            if wanted == Step.STAGE.value:
                return await self._stage(visit, key_set)
            if wanted == "rehearse":
                done = await self._rotations.rehearse(visit.caller, key_set.id)
                return await self._page(visit, key_set, _entered(visit), rehearsals=done)
            await self._move(visit, key_set, wanted)
        except ManagementError as error:
            return await self._page(visit, key_set, _entered(visit), errors={"": str(error)}, status=error.status)
        said = next((text for step, text in _DONE.items() if step.value == wanted), "")
        return await visit.go(f"{_address(key_set.id)}/rotate", said)

    async def ask(self, visit: Visit) -> Response:
        """Ask whether a key is to be deleted."""
        return await self._ask(visit, await self._found(visit))

    async def delete(self, visit: Visit) -> Response:
        """Delete a key whose name was typed in; a copy is kept."""
        key_set = await self._found(visit)
        refused = await refused_confirmation(
            visit,
            key_set.id,
            lambda: self._keys.delete(visit.caller, key_set.id),
            partial(self._ask, visit, key_set),
        )
        kept = "" if is_backup(key_set.id) else " A copy is kept below the list; restore it there."
        return refused or await visit.go(_LIST, f"{key_set.id} is deleted.{kept}")

    async def restore(self, visit: Visit) -> Response:
        """Bring a deleted key back."""
        found = await self._rotations.restore(visit.caller, visit.segment("id"))
        return await visit.go(_LIST, f"{found} is back.")

    async def _found(self, visit: Visit) -> KeySet:
        return await self._keys.get(visit.caller, visit.segment("id"))

    async def _stage(self, visit: Visit, key_set: KeySet) -> Response:
        entered = Entered()
        try:
            entered = entered_of(visit.form)
            key = await asyncio.to_thread(_next_key, entered, key_set, self.engine.clock.now())
        except FormError as error:
            return await self._page(visit, key_set, entered, errors={error.field: str(error)}, status=400)
        staged = await self._rotations.stage(visit.caller, key_set.id, key)
        if entered.way is Way.GENERATE and key.secret is not None:
            # The API must get it, and nobody else has it.
            return await self._page(visit, staged, Entered(), made=key.secret.reveal())
        return await visit.go(f"{_address(key_set.id)}/rotate", "The next version is staged, and not used yet.")

    async def _move(self, visit: Visit, key_set: KeySet, wanted: str) -> None:
        rotations, caller = self._rotations, visit.caller
        match wanted:
            case Step.PROMOTE.value:
                await rotations.promote(caller, key_set.id)
            case Step.RETIRE.value:
                await rotations.retire(caller, key_set.id)
            case _:
                await rotations.undo(caller, key_set.id)

    async def _uses(self, key_set: KeySet) -> tuple[KeyUse, ...]:
        return uses_of(await asyncio.to_thread(self.engine.key_uses), key_set.id)

    async def _page(
        self,
        visit: Visit,
        key_set: KeySet,
        entered: Entered,
        *,
        rehearsals: Sequence[Rehearsal] = (),
        made: str = "",
        errors: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        rotation = rotation_of(key_set)
        uses = await self._uses(key_set)
        return await visit.page(
            "key_rotate.html",
            f"Rotate {key_set.id}",
            crumbs=((key_set.id, _address(key_set.id)),),
            status=status,
            key_set=key_set,
            rotation=rotation,
            possible={step.value for step in POSSIBLE[rotation.state]},
            idle=rotation.state in {State.IDLE, State.RETIRED},
            uses=uses,
            entered=entered,
            ways=Way,
            rehearsals=rehearsals,
            tones=TONES,
            made=made,
            address=_address(key_set.id),
            own=is_reserved(key_set.id),
            errors=errors or {},
        )

    async def _ask(
        self, visit: Visit, key_set: KeySet, errors: Mapping[str, str] | None = None, *, status: int = 200
    ) -> Response:
        backup = is_backup(key_set.id)
        return await visit.page(
            "key_delete.html",
            f"Delete {key_set.id}",
            crumbs=() if backup else ((key_set.id, _address(key_set.id)),),
            status=status,
            key_set=key_set,
            backup=backup,
            uses=await self._uses(key_set),
            address=_address(key_set.id),
            errors=errors or {},
        )


def _next_key(entered: Entered, key_set: KeySet, now: datetime) -> Key:
    """Return the one key that the form makes. Raises FormError."""
    use = key_set.keys[0].use if key_set.keys else None
    found = new_keys(entered, use, now)
    if len(found) != 1:
        raise FormError(f"a rotation takes one key, this file holds {len(found)}", "file")
    return found[0]


def _entered(visit: Visit) -> Entered:
    way = next((one for one in Way if one.value == visit.query("way")), Way.MANUAL)
    return Entered(way=way)


def _address(key_id: str) -> str:
    return f"{_LIST}/{quote(key_id, safe='')}"


def key_change_pages(engine: Engine) -> tuple[Page, ...]:
    """Return the pages; they belong to the area of policy keys."""
    pages, write = KeyChanges(engine), Right.WRITE_KEYS
    one = f"{_LIST}/{{id}}"
    return (
        Page(f"{one}/rotate", pages.rotation, write, step_up=True),
        Page(f"{one}/rotate", pages.step, write, "POST", step_up=True),
        Page(f"{one}/delete", pages.ask, write, step_up=True),
        Page(f"{one}/delete", pages.delete, write, "POST", step_up=True),
        Page(f"{one}/restore", pages.restore, write, "POST", step_up=True),
    )
