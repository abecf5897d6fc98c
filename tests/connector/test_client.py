from __future__ import annotations

import asyncio
import gzip
import resource
import secrets
import ssl
import traceback
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp.abc import AbstractResolver
from cryptography.hazmat.primitives.serialization import Encoding

from journeyman.connector.authenticator import Credential
from journeyman.connector.authenticators.api_key_header import ApiKeyHeader
from journeyman.connector.authenticators.client_certificate import ClientCertificate
from journeyman.connector.authenticators.none import NoAuthentication
from journeyman.connector.errors import (
    AnswerTooLargeError,
    ApiTimeoutError,
    ApiUnreachableError,
    CircuitOpenError,
    ClientCertificateError,
    EgressRefusedError,
    HandshakeError,
    NameResolutionError,
    ServerCertificateError,
    UnparsableAnswerError,
)
from journeyman.connector.limits import Limits
from journeyman.secret import Secret

NONE = NoAuthentication()
RETRY_ONCE = Limits(timeout_s=5, retries=1)
QUICK = Limits(timeout_s=0.3, retries=0)


def api_key(version: str) -> ApiKeyHeader:
    return ApiKeyHeader("x-api-key", Secret(version), Credential((("B2C_1A_Key", version),)))


def certificate(key) -> ClientCertificate:
    return ClientCertificate(key, Credential((("B2C_1A_Cert", key.kid),), in_tls=True))


