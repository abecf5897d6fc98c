"""The query options of a request: ``$select`` and its like, in any case; what means nothing here is ignored.

Source: graph-api.md §2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from journeyman.management.errors import InvalidError

MAX_OPTIONS: Final = 100
MAX_TOP: Final = 999
_OURS: Final = frozenset({"select", "filter", "top", "skip", "skiptoken", "count", "orderby", "expand", "search"})


@dataclass(frozen=True, slots=True)
class Query:
    """The options that a client sent.

    Attributes:
        select: members in the order of the request; empty for all.
        filter: the text of ``$filter``, "" when there is none; ``filters.parse_filter`` reads it.
        order_by: member and whether it is descending.
        expand: relations, without options in brackets.
        search: the text of ``$search``; a collection that does not search must refuse it, not answer with everything.
        top: how many, None for the default of the collection.
        skip_token: where the next page begins, as the last answer said.
        count: whether the collection is to say how many there are in all.
        others: what is no option of ours, by its name.
    """

    select: tuple[str, ...] = ()
    filter: str = ""
    order_by: tuple[tuple[str, bool], ...] = ()
    expand: tuple[str, ...] = ()
    search: str = ""
    top: int | None = None
    skip: int = 0
    skip_token: str = ""
    count: bool = False
    sent: tuple[tuple[str, str], ...] = ()
    others: dict[str, str] = field(default_factory=dict)


def parse_query(query_string: bytes) -> Query:
    """Return the options of a query. Raises InvalidError that names the option which cannot be read."""
    pairs = _pairs(query_string)
    options = {name.removeprefix("$").lower(): value for name, value in pairs if _is_ours(name)}
    return Query(
        select=_names(options.get("select", "")),
        filter=options.get("filter", "").strip(),
        order_by=tuple(map(_direction, _names(options.get("orderby", "")))),
        expand=tuple(name.partition("(")[0].strip() for name in _top_level(options.get("expand", ""))),
        search=options.get("search", "").strip(),
        top=_number(options, "top", MAX_TOP) if "top" in options else None,
        skip=_number(options, "skip", 10**9),
        skip_token=options.get("skiptoken", ""),
        count=options.get("count", "").strip().lower() == "true",
        sent=tuple(pairs),
        others={name: value for name, value in pairs if not _is_ours(name)},
    )


def _pairs(query_string: bytes) -> list[tuple[str, str]]:
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_OPTIONS, errors="strict"
        )
    except ValueError:
        raise InvalidError("the query cannot be read; encode it in UTF-8 with %") from None
    if any("\0" in name + value for name, value in pairs):
        raise InvalidError("the query holds a NUL")
    return pairs


def _is_ours(name: str) -> bool:
    return name.removeprefix("$").lower() in _OURS


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _direction(text: str) -> tuple[str, bool]:
    name, _, direction = text.partition(" ")
    if direction.strip().lower() not in {"", "asc", "desc"}:
        raise InvalidError("$orderby cannot be read; write a member, then asc or desc", member="$orderby")
    return name, direction.strip().lower() == "desc"


def _number(options: dict[str, str], name: str, largest: int) -> int:
    text = options.get(name, "0").strip()
    if not (text.isdecimal() and text.isascii() and len(text) <= 10 and int(text) <= largest):
        raise InvalidError(f"${name} is not a whole number from 0 to {largest}", member=f"${name}")
    return int(text)


def _top_level(text: str) -> list[str]:
    """Split at commas outside brackets: options of an expanded relation stand in brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part for part in parts if part.strip()]
