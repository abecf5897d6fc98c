"""One request of a community tool as it goes over the wire, and what the tool looks at in the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Template
from typing import Any, Final

from clients_caller import Answer, Caller, ask

PRESENT: Final = object()
"""The member is there and not empty."""
ABSENT: Final = object()
"""The member is absent or null."""


@dataclass(frozen=True)
class Exchange:
    """A request and what counts of its answer.

    Attributes:
        path: exactly as the tool writes it, with its letter case and slashes; ``$name`` is what was kept before.
        body: the text of the body, written by the tool's own template.
        type: the Content-Type, "" for none.
        status: the statuses with which the tool goes on.
        wants: place in the JSON answer, such as ``value.0.id`` -> literal, PRESENT or ABSENT.
        keeps: name -> place in the JSON answer, for later requests.
        text: what the body of the answer is, when it is no JSON.
        signed: whether the tool sends its token.
    """

    method: str
    path: str
    body: str | None = None
    type: str = ""
    status: tuple[int, ...] = (200,)
    wants: Mapping[str, Any] = field(default_factory=dict)
    keeps: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    signed: bool = True


def play(caller: Caller, exchanges: tuple[Exchange, ...], known: dict[str, str]) -> None:
    """Send the requests in their order and check what the tool looks at."""
    for exchange in exchanges:
        answer = _sent(caller, exchange, known)
        shown = f"{exchange.method} {exchange.path}: {answer.status} {answer.text[:600]}"
        assert answer.status in exchange.status, shown
        for place, expected in exchange.wants.items():
            _check(member(answer, place), _filled(expected, known), f"{place} of {shown}")
        if exchange.text is not None:
            assert answer.text == _filled(exchange.text, known), shown
        known.update({name: str(member(answer, place)) for name, place in exchange.keeps.items()})
        assert exchange.status != (204,) or answer.body == b"", shown


def member(answer: Answer, place: str) -> Any:
    """Return a member of a JSON answer, None when it is absent; ``header:Location`` is a header."""
    if place.startswith("header:"):
        return answer.headers.get(place.removeprefix("header:").lower())
    found: Any = json.loads(answer.text)
    for name in place.split("/"):
        if isinstance(found, list):
            found = found[int(name)] if int(name) < len(found) else None
        else:
            found = found.get(name) if isinstance(found, dict) else None
    return found


def _sent(caller: Caller, exchange: Exchange, known: Mapping[str, str]) -> Answer:
    headers = {"Authorization": f"Bearer {known.get('token', caller.token)}"} if exchange.signed else {}
    if exchange.type:
        headers["Content-Type"] = exchange.type
    headers |= {name: _filled(value, known) for name, value in exchange.headers.items()}
    body = None if exchange.body is None else _filled(exchange.body, known).encode()
    return ask(exchange.method, caller.origin + _filled(exchange.path, known), body, headers)


def _filled(text: Any, known: Mapping[str, str]) -> Any:
    """``$name`` becomes what is known by it; ``$filter`` and ``$value`` are nothing of ours and stay."""
    return Template(text).safe_substitute(known) if isinstance(text, str) else text


def _check(found: Any, expected: Any, shown: str) -> None:
    if expected is PRESENT:
        assert found not in (None, "", []), shown
    elif expected is ABSENT:
        assert found is None, shown
    else:
        assert found == expected, shown
