from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest
from yarl import URL

from journeyman.clock import SystemClock
from journeyman.engine.alone.faults import Fault, Kind, faulty, parse_fault
from journeyman.errors import SettingsError
from journeyman.settings import EgressSettings, OriginSettings, ProfileSettings, settings_for_check

URL_OF_API = URL("https://api.contoso.example/check")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("timeout", Fault(Kind.TIMEOUT)),
        ("reset", Fault(Kind.RESET)),
        ("500", Fault(Kind.ERROR_500)),
        ("badtls", Fault(Kind.BAD_TLS)),
        ("dns", Fault(Kind.DNS)),
        ("slow:3s", Fault(Kind.SLOW, 3.0)),
        ("slow:0.25", Fault(Kind.SLOW, 0.25)),
    ],
)
def test_a_fault_is_written_in_one_word(text, fault):
    assert parse_fault(text) == fault


@pytest.mark.parametrize("text", ["", "slow", "slow:", "slow:-1s", "slow:601s", "SLOW:3s", "400", "timeout:3s"])
def test_another_word_is_told_what_to_write(text):
    with pytest.raises(ValueError, match="write timeout, reset, 500, slow:3s, badtls or dns"):
        parse_fault(text)


def test_the_rules_of_the_folder_stay_but_for_what_a_stand_in_cannot_meet(tmp_path):
    origin = "https://api.contoso.example"
    settings = replace(
        settings_for_check([tmp_path]),
        egress=EgressSettings(
            map={"https://other.example": "https://127.0.0.1:1"},
            proxy="http://proxy.example:3128",
            origins={origin: OriginSettings(pins=("sha256/x",)), "https://other.example": OriginSettings()},
        ),
        profiles={"rest-get": ProfileSettings(timeout_s=2, pins=("sha256/x",))},
    )

    async def met():
        async with faulty(Fault(Kind.RESET), URL_OF_API, "REST-Get", settings, SystemClock()) as found:
            return found.settings

    changed = asyncio.run(met())
    assert re.fullmatch(r"https://127\.0\.0\.1:\d+", changed.egress.map[origin])
    assert changed.egress.map["https://other.example"] == "https://127.0.0.1:1"
    assert (changed.egress.proxy, [*changed.egress.origins]) == (None, ["https://other.example"])
    assert changed.profiles["rest-get"] == ProfileSettings(timeout_s=2)


async def test_only_the_name_of_the_api_is_not_found(tmp_path):
    async with faulty(Fault(Kind.DNS), URL_OF_API, "REST-Get", settings_for_check([tmp_path]), SystemClock()) as met:
        resolver = met.make_resolver()
        with pytest.raises(OSError, match="not known"):
            await resolver.resolve("api.contoso.example", 443)
        (found, *_) = await resolver.resolve("localhost", 443)
        await resolver.close()

    assert found["host"] in {"127.0.0.1", "::1"}


async def test_who_says_nothing_or_nonsense_to_the_stand_in_does_not_stop_it(tmp_path):
    settings = settings_for_check([tmp_path])
    async with faulty(Fault(Kind.ERROR_500), URL("http://api.example/"), "R", settings, SystemClock()) as met:
        port = int(met.settings.egress.map["http://api.example"].rpartition(":")[2])
        for sent in (b"", b"x" * 70_000, b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nshort"):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        answer = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.1 500 ")


def test_a_fault_that_cannot_happen_is_refused(tmp_path):
    async def meet(kind: Kind, url: str) -> None:
        async with faulty(Fault(kind), URL(url), "REST-Get", settings_for_check([tmp_path]), SystemClock()):
            pass

    with pytest.raises(SettingsError, match="has no TLS"):
        asyncio.run(meet(Kind.BAD_TLS, "http://api.example/"))
    with pytest.raises(SettingsError, match="no name to look up"):
        asyncio.run(meet(Kind.DNS, "https://[2001:db8::1]/"))
