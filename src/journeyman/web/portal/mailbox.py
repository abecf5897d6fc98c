"""The area of the mailbox: messages that a development engine would have sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.responses import Response

from journeyman.mail.mailbox import Delivered, as_json
from journeyman.management.caller import Right
from journeyman.web.portal.area import Area, Group, Page
from journeyman.web.portal.frame import Visit
from journeyman.web.portal.versions import version_of

LISTED: Final = 200
"""The number of messages that the page lists."""


class Messages(Protocol):
    """The part of the mailbox that the portal reads."""

    async def list(self, limit: int) -> Sequence[Delivered]:
        """Return the last messages, newest first."""
        ...


@dataclass(frozen=True, slots=True)
class MailboxPages:
    """The page of the mailbox."""

    mailbox: Messages

    async def index(self, visit: Visit) -> Response:
        """List the messages."""
        messages = await self.mailbox.list(LISTED)
        return await visit.page(
            "mailbox.html",
            "Mailbox",
            poll="/portal/api/mailbox",
            version=version_of(messages, LISTED),
            messages=messages,
        )

    async def index_json(self, visit: Visit) -> Response:
        """List the messages for a script."""
        messages = await self.mailbox.list(LISTED)
        return visit.json({"version": version_of(messages, LISTED), "messages": list(map(as_json, messages))})


def mailbox_area(mailbox: Messages) -> Area:
    """Return the area of the mailbox; only a development engine has one."""
    pages = MailboxPages(mailbox)
    return Area(
        "mailbox",
        "Mailbox",
        Group.WATCH,
        (
            Page("/portal/mailbox", pages.index, Right.READ_JOURNEYS),
            Page("/portal/api/mailbox", pages.index_json, Right.READ_JOURNEYS, by_script=True),
        ),
    )
