"""The settings of a tenant folder in, a client that keeps to them out."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Protocol

from journeyman.clock import Clock
from journeyman.connector.believed import OriginRules, Origins, believed_of
from journeyman.connector.circuit import Circuit
from journeyman.connector.client import RestClient
from journeyman.connector.egress import egress_of
from journeyman.connector.egress_map import egress_map_of
from journeyman.connector.proxy import proxy_of
from journeyman.connector.tls import Trust, load_authorities
from journeyman.settings import Settings


class HasTrust(Protocol):
    """A table of the settings that names PEM files."""

    @property
    def trust(self) -> tuple[Path, ...]:
        """The files."""
        ...


def rest_client(settings: Settings, clock: Clock, *, token_origin: str | None, circuit: bool) -> RestClient:
    """Make the client of an engine; close it at the end.

    Args:
        token_origin: where token requests to the Microsoft identity platform go, None for there.
        circuit: whether an API that failed several times in a row is left alone for a while.

    Raises:
        SettingsError: a PEM file of ``trust`` cannot be read.
    """
    egress = settings.egress
    check_authorities(settings)
    return RestClient(
        egress=egress_of(egress.allow, loopback=settings.development, nat64=egress.nat64),
        egress_map=egress_map_of(egress.map, token_origin=token_origin),
        trust=Trust(egress.trust),
        clock=clock,
        circuit=Circuit(clock, enabled=circuit),
        origins=Origins(
            settings.calls.connections,
            {origin: OriginRules(believed_of(one), one.connections) for origin, one in egress.origins.items()},
        ),
        proxy=proxy_of(egress.proxy, egress.direct),
    )


def check_authorities(settings: Settings) -> None:
    """Read every PEM file of certificate authorities once, so that a wrong one is told at the start and not by a call.

    Raises:
        SettingsError: one holds no certificate.
    """
    tables: tuple[HasTrust, ...] = (
        settings.egress,
        *settings.egress.origins.values(),
        *settings.profiles.values(),
    )
    for path in dict.fromkeys(path for table in tables for path in table.trust):
        load_authorities(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), path)
