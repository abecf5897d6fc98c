"""Each way to prove oneself, against real TLS servers: accepted by the right credential and refused without it."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from journeyman.claims.claim_type import Sensitivity
from journeyman.claims.values import DataType
from journeyman.connector.errors import (
    ApiTimeoutError,
    ClientCertificateError,
    ConnectorError,
    CredentialMissingError,
    CredentialRefusedError,
    EgressRefusedError,
)
from journeyman.connector.limits import Limits
from journeyman.errors import ServiceError
from journeyman.settings import BearerSettings, ProfileSettings
from journeyman.technical_profile import Continue

GO = b'{"version":"1.0.0","action":"Continue"}'
NO = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
SECRET = "canary-hunter2"
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def wants(header, value):
    """A reply that lets in who brings the header with this value."""

    async def reply(request, writer):
        return ok() if request.header(header) == value.encode() else NO

    return reply


def ok(body=GO):
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


BASIC = {"AuthenticationType": "Basic", "BasicAuthenticationUsername": "ada"}
WAYS = [
    (BASIC, {"BasicAuthenticationPassword": "K"}, "Authorization", "Basic " + base64.b64encode(b"ada:canary-hunter2").decode()),
    ({"AuthenticationType": "bearer"}, {"BearerAuthenticationToken": "K"}, "Authorization", f"Bearer {SECRET}"),
    ({"AuthenticationType": "ApiKeyHeader"}, {"x-api-key": "K"}, "x-api-key", SECRET),
]  # fmt: skip


@pytest.mark.parametrize(("metadata", "keys", "header", "value"), WAYS)
async def test_a_secret_is_sent_and_shown_nowhere(serve, ring, connector_for, caplog, metadata, keys, header, value):
    api = await serve(wants(header, value))
    ring.put("K", SECRET)
    connector = connector_for(f"{api.url}/a?code=canary-of-the-url", keys=keys, **metadata)

    outcome = await connector.run()

    (record,) = connector.records
    assert outcome == Continue({})
    assert (record.authentication.casefold(), record.exchange.status) == (
        metadata["AuthenticationType"].casefold(),
        200,
    )
    assert record.credential == ("K (kid kid-1)",)
    assert json.loads(api.received[0].body)["client_id"] == "app-1"
    shown = f"{record}{caplog.text}"
    assert not any(text in shown for text in (SECRET, value, "canary-of-the-url"))


@pytest.mark.parametrize(("metadata", "keys", "header", "value"), WAYS)
async def test_a_wrong_secret_is_refused_and_a_missing_one_is_not_tried(
    serve, ring, connector_for, metadata, keys, header, value
):
    api = await serve(wants(header, value))
    with pytest.raises(CredentialMissingError):
        await connector_for(f"{api.url}/a", keys=keys, **metadata).run()
    ring.put("K", "wrong")
    with pytest.raises(CredentialRefusedError) as refused:
        await connector_for(f"{api.url}/a", keys=keys, **metadata).run()

    assert refused.value.service_code == "AADB2C90027"
    assert len(api.received) == 1


@pytest.mark.parametrize(
    "metadata",
    [
        {"AuthenticationType": "None"},
        {},
        {"AuthenticationType": "Basic"},
        {"AuthenticationType": "Basic", "BasicAuthenticationUsername": "ada"},
        {"AuthenticationType": "ClientCertificate"},
        {"AuthenticationType": "ApiKeyHeader"},
        {"AuthenticationType": "ManagedBearer"},
        {"AuthenticationType": "ManagedBearer", "BearerTokenUrl": "https://a.example"},
        {"AuthenticationType": "ManagedBearer", "BearerTokenUrl": "https://a.example", "BearerClientId": "c"},
        {**BASIC, "Step": "Later"},
        {**BASIC, "ServiceUrl": "nothing"},
    ],
)
def test_there_is_no_connector_without_a_credential(connector_for, metadata):
    with pytest.raises(ServiceError):
        connector_for("https://api.example", **metadata)


# --- certificates ----------------------------------------------------------------------------------------


@pytest.fixture
async def certified(serve, authority):
    """An API that demands a client certificate of ours."""
    return await serve(ok(), context=authority.server_context(client_ca=authority))


CERTIFICATE = {"AuthenticationType": "ClientCertificate"}
KEYS = {"ClientCertificate": "C"}


def upload(authority, kid, at, since=-10, until=10, **more):
    key = authority.client_key(kid, not_before=NOW + since * DAY, not_after=NOW + until * DAY)
    return replace(key, added_at=NOW + at * DAY, **more)


async def test_certificates_roll_by_upload_and_validity(certified, ring, authority, connector_for):
    connector = connector_for(f"{certified.url}/a", keys=KEYS, **CERTIFICATE)
    with pytest.raises(CredentialMissingError):
        await connector.run()
    ring.put("C", upload(authority, "first", -5, not_before=NOW + DAY))
    await connector.run()
    ring.put("C", upload(authority, "begins-later", -4, since=1))
    ring.put("C", upload(authority, "ended", -3, until=-1))
    await connector.run()
    ring.put("C", upload(authority, "second", -2))
    await connector.run()

    used = [record.credential for record in connector.records[1:]]
    assert used == [("C (kid first)",), ("C (kid first)",), ("C (kid second)",)]
    shown = [request.certificate for request in certified.received]
    assert shown[0] == shown[1] != shown[2]


async def test_nothing_but_ended_certificates_is_no_call(certified, ring, authority, connector_for):
    ring.put("C", upload(authority, "ended", -3, until=-1))
    with pytest.raises(CredentialMissingError) as missing:
        await connector_for(f"{certified.url}/a", keys=KEYS, **CERTIFICATE).run()

    assert missing.value.service_code == "AADB2C90220"
    assert certified.received == []


async def test_a_certificate_of_a_stranger_is_refused(refusing, authority, foreign_authority, ring, connector_for):
    context = authority.server_context(client_ca=authority)
    ring.put("C", replace(foreign_authority.client_key("alien"), added_at=NOW))
    for _ in range(3):
        with pytest.raises(ConnectorError) as refused:
            await connector_for(refusing(context), keys=KEYS, **CERTIFICATE).run()

        assert isinstance(refused.value, ClientCertificateError)
        assert refused.value.service_code == "AADB2C90028"
        assert "'ApiConnector-A'" in str(refused.value)


async def test_an_api_that_answers_403_to_a_certificate_names_it(certified, ring, authority, connector_for):
    certified.reply = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    ring.put("C", replace(authority.client_key(), added_at=NOW))
    with pytest.raises(CredentialRefusedError) as refused:
        await connector_for(f"{certified.url}/a", keys=KEYS, **CERTIFICATE).run()

    assert refused.value.service_code == "AADB2C90028"


# --- a managed bearer ------------------------------------------------------------------------------------

TOKEN = b'{"access_token":"canary-token-1","token_type":"Bearer","expires_in":3600}'


async def test_a_managed_bearer_is_acquired_once_and_sent(serve, ring, connector_for):
    login, api = await serve(ok(TOKEN)), await serve(wants("Authorization", "Bearer canary-token-1"))
    ring.put("S", SECRET)
    metadata = {
        "AuthenticationType": "ManagedBearer",
        "BearerTokenUrl": f"{login.url}/token",
        "BearerClientId": "app",
        "BearerScope": "read",
    }
    connector = connector_for(f"{api.url}/a", keys={"BearerClientKey": "S"}, **metadata)
    outcomes = [await connector.run() for _ in range(2)]

    assert outcomes == [Continue({}), Continue({})]
    assert (len(login.received), len(api.received)) == (1, 2)
    assert b"scope=read" in login.received[0].body
    assert connector.records[0].authentication == "Bearer (managed)"
    assert "canary-token-1" not in str(connector.records)


async def test_a_managed_bearer_of_the_settings_replaces_the_credential(serve, ring, connector_for):
    login, api = await serve(ok(TOKEN)), await serve(wants("Authorization", "Bearer canary-token-1"))
    ring.put("S", SECRET)
    own = ProfileSettings(bearer=BearerSettings(f"{login.url}/token", "app", "S"))
    connector = connector_for(f"{api.url}/a", keys={"BasicAuthenticationPassword": "S"}, settings=own, **BASIC)

    assert await connector.run() == Continue({})


# --- limits and addresses --------------------------------------------------------------------------------


async def test_an_api_that_does_not_answer_is_asked_twice(serve, ring, connector_for):
    async def sleeps(request, writer):
        await asyncio.sleep(5)

    api = await serve(sleeps)
    ring.put("K", SECRET)
    limits = Limits(timeout_s=0.2, retries=1)
    connector = connector_for(f"{api.url}/a", keys={"BasicAuthenticationPassword": "K"}, limits=limits, **BASIC)
    with pytest.raises(ApiTimeoutError) as late:
        await connector.run()

    assert late.value.service_code == "AADB2C90162"
    assert (connector.records[0].tries, len(api.received)) == (2, 2)


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "[fe80::1]"])
async def test_an_address_inside_is_not_dialled(ring, connector_for, host):
    ring.put("K", SECRET)
    with pytest.raises(EgressRefusedError):
        await connector_for(f"https://{host}/latest", keys={"BasicAuthenticationPassword": "K"}, **BASIC).run()


async def test_plain_http_is_never_called_not_even_in_development(serve, ring, connector_for):
    api = await serve(ok(), context=False)
    ring.put("K", SECRET)
    with pytest.raises(EgressRefusedError):
        await connector_for(f"{api.url}/a", keys={"BasicAuthenticationPassword": "K"}, **BASIC).run()

    assert api.received == []


async def test_a_record_shows_the_shape_of_the_request_and_nothing_of_the_person(serve, ring, connector_for, claim):
    api = await serve(ok())
    ring.put("K", SECRET)
    connector = connector_for(f"{api.url}/a", keys={"BasicAuthenticationPassword": "K"}, **BASIC)
    await connector.run(
        (claim("email", sensitivity=Sensitivity.PERSONAL), "ada@b.example"),
        (claim("email", "identities.emailAddress", sensitivity=Sensitivity.PERSONAL), "ada@b.example"),
        (claim("extension_Code", "extension_1_Code", sensitivity=Sensitivity.SECRET), "canary-code"),
        (claim("tags", "tags", DataType.STRING_COLLECTION), ("a", "b")),
    )

    (record,) = connector.records
    body = json.loads(record.exchange.request_body)
    assert body.pop("extension_1_Code").startswith("(secret, 11 characters, #")
    assert body == {
        "email": "a…@b… (13 characters)",
        "identities": [
            {
                "signInType": "emailAddress",
                "issuer": "contoso.onmicrosoft.com",
                "issuerAssignedId": "a…@b… (13 characters)",
            }
        ],
        "tags": ["a", "b"],
        "step": "PostAttributeCollection",
        "client_id": "app-1",
        "ui_locales": "en-US",
    }
    assert "ada@b.example" not in str(record)
