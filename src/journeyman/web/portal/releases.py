"""The area of releases: what was published when and by whom, what it changed, and the way back."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from journeyman.configuration.releases import NOTHING, Difference, Release, difference
from journeyman.engine import Engine
from journeyman.management.caller import Right
from journeyman.management.errors import ManagementError, NotFoundError
from journeyman.management.releases import PoliciesRefusedError, Releases, releases_of
from journeyman.web.portal.area import Area, Group, Page
from journeyman.web.portal.frame import Visit

_LIST: Final = "/portal/releases"
_POLL: Final = "/portal/api/releases"
_LINES: Final = 400
"""The number of lines of a difference that a page shows."""


@dataclass(frozen=True, slots=True)
class Row:
    """One release in the list; ``changes`` are those against the release before it."""

    release: Release
    changes: Difference
    current: bool


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a difference; ``tone`` is good for a line that came, bad for one that went, "" for others."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one policy; ``cut`` is how many lines are not shown."""

    policy_id: str
    verb: str
    tone: str
    lines: tuple[DiffLine, ...]
    cut: int


@dataclass(frozen=True, slots=True)
class ReleasePages:
    """The pages of releases; data come from the management operations alone."""

    releases: Releases

    async def index(self, visit: Visit) -> Response:
        """List the releases that are kept."""
        listed = await self.releases.list(visit.caller)
        return await visit.page(
            "releases.html",
            "Releases",
            poll=_POLL,
            version=_version(listed),
            rows=rows_of(listed),
            may_write=visit.may(Right.WRITE_POLICIES),
        )

    async def versions(self, visit: Visit) -> Response:
        """Say whether there is a new release."""
        return visit.json({"version": _version(await self.releases.list(visit.caller))})

    async def one(self, visit: Visit) -> Response:
        """Show what a release changed against another one: the one before it, or that of the address."""
        release = await self._release(visit, visit.segment("number"))
        against = visit.query("against") or str(release.number - 1)
        before = await self._release(visit, against)
        listed = await self.releases.list(visit.caller)
        return await visit.page(
            "release.html",
            f"Release {release.number}",
            release=release,
            before=before,
            current=bool(listed) and listed[0].number == release.number,
            kept=[one.number for one in listed if one.number != release.number],
            changes=await self._changes(visit, before, release),
            may_write=visit.may(Right.WRITE_POLICIES),
        )

    async def ask(self, visit: Visit) -> Response:
        """Ask whether the policies are to be as they were in a release."""
        return await self._ask(visit, await self._release(visit, visit.segment("number")))

    async def roll_back(self, visit: Visit) -> Response:
        """Publish an older release again."""
        release = await self._release(visit, visit.segment("number"))
        if visit.form.text("confirm") != str(release.number):
            return await self._ask(visit, release, {"confirm": f"type {release.number}"}, status=400)
        after = visit.form.text("after")
        try:
            _, made = await self.releases.roll_back(
                visit.caller,
                release.number,
                note=visit.form.text("note"),
                after=int(after) if after.isascii() and after.isdigit() else None,
            )
        except PoliciesRefusedError as error:
            problems = {f"{one.name}:{one.line}": f"{one.policy_id}: {one.message}" for one in error.problems}
            return await self._ask(visit, release, problems, status=error.status)
        except ManagementError as error:
            return await self._ask(visit, release, {error.member or "": str(error)}, status=error.status)
        if made is None:
            return await visit.go(_LIST, f"The policies are as they were in release {release.number} already.")
        return await visit.go(_LIST, f"Release {made.number} is in force: the policies of release {release.number}.")

    async def _release(self, visit: Visit, number: str) -> Release:
        """Return a release by what stands in an address. Raises NotFoundError."""
        if not (number.isascii() and number.isdigit() and len(number) < 19):
            raise NotFoundError("There is no such release.")
        return await self.releases.get(visit.caller, int(number))

    async def _changes(self, visit: Visit, before: Release, after: Release) -> list[Change]:
        found = difference(before.manifest, after.manifest)
        kinds = (
            (found.added, "added", "good"),
            (found.changed, "changed", "accent"),
            (found.removed, "removed", "bad"),
        )
        changes = []
        for names, verb, tone in kinds:
            for name in names:
                old, new = await self._text(visit, before, name), await self._text(visit, after, name)
                lines = diff_lines(old, new)
                changes.append(Change(name, verb, tone, lines[:_LINES], max(len(lines) - _LINES, 0)))
        return changes

    async def _text(self, visit: Visit, release: Release, policy_id: str) -> bytes:
        if release.find(policy_id) is None:
            return b""
        return await self.releases.text(visit.caller, release.number, policy_id)

    async def _ask(
        self, visit: Visit, release: Release, errors: dict[str, str] | None = None, *, status: int = 200
    ) -> Response:
        listed = await self.releases.list(visit.caller)
        current = listed[0] if listed else NOTHING
        return await visit.page(
            "release_back.html",
            f"Roll back to release {release.number}",
            crumbs=((f"Release {release.number}", f"{_LIST}/{release.number}"),) if release.number else (),
            status=status,
            release=release,
            current=current,
            changes=difference(current.manifest, release.manifest),
            errors=errors or {},
        )


def rows_of(releases: Sequence[Release]) -> list[Row]:
    """Return the list, newest first, with what each release changed; of the oldest it is known only if it is the first."""
    rows = []
    for index, release in enumerate(releases):
        older = releases[index + 1] if index + 1 < len(releases) else NOTHING
        known = older.number == release.number - 1
        changes = difference(older.manifest, release.manifest) if known else Difference()
        rows.append(Row(release, changes, current=index == 0))
    return rows


def diff_lines(before: bytes, after: bytes) -> tuple[DiffLine, ...]:
    """Return the difference of two texts, with three lines around each change."""
    old, new = (data.decode("utf-8", "replace").splitlines() for data in (before, after))
    tones = {"+": "good", "-": "bad", "@": "accent"}
    lines = list(difflib.unified_diff(old, new, lineterm="", n=3))[2:]
    return tuple(DiffLine(line, tones.get(line[:1], "")) for line in lines)


def _version(releases: Sequence[Release]) -> str:
    return str(releases[0].number) if releases else "0"


def releases_area(engine: Engine) -> Area:
    """Return the area of releases."""
    pages = ReleasePages(releases_of(engine))
    read, write = Right.READ_POLICIES, Right.WRITE_POLICIES
    back = f"{_LIST}/{{number}}/roll-back"
    return Area(
        "releases",
        "Releases",
        Group.BUILD,
        (
            Page(_LIST, pages.index, read),
            Page(_POLL, pages.versions, read, by_script=True),
            Page(f"{_LIST}/{{number}}", pages.one, read),
            Page(back, pages.ask, write, step_up=True),
            Page(back, pages.roll_back, write, "POST", step_up=True),
        ),
    )
