from __future__ import annotations

import aiohttp
from aiohttp.client_reqrep import ConnectionKey

from journeyman.clock import SystemClock
from journeyman.connector.errors import ServerCertificateError
from journeyman.connector.progress import Progress
from journeyman.connector.transport_errors import translated


def test_a_certificate_that_is_refused_for_a_reason_of_its_own_is_told_without_it():
    where = ConnectionKey("api.example", 443, True, True, None, None, None)
    error = aiohttp.ClientConnectorCertificateError(where, ValueError("https://api.example/?code=canary"))
    found = translated(error, "api.example", Progress(SystemClock(), 0.0), with_certificate=False)

    assert type(found) is ServerCertificateError
    assert str(found) == "api.example: its certificate was not accepted"
