"""What has to be done so that the store is as ``keys.toml`` says: wanted and present key sets in, a plan out.

A key remembers the declaration that it was made from, in its ``origin``, which is sealed with it. So a value
that did not change is not stored again, and only key sets that were made by ``keys apply`` are deleted by it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Final

from journeyman.errors import KeyStoreError, NoActiveKeyError
from journeyman.keys.creation import (
    distinct,
    generate_rsa,
    generate_secret,
    oct_key,
    read_certificate,
    read_pfx,
    usable,
)
from journeyman.keys.declared import DeclaredKeySet, Holder, Material, Resolve, Source
from journeyman.keys.jwk import keys_from_jwks, refuse_mixture
from journeyman.keys.keyset import Key, KeySet
from journeyman.keys.names import is_backup
from journeyman.keys.store import KeyStore
from journeyman.secret import Secret

ORIGIN: Final = "keys.toml:"


class Action(Enum):
    """What is to be done with a key set."""

    ADD = "add"
    ROTATE = "rotate"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class WantedKeySet:
    """A declared key set and its keys, made of the value; ``keys`` is empty for what is only generated when it is missing."""

    declared: DeclaredKeySet
    origin: str
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """One thing to do.

    Attributes:
        keys: what is added.
        disabled: ``kid`` of keys that were added by other means and stand in the way of the declared one.
        whole: the keys are all of a set that is there, as those of a JWK Set are.
    """

    action: Action
    id: str
    reason: str
    keys: tuple[Key, ...] = ()
    disabled: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, in this order; key sets that are as declared; those that ``keys.toml`` says nothing of."""

    actions: tuple[Planned, ...]
    unchanged: tuple[str, ...]
    unmanaged: tuple[str, ...]


def wanted_key_set(declared: DeclaredKeySet, resolve: Resolve, now: datetime) -> WantedKeySet:
    """Read the value of a declared key set and make its keys.

    Raises:
        KeyStoreError: the value cannot be had, or is not what it should be; names the key set.
    """
    try:
        if declared.source is None:
            return WantedKeySet(declared, f"{ORIGIN}generate", ())
        content = Secret(_value(declared, resolve(declared.source)))
        password = Secret(b"" if declared.password is None else _text(declared.password, resolve(declared.password)))
        keys = _made(declared, content, password, now)
    except KeyStoreError as error:
        place = "" if declared.source is None else f" ({declared.source})"
        raise type(error)(f"{declared.id}{place}: {error}") from error
    origin = _origin(declared, content)
    return WantedKeySet(declared, origin, tuple(replace(key, origin=origin) for key in keys))


def plan(wanted: Sequence[WantedKeySet], present: Sequence[KeySet], now: datetime) -> Plan:
    """Compare what is wanted with what is there.

    Raises:
        KeyStoreError: a key set that is there has another type or use than the declared one.
    """
    there = {one.id.lower(): one for one in present if not is_backup(one.id)}
    declared = {one.declared.id.lower() for one in wanted}
    compared = [(one.declared.id, _compared(one, there.get(one.declared.id.lower()), now)) for one in wanted]
    others = [one for name, one in there.items() if name not in declared]
    deleted = [
        Planned(Action.DELETE, one.id, "it is no longer declared") for one in others if any(map(_applied, one.keys))
    ]
    return Plan(
        actions=(*(action for _, action in compared if action is not None), *deleted),
        unchanged=tuple(set_id for set_id, action in compared if action is None),
        unmanaged=tuple(one.id for one in others if not any(map(_applied, one.keys))),
    )


async def carry_out(action: Planned, store: KeyStore, now: datetime) -> None:
    """Do one thing, in one transaction. Raises KeyStoreError."""
    match action.action:
        case Action.ADD:
            await (store.replace(action.id, action.keys) if action.whole else store.create(action.id, action.keys))
        case Action.DELETE:
            await store.delete(action.id)
        case _:
            await store.rewrite(action.id, _rotation(action, now), activity="Rotate policy key by keys.toml")


def _rotation(action: Planned, now: datetime) -> Callable[[KeySet], Sequence[Key]]:
    """Return the change that adds the declared keys and takes those that stand in the way out of use."""

    def change(present: KeySet) -> Sequence[Key]:
        added = [_placed(distinct(key, _others(key, present)), present) for key in action.keys]
        if action.whole:
            return added
        kids = {key.kid for key in added}
        kept = [_disabled(key, action) for key in present.keys if key.kid not in kids]
        return (*kept, *(_leading(key, present, now) for key in added))

    return change


def _others(key: Key, present: KeySet) -> tuple[Key, ...]:
    # The very same certificate takes the place of the one there is.
    return tuple(one for one in present.keys if one.certificates[:1] != key.certificates[:1] or not key.certificates)


def _placed(key: Key, present: KeySet) -> Key:
    """Return the key with the place in the order that a key of its ``kid`` has already."""
    return next((replace(key, sequence=one.sequence) for one in present.keys if one.kid == key.kid), key)


def _disabled(key: Key, action: Planned) -> Key:
    return replace(key, enabled=False) if key.kid in action.disabled else key


def _leading(key: Key, present: KeySet, now: datetime) -> Key:
    """Return the key with an activation date that makes it the active one, unless it is to be activated later."""
    latest = max((one.not_before for one in present.keys if one.not_before is not None), default=None)
    if latest is None or (key.not_before is not None and key.not_before > latest):
        return key
    return replace(key, not_before=now)


