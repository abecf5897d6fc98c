"""How plans and releases are printed: for people in lines, for programs as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from journeyman.cli.terminal import utc_text
from journeyman.configuration.releases import Difference, Release
from journeyman.management.releases import Plan, Problem
from journeyman.trace.printable import printable


def plan_lines(target: str, plan: Plan) -> Iterator[str]:
    """Yield what a release would change, and what is wrong with it."""
    yield f"{target}: {_in_force(plan.after)}"
    yield from difference_lines(plan.difference, plan.names)
    for policy_id, file in plan.shadows.items():
        if policy_id not in plan.difference.unchanged:
            yield f"note: {policy_id} takes the place of the file {file} of the tenant folder"
    for one in plan.breaks:
        yield f"warning: {one.policy_id} would not compile any more and stays as it last did: {_text(one)}"
    for one in plan.problems:
        yield f"error: {_text(one)}"


def difference_lines(found: Difference, names: Mapping[str, str] = MappingProxyType({})) -> Iterator[str]:
    """Yield one line per policy that differs, with the name of its file, and how many do not."""
    for mark, word, ids in (
        ("+", "added", found.added),
        ("~", "changed", found.changed),
        ("-", "removed", found.removed),
    ):
        for policy_id in ids:
            yield f"{mark} {word:<7} {printable(policy_id)}  {printable(names.get(policy_id, ''))}".rstrip()
    if found.unchanged:
        yield f"  {len(found.unchanged)} unchanged"


def many(policies: int) -> str:
    """Return how many policies there are, in words."""
    return "1 policy" if policies == 1 else f"{policies} policies"


def release_line(release: Release) -> str:
    """Return one release in a line."""
    if not release.number:
        return "    0  the state before the first release"
    note = f"  {printable(release.note)}" if release.note else ""
    return f"{release.number:>5}  {utc_text(release.at)}  {many(len(release.manifest)):<13} {printable(release.actor)}{note}"


def plan_json(plan: Plan) -> dict[str, Any]:
    """Return a plan as ``--json`` prints it."""
    return {
        "after": plan.after,
        **difference_json(plan.difference),
        "files": dict(plan.names),
        "shadows": dict(plan.shadows),
        "problems": [_problem_json(one) for one in plan.problems],
        "breaks": [_problem_json(one) for one in plan.breaks],
    }


def difference_json(found: Difference) -> dict[str, Any]:
    """Return a difference as ``--json`` prints it."""
    return {
        "added": list(found.added),
        "changed": list(found.changed),
        "removed": list(found.removed),
        "unchanged": list(found.unchanged),
    }


def release_json(release: Release) -> dict[str, Any]:
    """Return a release as ``--json`` prints it."""
    return {
        "number": release.number,
        "at": utc_text(release.at) if release.number else None,
        "actor": release.actor,
        "note": release.note,
        "policies": dict(release.manifest),
    }


def _in_force(number: int) -> str:
    return f"release {number} is in force" if number else "nothing was uploaded yet"


def _text(one: Problem) -> str:
    place = f"{one.name}:{one.line}:{one.column}: " if one.line else f"{one.name}: " if one.name else ""
    remedy = f" ({one.help})" if one.help else ""
    return printable(f"{place}{one.code} {one.message}{remedy}")


def _problem_json(one: Problem) -> dict[str, Any]:
    return {
        "policy": one.policy_id,
        "file": one.name,
        "code": one.code,
        "message": one.message,
        "help": one.help,
        "line": one.line,
        "column": one.column,
    }
