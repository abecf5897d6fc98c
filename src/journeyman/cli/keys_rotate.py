"""``journeyman keys rotate``: the next version of a policy key in; rehearsed, promoted, kept, retired.

Without a step it goes as far as it safely can: it stages, rehearses and, when nothing is red, promotes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from journeyman.cli.keys import actor, checked_name, in_store, read_secret, refuse_waiting_file, uploaded
from journeyman.cli.new_files import NewFile, write_new
from journeyman.cli.terminal import WRONG, end, errors_in_words, say, say_json, utc_text
from journeyman.clock import SystemClock
from journeyman.engine.key_uses import KeyUse, key_uses, uses_of
from journeyman.engine.rehearsal import Light, NextKeys, Rehearsal, rehearse
from journeyman.engine.rotation import LONGEST_KEEP, REHEARSED, Rotations
from journeyman.engine.stored import stored_of
from journeyman.engine.tenant_store import TenantStore, database_path
from journeyman.errors import KeySetNotFoundError, KeyStoreError, SettingsError
from journeyman.keys.certificate import IssuedCertificate
from journeyman.keys.certificate_file import authority_of_key
from journeyman.keys.creation import secret_key
from journeyman.keys.keyset import Key, KeySet
from journeyman.keys.names import is_backup, policy_key_id
from journeyman.keys.renewal import renewed
from journeyman.keys.ring import KeyRing
from journeyman.keys.rotation import Rotation, State, rotation_of
from journeyman.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Source:
    """Where the next version comes from, as it was typed in."""

    secret_file: Path | None = None
    secret_stdin: bool = False
    file: Path | None = None
    password_file: Path | None = None
    generate: bool = False
    ca_key: str | None = None
    secret_out: Path | None = None

    @property
    def count(self) -> int:
        """How many were named."""
        return sum((self.secret_file is not None, self.secret_stdin, self.file is not None, self.generate))


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done; ``steps`` are the options that name one, and whether they were given."""

    folder: Path
    name: str
    steps: tuple[tuple[str, bool], ...]
    keep_hours: float | None
    dry_run: bool
    force: bool
    as_json: bool

    @property
    def step(self) -> str:
        """The step that was asked for, "" for as far as it safely goes."""
        return next((name for name, given in self.steps if given), "")


@dataclass(frozen=True, slots=True)
class Done:
    """How it stands now; ``waiting`` says why it was not promoted."""

    key_set: KeySet
    uses: tuple[KeyUse, ...]
    rehearsals: tuple[Rehearsal, ...] = ()
    waiting: str = ""
    earliest: datetime | None = None

    @property
    def red(self) -> bool:
        """Whether an API refused the new version, or it cannot be used."""
        return any(one.light is Light.RED for one in self.rehearsals)


def rotate(wish: Wish, source: Source) -> None:
    """Do it, print how it stands, and end with 1 when a rehearsal is red."""
    with errors_in_words():
        key_id, keep = checked_name(wish.name), _keep(wish)
        _refuse_contradiction(wish, source)
        if is_backup(key_id):
            raise SettingsError(f"{key_id} was deleted; `journeyman keys restore {key_id}` brings it back")
        settings = load_settings(wish.folder, environment=os.environ)
        if not database_path(settings).exists():
            raise KeySetNotFoundError(
                f"{settings.folder} has no store yet; `journeyman keys create {key_id}` makes one"
            )
        done = in_store(settings, lambda store: _run(settings, store, key_id, wish, source, keep))
        _report(done, as_json=wish.as_json)
        if done.red and rotation_of(done.key_set).state is State.STAGED:
            end(WRONG)


async def _run(
    settings: Settings, store: TenantStore, id: str, wish: Wish, source: Source, keep: timedelta | None
) -> Done:
    clock = SystemClock()
    uses = key_uses(settings, await stored_of(settings, clock))
    rotations = Rotations(store.keys, clock, uses, settings.development, wish.force)
    key_set, own = await store.keys.get(id), uses_of(uses, id)
    match wish.step:
        case "undo":
            return Done(await rotations.undo(id), own)
        case "retire":
            return Done(await rotations.retire(id), own)
        case "status":
            return Done(key_set, own, earliest=rotations.earliest_promotion(key_set))
    state = rotation_of(key_set).state
    if not wish.step and state is State.PROMOTED and not source.count:
        return Done(key_set, own)
    if wish.step != "promote" and state is not State.STAGED:
        await refuse_waiting_file(settings, store, id)
        key_set = await _staged(rotations, store, key_set, source)
    elif source.count:
        raise KeyStoreError(f"a version of {key_set.id} is staged already; --undo drops it, or go on without a new one")
    return await _rehearsed(settings, store, rotations, Done(key_set, own), wish, source, keep)


