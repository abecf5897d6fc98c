"""``journeyman deploy``: a folder of policies in, one release out; the plan comes first.

Nothing is changed until the whole folder was found good, and then all of it in one step.
"""

from __future__ import annotations

import asyncio
import difflib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from journeyman.cli.release_report import plan_json, plan_lines, release_json
from journeyman.cli.release_target import Place, Target, open_target
from journeyman.cli.terminal import DONE, WRONG, end, errors_in_words, note, say, say_json
from journeyman.configuration.releases import Release
from journeyman.errors import SettingsError
from journeyman.management.releases import NOTE_LIMIT, Plan
from journeyman.management.texts import one_line
from journeyman.policy import rules
from journeyman.policy.load import ParsedPolicy, PolicyText, parse_files, policy_files
from journeyman.policy.model import key
from journeyman.policy.substitution import Substitutions
from journeyman.settings import FILE_NAME, load_settings
from journeyman.trace.printable import printable

_PLACEHOLDERS: Final = frozenset({"yourtenant.onmicrosoft.com", "your-tenant.onmicrosoft.com"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants.

    Attributes:
        plan_only: print the plan and change nothing.
        yes: do not ask.
        diff: print how each policy changes.
    """

    folder: Path
    place: Place
    note: str = ""
    plan_only: bool = False
    yes: bool = False
    diff: bool = False
    as_json: bool = False


def deploy(wish: Wish) -> None:
    """Publish the policies of a folder; end with 0, with 1 when they have errors, with 2 when the call is wrong."""
    with errors_in_words():
        one_line(wish.note, "--note", limit=NOTE_LIMIT, empty=True)
        if not (wish.yes or wish.plan_only or sys.stdin.isatty()):
            raise SettingsError("publishing asks for a yes on a terminal; add --yes, or --plan to look only")
        end(asyncio.run(_deploy(wish)))


async def _deploy(wish: Wish) -> int:
    with _showing() as show:
        show("reading the policies")
        parsed = await asyncio.to_thread(_read, wish.folder)
        texts = [one.text for one in parsed]
        show("signing in" if wish.place.url else "opening the store")
        async with open_target(wish.place, tenant=_tenant_of(parsed), reading=wish.plan_only) as target:
            show(f"examining {len(texts)} policies")
            plan = await target.plan(texts)
            show("")
            return await _carried_out(wish, target, plan, texts)


async def _carried_out(wish: Wish, target: Target, plan: Plan, texts: Sequence[PolicyText]) -> int:
    asking = not (wish.yes or wish.plan_only)
    for line in plan_lines(target.name, plan) if asking or not wish.as_json else ():
        # Whoever asks for JSON is shown what the question is about beside it.
        (note if wish.as_json else say)(line)
    if wish.diff and not wish.as_json:
        await _say_diff(target, plan)
    ready = not plan.problems and not plan.difference.empty
    release = None
    if ready and not wish.plan_only:
        if not wish.yes and not _agreed():
            note("nothing was published")
            return WRONG
        release = await target.publish(texts, note=wish.note, after=plan.after)
    _say_outcome(wish, plan, release)
    return WRONG if plan.problems else DONE


def _say_outcome(wish: Wish, plan: Plan, release: Release | None) -> None:
    if wish.as_json:
        published = None if release is None else release_json(release)
        say_json({"plan": plan_json(plan), "release": published})
        return
    if plan.problems:
        note(f"{len(plan.problems)} error(s): nothing was published")
    elif plan.difference.empty:
        say("nothing to do")
    elif release is not None:
        say(f"release {release.number} is published")


def _read(folder: Path) -> tuple[ParsedPolicy, ...]:
    """Return the policies of a folder as they are in the files; those of its settings for a tenant folder."""
    if not folder.exists():
        raise SettingsError(f"{folder} does not exist; name a folder of policies")
    paths: tuple[Path, ...] = (folder,)
    if (folder / FILE_NAME).is_file():
        paths = load_settings(folder, environment=os.environ).policy_paths
    there = [path for path in paths if path.exists()]
    # What placeholders stand for is for the target to say.
    parsed = parse_files(list(policy_files(there)), Substitutions({}, None), relative_to=folder)
    for one in parsed:
        if _foreign(one):
            note(f"{one.text.name} is no policy and is left out")
        elif one.policy is None and not one.text.data:
            raise SettingsError(str(one.diagnostics[0]))
    found = tuple(one for one in parsed if not _foreign(one))
    if not found:
        raise SettingsError(f"{folder}: no policy file (*.xml) is there; name another folder")
    return found


def _foreign(one: ParsedPolicy) -> bool:
    return one.policy is None and any(each.rule is rules.NOT_A_POLICY for each in one.diagnostics)


def _tenant_of(parsed: Sequence[ParsedPolicy]) -> str:
    """Return the tenant that all policies name, "" when they name none or several."""
    named = {key(one.policy.tenant_id) for one in parsed if one.policy is not None} - _PLACEHOLDERS
    return named.pop() if len(named) == 1 else ""


async def _say_diff(target: Target, plan: Plan) -> None:
    for policy_id in (*plan.difference.changed, *plan.difference.added):
        before = await target.text(plan.after, policy_id) if policy_id in plan.difference.changed else b""
        for line in unified(policy_id, before, plan.texts[policy_id], f"release {plan.after}", plan.names[policy_id]):
            say(line)
    for policy_id in plan.difference.removed:
        before = await target.text(plan.after, policy_id)
        for line in unified(policy_id, before, b"", f"release {plan.after}", "removed"):
            say(line)


def unified(policy_id: str, before: bytes, after: bytes, of_before: str, of_after: str) -> Iterator[str]:
    """Yield the lines of a unified diff of two texts."""
    old, new = (data.decode("utf-8-sig", errors="replace").splitlines() for data in (before, after))
    heads = f"{policy_id} ({of_before})", f"{policy_id} ({of_after})"
    return (printable(line.expandtabs()) for line in difflib.unified_diff(old, new, *heads, lineterm=""))


def _agreed() -> bool:
    sys.stderr.write("Publish it? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


@contextmanager
def _showing() -> Iterator[Progress]:
    """Show on a terminal what is being done; the line is written over. A pipe gets nothing."""
    progress = Progress(shown=sys.stderr.isatty())
    try:
        yield progress
    finally:
        progress("")


@dataclass(slots=True)
class Progress:
    """One line that changes."""

    shown: bool
    width: int = 0

    def __call__(self, text: str) -> None:
        """Show a text in place of the one before; "" takes it away."""
        if self.shown:
            sys.stderr.write(f"\r{text:<{self.width}}" + ("" if text else "\r"))
            sys.stderr.flush()
            self.width = len(text)
