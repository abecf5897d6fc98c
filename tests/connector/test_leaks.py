"""Faulty calls by the hundred, and by the ten thousand in the long form: nothing stays behind, neither descriptor nor task."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import sys
from collections import Counter
from dataclasses import dataclass

import psutil
import pytest
from aiohttp.abc import AbstractResolver
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ClientResponse

from journeyman.connector.errors import ConnectorError
from journeyman.connector.progress import Progress
from journeyman.settings import ProfileSettings

from .conftest import mapping
from .faults import FAULTS, FINE, Fault, Servers

SOAK = bool(os.environ.get("JOURNEYMAN_SOAK"))
CALLS = 10_000 if SOAK else 300
AT_ONCE = 64 if SOAK else 32
ALL = (*FAULTS, FINE)
LEFT_BEHIND = (Progress, ClientResponse, ResponseHandler)


@dataclass
class Names(AbstractResolver):
    """``f7.example.com`` leads to fault number 7."""

    servers: Servers
    ports: dict[str, int]

    async def resolve(self, host, port=0, family=socket.AF_INET):
        fault = ALL[int(host.split(".")[0][1:])]
        if fault.place == "dns":
            raise OSError("no such name")
        if fault.place == "dns hangs":
            await asyncio.sleep(30)
        self.ports[host] = await self.servers.port(fault)
        address = f"127.0.{int(host.split('.')[0][1:])}.1"
        return [{"hostname": host, "host": address, "port": port, "family": family, "proto": 0, "flags": 0}]

    def socket(self, family: int, kind: int, protocol: int) -> socket.socket:
        made = Wire(family, kind, protocol)
        made.ports = self.ports
        return made

    async def close(self):
        pass


class Wire(socket.socket):
    ports: dict[str, int]

    def connect(self, address):
        super().connect(("127.0.0.1", self.ports[f"f{address[0].split('.')[2]}.example.com"]))


@dataclass
class State:
    descriptors: int
    tasks: int
    objects: Counter[str]
    blocks: int

    @classmethod
    async def now(cls) -> State:
        await asyncio.sleep(0.1)
        gc.collect()
        # By type, not isinstance: lazy objects of other libraries in this process would be woken up.
        objects = Counter(type(each).__name__ for each in gc.get_objects() if issubclass(type(each), LEFT_BEHIND))
        return cls(psutil.Process().num_fds(), len(asyncio.all_tasks()), objects, sys.getallocatedblocks())


@pytest.fixture
async def others():
    """What tests before this one hold on to in this process, such as an engine that they share."""
    return (await State.now()).objects


@pytest.fixture
async def servers(others, authority, foreign_authority):
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # refused handshakes are expected
    names = ("*.example.com",)
    contexts = {name: authority.server_context(*names) for name in ("good", "expired", "other name")}
    found = Servers({**contexts, "foreign": foreign_authority.server_context(*names)})
    for fault in ALL:
        # What is started inside a call would hold on to that call.
        await found.port(fault)
    yield found
    await found.close()


@pytest.fixture
def callers(servers, profile_for, client_for):
    """Return the profile of each fault; all of them share one client."""
    names = Names(servers, {})
    client = client_for(resolver=lambda: names, make_socket=names.socket)
    return client, [
        profile_for(
            f"https://f{number}.example.com/",
            client=client,
            settings=ProfileSettings(timeout_s=0.3 if fault.verdict == "timeout" else 10, retries=1),
            outputs=(mapping("tier"),),
            AuthenticationType="None",
        )
        for number, fault in enumerate(ALL)
    ]


async def call_all(profiles, calls: int) -> Counter[str]:
    verdicts: Counter[str] = Counter()
    numbers = iter(range(calls))

    async def worker() -> None:
        for number in numbers:
            profile = profiles[number % len(profiles)]
            try:
                await profile.run((mapping("email"), "person@example.com"))
            except ConnectorError as error:
                verdicts[error.verdict.value] += 1
            else:
                verdicts["no error"] += 1
            profile.records.clear()

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return verdicts


@pytest.mark.slow
async def test_faulty_calls_leave_no_descriptor_no_task_and_no_object_behind(others, callers, caplog):
    caplog.set_level(logging.CRITICAL, logger="journeyman")  # the lines that the log is given are kept by the test
    client, profiles = callers
    await call_all(profiles, len(ALL) * 2)
    before = await State.now()
    verdicts = await call_all(profiles, CALLS)
    after = await State.now()
    await client.close()
    closed = await State.now()

    assert verdicts.total() == CALLS
    assert {"dns", "connect", "timeout", "tls_server_certificate", "unparsable", "too_large", "no error"} <= set(
        verdicts
    )
    assert after.descriptors <= before.descriptors + 4
    assert after.tasks <= before.tasks
    assert closed.objects - others == Counter()
    assert after.blocks - before.blocks < 2_000


def test_every_fault_has_a_name_of_its_own():
    assert len({fault.name for fault in ALL}) == len(ALL)
    assert all(isinstance(fault, Fault) for fault in ALL)
