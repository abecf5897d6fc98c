"""``$filter=displayName eq 'x'`` on small collections; other filters mean nothing there. Source: graph-api.md §2, §5."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from journeyman.web.graph.answers import Entity
from journeyman.web.graph.request import GraphRequest

_EQUAL: Final = re.compile(r"\s*(?P<name>[A-Za-z]\w*)\s+eq\s+'(?P<value>(?:[^']|'')*)'\s*", re.IGNORECASE | re.DOTALL)


def filtered(request: GraphRequest, items: Sequence[Entity]) -> Sequence[Entity]:
    """Return those whose member is equal to the text, in any case; all when the filter is another one."""
    found = _EQUAL.fullmatch(request.query.filter)
    if found is None:
        return items
    name, value = found["name"].casefold(), found["value"].replace("''", "'").casefold()
    return [item for item in items if any(n.casefold() == name and str(v).casefold() == value for n, v in item.items())]
