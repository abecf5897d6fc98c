"""Messages that are too large, too slow, or that two parties read as different requests (RFC 9112)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from journeyman_guard.conformance.case import Case, Goal
from journeyman_guard.conformance.subject import Subject

_LARGE: Final = "A large message gets past the check."
_SLOW: Final = "A slow message gets past the check."
_REUSE: Final = "The check is made once per connection: whoever shares it, behind a proxy for example, comes in without a credential."
_SMUGGLE: Final = "The end of a message is not unambiguous: a second request hides in it and passes a check in front."
_MALFORMED: Final = "A malformed message gets past the check."
_UPGRADE: Final = "Another protocol on the same port passes the check."


def message_cases(subject: Subject) -> Iterator[Case]:
    """Return the cases; no last request of one carries the right credential."""
    yield from _sizes(subject)
    yield from _connections(subject)
    yield from _raw(subject)
    yield from _upgrades(subject)


def _sizes(subject: Subject) -> Iterator[Case]:
    bare = subject.bare()
    yield Case("message/large-header", "a header of 64 KiB", _LARGE, bare.with_header("X-Large", "x" * 65_536))
    yield Case(
        "message/large-authorization",
        "an Authorization of 20 KiB",
        _LARGE,
        bare.with_header("Authorization", "Bearer " + "x" * 20_480),
    )
    many = replace(bare, headers=bare.headers + tuple((b"X-%d" % number, b"x") for number in range(500)))
    yield Case("message/many-headers", "500 headers", _LARGE, many)
    posted = replace(bare, method="POST", body=b'{"x":"' + b"x" * 1_048_576 + b'"}')
    yield Case("message/large-body", "a body of 1 MiB", _LARGE, posted, Goal.ELSEWHERE)
    long = replace(bare, target=subject.target + ("&" if "?" in subject.target else "?") + "x=" + "x" * 16_384)
    yield Case("message/long-query", "a query of 16 KiB", _LARGE, long)
    yield Case("message/slow-head", "a head in pieces over three seconds", _SLOW, replace(bare, pieces=12))
    slow = replace(bare, method="POST", body=b"{" + b" " * 4_000 + b"}", pieces=12)
    yield Case("message/slow-body", "a body in pieces over three seconds", _SLOW, slow, Goal.ELSEWHERE)


def _connections(subject: Subject) -> Iterator[Case]:
    right = replace(subject.right(), headers=_kept_alive(subject.right().headers))
    # A certificate is of the connection, so there the second request is right.
    if subject.kind != "client-certificate":
        twice = replace(subject.bare(), before=(right.message(),))
        yield Case(
            "message/after-the-right-one", "without a credential, behind a right one on the connection", _REUSE, twice
        )
        wrong = subject.bare().with_header("Authorization", "Bearer wrong")
        thrice = replace(wrong, before=(right.message(), right.message()))
        yield Case("message/after-two-right-ones", "with a wrong credential, behind two right ones", _REUSE, thrice)


def _raw(subject: Subject) -> Iterator[Case]:
    target, host = subject.target.encode(), subject.authority.encode()
    start = subject.method.encode() + b" " + target
    head = start + b" HTTP/1.1\r\nHost: " + host + b"\r\n"
    inner = b"GET " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"
    chunked = b"Transfer-Encoding: chunked\r\n"
    length = b"Content-Length: %d\r\n" % (5 + len(inner))
    raw = {
        "http-1-0": ("HTTP/1.0", _MALFORMED, start + b" HTTP/1.0\r\n\r\n"),
        "http-0-9": ("HTTP/0.9", _MALFORMED, start + b"\r\n\r\n"),
        "http-2-0": ("a version that is not spoken", _MALFORMED, start + b" HTTP/2.0\r\nHost: " + host + b"\r\n\r\n"),
        "no-host": ("no Host", _MALFORMED, start + b" HTTP/1.1\r\nConnection: close\r\n\r\n"),
        "two-hosts": ("two Hosts", _MALFORMED, head + b"Host: localhost\r\nConnection: close\r\n\r\n"),
        "length-and-chunked": (
            "length and chunks at once",
            _SMUGGLE,
            head + length + chunked + b"\r\n0\r\n\r\n" + inner,
        ),
        "chunked-and-length": (
            "chunks and length at once",
            _SMUGGLE,
            head + chunked + length + b"\r\n0\r\n\r\n" + inner,
        ),
        "chunked-twice": (
            "chunks named twice",
            _SMUGGLE,
            head + chunked + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n" + inner,
        ),
        "chunked-odd": (
            "chunks in an odd spelling",
            _SMUGGLE,
            head + b"Transfer-Encoding: xchunked\r\n" + length + b"\r\n0\r\n\r\n" + inner,
        ),
        "chunked-tab": (
            "chunks behind a tab",
            _SMUGGLE,
            head + b"Transfer-Encoding:\tchunked\r\n" + length + b"\r\n0\r\n\r\n" + inner,
        ),
        "two-lengths": ("two lengths", _SMUGGLE, head + b"Content-Length: 0\r\n" + length + b"\r\n0\r\n\r\n" + inner),
        "negative-length": ("a negative length", _SMUGGLE, head + b"Content-Length: -1\r\n\r\n" + inner),
        "odd-length": ("a length with a sign", _SMUGGLE, head + b"Content-Length: +0\r\n\r\n" + inner),
        "line-feeds": (
            "lines that end with a line feed only",
            _MALFORMED,
            (head + b"Connection: close\r\n\r\n").replace(b"\r\n", b"\n"),
        ),
        "nul-in-header": (
            "a NUL in a header",
            _MALFORMED,
            head + b"Authorization: Basic\0eDp4\r\nConnection: close\r\n\r\n",
        ),
        "space-before-colon": (
            "a space before a colon",
            _MALFORMED,
            head + b"Authorization : Basic eDp4\r\nConnection: close\r\n\r\n",
        ),
        "folded-first": (
            "a header that begins with a space",
            _MALFORMED,
            head.partition(b"Host")[0] + b" X: y\r\nHost: " + host + b"\r\n\r\n",
        ),
        "no-colon": ("a header without a colon", _MALFORMED, head + b"Authorization\r\nConnection: close\r\n\r\n"),
        "two-spaces": (
            "two spaces in the first line",
            _MALFORMED,
            head.replace(b" ", b"  ", 2) + b"Connection: close\r\n\r\n",
        ),
        "line-before": ("an empty line first", _MALFORMED, b"\r\n" + head + b"Connection: close\r\n\r\n"),
        "binary": ("bytes that are no HTTP", _MALFORMED, b"\x16\x03\x01\x00\xff" * 50 + b"\r\n\r\n"),
        "pipelined": ("two requests at once", _REUSE, head + b"\r\n" + inner),
    }
    for name, (title, meaning, message) in raw.items():
        probe = replace(subject.bare(), raw=message)
        yield Case(f"message/{name}", title, meaning, probe, Goal.ELSEWHERE)


def _upgrades(subject: Subject) -> Iterator[Case]:
    bare = replace(subject.bare(), headers=_without_connection(subject.bare().headers))
    websocket = bare.with_header("Connection", "Upgrade").with_header("Upgrade", "websocket")
    websocket = websocket.with_header("Sec-WebSocket-Version", "13").with_header(
        "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="
    )
    yield Case("message/websocket", "an upgrade to a WebSocket", _UPGRADE, websocket, Goal.ELSEWHERE)
    h2c = (
        bare.with_header("Connection", "Upgrade, HTTP2-Settings")
        .with_header("Upgrade", "h2c")
        .with_header("HTTP2-Settings", "AAMAAABk")
    )
    yield Case("message/h2c", "an upgrade to HTTP/2", _UPGRADE, h2c, Goal.ELSEWHERE)
    expect = subject.bare().with_header("Expect", "100-continue")
    yield Case("message/expect", "Expect: 100-continue", _UPGRADE, expect, Goal.ELSEWHERE)
    hop = bare.with_header("Connection", "close, Authorization, X-ARR-ClientCert, X-Forwarded-For")
    yield Case("message/hop-by-hop", "headers of the check named in Connection", _SMUGGLE, hop)


def _without_connection(headers: tuple[tuple[bytes, bytes], ...]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple(pair for pair in headers if pair[0] != b"Connection")


def _kept_alive(headers: tuple[tuple[bytes, bytes], ...]) -> tuple[tuple[bytes, bytes], ...]:
    return (*_without_connection(headers), (b"Connection", b"keep-alive"))
