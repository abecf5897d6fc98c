"""The area of custom policies: list, upload, read with what is wrong in place, the journey, the report, delete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from journeyman.diagnostics import Diagnostic, Severity
from journeyman.engine import Engine
from journeyman.engine.policies import Origin, PolicyEntry, PolicySet
from journeyman.engine.stored import UPLOADED
from journeyman.management.caller import Right
from journeyman.management.errors import ManagementError
from journeyman.management.policies import Policies, Upload
from journeyman.management.policy_errors import PolicyRefusedError
from journeyman.web.portal.area import Area, Group, Page
from journeyman.web.portal.frame import Visit
from journeyman.web.portal.journey_map import journey_maps
from journeyman.web.portal.policy_report import SecuredCall, secured_calls
from journeyman.web.portal.policy_source import TONES, source_view, worst_first
from journeyman.web.portal.refusals import refused_confirmation

_LIST: Final = "/portal/policies"
_POLL: Final = "/portal/api/policies"
_TABS: Final = (("", "Source"), ("journey", "Journey"), ("report", "Security report"))


@dataclass(frozen=True, slots=True)
class Row:
    """One policy in the list; ``state`` in a word, ``tone`` how it is shown."""

    entry: PolicyEntry
    state: str
    tone: str
    errors: int
    warnings: int

    @property
    def origin(self) -> str:
        """Where it comes from, for a person."""
        return self.entry.text.name if self.entry.origin is Origin.FILE else self.entry.origin.value


@dataclass(frozen=True, slots=True)
class PolicyPages:
    """The pages of custom policies; data come from the management operations alone."""

    engine: Engine

    @property
    def _policies(self) -> Policies:
        return Policies(self.engine)

    async def index(self, visit: Visit) -> Response:
        """List the policies."""
        now = self.engine.policies
        listed = [row_of(now, entry) for entry in self._policies.all(visit.caller)]
        return await visit.page(
            "policies.html",
            "Custom policies",
            poll=_POLL,
            version=_version(now),
            rows=listed,
            may_write=visit.may(Right.WRITE_POLICIES),
        )

    async def versions(self, visit: Visit) -> Response:
        """Say whether policies have changed."""
        return visit.json({"version": _version(self.engine.policies)})

    async def source(self, visit: Visit) -> Response:
        """Show the text of a policy, with what is wrong where it is wrong."""
        entry = self._entry(visit)
        first = int(line) if (line := visit.query("line")).isascii() and line.isdigit() else 1
        view = source_view(entry.text.data, entry.text.name, _found(self.engine.policies, entry), first=first)
        return await self._tab(visit, entry, "", "policy.html", view)

    async def journey(self, visit: Visit) -> Response:
        """Show the journey of a policy, step by step."""
        entry = self._entry(visit)
        served = self.engine.policies.find(entry.id)
        maps = journey_maps(served.policy) if served is not None else ()
        return await self._tab(visit, entry, "journey", "policy_journey.html", maps)

    async def report(self, visit: Visit) -> Response:
        """Show how a policy secures what it calls."""
        entry = self._entry(visit)
        now = self.engine.policies
        served = now.find(entry.id)
        calls: tuple[SecuredCall, ...] = ()
        if served is not None:
            own = self.engine.settings.profiles
            calls = secured_calls(served.policy, self.engine.keys.infos(), own, now.diagnostics)
        return await self._tab(visit, entry, "report", "policy_report.html", calls)

    async def download(self, visit: Visit) -> Response:
        """Send the text of a policy as a file."""
        entry = self._entry(visit)
        name = quote(entry.id, safe="")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}.xml", "Cache-Control": "no-store"}
        # Not application/xml: a browser would draw it, style sheets and all.
        return Response(entry.text.data, media_type="application/octet-stream", headers=headers)

    async def form(self, visit: Visit) -> Response:
        """Ask for a policy."""
        return await self._form(visit)

    async def upload(self, visit: Visit) -> Response:
        """Store what the form holds; a refused policy is shown with what is wrong in place."""
        name, data = visit.form.file("file")
        data = data or visit.form.text("xml").encode()
        if not data:
            return await self._form(visit, errors={"file": "choose a file, or paste the XML of a policy"}, status=400)
        try:
            done = await self._policies.upload(visit.caller, Upload(data))
        except PolicyRefusedError as error:
            return await self._refused(visit, name, data, error.diagnostics)
        except ManagementError as error:
            return await self._form(visit, data, errors={"file": str(error)}, status=error.status)
        verb = "is stored" if done.created else "has taken the place of the one before"
        return await visit.go(_address(done.id), f"{done.id} {verb} and is served from now on.")

    async def ask(self, visit: Visit) -> Response:
        """Ask whether a policy is to be deleted."""
        return await self._ask(visit, self._entry(visit))

    async def delete(self, visit: Visit) -> Response:
        """Delete an uploaded policy whose id was typed in."""
        entry = self._entry(visit)
        refused = await refused_confirmation(
            visit, entry.id, lambda: self._policies.delete(visit.caller, entry.id), partial(self._ask, visit, entry)
        )
        return refused or await visit.go(
            _LIST, f"{entry.id} is deleted. The release before it holds it still: roll back to undo."
        )

    def _entry(self, visit: Visit) -> PolicyEntry:
        return self._policies.get(visit.caller, visit.segment("id"))

    async def _tab(self, visit: Visit, entry: PolicyEntry, tab: str, template: str, shown: object) -> Response:
        """Show one of the pages of a policy; the template knows ``shown``."""
        now = self.engine.policies
        address = _address(entry.id)
        return await visit.page(
            template,
            entry.id,
            poll=_POLL,
            version=_version(now),
            row=row_of(now, entry),
            tabs=[(f"{address}/{name}" if name else address, title, name == tab) for name, title in _TABS],
            address=address,
            tones=TONES,
            problems=now.problems_of(entry.id) if entry.relying_party else (),
            may_write=visit.may(Right.WRITE_POLICIES),
            discovery=f"{self.engine.origin}/{self.engine.tenant.name}/{entry.id}/v2.0/.well-known/openid-configuration",
            shown=shown,
            sees_keys=visit.may(Right.READ_KEYS),
        )

    async def _form(
        self, visit: Visit, data: bytes = b"", errors: dict[str, str] | None = None, *, status: int = 200
    ) -> Response:
        text = data.decode("utf-8", "replace")
        return await visit.page(
            "policy_upload.html", "Upload a policy", status=status, xml=text, errors=errors or {}, view=None
        )

    async def _refused(self, visit: Visit, name: str, data: bytes, found: Sequence[Diagnostic]) -> Response:
        # The uploaded text has a name of its own in diagnostics; those of its bases have others.
        places = [one.location.path for one in found if one.location.path.startswith(UPLOADED)]
        worst = worst_first(found)
        view = source_view(data, places[0] if places else name, worst)
        errors = {"file": f"{len(found)} error(s): nothing was changed. They stand below, each in its line."}
        return await visit.page(
            "policy_upload.html",
            "Upload a policy",
            status=400,
            xml=data.decode("utf-8", "replace"),
            errors=errors,
            view=view,
            found=worst,
            tones=TONES,
        )

    async def _ask(
        self, visit: Visit, entry: PolicyEntry, errors: dict[str, str] | None = None, *, status: int = 200
    ) -> Response:
        children = [
            one.id
            for one in self.engine.policies.entries.values()
            if one.base is not None and one.base.lower() == entry.id.lower()
        ]
        return await visit.page(
            "policy_delete.html",
            f"Delete {entry.id}",
            crumbs=((entry.id, _address(entry.id)),),
            status=status,
            entry=entry,
            uploaded=entry.origin is Origin.UPLOADED,
            children=children,
            address=_address(entry.id),
            errors=errors or {},
        )


def row_of(policies: PolicySet, entry: PolicyEntry) -> Row:
    """Say how a policy is."""
    found = _found(policies, entry)
    errors = sum(one.severity is Severity.ERROR for one in found)
    warnings = sum(one.severity is Severity.WARNING for one in found)
    name = entry.id.lower()
    if name in policies.outdated:
        state, tone = "served as it was before", "warn"
    elif policies.find(entry.id) is not None:
        state, tone = "served", "good"
    elif errors or policies.problems_of(entry.id):
        state, tone = "has errors", "bad"
    elif entry.relying_party:
        state, tone = "not served", "warn"
    else:
        state, tone = "base", "neutral"
    return Row(entry, state, tone, errors, warnings)


def _found(policies: PolicySet, entry: PolicyEntry) -> tuple[Diagnostic, ...]:
    return worst_first({one: None for one in policies.diagnostics if one.location.path == entry.text.name})


def _version(policies: PolicySet) -> str:
    # What a set was made of says whether a page has to be drawn anew.
    texts = [(one.id, sha256(one.text.data).hexdigest()) for one in policies.entries.values()]
    made = repr((texts, [str(one) for one in policies.diagnostics], sorted(policies.served)))
    return sha256(made.encode(errors="replace")).hexdigest()[:16]


def _address(policy_id: str) -> str:
    return f"{_LIST}/{quote(policy_id, safe='')}"


def policies_area(engine: Engine) -> Area:
    """Return the area of custom policies."""
    pages = PolicyPages(engine)
    read, write = Right.READ_POLICIES, Right.WRITE_POLICIES
    one = f"{_LIST}/{{id}}"
    return Area(
        "policies",
        "Custom policies",
        Group.BUILD,
        (
            Page(_LIST, pages.index, read),
            Page(f"{_LIST}/upload", pages.form, write),
            Page(f"{_LIST}/upload", pages.upload, write, "POST"),
            Page(_POLL, pages.versions, read, by_script=True),
            Page(one, pages.source, read),
            Page(f"{one}/journey", pages.journey, read),
            Page(f"{one}/report", pages.report, read),
            Page(f"{one}/xml", pages.download, read),
            Page(f"{one}/delete", pages.ask, write, step_up=True),
            Page(f"{one}/delete", pages.delete, write, "POST", step_up=True),
        ),
    )
