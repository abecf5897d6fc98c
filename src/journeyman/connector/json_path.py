"""Paths into a JSON answer: the text of a ``PartnerClaimType`` in, a value out.

Accepts ``contacts[0].email``, dotted indexes ``data.0.email``, ``['na.me']`` and a leading ``$`` or ``$.``.
Source: rest-connectors.md §10.3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from journeyman.claims.values import Json

_STEP: Final = re.compile(
    r"""\[(?P<index>[0-9]{1,9})\] | \['(?P<single>[^']*)'\] | \["(?P<double>[^"]*)"\] | (?P<name>[^.\[\]]+)""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class JsonPath:
    """The steps from the root to a value."""

    steps: tuple[str | int, ...]

    def find(self, root: Json) -> Json:
        """Return the value at the end of the path, None where there is none."""
        value = root
        for step in self.steps:
            value = _child(value, step)
            if value is None:
                return None
        return value


def compile_path(text: str) -> JsonPath | None:
    """Read a path; None when it is not one."""
    rest = text[1:] if text == "$" or text.startswith(("$.", "$[")) else text
    rest = rest.removeprefix(".")
    steps: list[str | int] = []
    while rest:
        found = _STEP.match(rest)
        if found is None:
            return None
        steps.append(_step(found))
        rest = rest[found.end() :]
        if rest.startswith("."):
            rest = rest[1:]
            if not rest or rest.startswith("."):
                return None
        elif rest and not rest.startswith("["):
            return None
    return JsonPath(tuple(steps)) if steps or text.startswith("$") else None


def _step(found: re.Match[str]) -> str | int:
    if found["index"] is not None:
        return int(found["index"])
    name = next((found[group] for group in ("single", "double") if found[group] is not None), None)
    return found["name"] if name is None else name


def _child(value: Json, step: str | int) -> Json:
    if isinstance(value, list):
        index = int(step) if isinstance(step, int) or (step.isascii() and step.isdigit() and len(step) < 10) else -1
        return value[index] if 0 <= index < len(value) else None
    if isinstance(value, dict) and isinstance(step, str):
        return value.get(step)
    return None