async def _rehearsed(
    settings: Settings,
    store: TenantStore,
    rotations: Rotations,
    done: Done,
    wish: Wish,
    source: Source,
    keep: timedelta | None,
) -> Done:
    """Rehearse the staged version, and promote it unless something speaks against it."""
    key_id, staged = done.key_set.id, rotation_of(done.key_set).staged
    if staged is None:
        return Done(await rotations.promote(key_id, keep), done.uses)
    ring = KeyRing(store.keys, rotations.clock)
    await ring.load()
    rehearsals = await rehearse(
        settings,
        await stored_of(settings, rotations.clock),
        ring,
        NextKeys(ring, key_id, staged),
        done.uses,
        rotations.clock,
        send=not wish.dry_run,
    )
    await _record(store, done.key_set.id, rehearsals)
    earliest = rotations.earliest_promotion(done.key_set)
    done = Done(done.key_set, done.uses, rehearsals, earliest=earliest)
    waiting = _waiting(done, wish, rotations.clock.now()) or _unknown(done, wish, source)
    if waiting:
        return Done(done.key_set, done.uses, rehearsals, waiting, earliest)
    return Done(await rotations.promote(key_id, keep), done.uses, rehearsals)


async def _record(store: TenantStore, id: str, rehearsals: Sequence[Rehearsal]) -> None:
    """Write into the audit trail that the new version was sent to an API, and what came of it."""
    sent = {
        one.user: f"{one.light.value}: {one.target}" for one in rehearsals if one.light is not Light.DRY and one.target
    }
    if sent and store.audit is not None:
        await store.audit.append(REHEARSED, actor(), id, sent, tenant=store.tenant_id)


def _waiting(done: Done, wish: Wish, now: datetime) -> str:
    """Return why the staged version is not promoted now, "" when it is."""
    if done.red and not wish.force:
        return "not promoted, because a call is red; correct it, or --undo, or promote it with --force"
    if wish.step == "stage" or wish.dry_run:
        return "staged, as asked for; --promote goes on"
    if wish.step != "promote" and done.earliest is not None and done.earliest > now and not wish.force:
        return f"published; --promote it from {utc_text(done.earliest)} on, when every client has read it"
    return ""


def _unknown(done: Done, wish: Wish, source: Source) -> str:
    """Return why a version that was made here waits, "" when it does not: the API has never seen it."""
    proved = all(one.light is Light.GREEN for one in done.rehearsals)
    if wish.step == "promote" or wish.force or not source.generate or source.ca_key or proved:
        return ""
    staged = rotation_of(done.key_set).staged
    if staged is not None and staged.certificates:
        show = f"journeyman certs show --key {done.key_set.id} --staged"
        return f"staged; give its public part to the owner of the API (`{show} --for all`, `--pem`), then --promote"
    return f"staged; give {source.secret_out} to the owner of the API, then --promote"


async def _staged(rotations: Rotations, store: TenantStore, key_set: KeySet, source: Source) -> KeySet:
    if source.count != 1:
        raise SettingsError(
            "where is the next version? name one of --secret-file, --secret-stdin, --file and --generate"
        )
    now = rotations.clock.now()
    use = key_set.keys[0].use if key_set.keys else None
    if source.file is not None:
        found = uploaded(source.file, source.password_file, use=use, now=now)
        if len(found) != 1:
            raise SettingsError(f"--file {source.file}: a rotation takes one key, this file holds {len(found)}")
        return await rotations.stage(key_set.id, found[0])
    if source.generate:
        return await _generated(rotations, store, key_set, source)
    secret = read_secret(source.secret_file, from_stdin=source.secret_stdin)
    return await rotations.stage(key_set.id, secret_key(secret.reveal_bytes(), use=use or "sig", now=now))


