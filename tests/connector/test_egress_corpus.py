"""Every hostile target and every good one of egress_corpus.jsonl, through the real path from ServiceUrl to the dialled socket.

Nothing leaves 127.0.0.1: the sockets note the address that they are told to dial and then connect to a
local server. All that stands before them is the product's.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp.abc import AbstractResolver
from yarl import URL

from journeyman.connector.authenticators.none import NoAuthentication
from journeyman.connector.errors import ConnectorError, EgressRefusedError
from journeyman.connector.host_name import literal_address
from journeyman.connector.limits import Limits
from journeyman.connector.proxy import proxy_of

CASES = [json.loads(line) for line in Path(__file__).with_name("egress_corpus.jsonl").read_text().splitlines()]
HOSTILE = [case for case in CASES if case["expect"] != "pass"]
GOOD = [case for case in CASES if case["expect"] == "pass"]


class Answers(AbstractResolver):
    """A name server whose answer may be another one at each look-up; the last one stays."""

    def __init__(self, answers: list[list[str]]) -> None:
        self.answers = answers
        self.asked = 0

    @property
    def last(self) -> bool:
        return self.asked >= len(self.answers)

    async def resolve(self, host, port=0, family=socket.AF_UNSPEC):
        self.asked += 1
        addresses = [host] if literal_address(host) else []
        if not self.answers and not addresses:
            raise OSError("no such name")
        addresses = addresses or self.answers[min(self.asked, len(self.answers)) - 1]
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
            for address in addresses
        ]

    async def close(self):
        pass


@dataclass
class Network:
    """The sockets of a client: what they dialled; all tries but the last find nobody there."""

    names: Answers
    port: int = 1
    dialled: list[str] = field(default_factory=list)

    def socket(self, family: int, kind: int, protocol: int) -> socket.socket:
        made = Wire(family, kind, protocol)
        made.network = self
        return made


class Wire(socket.socket):
    network: Network

    def connect(self, address):
        self.network.dialled.append(address[0])
        if not self.network.names.last:
            raise ConnectionRefusedError(111, "nobody there")
        own = "::ffff:127.0.0.1" if self.family is socket.AF_INET6 else "127.0.0.1"
        super().connect((own, self.network.port))


KINDS = sorted({case["why"].partition(":")[0] for case in HOSTILE})


@pytest.fixture(scope="session")
def every_good_host(authority) -> ssl.SSLContext:
    hosts = {(URL(case["url"]).raw_host or "").rstrip(".") for case in GOOD if case["url"].lower().startswith("https")}
    return authority.server_context(*sorted(hosts))


@dataclass
class Caller:
    """Call the target of one case after another, each by a client of its own."""

    sender_for: Callable[..., object]

    async def call(self, case, network: Network, **more):
        sender = self.sender_for(
            loopback=case.get("development", False),
            allow=tuple(case.get("allow", ())),
            resolver=lambda: network.names,
            make_socket=network.socket,
            **more,
        )
        limits = Limits(timeout_s=5, retries=max(len(network.names.answers) - 1, 0))
        return await sender.get(case["url"], NoAuthentication(), limits=limits, plain_http=True)


@pytest.fixture
def caller(sender_for) -> Caller:
    return Caller(sender_for)


async def refusal(caller, case, **more) -> tuple[str, list[str]]:
    """Return the rule that refused a target, and what was dialled for it."""
    network = Network(Answers(case.get("answers", [])))
    try:
        await caller.call(case, network, **more)
    except EgressRefusedError as refused:
        rule = re.search(r"\(rule: ([^,)]+)", refused.operator)
        return rule[1] if rule else refused.operator, network.dialled
    except ConnectorError as error:
        return type(error).__name__, network.dialled
    return "called", network.dialled


@pytest.mark.parametrize("kind", KINDS)
async def test_a_hostile_target_is_refused_by_its_rule_and_never_dialled(caller, kind):
    cases = [case for case in HOSTILE if case["why"].partition(":")[0] == kind]
    wrong = []
    for case in cases:
        rule, dialled = await refusal(caller, case)
        if rule not in case["expect"].split("|") or dialled != case.get("dials", []):
            wrong.append((case, rule, dialled))

    assert wrong == []


async def test_a_hostile_target_is_refused_before_a_proxy_is_told_of_it(caller):
    proxy = proxy_of("http://127.0.0.1:1", ())
    mixed = [case for case in GOOD if case["why"].startswith("mixed")]
    wrong = []
    for case in [*HOSTILE, *mixed]:
        if "dials" in case and case not in mixed:
            continue  # the try before would have to reach the proxy
        rule, dialled = await refusal(caller, case, proxy=proxy)
        if dialled or (case not in mixed and rule not in case["expect"].split("|")) or "Error" in rule:
            wrong.append((case, rule, dialled))

    assert len(mixed) >= 3
    assert wrong == []


@pytest.mark.parametrize("scheme", ["https", "http"])
async def test_a_good_target_is_dialled_at_its_address_and_answers(caller, serve, every_good_host, scheme):
    api = await serve(context=every_good_host if scheme == "https" else False)
    wrong = []
    for case in [case for case in GOOD if URL(case["url"]).scheme == scheme]:
        network = Network(Answers(case.get("answers", [])), api.port)
        answer = await caller.call(case, network)
        host = api.received[-1].header("Host").decode()
        expected = case.get("host", URL(case["url"]).raw_authority)
        if (answer.status, network.dialled, host) != (200, case["dials"], expected):
            wrong.append((case, answer.status, network.dialled, host))

    assert wrong == []
    assert api.connections >= 3


def test_the_corpus_is_as_large_as_promised():
    assert len(HOSTILE) >= 300
    assert len(GOOD) >= 60
    assert all(case["why"] for case in CASES)
