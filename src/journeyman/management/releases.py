"""Releases of uploaded policies: whole folders in; a plan, a release, or what keeps it from being one, out.

A release is examined whole, published in one step and served at once. Nothing is uploaded twice: what is the same
stays, what is not in the folder is removed. Source: this project's decision, docs/decisions/0083.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from journeyman.configuration.errors import ObjectNotFoundError
from journeyman.configuration.releases import (
    NOTHING,
    Difference,
    NewRelease,
    Release,
    ReleaseStore,
    difference,
    text_hash,
)
from journeyman.diagnostics import Diagnostic, Severity
from journeyman.engine import Engine
from journeyman.engine.examination import Examined, Examiner
from journeyman.engine.stored import UPLOADED, Stored, uploaded_text
from journeyman.management.caller import Caller, Right
from journeyman.management.errors import ChangedError, Detail, InvalidError, ManagementError, NotFoundError
from journeyman.management.policy_errors import refuse_reserved_keys
from journeyman.management.texts import one_line
from journeyman.policy import rules
from journeyman.policy.load import ParsedPolicy, PolicyText
from journeyman.policy.model import key
from journeyman.settings.identity import USER_FLOW_PREFIX

NOTE_LIMIT: Final = 500
POLICIES_LIMIT: Final = 1000

_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a policy.

    Attributes:
        name: the name under which the text was given, of a file as a rule; "" for a policy that is not in the release.
        line, column: in the text; 0 when it is not about a place.
    """

    policy_id: str
    name: str
    code: str
    message: str
    help: str = ""
    line: int = 0
    column: int = 0