async def _generated(rotations: Rotations, store: TenantStore, key_set: KeySet, source: Source) -> KeySet:
    now = rotations.clock.now()
    authority = None if source.ca_key is None else await _authority(store, source.ca_key, now)
    new = renewed(key_set.active(now), now=now, authority=authority)
    if new.secret is None:
        if source.secret_out is not None:
            raise SettingsError("--secret-out is for a secret, and this policy key holds a key pair")
        return await rotations.stage(key_set.id, new)
    if source.secret_out is None and uses_of(rotations.uses, key_set.id):
        raise SettingsError("the API must get the new secret: name a file for it with --secret-out FILE")
    if source.secret_out is None:
        return await rotations.stage(key_set.id, new)
    # The file comes first: a secret that is staged and that nobody has would be of no use.
    write_new([NewFile(source.secret_out, new.secret.reveal_bytes() + b"\n", private=True)])
    try:
        return await rotations.stage(key_set.id, new)
    except KeyStoreError:
        source.secret_out.unlink()
        raise


async def _authority(store: TenantStore, name: str, now: datetime) -> IssuedCertificate:
    return authority_of_key((await store.keys.get(policy_key_id(name))).active(now))


def _keep(wish: Wish) -> timedelta | None:
    if wish.keep_hours is None:
        return None
    if not 0 <= wish.keep_hours <= LONGEST_KEEP / timedelta(hours=1):
        raise SettingsError(f"--keep {wish.keep_hours:g} is not from 0 to {LONGEST_KEEP / timedelta(hours=1):g} hours")
    return timedelta(hours=wish.keep_hours)


def _refuse_contradiction(wish: Wish, source: Source) -> None:
    given = [name for name, given in wish.steps if given]
    if len(given) > 1:
        raise SettingsError(f"--{given[0]} and --{given[1]} exclude each other; name one of them")
    if wish.step in {"status", "promote", "undo", "retire"} and source.count:
        raise SettingsError(f"--{wish.step} takes no new version; leave it out, or leave out --{wish.step}")
    if (source.ca_key or source.secret_out) and not source.generate:
        raise SettingsError("--ca-key and --secret-out belong to --generate")


def _report(done: Done, *, as_json: bool) -> None:
    rotation = rotation_of(done.key_set)
    if as_json:
        say_json(_json(done, rotation))
        return
    say(f"{done.key_set.id}  {rotation.state.value}")
    active = _active(done.key_set)
    for name, key in (("in use", active), ("staged", rotation.staged), ("previous", rotation.previous)):
        if key is not None and not (name == "previous" and rotation.state is State.STAGED):
            say(f"  {name:<9} kid {key.kid}  added {utc_text(key.added_at)}")
    _say_uses(done)
    if done.waiting:
        say(done.waiting)
    say(_next(done, rotation))


def _say_uses(done: Done) -> None:
    for one in done.rehearsals:
        say(f"  {one.light.value:<9} {one.user}  {f'{one.target}  ' if one.target else ''}{one.text}")
    rehearsed = {one.user for one in done.rehearsals}
    for use in done.uses:
        if use.user not in rehearsed:
            say(f"  used by   {use.kind.value} {use.user}  {use.key_name}")
    if not done.uses:
        say("  used by   nothing in this tenant folder")


def _next(done: Done, rotation: Rotation) -> str:
    """Return what can be done next."""
    command = f"journeyman keys rotate {done.key_set.id}"
    match rotation.state:
        case State.STAGED:
            return f"next: {command} --promote, or --undo to drop it"
        case State.PROMOTED:
            kept = f"the previous version is kept until {utc_text(rotation.until)} and then retired"
            return f"{kept}; next: {command} --retire to do so now, or --undo to go back"
        case State.RETIRED:
            return f"the rotation is finished; {command} --undo brings the previous version back"
        case _:
            return f"no rotation is under way; next: {command} with the new version"


def _active(key_set: KeySet) -> Key | None:
    now = SystemClock().now()
    return key_set.active(now) if any(key.active(now) for key in key_set.keys) else None


def _json(done: Done, rotation: Rotation) -> dict[str, Any]:
    active = _active(done.key_set)
    return {
        "id": done.key_set.id,
        "state": rotation.state.value,
        "in_use": None if active is None else active.kid,
        "staged": None if rotation.staged is None else rotation.staged.kid,
        "previous": None if rotation.previous is None else rotation.previous.kid,
        "kept_until": utc_text(rotation.until),
        "promote_from": utc_text(done.earliest),
        "waiting": done.waiting or None,
        "rehearsals": [_rehearsal_json(one) for one in done.rehearsals],
        "uses": [{"kind": use.kind.value, "user": use.user, "key": use.key_name} for use in done.uses],
    }


def _rehearsal_json(one: Rehearsal) -> dict[str, str | None]:
    return {"light": one.light.value, "user": one.user, "target": one.target or None, "text": one.text}