http_close = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Names(AbstractResolver):
    """Answer with the next address of a list; the last one stays."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.asked = 0

    async def resolve(self, host, port=0, family=0):
        self.asked += 1
        address = self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]
        if not address:
            raise OSError("no such name")
        return [{"hostname": host, "host": address, "port": port, "family": family, "proto": 0, "flags": 0}]

    async def close(self):
        pass


# --- connections ---------------------------------------------------------------------------------


async def test_an_answer_comes_back_with_status_reason_headers_and_body(serve, sender_for, answer):
    api = await serve(answer("200 Fine", '{"a":1}', "X-Thing: 7"))
    got = await sender_for().get(f"{api.url}/a", NONE)

    assert (got.status, got.reason, got.body, got.headers["x-thing"]) == (200, "Fine", b'{"a":1}', "7")


async def test_a_second_call_uses_the_connection_again_and_has_no_connect_phases(serve, sender_for):
    api = await serve()
    sender = sender_for()
    await sender.get(f"{api.url}/a", NONE)
    cold = sender.progress.phases()
    await sender.get(f"{api.url}/a", NONE)
    warm = sender.progress.phases()

    assert api.connections == 1
    assert None not in {cold.connect_ms, cold.tls_ms, cold.first_byte_ms, cold.read_ms}
    assert (warm.dns_ms, warm.connect_ms, warm.tls_ms) == (None, None, None)
    assert None not in {warm.first_byte_ms, warm.read_ms}


async def test_a_rotated_key_never_reuses_an_old_connection(serve, sender_for):
    api = await serve()
    sender = sender_for()
    for version in ("v1", "v1", "v2", "v2", "v3"):
        await sender.get(f"{api.url}/a", api_key(version))

    seen = [(one.connection, one.header("x-api-key")) for one in api.received]
    assert seen == [(1, b"v1"), (1, b"v1"), (2, b"v2"), (2, b"v2"), (3, b"v3")]


async def test_a_call_on_the_old_credential_ends_well_while_the_key_is_rotated(serve, sender_for, answer):
    release, arrived = asyncio.Event(), asyncio.Event()

    async def reply(request, writer):
        if request.header("x-api-key") == b"v1":
            arrived.set()
            await release.wait()
        return answer("200 OK", "{}")

    api = await serve(reply)
    sender = sender_for()
    old = asyncio.create_task(sender.get(f"{api.url}/a", api_key("v1")))
    await arrived.wait()
    await sender.get(f"{api.url}/a", api_key("v2"))
    release.set()

    assert (await old).status == 200


async def test_two_credentials_never_share_a_connection(serve, sender_for):
    api = await serve()
    sender = sender_for()
    other = ApiKeyHeader("x-api-key", Secret("other"), Credential((("B2C_1A_Other", "v1"),)))
    for authenticator in (api_key("v1"), other, NONE, api_key("v1"), other):
        await sender.get(f"{api.url}/a", authenticator)

    assert [one.connection for one in api.received] == [1, 2, 3, 1, 2]


async def test_cookies_are_not_kept(serve, sender_for, answer):
    api = await serve(answer("200 OK", "{}", "Set-Cookie: session=abc"))
    sender = sender_for()
    await sender.get(f"{api.url}/a", NONE)
    await sender.get(f"{api.url}/a", NONE)

    assert api.received[1].header("Cookie") is None


async def test_the_proxy_of_the_environment_is_not_used(serve, sender_for, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    api = await serve()

    assert (await sender_for().get(f"{api.url}/a", NONE)).status == 200


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect"])
async def test_a_redirect_is_not_followed(serve, sender_for, answer, status):
    target = await serve()
    api = await serve(answer(status, "", f"Location: {target.url}/b"))
    got = await sender_for().get(f"{api.url}/a", api_key("v1"))

    assert got.status == int(status[:3])
    assert target.received == []


# --- TLS -----------------------------------------------------------------------------------------


async def test_an_untrusted_server_is_refused(serve, sender_for, foreign_authority):
    api = await serve(context=foreign_authority.server_context())
    with pytest.raises(ServerCertificateError, match=r"127\.0\.0\.1: its certificate was not accepted"):
        await sender_for().get(f"{api.url}/a", NONE)

    assert api.received == []


async def test_a_certificate_for_another_name_is_refused(serve, sender_for, authority):
    api = await serve(context=authority.server_context("other.example.com"))
    with pytest.raises(ServerCertificateError, match="IP address mismatch"):
        await sender_for().get(f"{api.url}/a", NONE)

    assert api.received == []


async def test_an_expired_server_certificate_is_refused(serve, sender_for, authority):
    api = await serve(context=authority.server_context(not_after=datetime(2020, 1, 1, tzinfo=UTC)))
    with pytest.raises(ServerCertificateError, match="expired"):
        await sender_for().get(f"{api.url}/a", NONE)

    assert api.received == []


async def test_certificate_errors_are_ignored_only_where_the_rules_say_so(serve, sender_for, foreign_authority):
    api = await serve(context=foreign_authority.server_context("other.example.com"))
    sender = sender_for()

    assert (await sender.get(f"{api.url}/a", NONE, verify=False)).status == 200
    with pytest.raises(ServerCertificateError):
        await sender.get(f"{api.url}/a", NONE)


@pytest.fixture
def tls_1_1_only(authority):
    context = authority.server_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


async def test_a_server_that_only_speaks_tls_1_1_is_refused(refusing, sender_for, tls_1_1_only):
    with pytest.raises(HandshakeError, match=r"TLS failed .*PROTOCOL_VERSION"):
        await sender_for().get(f"{refusing(tls_1_1_only)}/a", NONE)


async def test_a_server_that_only_speaks_tls_1_1_and_says_nothing_is_refused(serve, sender_for, tls_1_1_only):
    api = await serve(context=tls_1_1_only)
    with pytest.raises(ApiUnreachableError, match="in the TLS handshake"):
        await sender_for().get(f"{api.url}/a", NONE)

    assert api.received == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_tls_1_2_and_1_3_are_spoken(serve, sender_for, authority, version):
    context = authority.server_context()
    context.minimum_version = context.maximum_version = version
    api = await serve(context=context)

    assert (await sender_for().get(f"{api.url}/a", NONE)).status == 200


async def test_a_client_certificate_is_presented_with_its_chain(serve, sender_for, authority):
    key = authority.client_key()
    api = await serve(context=authority.server_context(client_ca=authority))
    got = await sender_for().get(f"{api.url}/a", certificate(key))

    assert got.status == 200
    assert api.received[0].certificate == key.certificates[0].public_bytes(Encoding.DER)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("attempt", range(5))
async def test_a_client_certificate_of_a_foreign_authority_is_refused(
    serve, sender_for, authority, foreign_authority, version, attempt
):
    context = authority.server_context(client_ca=authority)
    context.minimum_version = context.maximum_version = version
    api = await serve(context=context)
    with pytest.raises(ClientCertificateError):
        await sender_for().get(f"{api.url}/a", certificate(foreign_authority.client_key()))

    assert api.received == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_an_expired_client_certificate_is_refused(serve, sender_for, authority, version):
    context = authority.server_context(client_ca=authority)
    context.minimum_version = context.maximum_version = version
    api = await serve(context=context)
    expired = authority.client_key(not_after=datetime.now(UTC) - timedelta(days=1))
    with pytest.raises(ClientCertificateError):
        await sender_for().get(f"{api.url}/a", certificate(expired))

    assert api.received == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("attempt", range(5))
async def test_a_missing_client_certificate_is_refused(serve, sender_for, authority, version, attempt):
    context = authority.server_context(client_ca=authority)
    context.minimum_version = context.maximum_version = version
    api = await serve(context=context)
    with pytest.raises((ClientCertificateError, ApiUnreachableError)):
        await sender_for().get(f"{api.url}/a", NONE)

    assert api.received == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("kind", ["foreign", "expired"])
@pytest.mark.parametrize("attempt", range(3))
async def test_an_alert_about_our_certificate_is_told_apart_from_a_broken_connection(
    refusing, sender_for, authority, foreign_authority, version, kind, attempt
):
    context = authority.server_context(client_ca=authority)
    context.minimum_version = context.maximum_version = version
    long_ago = datetime.now(UTC) - timedelta(days=1)
    key = foreign_authority.client_key() if kind == "foreign" else authority.client_key(not_after=long_ago)
    with pytest.raises(ClientCertificateError):
        await sender_for().get(f"{refusing(context)}/a", certificate(key), limits=RETRY_ONCE)


async def test_a_rotated_certificate_is_the_one_that_the_next_call_shows(serve, sender_for, authority):
    api = await serve(context=authority.server_context(client_ca=authority))
    sender = sender_for()
    first, second = authority.client_key("cert-1"), authority.client_key("cert-2")
    for key in (first, first, second):
        await sender.get(f"{api.url}/a", certificate(key))

    assert [one.connection for one in api.received] == [1, 1, 2]
    assert api.received[2].certificate == second.certificates[0].public_bytes(Encoding.DER)


async def test_a_certificate_without_private_key_fails_before_any_connection(serve, sender_for, authority):
    api = await serve(context=authority.server_context(client_ca=authority))
    broken = replace(authority.client_key(), private_key=None)
    with pytest.raises(ClientCertificateError, match="cannot be used"):
        await sender_for().get(f"{api.url}/a", certificate(broken))

    assert api.connections == 0


# --- egress --------------------------------------------------------------------------------------


async def test_loopback_is_refused_unless_it_is_allowed(serve, sender_for):
    api = await serve()
    with pytest.raises(EgressRefusedError) as refused:
        await sender_for(loopback=False).get(f"{api.url}/a", NONE)

    assert f'allow = ["127.0.0.1/32:{api.port}"]' in str(refused.value)
    assert api.connections == 0


async def test_an_exception_opens_one_address_and_port(serve, sender_for):
    api, other = await serve(), await serve()
    sender = sender_for(loopback=False, allow=(f"127.0.0.1/32:{api.port}",))

    assert (await sender.get(f"{api.url}/a", NONE)).status == 200
    with pytest.raises(EgressRefusedError):
        await sender.get(f"{other.url}/a", NONE)


async def test_a_name_that_resolves_to_a_private_address_is_refused_with_the_line_to_add(serve, sender_for):
    sender = sender_for(loopback=False, resolver=lambda: Names("10.1.2.3"))
    with pytest.raises(EgressRefusedError, match=r'is 10\.1\.2\.3 .*private.*"api\.example\.com 10\.1\.2\.3/32:443"'):
        await sender.get("https://api.example.com/a", NONE)


async def test_an_address_that_changes_between_calls_is_checked_again(serve, sender_for, authority, answer):
    """The name first points to an allowed address and then, as in DNS rebinding, to another one."""
    api = await serve(answer("200 OK", "{}", "Connection: close"), context=authority.server_context("api.example.com"))
    names = Names("127.0.0.1", "169.254.169.254")
    sender = sender_for(loopback=False, allow=(f"127.0.0.1/32:{api.port}",), resolver=lambda: names)
    await sender.get(f"https://api.example.com:{api.port}/a", NONE)
    with pytest.raises(EgressRefusedError, match="cloud metadata"):
        await sender.get(f"https://api.example.com:{api.port}/a", NONE)

    assert names.asked == 2


async def test_the_address_is_looked_up_and_checked_on_every_try(serve, sender_for, authority):
    async def broken(request, writer):
        return None

    api = await serve(broken, context=authority.server_context("api.example.com"))
    names = Names("127.0.0.1", "10.0.0.1")
    sender = sender_for(resolver=lambda: names)
    with pytest.raises(EgressRefusedError, match="private"):
        await sender.get(f"https://api.example.com:{api.port}/a", NONE, limits=RETRY_ONCE)

    assert (len(api.received), names.asked) == (1, 2)


async def test_http_is_refused_without_the_rule_and_without_a_map(serve, sender_for):
    api = await serve(context=False)
    sender = sender_for()
    with pytest.raises(EgressRefusedError, match="http may be called only in development mode"):
        await sender.get(f"{api.url}/a", NONE)

    assert (await sender.get(f"{api.url}/a", NONE, plain_http=True)).status == 200


# --- egress map ----------------------------------------------------------------------------------


async def test_a_mapped_call_keeps_path_and_query(serve, sender_for):
    api = await serve()
    sender = sender_for(mapped={"https://your-account.azurewebsites.net": api.url})
    await sender.get("https://your-account.azurewebsites.net/api/a?code=1&x=(y)", NONE)

    assert api.received[0].request_line == "GET /api/a?code=1&x=(y) HTTP/1.1"
    assert sender.progress.dialled == api.url


async def test_a_mapped_call_accepts_a_certificate_for_the_original_host(serve, sender_for, authority):
    api = await serve(context=authority.server_context("your-account.azurewebsites.net"))
    sender = sender_for(mapped={"https://your-account.azurewebsites.net": api.url})
    for _ in range(3):
        assert (await sender.get("https://your-account.azurewebsites.net/a", NONE)).status == 200

    assert len({one.connection for one in api.received}) == 1


async def test_a_mapped_host_may_change_which_of_the_two_names_its_certificate_has(serve, sender_for, authority):
    original = "your-account.azurewebsites.net"
    context = authority.server_context(original)
    api = await serve(http_close, context=context)
    sender = sender_for(mapped={f"https://{original}": api.url})
    await sender.get(f"https://{original}/a", NONE)
    authority.ca.issue_cert("127.0.0.1").configure_cert(context)
    await sender.get(f"https://{original}/a", NONE)
    authority.ca.issue_cert(original).configure_cert(context)

    assert (await sender.get(f"https://{original}/a", NONE)).status == 200


async def test_a_mapped_call_refuses_a_certificate_for_a_third_host(serve, sender_for, authority):
    api = await serve(context=authority.server_context("third.example.com"))
    sender = sender_for(mapped={"https://your-account.azurewebsites.net": api.url})
    with pytest.raises(ServerCertificateError):
        await sender.get("https://your-account.azurewebsites.net/a", NONE)

    assert api.received == []


async def test_a_mapped_call_may_go_to_http_and_is_still_held_to_the_deny_list(serve, sender_for):
    api = await serve(context=False)
    mapped = {"https://your-account.azurewebsites.net": api.url}

    assert (await sender_for(mapped=mapped).get("https://your-account.azurewebsites.net/a", NONE)).status == 200
    with pytest.raises(EgressRefusedError):
        await sender_for(mapped=mapped, loopback=False).get("https://your-account.azurewebsites.net/a", NONE)


# --- limits --------------------------------------------------------------------------------------


async def test_a_slow_answer_is_a_timeout_that_says_what_it_waited_for(serve, sender_for):
    async def slow(request, writer):
        await asyncio.sleep(5)

    api = await serve(slow)
    with pytest.raises(ApiTimeoutError, match=r"no answer within 0\.3 s \(waiting for the answer\)"):
        await sender_for().get(f"{api.url}/a", NONE, limits=QUICK)


async def test_a_trickled_answer_is_held_to_the_same_budget(serve, sender_for):
    async def trickle(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            writer.write(b"x")
            await asyncio.sleep(0.05)

    api = await serve(trickle)
    with pytest.raises(ApiTimeoutError, match="reading the answer"):
        await sender_for().get(f"{api.url}/a", NONE, limits=QUICK)


async def test_a_server_that_never_answers_the_handshake_is_a_timeout(serve, sender_for):
    api = await serve(context=False)
    with pytest.raises(ApiTimeoutError, match="in the TLS handshake"):
        await sender_for().get(f"https://127.0.0.1:{api.port}/a", NONE, limits=QUICK)


async def test_a_slow_name_is_a_timeout_that_says_so(sender_for):
    class Slow(Names):
        async def resolve(self, host, port=0, family=0):
            await asyncio.sleep(5)

    with pytest.raises(ApiTimeoutError, match="looking up the name"):
        await sender_for(resolver=lambda: Slow("")).get("https://api.example.com/a", NONE, limits=QUICK)


async def test_an_endless_answer_is_cut_at_the_limit(serve, sender_for):
    sent = 0

    async def endless(request, writer):
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing() and sent < 64 * 1024 * 1024:
            writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            sent += 65536
            await writer.drain()
            await asyncio.sleep(0)

    api = await serve(endless)
    with pytest.raises(AnswerTooLargeError, match="larger than 1048576 bytes"):
        await sender_for().get(f"{api.url}/a", NONE)

    assert sent < 16 * 1024 * 1024


async def test_an_announced_gigabyte_is_not_read(serve, sender_for):
    async def huge(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(1)

    api = await serve(huge)
    with pytest.raises(AnswerTooLargeError):
        await sender_for().get(f"{api.url}/a", NONE)


async def test_a_gigabyte_packed_into_a_megabyte_is_not_unpacked(serve, sender_for, answer):
    packed = gzip.compress(b"\0" * (256 * 1024 * 1024), 9)
    api = await serve(answer("200 OK", packed, "Content-Encoding: gzip"))
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(AnswerTooLargeError):
        await sender_for().get(f"{api.url}/a", NONE)

    assert len(packed) < 1_048_576
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 64 * 1024


async def test_an_answer_of_exactly_the_limit_is_read(serve, sender_for, answer):
    api = await serve(answer("200 OK", b"x" * 1000))
    sender = sender_for()

    assert len((await sender.get(f"{api.url}/a", NONE, limits=Limits(response_limit_bytes=1000))).body) == 1000
    with pytest.raises(AnswerTooLargeError):
        await sender.get(f"{api.url}/a", NONE, limits=Limits(response_limit_bytes=999))


async def test_an_answer_in_pieces_is_put_together(serve, sender_for):
    async def pieces(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in (b"{", b'"a":', b"1}"):
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await asyncio.sleep(0.02)
        return b"0\r\n\r\n"

    api = await serve(pieces)

    assert (await sender_for().get(f"{api.url}/a", NONE)).body == b'{"a":1}'


async def test_plain_http_has_its_phases_too(serve, sender_for):
    api = await serve(context=False)
    sender = sender_for()
    await sender.get(f"{api.url}/a", NONE, plain_http=True)
    phases = sender.progress.phases()

    assert phases.tls_ms is None
    assert None not in {phases.connect_ms, phases.first_byte_ms, phases.read_ms}


async def test_a_packed_answer_is_unpacked(serve, sender_for, answer):
    api = await serve(answer("200 OK", gzip.compress(b'{"a":1}'), "Content-Encoding: gzip"))

    assert (await sender_for().get(f"{api.url}/a", NONE)).body == b'{"a":1}'


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
async def test_an_answer_that_is_not_http_is_an_error_and_is_not_asked_for_again(serve, sender_for, bytes_sent):
    api = await serve(bytes_sent)
    with pytest.raises(UnparsableAnswerError):
        await sender_for().get(f"{api.url}/a", NONE, limits=RETRY_ONCE)

    assert len(api.received) == 1


# --- tries ---------------------------------------------------------------------------------------


async def test_a_connection_that_breaks_is_tried_once_more(serve, sender_for, answer):
    async def first_breaks(request, writer):
        return None if len(api.received) == 1 else answer("200 OK", "{}")

    api = await serve(first_breaks)
    sender = sender_for()

    assert (await sender.get(f"{api.url}/a", NONE, limits=RETRY_ONCE)).status == 200
    assert (len(api.received), sender.progress.tries) == (2, 2)


async def test_the_library_never_sends_a_request_again_by_itself(serve, sender_for):
    async def breaks(request, writer):
        return None

    api = await serve(breaks)
    with pytest.raises(ApiUnreachableError, match=r"the connection was closed \(waiting for the answer\)"):
        await sender_for().get(f"{api.url}/a", NONE)

    assert len(api.received) == 1


async def test_a_timeout_is_tried_once_more_with_a_budget_of_its_own(serve, sender_for, answer):
    async def first_is_slow(request, writer):
        if len(api.received) == 1:
            await asyncio.sleep(5)
        return answer("200 OK", "{}")

    api = await serve(first_is_slow)

    assert (await sender_for().get(f"{api.url}/a", NONE, limits=Limits(timeout_s=0.4, retries=1))).status == 200


@pytest.mark.parametrize("status", ["400 Bad Request", "404 Not Found", "409 Conflict", "500 Internal Server Error"])
async def test_an_answer_with_another_status_is_never_asked_for_again(serve, sender_for, answer, status):
    api = await serve(answer(status))

    assert (await sender_for().get(f"{api.url}/a", NONE, limits=RETRY_ONCE)).status == int(status[:3])
    assert len(api.received) == 1


@pytest.mark.parametrize(
    ("status", "headers", "asked"),
    [
        ("502 Bad Gateway", (), 2),
        ("503 Service Unavailable", (), 2),
        ("504 Gateway Timeout", (), 2),
        ("503 Service Unavailable", ("Retry-After: 0",), 2),
        ("503 Service Unavailable", ("Retry-After: 60",), 1),
        ("503 Service Unavailable", ("Retry-After: soon",), 1),
        ("429 Too Many Requests", (), 1),
        ("429 Too Many Requests", ("Retry-After: 0",), 2),
        ("429 Too Many Requests", ("Retry-After: 60",), 1),
    ],
)
async def test_only_busy_answers_are_asked_for_again(serve, sender_for, answer, status, headers, asked):
    api = await serve(answer(status, "", *headers))

    assert (await sender_for().get(f"{api.url}/a", NONE, limits=RETRY_ONCE)).status == int(status[:3])
    assert len(api.received) == asked


async def test_a_closed_port_is_unreachable_after_all_tries(serve, sender_for):
    sender = sender_for()
    with pytest.raises(ApiUnreachableError, match="Connection refused"):
        await sender.get("https://127.0.0.1:1/a", NONE, limits=Limits(timeout_s=2, retries=2))

    assert sender.progress.tries == 3


async def test_a_name_without_address_is_a_failed_look_up(sender_for):
    names = Names("")
    with pytest.raises(NameResolutionError, match=r"api\.example\.com: the name has no address"):
        await sender_for(resolver=lambda: names).get("https://api.example.com/a", NONE, limits=RETRY_ONCE)

    assert names.asked == 2


async def test_a_host_that_failed_five_times_is_left_alone(sender_for):
    sender = sender_for(circuit=True)
    for _ in range(5):
        with pytest.raises(ApiUnreachableError):
            await sender.get("https://127.0.0.1:1/a", NONE)
    with pytest.raises(CircuitOpenError, match="failed 5 times in a row"):
        await sender.get("https://127.0.0.1:1/a", NONE)


# --- secrets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", [b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", b"nonsense\r\n\r\n"])
async def test_an_exception_and_its_causes_hold_neither_query_nor_credential(serve, sender_for, reply):
    api = await serve(reply)
    key, code = secrets.token_hex(8), secrets.token_hex(8)
    with pytest.raises(UnparsableAnswerError) as caught:
        await sender_for().get(f"{api.url}/a?code={code}", api_key(key))

    printed = "".join(traceback.format_exception(caught.value))
    assert (key in printed, code in printed) == (False, False)