class PoliciesRefusedError(InvalidError):
    """A release has errors; ``problems`` are all of them."""

    code = "JM6021"

    def __init__(self, detail: str, problems: Sequence[Problem]) -> None:
        details = [Detail(one.code, one.message, f"{one.name}:{one.line}:{one.column}") for one in problems[:_SHOWN]]
        super().__init__(detail, service_code="AADB2C", details=details)
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a release would change.

    Attributes:
        after: the number of the release that this is planned upon.
        texts, names: policy id -> its text, and the name under which that was given.
        problems: why it cannot be published; nothing when it can.
        breaks: policies that are not in the release and would not compile any more; they stay as they last did.
        shadows: policy id -> the file of the tenant folder whose place it takes.
    """

    after: int
    difference: Difference
    texts: Mapping[str, bytes] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    breaks: tuple[Problem, ...] = ()
    shadows: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Releases:
    """The releases of one tenant.

    Attributes:
        serve: makes a published release count in this process; others see it within a second or two.
        turn: held while a release is examined and published.
        text_limit_bytes: the size of the largest policy.
    """

    store: ReleaseStore
    examiner: Examiner
    serve: Callable[[], Awaitable[None]]
    turn: asyncio.Lock
    text_limit_bytes: int

    async def list(self, caller: Caller) -> tuple[Release, ...]:
        """Return the releases that are kept, newest first."""
        caller.require(Right.READ_POLICIES)
        return await self.store.list()

    async def get(self, caller: Caller, number: int) -> Release:
        """Return one release; 0 is the state before the first. Raises NotFoundError."""
        caller.require(Right.READ_POLICIES)
        if number == 0:
            return NOTHING
        try:
            return await self.store.get(number)
        except ObjectNotFoundError as error:
            raise NotFoundError(str(error)) from None

    async def text(self, caller: Caller, number: int, policy_id: str) -> bytes:
        """Return the text of a policy in a release. Raises NotFoundError."""
        release = await self.get(caller, number)
        name = release.find(policy_id)
        if name is None:
            raise NotFoundError(f"release {number} has no policy {policy_id[:200]!r}")
        return await self.store.text(release.manifest[name])

    async def plan(self, caller: Caller, texts: Sequence[PolicyText]) -> Plan:
        """Return what a release of these policies would change, and what keeps it from being one."""
        caller.require(Right.WRITE_POLICIES)
        _refuse_none(texts)
        return await self._planned(texts)

    async def publish(
        self, caller: Caller, texts: Sequence[PolicyText], *, note: str = "", after: int | None = None
    ) -> tuple[Plan, Release | None]:
        """Publish these policies as one release, and serve it; uploaded policies that are not among them are removed.

        Args:
            after: the release that the caller has planned upon; None for whatever is in force.

        Returns:
            The plan and the release; None when there was nothing to change.

        Raises:
            ChangedError: another release was published since ``after``.
        """
        caller.require(Right.WRITE_POLICIES)
        one_line(note, "note", limit=NOTE_LIMIT, empty=True)
        _refuse_none(texts)
        async with self.turn:
            plan = await self._planned(texts)
            _refuse_other(plan.after, after)
            if plan.problems:
                raise _refused(plan.problems)
            if plan.difference.empty:
                return plan, None
            new = NewRelease(
                plan.after, "Publish policies", "policies", plan.texts, detail=_detail(plan.difference), note=note
            )
            return plan, await self._published(caller, new)

    async def roll_back(
        self, caller: Caller, number: int, *, note: str = "", after: int | None = None
    ) -> tuple[Plan, Release | None]:
        """Publish what an older release was, as a new one; 0 removes all. Raises and returns what ``publish`` does."""
        caller.require(Right.WRITE_POLICIES)
        one_line(note, "note", limit=NOTE_LIMIT, empty=True)
        async with self.turn:
            plan = await self._back(caller, number)
            _refuse_other(plan.after, after)
            if plan.problems:
                raise _refused(plan.problems)
            if plan.difference.empty:
                return plan, None
            detail = {"to": str(number), **_detail(plan.difference)}
            new = NewRelease(plan.after, "Roll back policies", "policies", plan.texts, detail=detail, note=note)
            return plan, await self._published(caller, new)

    async def _back(self, caller: Caller, number: int) -> Plan:
        old = await self.get(caller, number)
        texts = await self.store.texts(old)
        return await self._planned([PolicyText(name, data) for name, data in texts.items()])

    async def _published(self, caller: Caller, new: NewRelease) -> Release:
        release = await self.store.by(caller.actor).publish(new)
        await self.serve()
        return release

    async def _planned(self, texts: Sequence[PolicyText]) -> Plan:
        _refuse_many(texts)
        uploaded = tuple(uploaded_text(text.name, text.data) for text in texts)
        parsed, stored = await self.examiner.parse(uploaded), await self.examiner.stored()
        good = {one.policy.policy_id: one for one in parsed if one.policy is not None}
        named = {name: one.text.data for name, one in good.items()}
        names = {name: _name(one.text.name) for name, one in good.items()}
        readable = {text.name for text in stored.uploaded}
        # A text that was damaged in the database counts as another one.
        before = {
            name: digest if uploaded_text(name, b"").name in readable else ""
            for name, digest in stored.release.manifest.items()
        }
        found = difference(before, {name: text_hash(data) for name, data in named.items()})
        problems = (*_unusable(parsed), *_twice(parsed), *_of_user_flows(parsed))
        if problems:
            return Plan(stored.release.number, found, named, names, problems)
        examined = await self.examiner.examine(stored, uploaded)
        problems = (*_errors_in(examined, parsed), *_reserved(examined, good))
        breaks = await self._breaks(stored, examined, named)
        return Plan(stored.release.number, found, named, names, problems, breaks, self._shadows(named))

    async def _breaks(self, stored: Stored, examined: Examined, named: Mapping[str, bytes]) -> tuple[Problem, ...]:
        """Return the errors of policies outside the release that compile now and would not any more."""
        broken = examined.errors.keys() - set(map(key, named))
        if not broken:
            return ()
        before = await self.examiner.examine(stored, stored.uploaded)
        return tuple(
            _problem(examined.loaded.policies[name].policy_id, error)
            for name in sorted(broken - before.errors.keys())
            for error in examined.errors[name][:_SHOWN]
        )

    def _shadows(self, named: Mapping[str, bytes]) -> dict[str, str]:
        files = {key(one.policy.policy_id): one.text.name for one in self.examiner.files if one.policy is not None}
        return {name: files[key(name)] for name in named if key(name) in files}


def releases_of(engine: Engine) -> Releases:
    """Return the releases of an open engine; a published one is served when it is answered."""
    loader, limit = engine.loader, engine.settings.management.policy_limit_bytes
    return Releases(engine.releases, loader.examiner, engine.refresh, loader.uploading, limit)


def _refuse_none(texts: Sequence[PolicyText]) -> None:
    if not texts:
        raise InvalidError("policies is empty; to remove all policies roll back to release 0", member="policies")


def _refuse_many(texts: Sequence[PolicyText]) -> None:
    if len(texts) > POLICIES_LIMIT:
        raise InvalidError(
            f"a release has at most {POLICIES_LIMIT} policies, this one has {len(texts)}", member="policies"
        )
    names = [text.name for text in texts]
    for name in names:
        one_line(name, "policies/name")
        if names.count(name) > 1:
            raise InvalidError(f"policies/name: {name!r} is there twice", member="policies")


def _refuse_other(number: int, after: int | None) -> None:
    if after is not None and after != number:
        raise ChangedError(f"release {number} was published since the plan was made upon release {after}; plan again")


def _unusable(parsed: Iterable[ParsedPolicy]) -> Iterator[Problem]:
    for one in parsed:
        if one.policy is None:
            errors = [each for each in one.diagnostics if each.severity is Severity.ERROR] or one.diagnostics
            yield from (_problem("", each) for each in errors[:_SHOWN])


def _twice(parsed: Iterable[ParsedPolicy]) -> Iterator[Problem]:
    first: dict[str, ParsedPolicy] = {}
    for one in parsed:
        if one.policy is None:
            continue
        other = first.setdefault(key(one.policy.policy_id), one)
        if other is not one:
            rule, place = rules.DUPLICATE_POLICY, one.policy.location
            name = _name(other.text.name)
            yield _problem(one.policy.policy_id, rule.at(place, id=one.policy.policy_id, first=name))


def _of_user_flows(parsed: Iterable[ParsedPolicy]) -> Iterator[Problem]:
    for one in parsed:
        if one.policy is not None and key(one.policy.policy_id).startswith(key(USER_FLOW_PREFIX)):
            text = f"the PolicyId {one.policy.policy_id!r} begins with {USER_FLOW_PREFIX}, as the ids of user flows do"
            place = one.policy.location
            yield Problem(
                one.policy.policy_id, _name(one.text.name), "JM6002", text, "use B2C_1A_", place.line, place.column
            )


def _errors_in(examined: Examined, parsed: Iterable[ParsedPolicy]) -> Iterator[Problem]:
    """Yield each error once, though every policy that inherits it has it; it belongs to the text where it stands."""
    ids = {one.text.name: one.policy.policy_id for one in parsed if one.policy is not None}
    of_ours = {key(name) for name in ids.values()}
    seen: set[Diagnostic] = set()
    for name, errors in examined.errors.items():
        for error in errors if name in of_ours else ():
            if error not in seen:
                seen.add(error)
                yield _problem(ids.get(error.location.path, examined.loaded.policies[name].policy_id), error)


def _reserved(examined: Examined, good: Mapping[str, ParsedPolicy]) -> Iterator[Problem]:
    for name, one in good.items():
        try:
            refuse_reserved_keys(examined.loaded, name)
        except ManagementError as error:
            yield Problem(name, _name(one.text.name), error.code, str(error))


def _problem(policy_id: str, error: Diagnostic) -> Problem:
    place = error.location
    return Problem(policy_id, _name(place.path), error.code, error.message, error.help, place.line, place.column)


def _name(path: str) -> str:
    return path.removeprefix(UPLOADED)


def _refused(problems: Sequence[Problem]) -> PoliciesRefusedError:
    shown = problems[:_SHOWN]
    return PoliciesRefusedError(
        f"{len(problems)} error(s) in the policies: nothing was published. "
        + " ".join(f"{one.name}:{one.line}:{one.column}: {one.message}" for one in shown[:3]),
        problems,
    )


def _detail(found: Difference) -> dict[str, str]:
    named = {"added": found.added, "changed": found.changed, "removed": found.removed}
    return {name: " ".join(ids[:_SHOWN]) for name, ids in named.items() if ids}
