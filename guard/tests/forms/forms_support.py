"""What the tests of the forms share."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

from journeyman_guard.conformance.run import Report
from journeyman_guard.conformance.verdict import Result

DOCS = Path(__file__).parents[3] / "docs"
SOAK = bool(os.environ.get("JOURNEYMAN_SOAK"))


def not_refused(report: Report) -> list[tuple[str, str]]:
    return [(v.case.id, v.seen) for v in report.verdicts if v.result is not Result.REFUSED]


def sample(page: str, mark: str) -> str:
    """Return the block of a page that has this mark."""
    text = (DOCS / page).read_text(encoding="utf-8")
    match = re.search(rf"<!-- test: {re.escape(mark)} -->\n```\w+\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert match is not None, f"{page} has no sample {mark}"
    return match[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def gold(scope, receive, send):
    """The API behind: whoever reaches it gets in."""
    message = await receive()
    while message.get("more_body"):
        message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"15")]})
    await send({"type": "http.response.body", "body": b'{"tier":"gold"}'})
