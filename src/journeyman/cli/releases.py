"""``journeyman releases``: what was published, compared and taken back."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from journeyman.cli.deploy import unified
from journeyman.cli.release_report import (
    difference_json,
    difference_lines,
    release_json,
    release_line,
)
from journeyman.cli.release_target import Place, Target, open_target
from journeyman.cli.terminal import DONE, WRONG, end, errors_in_words, note, say, say_json
from journeyman.configuration.releases import Release, difference
from journeyman.errors import SettingsError
from journeyman.management.releases import NOTE_LIMIT
from journeyman.management.texts import one_line
from journeyman.trace.printable import printable


def list_releases(place: Place, *, as_json: bool) -> None:
    """Print the releases that are kept, newest first."""
    with errors_in_words():
        found = asyncio.run(_list(place))
        if as_json:
            say_json([release_json(one) for one in found])
            return
        for one in found:
            say(release_line(one))
        if not found:
            say("no release yet; `journeyman deploy DIR` makes one")


async def _list(place: Place) -> tuple[Release, ...]:
    async with open_target(place, reading=True) as target:
        return await target.list()


def show_release(place: Place, number: int, policy: str | None, *, as_json: bool) -> None:
    """Print one release, or the text of one of its policies."""
    with errors_in_words():
        release, text = asyncio.run(_show(place, number, policy))
        if text is not None:
            sys.stdout.buffer.write(text)
            sys.stdout.flush()
            return
        if as_json:
            say_json(release_json(release))
            return
        say(release_line(release))
        for policy_id, digest in release.manifest.items():
            say(f"       {digest[:12]}  {printable(policy_id)}")


async def _show(place: Place, number: int, policy: str | None) -> tuple[Release, bytes | None]:
    async with open_target(place, reading=True) as target:
        release = await target.get(number)
        return release, None if policy is None else await target.text(number, policy)


def diff_releases(place: Place, before: int, after: int | None, *, as_json: bool) -> None:
    """Print what release ``after``, or the one in force, has that ``before`` has not."""
    with errors_in_words():
        asyncio.run(_diff(place, before, after, as_json=as_json))


async def _diff(place: Place, first: int, second: int | None, *, as_json: bool) -> None:
    async with open_target(place, reading=True) as target:
        old = await target.get(first)
        new = await target.get(second) if second is not None else await _current(target)
        found = difference(old.manifest, new.manifest)
        if as_json:
            say_json({"before": old.number, "after": new.number, **difference_json(found)})
            return
        for line in difference_lines(found):
            say(line)
        for policy_id in (*found.added, *found.changed, *found.removed):
            before, after = await _text(target, old, policy_id), await _text(target, new, policy_id)
            for line in unified(policy_id, before, after, f"release {old.number}", f"release {new.number}"):
                say(line)
        if found.empty:
            say("the two are the same")


async def _text(target: Target, release: Release, policy_id: str) -> bytes:
    return b"" if release.find(policy_id) is None else await target.text(release.number, policy_id)


async def _current(target: Target) -> Release:
    found = await target.list()
    return found[0] if found else await target.get(0)


def roll_back(place: Place, number: int, text: str, *, yes: bool, as_json: bool) -> None:
    """Publish an older release again, as a new one."""
    with errors_in_words():
        one_line(text, "--note", limit=NOTE_LIMIT, empty=True)
        if not yes and not sys.stdin.isatty():
            raise SettingsError("rolling back asks for a yes on a terminal; add --yes to do without")
        end(asyncio.run(_roll_back(place, number, text, yes=yes, as_json=as_json)))


async def _roll_back(place: Place, number: int, text: str, *, yes: bool, as_json: bool) -> int:
    async with open_target(place) as target:
        old, current = await target.get(number), await _current(target)
        found = difference(current.manifest, old.manifest)
        if not as_json:
            for line in difference_lines(found):
                say(line)
        if found.empty:
            release = None
        elif yes or _agreed(number):
            release = await target.roll_back(number, note=text, after=current.number)
        else:
            note("nothing was changed")
            return WRONG
        if as_json:
            published = None if release is None else release_json(release)
            say_json({**difference_json(found), "release": published})
        else:
            say("nothing to do" if release is None else f"release {release.number} is what release {number} was")
        return DONE


def _agreed(number: int) -> bool:
    sys.stderr.write(f"Publish release {number} again? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def place_of(folder: Path, url: str | None, trust: Path | None) -> Place:
    """Return the target that options name."""
    return Place(folder, url or "", trust)
