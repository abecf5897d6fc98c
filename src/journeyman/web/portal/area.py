"""What the portal is made of: an area is one entry of the navigation and the pages behind it.

A new area is one module with a function that returns an ``Area``, and one line in ``areas.py``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from starlette.responses import Response

from journeyman.management.caller import Right

if TYPE_CHECKING:
    from journeyman.web.portal.frame import Visit

Handler = Callable[["Visit"], Awaitable[Response]]


class Group(Enum):
    """The parts of the navigation, in their order; the value is the heading above the entries."""

    HOME = ""
    BUILD = "Build"
    WATCH = "Watch"
    MANAGE = "Manage"


@dataclass(frozen=True, slots=True)
class Page:
    """One address of the portal.

    Attributes:
        path: begins with ``/portal``; ``{id}`` stands for a segment, ``{id:path}`` for the rest.
        right: what the visitor needs; None for everybody who may see the portal at all.
        method: GET, or POST for a form: the frame then has checked origin and token before the handler runs.
        step_up: whether the administrator must have proved who they are within the last minutes. Put it on the
            page with the form as well, so that nothing is typed in that is lost then.
        by_script: whether a script asks: it is answered in JSON, and the session does not live longer for it.
    """

    path: str
    handler: Handler
    right: Right | None = None
    method: str = "GET"
    step_up: bool = False
    by_script: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """One entry of the navigation; it leads to the first page, and who lacks the right for that does not see it."""

    key: str
    title: str
    group: Group
    pages: tuple[Page, ...]

    @property
    def path(self) -> str:
        """Where the entry leads."""
        return self.pages[0].path

    @property
    def right(self) -> Right | None:
        """What one needs to see it."""
        return self.pages[0].right
