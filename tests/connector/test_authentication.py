"""Each AuthenticationType, from a compiled profile over real TLS to an API that lets in or refuses."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import secrets
import traceback
from datetime import UTC, datetime, timedelta

import pytest

from journeyman.claims.claim_type import Sensitivity
from journeyman.connector.errors import (
    ClientCertificateError,
    CredentialMissingError,
    CredentialRefusedError,
)
from journeyman.errors import ServiceError
from journeyman.settings import ProfileSettings
from journeyman.technical_profile import Continue
from journeyman.trace.records import Verdict

BASIC_KEYS = {"BasicAuthenticationUsername": "B2C_1A_User", "BasicAuthenticationPassword": "B2C_1A_Password"}
PASSWORD = "correct horse battery"


@pytest.fixture
def guarded(serve, answer):
    """An API that lets in who sends exactly this header."""

    async def start(name, value):
        async def reply(request, writer):
            sent = request.header(name)
            return answer("200 OK", '{"tier":"gold"}') if sent == value.encode() else answer("401 Unauthorized")

        return await serve(reply)

    return start


def basic(username, password):
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


# --- accepted and refused --------------------------------------------------------------------------


async def test_basic_is_accepted(guarded, profile_for, ring, claim):
    ring.put("B2C_1A_User", "jo")
    ring.put("B2C_1A_Password", PASSWORD)
    api = await guarded("Authorization", basic("jo", PASSWORD))
    profile = profile_for(f"{api.url}/a", AuthenticationType="Basic", keys=BASIC_KEYS, outputs=(claim("tier"),))

    assert await profile.run() == Continue({"tier": "gold"})
    assert profile.records[0].credential == ("B2C_1A_User (kid kid-1)", "B2C_1A_Password (kid kid-1)")


async def test_a_wrong_password_is_aadb2c90027(guarded, profile_for, ring):
    ring.put("B2C_1A_User", "jo")
    ring.put("B2C_1A_Password", PASSWORD)
    api = await guarded("Authorization", basic("jo", "another"))
    profile = profile_for(f"{api.url}/a", AuthenticationType="Basic", keys=BASIC_KEYS)
    with pytest.raises(CredentialRefusedError) as caught:
        await profile.run()

    assert caught.value.service_code == "AADB2C90027"
    assert profile.records[0].verdict is Verdict.CREDENTIAL_REFUSED
    assert profile.records[0].exchange.status == 401


async def test_a_bearer_from_a_key_is_accepted_and_a_wrong_one_refused(guarded, profile_for, ring):
    ring.put("B2C_1A_Token", PASSWORD)
    keys = {"BearerAuthenticationToken": "B2C_1A_Token"}
    good, bad = await guarded("Authorization", f"Bearer {PASSWORD}"), await guarded("Authorization", "Bearer other")

    assert await profile_for(f"{good.url}/a", AuthenticationType="bearer", keys=keys).run() == Continue({})
    with pytest.raises(CredentialRefusedError):
        await profile_for(f"{bad.url}/a", AuthenticationType="Bearer", keys=keys).run()


async def test_a_bearer_from_a_claim_is_accepted_and_not_sent_in_the_body(guarded, profile_for, claim):
    token = claim("bearerToken", sensitivity=Sensitivity.SECRET)
    api = await guarded("Authorization", f"Bearer {PASSWORD}")
    profile = profile_for(
        f"{api.url}/a", AuthenticationType="Bearer", UseClaimAsBearerToken="BearerToken", inputs=(token, claim("email"))
    )

    assert await profile.run((token, PASSWORD), (claim("email"), "jo@example.com")) == Continue({})
    assert api.received[0].body == b'{"email":"jo@example.com"}'
    assert profile.records[0].credential == ("claim bearerToken",)


async def test_a_missing_bearer_claim_fails_before_any_connection(guarded, profile_for, claim):
    token = claim("bearerToken")
    api = await guarded("Authorization", "Bearer x")
    profile = profile_for(
        f"{api.url}/a", AuthenticationType="Bearer", UseClaimAsBearerToken="bearerToken", inputs=(token,)
    )
    with pytest.raises(CredentialMissingError) as caught:
        await profile.run((claim("email"), "jo@example.com"))

    assert caught.value.service_code == "AADB2C90194"
    assert str(caught.value).endswith("Available claims: email")
    assert (api.connections, profile.records[0].verdict) == (0, Verdict.CREDENTIAL_MISSING)


async def test_an_api_key_header_is_accepted_and_a_wrong_one_refused(guarded, profile_for, ring):
    ring.put("B2C_1A_ApiKey", PASSWORD)
    keys = {"x-functions-key": "B2C_1A_ApiKey"}
    good, bad = await guarded("x-functions-key", PASSWORD), await guarded("x-functions-key", "other")

    assert await profile_for(f"{good.url}/a", AuthenticationType="ApiKeyHeader", keys=keys).run() == Continue({})
    with pytest.raises(CredentialRefusedError) as caught:
        await profile_for(f"{bad.url}/a", AuthenticationType="ApiKeyHeader", keys=keys).run()
    assert caught.value.service_code == "AADB2C90027"


async def test_a_client_certificate_is_accepted(serve, profile_for, ring, authority):
    ring.put("B2C_1A_Cert", authority.client_key())
    api = await serve(context=authority.server_context(client_ca=authority))
    keys = {"ClientCertificate": "B2C_1A_Cert"}
    profile = profile_for(f"{api.url}/a", AuthenticationType="ClientCertificate", keys=keys)

    assert await profile.run() == Continue({})
    assert api.received[0].certificate is not None


@pytest.mark.parametrize("kind", ["foreign", "expired"])
@pytest.mark.parametrize("attempt", range(4))
async def test_a_bad_client_certificate_is_aadb2c90028(
    serve, profile_for, ring, authority, foreign_authority, kind, attempt
):
    expired = datetime.now(UTC) - timedelta(days=1)
    key = foreign_authority.client_key() if kind == "foreign" else authority.client_key(not_after=expired)
    ring.put("B2C_1A_Cert", key)
    api = await serve(context=authority.server_context(client_ca=authority))
    keys = {"ClientCertificate": "B2C_1A_Cert"}
    profile = profile_for(f"{api.url}/a", AuthenticationType="ClientCertificate", keys=keys)
    with pytest.raises(ClientCertificateError) as caught:
        await profile.run()

    assert caught.value.service_code == "AADB2C90028"
    assert profile.records[0].verdict is Verdict.TLS_CLIENT_CERTIFICATE
    assert api.received == []


async def test_403_with_a_client_certificate_is_aadb2c90028(serve, profile_for, ring, authority, answer):
    ring.put("B2C_1A_Cert", authority.client_key())
    api = await serve(answer("403 Forbidden"), context=authority.server_context(client_ca=authority))
    keys = {"ClientCertificate": "B2C_1A_Cert"}
    with pytest.raises(CredentialRefusedError) as caught:
        await profile_for(f"{api.url}/a", AuthenticationType="ClientCertificate", keys=keys).run()

    assert caught.value.service_code == "AADB2C90028"


async def test_none_sends_no_credential(serve, profile_for):
    api = await serve()

    assert await profile_for(f"{api.url}/a", AuthenticationType="none").run() == Continue({})
    assert api.received[0].header("Authorization") is None


# --- keys ------------------------------------------------------------------------------------------

PAST = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("metadata", "keys"),
    [
        ({"AuthenticationType": "Basic"}, BASIC_KEYS),
        ({"AuthenticationType": "Bearer"}, {"BearerAuthenticationToken": "B2C_1A_User"}),
        ({"AuthenticationType": "ApiKeyHeader"}, {"x-functions-key": "B2C_1A_User"}),
        ({"AuthenticationType": "ClientCertificate"}, {"ClientCertificate": "B2C_1A_User"}),
    ],
)
async def test_a_missing_key_fails_before_any_connection(serve, profile_for, metadata, keys):
    api = await serve()
    profile = profile_for(f"{api.url}/a", keys=keys, **metadata)
    with pytest.raises(CredentialMissingError) as caught:
        await profile.run()

    assert caught.value.service_code == "AADB2C90130"
    assert (api.connections, profile.records[0].verdict) == (0, Verdict.CREDENTIAL_MISSING)
    assert profile.records[0].next.startswith("Look at the policy key")


async def test_an_expired_key_fails_before_any_connection(serve, profile_for, ring):
    ring.put("B2C_1A_User", "jo", expires_at=PAST)
    api = await serve()
    keys = {"x-functions-key": "B2C_1A_User"}
    with pytest.raises(CredentialMissingError) as caught:
        await profile_for(f"{api.url}/a", AuthenticationType="ApiKeyHeader", keys=keys).run()

    assert (caught.value.service_code, api.connections) == ("AADB2C90019", 0)


async def test_a_key_with_a_line_break_fails_before_any_connection(serve, profile_for, ring):
    ring.put("B2C_1A_User", "canary\r\nX-Admin: 1")
    api = await serve()
    keys = {"x-functions-key": "B2C_1A_User"}
    with pytest.raises(CredentialMissingError) as caught:
        await profile_for(f"{api.url}/a", AuthenticationType="ApiKeyHeader", keys=keys).run()

    assert (caught.value.service_code, api.connections) == ("AADB2C90027", 0)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("metadata", "keys", "code"),
    [
        ({"AuthenticationType": "Basic"}, {"BasicAuthenticationUsername": "B2C_1A_User"}, "AADB2C90025"),
        ({"AuthenticationType": "Bearer"}, {}, "AADB2C90025"),
        ({"AuthenticationType": "ClientCertificate"}, {}, "AADB2C90025"),
        ({"AuthenticationType": "ApiKeyHeader"}, {}, "AADB2C90025"),
        ({"AuthenticationType": "Digest"}, {}, "AADB2C90024"),
        ({}, {}, "AADB2C90024"),
    ],
)
def test_a_profile_that_names_no_credential_never_becomes_a_call_without_one(profile_for, metadata, keys, code):
    with pytest.raises(ServiceError) as caught:
        profile_for("https://api.example.com/a", keys=keys, **metadata)

    assert caught.value.service_code == code


async def test_a_rotated_key_is_used_on_a_new_connection_without_a_failed_call(serve, profile_for, ring, answer):
    accepted = {b"v0"}

    async def reply(request, writer):
        return answer("200 OK" if request.header("x-api-key") in accepted else "401 Unauthorized", "{}")

    api = await serve(reply)
    ring.put("B2C_1A_ApiKey", "v0", "k0")
    profile = profile_for(f"{api.url}/a", AuthenticationType="ApiKeyHeader", keys={"x-api-key": "B2C_1A_ApiKey"})
    for version in range(1, 21):
        await profile.run()
        accepted.add(f"v{version}".encode())
        not_before = datetime(2021, 1, version, tzinfo=UTC)
        ring.put("B2C_1A_ApiKey", f"v{version}", f"k{version}", not_before=not_before)
        await profile.run()

    connections = {}
    for one in api.received:
        connections.setdefault(one.connection, set()).add(one.header("x-api-key"))
    assert len(connections) == 21
    assert all(len(keys) == 1 for keys in connections.values())
    assert {record.verdict for record in profile.records} == {Verdict.OK}


# --- nothing leaks ---------------------------------------------------------------------------------


REPLIES = {
    "success": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "credential refused": b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
    "refusal": b'HTTP/1.1 409 Conflict\r\nContent-Length: 22\r\n\r\n{"userMessage":"Nope"}',
    "broken error": b"HTTP/1.1 500 Oops\r\nContent-Type: application/json\r\nContent-Length: 6\r\n\r\nbroken",
    "redirect": b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n",
    "too large": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
    "not http": b"garbage\r\n\r\n",
}


@pytest.mark.parametrize("kind", [*REPLIES, "closed", "echo", "decoded", "slow"])
async def test_no_secret_is_in_records_logs_or_exceptions(serve, profile_for, ring, claim, answer, caplog, kind):
    password, secret_claim, person, code = (secrets.token_hex(8) for _ in range(4))

    async def misbehave(request, writer):
        if kind == "slow":
            await asyncio.sleep(2)
        if kind == "echo":
            told = (request.head + request.body).decode()
            return answer("400 Bad Request", json.dumps({"userMessage": "x", "developerMessage": told}))
        told = f"the password {password} is wrong"
        return answer("400 Bad Request", json.dumps({"code": told})) if kind == "decoded" else None

    api = await serve(REPLIES.get(kind, misbehave))
    ring.put("B2C_1A_User", "jo")
    ring.put("B2C_1A_Password", password)
    hidden, personal = claim("password", sensitivity=Sensitivity.SECRET), claim("m", sensitivity=Sensitivity.PERSONAL)
    quick = ProfileSettings(timeout_s=0.5, retries=1)
    url = f"{api.url}/a?code={code}"
    profile = profile_for(url, AuthenticationType="Basic", keys=BASIC_KEYS, inputs=(hidden, personal), settings=quick)
    caplog.set_level(logging.DEBUG)
    printed = ""
    try:
        await profile.run((hidden, secret_claim), (personal, person))
    except ServiceError as error:
        printed = "".join(traceback.format_exception(error)) + str(error.user_message)

    everything = repr(profile.records) + caplog.text + printed
    credential = base64.b64encode(f"jo:{password}".encode()).decode()
    leaked = [word for word in (password, secret_claim, person, code, credential) if word in everything]
    assert (leaked, len(profile.records)) == ([], 1)


async def test_a_credential_that_the_api_tells_the_person_is_not_shown(serve, profile_for, ring, claim, answer):
    password, secret_claim = secrets.token_hex(8), secrets.token_hex(8)

    async def tell(request, _writer):
        told = f"{request.header('Authorization').decode()} {password} {request.body.decode()}"
        return answer("409 Conflict", json.dumps({"userMessage": told}))

    api = await serve(tell)
    ring.put("B2C_1A_User", "somebody")
    ring.put("B2C_1A_Password", password)
    hidden = claim("password", sensitivity=Sensitivity.SECRET)
    profile = profile_for(f"{api.url}/a", AuthenticationType="Basic", keys=BASIC_KEYS, inputs=(hidden,))

    refused = await profile.run((hidden, secret_claim))

    assert refused.user_message == 'Basic (secret) (secret) {"password":"(secret)"}'


async def test_a_credential_that_came_back_in_a_claim_is_not_in_records_of_other_calls(
    serve, profile_for, ring, claim, answer
):
    async def give_back(request, _writer):
        return answer("200 OK", json.dumps({"note": (request.header("Authorization") or b"").decode()}))

    api = await serve(give_back)
    ring.put("B2C_1A_Token", "Canary-bearer-1")
    note = claim("note")
    keys = {"BearerAuthenticationToken": "B2C_1A_Token"}
    first = profile_for(f"{api.url}/a", AuthenticationType="Bearer", keys=keys, inputs=(note,), outputs=(note,))
    await first.run((note, "x"))
    await first.run((note, "Bearer Canary-bearer-1"))

    assert "Canary-bearer-1" not in repr(first.records)
    assert first.records[1].claims_out == {"note": "Bearer (secret)"}
