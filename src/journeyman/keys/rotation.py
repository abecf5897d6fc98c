"""The states of a rotation: a key set in, what its keys become out.

    idle ──stage──▶ staged ──promote──▶ promoted ──retire──▶ retired
     ▲                │ ▲                 │ ▲                   │
     └──────undo──────┘ └──────undo───────┘ └───────undo────────┘

The state stands in the keys themselves, so a step is one write of one key set: a process that is killed
leaves the state before it or the state after it. A staged key is good but not used, so a signing key is published
before it signs. Source: policy-keys.md §4; the states are this project's decision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from journeyman.errors import KeyStoreError, NoActiveKeyError
from journeyman.keys.creation import distinct
from journeyman.keys.keyset import Key, KeySet, Previous, Stage

Keys = tuple[Key, ...]


class State(Enum):
    """How far the rotation of a key set has come."""

    IDLE = "idle"
    STAGED = "staged"
    PROMOTED = "promoted"
    RETIRED = "retired"


class Step(Enum):
    """What can be done to a rotation."""

    STAGE = "stage"
    PROMOTE = "promote"
    RETIRE = "retire"
    UNDO = "undo"


POSSIBLE: Final = {
    State.IDLE: frozenset({Step.STAGE}),
    State.STAGED: frozenset({Step.PROMOTE, Step.UNDO}),
    State.PROMOTED: frozenset({Step.RETIRE, Step.UNDO}),
    State.RETIRED: frozenset({Step.STAGE, Step.UNDO}),
}


@dataclass(frozen=True, slots=True)
class Rotation:
    """The rotation of a key set.

    Attributes:
        staged: the key that waits to be promoted.
        current: the key that was promoted last.
        previous: the key that ``current`` has replaced.
    """

    state: State
    staged: Key | None = None
    current: Key | None = None
    previous: Key | None = None

    @property
    def until(self) -> datetime | None:
        """Until when a call may fall back to the previous key."""
        return None if self.current is None or self.current.previous is None else self.current.previous.until


def rotation_of(key_set: KeySet) -> Rotation:
    """Return how far the rotation of a key set has come."""
    staged = next((key for key in key_set.keys if key.stage is Stage.STAGED), None)
    promoted = [key for key in key_set.keys if key.previous is not None and key.stage is Stage.IN_USE]
    current = max(promoted, key=lambda key: key.sequence, default=None)
    previous = None if current is None else _of_kid(key_set, current.previous)
    if staged is not None:
        return Rotation(State.STAGED, staged, current, previous)
    if previous is None:
        return Rotation(State.IDLE)
    state = State.RETIRED if previous.stage is Stage.RETIRED else State.PROMOTED
    return Rotation(state, None, current, previous)


def stage(key: Key) -> Callable[[KeySet], Keys]:
    """Return the change that adds a key which is not used yet."""

    def change(key_set: KeySet) -> Keys:
        _refuse(key_set, Step.STAGE)
        return (*key_set.keys, replace(distinct(key, key_set.keys), stage=Stage.STAGED))

    return change


def promote(now: datetime, keep: timedelta) -> Callable[[KeySet], Keys]:
    """Return the change that puts the staged key into use; the key in use so far becomes its fallback for ``keep``."""

    def change(key_set: KeySet) -> Keys:
        staged = _usable(_refuse(key_set, Step.PROMOTE).staged, now)
        previous = _active(key_set, now)

        def changed(key: Key) -> Key:
            if key is not staged:
                return key
            follows = None if previous is None else Previous(previous.kid, now + keep)
            # The latest activation date is what is used, so it must not be older than that of the key before.
            return replace(key, stage=Stage.IN_USE, not_before=now, previous=follows)

        return tuple(map(changed, key_set.keys))

    return change


def retire(key_set: KeySet) -> Keys:
    """Take the previous key out of use; keys that an earlier rotation has retired are dropped.

    One that came from a file of ``keys/`` stays: without it the next start would take the file for a new one and
    put the old secret back.
    """
    previous = _refuse(key_set, Step.RETIRE).previous
    kept = (key for key in key_set.keys if key.stage is not Stage.RETIRED or key.origin)
    return tuple(replace(key, stage=Stage.RETIRED) if key is previous else key for key in kept)


def undo(key_set: KeySet) -> Keys:
    """Take the last step back: a staged key is dropped, a promoted one is staged again, a retired one is used again."""
    rotation = _refuse(key_set, Step.UNDO)
    match rotation.state:
        case State.STAGED:
            return tuple(key for key in key_set.keys if key is not rotation.staged)
        case State.PROMOTED:
            return _with(key_set, rotation.current, stage=Stage.STAGED)
        case _:
            return _with(key_set, rotation.previous, stage=Stage.IN_USE)


def _with(key_set: KeySet, one: Key | None, *, stage: Stage) -> Keys:
    follows = one.previous if one is not None and stage is Stage.IN_USE else None
    return tuple(replace(key, stage=stage, previous=follows) if key is one else key for key in key_set.keys)


def _refuse(key_set: KeySet, step: Step) -> Rotation:
    """Return the rotation. Raises KeyStoreError when the step is not possible in its state."""
    rotation = rotation_of(key_set)
    if step not in POSSIBLE[rotation.state]:
        possible = " or ".join(sorted(one.value for one in POSSIBLE[rotation.state]))
        detail = f"the rotation of {key_set.id} is {rotation.state.value}: there is nothing to {step.value}"
        raise KeyStoreError(f"{detail}; possible now: {possible}")
    return rotation


def _usable(staged: Key | None, now: datetime) -> Key:
    """Return the staged key. Raises KeyStoreError when its time has not come, or is over."""
    if staged is None:
        raise KeyStoreError("there is no staged key")
    if not staged.good(now):
        raise KeyStoreError(f"the staged key {staged.kid!r} has expired or is disabled; undo, and stage another one")
    if staged.not_before is not None and staged.not_before > now:
        detail = f"the staged key {staged.kid!r} is not valid before {staged.not_before:%Y-%m-%dT%H:%M:%SZ}"
        raise KeyStoreError(f"{detail}; promote it then")
    return staged


def _active(key_set: KeySet, now: datetime) -> Key | None:
    try:
        return key_set.active(now)
    except NoActiveKeyError:
        return None


def _of_kid(key_set: KeySet, previous: Previous | None) -> Key | None:
    return next((key for key in key_set.keys if previous is not None and key.kid == previous.kid), None)
