"""Every fault at every phase and at every try: what the record says, how often the API acted, how long it took.

Time is judged by the budget: the tries may take their limits and 100 ms in all. What the event loop itself was late by,
because the machine was busy, is measured beside the calls and allowed on top; it is no time of the connector.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from aiohttp.abc import AbstractResolver

from journeyman.claims.values import DataType
from journeyman.connector.errors import ConnectorError
from journeyman.settings import ProfileSettings
from journeyman.technical_profile import Continue

from .conftest import mapping
from .faults import CERTIFICATE_REFUSED, FAULTS, FINE, Fault, Servers, after_a_good_answer, twice_answered

TIMEOUT_S = 1.0
AMPLE_S = 10.0
"""The time limit of calls that meet no fault which uses it up, so that a busy machine does not add one."""
AT_ONCE = 24
MOST_RETRIES = 2 if os.environ.get("JOURNEYMAN_SOAK") else 1
RETRYABLE = next(fault for fault in FAULTS if fault.name == "503")


def plans(fault: Fault) -> list[tuple[int, tuple[Fault, ...]]]:
    """Return retries and what each try meets: the fault at the first, at each later and at every try."""
    found = [(retries, (fault,) * (retries + 1)) for retries in range(MOST_RETRIES + 1)]
    for retries in range(1, MOST_RETRIES + 1):
        found += [(retries, (fault,) * failed + (FINE,)) for failed in range(1, retries + 1)]
        found += [
            (retries, (RETRYABLE,) * failed + (fault,) * (retries + 1 - failed)) for failed in range(1, retries + 1)
        ]
    return found


@dataclass
class Network(AbstractResolver):
    """The way of one call: what each of its tries meets."""

    servers: Servers
    tries: Sequence[Fault]
    ports: list[int] = field(default_factory=list)
    looked_up: int = 0
    sockets: list[socket.socket] = field(default_factory=list)

    async def resolve(self, host, port=0, family=socket.AF_INET):
        fault = self.tries[min(self.looked_up, len(self.tries) - 1)]
        self.looked_up += 1
        if fault.place == "dns":
            raise OSError("no such name")
        if fault.place == "dns hangs":
            await asyncio.sleep(30)
        self.ports.append(await self.servers.port(fault))
        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": family, "proto": 0, "flags": 0}]

    async def close(self):
        pass

    def socket(self, family: int, kind: int, protocol: int) -> socket.socket:
        made = Wire(family, kind, protocol)
        made.port = self.ports[-1]
        self.sockets.append(made)
        return made


class Wire(socket.socket):
    port: int

    def connect(self, address):
        super().connect(("127.0.0.1", self.port))


@pytest.fixture
async def servers(authority, foreign_authority) -> AsyncIterator[Servers]:
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # refused handshakes are expected
    name = "api.example.com"
    found = Servers(
        {
            "good": authority.server_context(name),
            "foreign": foreign_authority.server_context(name),
            "other name": authority.server_context("other.example.com"),
            "expired": authority.server_context(name, not_after=datetime(2020, 1, 1, tzinfo=UTC)),
            "client": authority.server_context(name, client_ca=foreign_authority),
        }
    )
    yield found
    await found.close()


@dataclass
class Lateness:
    """How late the event loop was in all, because other work kept the processor."""

    late_s: float = 0.0

    @asynccontextmanager
    async def measured(self) -> AsyncIterator[None]:
        async def watch() -> None:
            while True:
                began_s = time.perf_counter()
                await asyncio.sleep(0.005)
                self.late_s += max(time.perf_counter() - began_s - 0.006, 0)

        watching = asyncio.create_task(watch())
        yield
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


@dataclass
class Outcome:
    verdict: str
    tries: int
    effects: int
    seconds: float


@dataclass
class Caller:
    """Run the calls of a profile through a network of faults."""

    servers: Servers
    profile_for: Callable[..., object]
    client_for: Callable[..., object]
    keys: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=lambda: {"AuthenticationType": "None"})
    number: int = 0
    tiers: list[str] = field(default_factory=list)

    async def call_twice(
        self, tries: Sequence[Fault], timeout_s: float, said: asyncio.Event | None = None
    ) -> list[Outcome]:
        """Call twice with one client and one retry: the second call finds the connection of the first."""
        profile, path = self.profile(1, tries, timeout_s)
        outcomes = [await self.outcome(profile, path)]
        if said is not None:
            await said.wait()
            await asyncio.sleep(0.02)  # the loop has read what was said
        return [*outcomes, await self.outcome(profile, path)]

    async def call(self, retries: int, tries: Sequence[Fault], timeout_s: float) -> Outcome:
        return await self.outcome(*self.profile(retries, tries, timeout_s))

    def profile(self, retries: int, tries: Sequence[Fault], timeout_s: float) -> tuple[object, str]:
        self.number += 1
        path = f"/{self.number}"
        network = Network(self.servers, tries)
        profile = self.profile_for(
            f"https://api.example.com{path}",
            client=self.client_for(resolver=lambda: network, make_socket=network.socket),
            settings=ProfileSettings(timeout_s=timeout_s, retries=retries),
            outputs=(mapping("tier"), mapping("points", data_type=DataType.INT)),
            keys=self.keys,
            **self.metadata,
        )
        return profile, path

    async def outcome(self, profile, path: str) -> Outcome:
        began_s = time.perf_counter()
        with suppress(ConnectorError):
            done = await profile.run((mapping("email"), "person@example.com"))
            self.tiers += [done.values["tier"]] if isinstance(done, Continue) and "tier" in done.values else []
        record = profile.records[-1]
        seconds = time.perf_counter() - began_s
        return Outcome(record.verdict.value, record.tries, self.servers.effects[path], seconds)


@pytest.fixture
def caller(servers, profile_for, client_for) -> Caller:
    return Caller(servers, profile_for, client_for)


def expected(retries: int, tries: Sequence[Fault]) -> tuple[str, int, int]:
    """Return verdict, number of tries and effects: a try follows only after a fault that may be retried."""
    made = 0
    for fault in tries[: retries + 1]:
        made += 1
        if not fault.retried:
            break
    return tries[made - 1].verdict, made, sum(fault.effects for fault in tries[:made])


def limit_s(tries: Sequence[Fault]) -> float:
    return TIMEOUT_S if any(fault.verdict == "timeout" for fault in tries) else AMPLE_S


async def check(caller: Caller, faults: Sequence[Fault]) -> list[object]:
    """Return what went otherwise than expected."""
    calls = [plan for fault in faults for plan in plans(fault)]
    lateness, turn = Lateness(), asyncio.Semaphore(AT_ONCE)

    async def one(retries: int, tries: Sequence[Fault]) -> Outcome:
        async with turn:
            return await caller.call(retries, tries, limit_s(tries))

    async with lateness.measured():
        outcomes = await asyncio.gather(*(one(*each) for each in calls))
    wrong = []
    for (retries, tries), outcome in zip(calls, outcomes, strict=True):
        verdict, made, effects = expected(retries, tries)
        most_s = made * limit_s(tries) + 0.1 + lateness.late_s
        if (outcome.verdict, outcome.tries, outcome.effects) != (verdict, made, effects) or outcome.seconds > most_s:
            wrong.append(([fault.name for fault in tries], (verdict, made, effects, most_s), outcome))
    return wrong


@pytest.mark.slow
@pytest.mark.parametrize("part", range(6))
async def test_each_fault_at_each_try_is_told_counted_and_ends_in_time(caller, part):
    assert await check(caller, FAULTS[part::6]) == []


async def test_a_refused_client_certificate_is_told_and_never_tried_again(caller, ring, authority):
    ring.put("B2C_1A_Cert", authority.client_key())
    caller.keys = {"ClientCertificate": "B2C_1A_Cert"}
    caller.metadata = {"AuthenticationType": "ClientCertificate"}

    assert await check(caller, [CERTIFICATE_REFUSED]) == []


USED_BEFORE = [fault for fault in FAULTS if fault.effects and fault.verdict != "timeout"]


@pytest.mark.parametrize("mode", ["Body", "QueryString"])
async def test_a_fault_on_a_connection_that_was_used_before_is_counted_the_same(caller, mode):
    caller.metadata = {"AuthenticationType": "None", "SendClaimsIn": mode}
    wrong = []
    for fault in USED_BEFORE:
        first, second = await caller.call_twice((after_a_good_answer(fault), FINE), AMPLE_S)
        retried = 1 if fault.retried else 0
        verdict = "ok" if fault.retried else fault.verdict
        if (first.verdict, second.verdict, second.tries, second.effects) != ("ok", verdict, 1 + retried, 2 + retried):
            wrong.append((fault.name, first, second))

    assert wrong == []


@pytest.mark.parametrize("late_s", [0, 0.02])
async def test_an_answer_that_nobody_asked_for_is_never_taken_for_the_next_one(caller, late_s):
    evil = b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"tier":"evil"}'
    said = asyncio.Event()
    smuggling = Fault("smuggling", "ok", 1, retried=False, act=twice_answered(evil, late_s, said))
    await caller.call_twice((smuggling, FINE), AMPLE_S, said)

    assert caller.tiers == ["gold", "gold"]
