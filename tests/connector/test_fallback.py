"""A rotated credential that the API does not know yet costs no failed call while the one before is kept."""

from __future__ import annotations

import base64
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from journeyman.connector.errors import ClientCertificateError, ConnectorError, CredentialRefusedError
from journeyman.keys.keyset import Previous
from journeyman.technical_profile import Continue
from journeyman.trace.records import Verdict

from .conftest import NOW

HOUR = timedelta(hours=1)
API_KEY = {"x-functions-key": "B2C_1A_Key"}


def rotate(ring, key_id, old, new, until=NOW + HOUR):
    ring.put(key_id, old, kid="old")
    ring.put(key_id, new, kid="new", previous=Previous("old", until))


@pytest.fixture
def knows(serve, answer):
    """An API that lets in who sends this header, and answers ``refusal`` to anybody else."""

    async def start(name, value, refusal="401 Unauthorized"):
        async def reply(request, writer):
            known = request.header(name) == value.encode()
            return answer("200 OK", '{"tier":"gold"}') if known else answer(refusal)

        return await serve(reply)

    return start


@pytest.mark.parametrize("refusal", ["401 Unauthorized", "403 Forbidden"])
async def test_an_api_that_knows_only_the_old_key_is_called_once_more_with_it(
    knows, profile_for, ring, claim, refusal, caplog
):
    rotate(ring, "B2C_1A_Key", "old-key-canary", "new-key-canary")
    api = await knows("x-functions-key", "old-key-canary", refusal)
    profile = profile_for(f"{api.url}/a", AuthenticationType="ApiKeyHeader", keys=API_KEY, outputs=(claim("tier"),))

    with caplog.at_level(logging.ERROR):
        assert await profile.run() == Continue({"tier": "gold"})
    assert len(api.received) == 2
    assert (profile.records[0].credential, profile.records[0].fell_back) == (("B2C_1A_Key (kid old)",), True)
    assert profile.records[0].detail.startswith(f"B2C_1A_Key (kid new) was refused ({refusal[:3]}); the previous")
    assert "rotation: REST-Loyalty: B2C_1A_Key (kid new) was refused" in caplog.text
    assert "canary" not in caplog.text + repr(profile.records)


async def test_both_keys_of_basic_fall_back_together(knows, profile_for, ring, claim):
    rotate(ring, "B2C_1A_User", "jo", "anna")
    rotate(ring, "B2C_1A_Password", "old", "new")
    keys = {"BasicAuthenticationUsername": "B2C_1A_User", "BasicAuthenticationPassword": "B2C_1A_Password"}
    api = await knows("Authorization", "Basic " + base64.b64encode(b"jo:old").decode())
    profile = profile_for(f"{api.url}/a", AuthenticationType="Basic", keys=keys, outputs=(claim("tier"),))

    assert await profile.run() == Continue({"tier": "gold"})


async def test_a_key_that_was_not_rotated_stays_when_the_other_falls_back(knows, profile_for, ring, claim):
    ring.put("B2C_1A_User", "jo")
    rotate(ring, "B2C_1A_Password", "old", "new")
    keys = {"BasicAuthenticationUsername": "B2C_1A_User", "BasicAuthenticationPassword": "B2C_1A_Password"}
    api = await knows("Authorization", "Basic " + base64.b64encode(b"jo:old").decode())
    profile = profile_for(f"{api.url}/a", AuthenticationType="Basic", keys=keys, outputs=(claim("tier"),))

    assert await profile.run() == Continue({"tier": "gold"})


async def test_a_call_falls_back_once_and_then_fails(knows, profile_for, ring):
    rotate(ring, "B2C_1A_Key", "old", "new")
    api = await knows("x-functions-key", "neither")
    profile = profile_for(f"{api.url}/a", AuthenticationType="ApiKeyHeader", keys=API_KEY)

    with pytest.raises(CredentialRefusedError):
        await profile.run()
    assert len(api.received) == 2


async def test_after_its_time_the_old_key_is_not_sent_any_more(knows, profile_for, ring):
    rotate(ring, "B2C_1A_Key", "old", "new", until=NOW)
    api = await knows("x-functions-key", "old")
    profile = profile_for(f"{api.url}/a", AuthenticationType="ApiKeyHeader", keys=API_KEY)

    with pytest.raises(CredentialRefusedError):
        await profile.run()
    assert len(api.received) == 1


async def test_a_new_key_that_is_accepted_never_sends_the_old_one(knows, profile_for, ring, claim):
    rotate(ring, "B2C_1A_Key", "old", "new")
    api = await knows("x-functions-key", "new")
    profile = profile_for(f"{api.url}/a", AuthenticationType="ApiKeyHeader", keys=API_KEY, outputs=(claim("tier"),))

    assert await profile.run() == Continue({"tier": "gold"})
    assert [request.header("x-functions-key") for request in api.received] == [b"new"]
    assert (profile.records[0].verdict, profile.records[0].fell_back) == (Verdict.OK, False)


async def test_falling_back_closes_no_connection_of_either_version(knows, profile_for, ring, claim):
    rotate(ring, "B2C_1A_Key", "old", "new")
    api = await knows("x-functions-key", "old")
    profile = profile_for(f"{api.url}/a", AuthenticationType="ApiKeyHeader", keys=API_KEY, outputs=(claim("tier"),))
    for _ in range(3):
        await profile.run()

    # One connection for each version: a new credential never travels on a connection of the old one.
    sent = {(request.connection, request.header("x-functions-key")) for request in api.received}
    assert sent == {(1, b"new"), (2, b"old")}


@pytest.mark.parametrize("times", range(3))
async def test_a_certificate_of_an_authority_that_the_api_does_not_know_yet_falls_back(
    serve, profile_for, ring, claim, authority, foreign_authority, times
):
    ring.put("B2C_1A_Cert", replace(authority.client_key("old"), sequence=1))
    new = foreign_authority.client_key("new")
    ring.put("B2C_1A_Cert", replace(new, sequence=2, previous=Previous("old", NOW + HOUR)))
    api = await serve(context=authority.server_context(client_ca=authority))
    keys = {"ClientCertificate": "B2C_1A_Cert"}
    profile = profile_for(f"{api.url}/a", AuthenticationType="ClientCertificate", keys=keys, outputs=(claim("tier"),))

    assert await profile.run() == Continue({"tier": "gold"})
    assert profile.records[0].credential == ("B2C_1A_Cert (kid old)",)


async def test_a_refused_certificate_without_a_rotation_fails(serve, profile_for, ring, authority, foreign_authority):
    ring.put("B2C_1A_Cert", foreign_authority.client_key("new"))
    api = await serve(context=authority.server_context(client_ca=authority))
    profile = profile_for(
        f"{api.url}/a", AuthenticationType="ClientCertificate", keys={"ClientCertificate": "B2C_1A_Cert"}
    )

    with pytest.raises(ClientCertificateError):
        await profile.run()


async def test_an_api_that_asks_for_a_certificate_does_not_get_the_old_secret(serve, profile_for, ring, authority):
    rotate(ring, "B2C_1A_Key", "old", "new")
    api = await serve(context=authority.server_context(client_ca=authority))
    profile = profile_for(f"{api.url}/a", AuthenticationType="ApiKeyHeader", keys=API_KEY)
    with pytest.raises(ConnectorError):
        await profile.run()

    assert api.received == []
    assert "previous version" not in profile.records[0].detail
