"""What a form says when it is refused: a refusal in; the field that it is about, or the page that asks again, out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from starlette.responses import Response

from journeyman.management.errors import ManagementError
from journeyman.web.portal.frame import Visit


class AskAgain(Protocol):
    """Draws the page that asks for a confirmation, with what was wrong."""

    async def __call__(self, errors: Mapping[str, str], *, status: int) -> Response:
        """Return the page; ``errors`` are by field, "" for the whole form."""
        ...


def errors_of(error: ManagementError) -> dict[str, str]:
    """Return a refusal by the field that it is about: fields have the names of members of the management API."""
    return {error.member.rpartition("/")[2]: str(error)}


async def refused_confirmation(
    visit: Visit, name: str, act: Callable[[], Awaitable[object]], ask: AskAgain
) -> Response | None:
    """Do what a person confirmed by typing a name; return None, or the page that asks again when it was not done."""
    if visit.form.text("confirm") != name:
        return await ask({"confirm": f"type {name} as it stands here"}, status=400)
    try:
        await act()
    except ManagementError as error:
        return await ask({"": str(error)}, status=error.status)
    return None