def _compared(wanted: WantedKeySet, present: KeySet | None, now: datetime) -> Planned | None:
    declared = wanted.declared
    if present is None or not present.keys:
        keys = wanted.keys or (_generated(declared, now, wanted.origin),)
        empty = present is not None
        return Planned(
            Action.ADD, declared.id, _described(declared), tuple(usable(key, now) for key in keys), whole=empty
        )
    if not wanted.keys:
        return None
    _refuse_other_kind(wanted, present)
    whole = declared.material is Material.JWKS
    by_other_means = () if whole else wanted.keys
    known = [key for key in present.keys if key.origin == wanted.origin or _same_material(key, by_other_means)]
    if not known:
        keys = tuple(usable(key, now) for key in wanted.keys)
        return Planned(Action.ROTATE, present.id, f"another value in {declared.source}", keys, whole=whole)
    return _back_in_use(wanted, present, known, now)


def _back_in_use(wanted: WantedKeySet, present: KeySet, known: Sequence[Key], now: datetime) -> Planned | None:
    """Plan to use the declared key again when another one, added by other means, is used in its place."""
    active = _active(present, now)
    if active in known or not any(key.active(now) for key in wanted.keys):
        return None
    intruders = tuple(key.kid for key in present.keys if key not in known and key.active(now))
    if any(key.active(now) for key in known):
        reason = f"the key in use was added by other means ({active.kid if active else ''})"
        return Planned(Action.ROTATE, present.id, reason, (), intruders)
    reason = "the declared key was taken out of use by other means"
    return Planned(Action.ROTATE, present.id, reason, wanted.keys, intruders)


def _refuse_other_kind(wanted: WantedKeySet, present: KeySet) -> None:
    try:
        refuse_mixture((present.keys[0], replace(wanted.keys[0], kid="")))
    except KeyStoreError as error:
        detail = f"{wanted.declared.id}: the policy key that is there is of another kind: {error}"
        raise KeyStoreError(
            f"{detail} Delete it with `journeyman keys delete {present.id}`, then apply again."
        ) from error


def _same_material(key: Key, wanted: Sequence[Key]) -> bool:
    """Whether a key was stored with this very value by other means."""
    for one in wanted:
        dates = (one.not_before, one.expires_at) == (key.not_before, key.expires_at)
        if one.secret is not None and key.secret is not None and one.secret == key.secret and dates:
            return True
        same = one.public_key is not None and one.public_key == key.public_key
        if same and one.certificates[:1] == key.certificates[:1] and bool(one.private_key) == bool(key.private_key):
            return True
    return False


def _applied(key: Key) -> bool:
    return key.origin.startswith(ORIGIN)


def _active(key_set: KeySet, now: datetime) -> Key | None:
    try:
        return key_set.active(now)
    except NoActiveKeyError:
        return None


def _generated(declared: DeclaredKeySet, now: datetime, origin: str) -> Key:
    make = generate_rsa if declared.generate == "rsa" else generate_secret
    return replace(make(use=declared.use or "sig", now=now, lifetime=declared.lifetime), origin=origin)


def _made(declared: DeclaredKeySet, content: Secret, password: Secret, now: datetime) -> tuple[Key, ...]:
    value = content.reveal_bytes()
    match declared.material:
        case Material.SECRET:
            if not value:
                raise KeyStoreError("AADB2C90253: The secret of the key is missing: the value is empty.")
            return (oct_key(value, use=declared.use or "sig", now=now, lifetime=declared.lifetime),)
        case Material.PFX:
            value = value if _in_file(declared) else _base64(value)
            return (read_pfx(value, password, now=now, use=declared.use),)
        case Material.CERTIFICATE:
            return (read_certificate(value, now=now, use=declared.use),)
        case _:
            return keys_from_jwks(value, now=now)


def _value(declared: DeclaredKeySet, content: bytes) -> bytes:
    source = declared.source
    return _text(source, content) if source is not None and declared.material is Material.SECRET else content


def _text(source: Source, content: bytes) -> bytes:
    """Return a secret or a password as files of ``keys/`` are read: UTF-8, and one final line break of a file is dropped."""
    try:
        content.decode()
    except UnicodeDecodeError:
        # The cause is left out on purpose: it quotes the secret.
        raise KeyStoreError("the text is not in UTF-8") from None
    of_file = source.holder is Holder.FILE and content.endswith(b"\n")
    return content.removesuffix(b"\n").removesuffix(b"\r") if of_file else content


def _in_file(declared: DeclaredKeySet) -> bool:
    return declared.source is not None and declared.source.holder is Holder.FILE


def _base64(value: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        raise KeyStoreError("AADB2C90216: a PFX that is not in a file must be in base64") from None


def _origin(declared: DeclaredKeySet, content: Secret) -> str:
    """Return the digest of what keys are made of; it is sealed with them, because it could confirm a guess."""
    dates = (declared.lifetime.not_before, declared.lifetime.expires_at)
    parts = (declared.material.value, declared.use or "", *(at.isoformat() if at else "" for at in dates))
    digest = hashlib.sha256("\0".join(parts).encode() + b"\0" + content.reveal_bytes())
    return f"{ORIGIN}{digest.hexdigest()}"


def _described(declared: DeclaredKeySet) -> str:
    if declared.source is None:
        return f"generate {declared.generate}"
    return f"{declared.material.value} from {declared.source}"
