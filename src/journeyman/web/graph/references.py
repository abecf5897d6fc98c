"""``{"@odata.id": …}``: an address on any host, a relative one or a bare id in, the id out. Source: graph-api.md §4."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlsplit

from journeyman.management.errors import InvalidError
from journeyman.web.graph.members import Members

_ID: Final = "@odata.id"
_KEY: Final = re.compile(r"(?P<name>[^/()]+)\('(?P<key>[^']*)'\)")


def referenced(members: Members, collection: str) -> str | None:
    """Return the id that a reference names, None for an empty object, which names nothing.

    Args:
        collection: the segment that must stand before the id, if anything does: ``apiConnectors``.

    Raises:
        InvalidError: the reference names something else.
    """
    address = members.optional_text(_ID)
    if address is None:
        return members.optional_text("id")
    try:
        path = urlsplit(address.strip()).path
    except ValueError:
        raise members.wrong(_ID, "is no address") from None
    segments = [unquote(part) for part in _KEY.sub(r"\g<name>/\g<key>", unquote(path)).split("/") if part]
    if not segments or (len(segments) > 1 and segments[-2].casefold() != collection.casefold()):
        raise members.wrong(_ID, f"names none of {collection}; write the address of one")
    return segments[-1]


def required_reference(members: Members, collection: str) -> str:
    """Return the id that a reference names. Raises InvalidError when it names nothing."""
    found = referenced(members, collection)
    if found is None:
        raise InvalidError(f"{members.place(_ID)} is missing", member=members.place(_ID))
    return found
