import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Message as AsgiMessage

from journeyman.mail.mailbox import Delivered
from journeyman.mail.mailer import Message
from journeyman.trace.records import Entry, JourneySummary, StepRecord
from journeyman.web.portal.routes import PortalServices, from_loopback, portal_routes

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass
class Records:
    entries: list[Entry] = field(default_factory=list)

    async def journeys(self, limit):
        if not self.entries:
            return []
        return [JourneySummary("j-1", "c-1", "B2C_1A_SignUp", "app", NOON, NOON, "running", 0, 0, ())][:limit]

    async def journey(self, journey_id):
        return [entry for entry in self.entries if entry.journey_id == journey_id]


@dataclass
class Letters:
    async def list(self, limit):
        return [Delivered(1, NOON, Message("ada@contoso.com", "Your code", "It is 123456", "123456"))][:limit]


def started() -> Entry:
    return Entry("j-1", "c-1", "contoso", "B2C_1A_SignUp", "app", NOON, StepRecord("start"))


def get(services: PortalServices, path: str) -> tuple[int, dict[str, str], str]:
    sent: list[AsgiMessage] = []

    async def receive() -> AsgiMessage:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: AsgiMessage) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8080")],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8080),
    }
    asyncio.run(Starlette(routes=portal_routes(services))(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(part.get("body", b"") for part in sent[1:]).decode()


def request_from(peer: str | None, host: str) -> Request:
    return Request(
        {"type": "http", "headers": [(b"host", host.encode())], "client": (peer, 50000) if peer is not None else None}
    )


PATHS = [
    "/portal",
    "/portal/journeys",
    "/portal/journeys/j-1",
    "/portal/mailbox",
    "/portal/api/journeys",
    "/portal/api/journeys/j-1",
    "/portal/api/mailbox",
]


@pytest.mark.parametrize("path", PATHS)
def test_who_is_not_allowed_is_told_that_nothing_is_there(path):
    services = PortalServices(Records([started()]), allowed=lambda _: False, mailbox=Letters())
    status, _, body = get(services, path)

    assert status == 404
    assert "j-1" not in body
    assert "123456" not in body


@pytest.mark.parametrize("path", PATHS[1:])
def test_who_is_allowed_sees_every_page(path):
    services = PortalServices(Records([started()]), allowed=lambda _: True, mailbox=Letters())
    status, headers, _ = get(services, path)

    assert status == 200
    assert headers["cache-control"] == "no-store"


def test_a_page_brings_its_nonce_in_the_policy_and_in_the_script():
    services = PortalServices(Records(), allowed=lambda _: True)
    _, headers, body = get(services, "/portal/journeys")
    nonce = headers["content-security-policy"].split("'nonce-")[1].split("'")[0]

    assert f'nonce="{nonce}"' in body
    assert len(nonce) >= 22


def test_without_a_mailbox_there_is_no_mailbox_page_and_no_link_to_it():
    services = PortalServices(Records(), allowed=lambda _: True)

    assert get(services, "/portal/mailbox")[0] == 404
    assert get(services, "/portal/api/mailbox")[0] == 404
    assert "/portal/mailbox" not in get(services, "/portal/journeys")[2]


def test_an_unknown_journey_is_not_found():
    services = PortalServices(Records([started()]), allowed=lambda _: True)

    assert get(services, "/portal/journeys/other")[0] == 404
    assert get(services, "/portal/api/journeys/other")[0] == 404


def test_the_version_changes_when_something_is_recorded():
    records = Records([started()])
    services = PortalServices(records, allowed=lambda _: True)
    before = get(services, "/portal/api/journeys/j-1")[2]
    records.entries.append(started())

    assert get(services, "/portal/api/journeys/j-1")[2] != before


@pytest.mark.parametrize(
    ("peer", "host", "allowed"),
    [
        ("127.0.0.1", "127.0.0.1:8080", True),
        ("127.0.0.1", "localhost", True),
        ("::1", "[::1]:8080", True),
        ("127.0.0.1", "attacker.example:8080", False),
        ("127.0.0.1", "", False),
        ("127.0.0.1", "[", False),
        ("192.0.2.7", "127.0.0.1:8080", False),
        ("testclient", "localhost", False),
        (None, "localhost", False),
    ],
)
def test_only_this_machine_by_a_loopback_name_counts_as_loopback(peer, host, allowed):
    assert from_loopback(request_from(peer, host)) is allowed
