"""Error answers of an identity provider that mean something to the policy: a document in, what to do out.

Of JSONPath what policies need: ``$.error``, and ``$[?(@.error == 'invalid_grant')]`` with ``==``, ``!=`` and ``&&``. The
documents write ``@@`` for ``@``. A filter looks at the answer itself and at what stands in it.
Source: technical-profiles.md §17; that a person is sent back once per step is this project's decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from journeyman.connector.json_path import JsonPath, compile_path
from journeyman.policy.error_handlers import ErrorHandler

REAUTHENTICATE: Final = "reauthenticate"
ACTIONS: Final = frozenset({REAUTHENTICATE, "invalidclient"})

_FILTER: Final = re.compile(r"\$\[\?\((?P<conditions>.{1,500})\)\]")
_CONDITION: Final = re.compile(r"@{1,2}\.(?P<path>[\w.]{1,100})\s*(?P<sign>==|!=)\s*'(?P<value>[^']{0,200})'")


@dataclass(frozen=True, slots=True)
class _Condition:
    path: JsonPath
    value: str
    equal: bool

    def holds(self, candidate: object) -> bool:
        found = self.path.find(candidate) if isinstance(candidate, dict) else None
        return found is not None and (found == self.value) is self.equal


@dataclass(frozen=True, slots=True)
class ResponseMatch:
    """A JSONPath that finds something in an answer, or does not."""

    path: JsonPath | None
    conditions: tuple[_Condition, ...] = ()

    def matches(self, document: Mapping[str, Any]) -> bool:
        """Whether it finds something."""
        root = dict(document)
        if self.path is not None:
            return self.path.find(root) is not None
        inner = [each for value in root.values() for each in (value if isinstance(value, list) else [value])]
        return any(all(one.holds(candidate) for one in self.conditions) for candidate in [root, *inner])


def compile_match(text: str) -> ResponseMatch | None:
    """Read a ``ResponseMatch``; None when it is none that this engine knows."""
    found = _FILTER.fullmatch(text.strip())
    if found is None:
        path = compile_path(text.strip()) if text.strip().startswith("$") and "?" not in text else None
        return None if path is None else ResponseMatch(path)
    conditions = [_condition(part) for part in found["conditions"].split("&&")]
    known = tuple(each for each in conditions if each is not None)
    return ResponseMatch(None, known) if len(known) == len(conditions) else None


def reauthentication(handlers: Iterable[ErrorHandler], document: Mapping[str, Any] | None) -> Mapping[str, str] | None:
    """Return what is added to a second authorization request, None when the answer does not ask for one."""
    if document is None:
        return None
    for handler in handlers:
        match = compile_match(handler.response_match)
        if match is not None and match.matches(document):
            return handler.parameters if handler.action.casefold() == REAUTHENTICATE else None
    return None


def _condition(text: str) -> _Condition | None:
    found = _CONDITION.fullmatch(text.strip())
    path = compile_path(found["path"]) if found is not None else None
    return None if found is None or path is None else _Condition(path, found["value"], found["sign"] == "==")
