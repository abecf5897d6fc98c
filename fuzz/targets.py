"""The targets of the coverage-guided fuzzer: the name of a promise -> what feeds it from bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from atheris import FuzzedDataProvider

from fuzz import keys, policies, promises
from fuzz.transformations import any_transformation
from journeyman.claims.claim_type import Sensitivity

STATUS: Final = (200, 204, 301, 400, 401, 404, 409, 429, 500, 503)
TYPES: Final = ("application/json", "application/problem+json", "text/html", "")
NAMES: Final = {"string": Sensitivity.PLAIN, "a.b": Sensitivity.PERSONAL, "token": Sensitivity.SECRET}


def response_mapping(data: bytes) -> None:
    """Two bytes choose status and content type, the rest is the body."""
    if len(data) >= 2:
        promises.response_mapping(STATUS[data[0] % len(STATUS)], TYPES[data[1] % len(TYPES)], data[2:])


def redaction(data: bytes) -> None:
    """The bytes are the body."""
    promises.redaction(data, NAMES)


def json_path(data: bytes) -> None:
    """A path and, after a line break, a document."""
    text, _, rest = data.partition(b"\n")
    try:
        document = json.loads(rest)
    except (ValueError, RecursionError):
        document = {"a": [{"b": 1}], "": [[]], "0": {"0": None}}
    promises.json_path(text.decode("utf-8", "surrogateescape"), document)


def service_url(data: bytes) -> None:
    """The bytes are the URL."""
    promises.service_url(data.decode("utf-8", "surrogateescape"))


def url_templating(data: bytes) -> None:
    """Three texts."""
    source = FuzzedDataProvider(data)
    promises.url_templating(*(source.ConsumeUnicode(24) for _ in range(3)))


def header_values(data: bytes) -> None:
    """A name and a value."""
    source = FuzzedDataProvider(data)
    name = source.ConsumeString(12)
    promises.header_values(name, source.ConsumeUnicode(64))


def credential_header(data: bytes) -> None:
    """The bytes are the secret."""
    promises.credential_header(data)


def bodies(data: bytes) -> None:
    """Names and values."""
    source = FuzzedDataProvider(data)
    promises.bodies({source.ConsumeUnicode(8): source.ConsumeUnicode(32) for _ in range(3)})


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {
    target.__name__: target
    for target in (
        response_mapping,
        redaction,
        json_path,
        service_url,
        url_templating,
        header_values,
        credential_header,
        bodies,
        any_transformation,
        *keys.TARGETS,
        *policies.TARGETS,
    )
}
SEEDS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "response_mapping": (
        b'\x00\x00{"string":"text","int":1,"dateTime":"2026-01-31T10:00:00Z","a":{"b":"x"},"stringCollection":["a"]}',
        b'\x06\x00{"version":"1.0","status":409,"userMessage":"no","developerMessage":"canary-7f3c1c5e"}',
        b'\x00\x00\xef\xbb\xbf{"userIdentity":{"issuer":"a","issuerUserId":"b"},"phoneNumber":"+4912345678"}',
        b'\x03\x01{"userMessage":"\\u202e\\u0000"}',
        b"\x00\x00[[[[[[[[]]]]]]]]",
    ),
    "redaction": (b'{"string":"canary-7f3c1c5e","a":{"b":"person@example.com"},"token":"t"}', b'["x"]'),
    "json_path": (b'$.a[0].b\n{"a":[{"b":1}]}', b"['na.me'][\"x\"].0", b"a.0.b"),
    "service_url": (
        b"https://api.example.com/a?x={Context:CorrelationId}",
        b"https://b\xc3\xbccher.example:8443/{claim1}#x",
        b"https://user@127.1:80/",
        b"http://[::ffff:127.0.0.1%25eth0]/",
    ),
    "url_templating": (b"../%2e%2e", b"a&b=c#d"),
    "header_values": (b"x-name\r\nHost: evil", b"Authorization"),
    "credential_header": (b"a-token", b"a\r\nb"),
    "bodies": (b"a=b&c", b'"\\\x00'),
    "any_transformation": (b"\x00" * 40, b"\xff" * 40, b"GetClaimFromJson {} 0123456789 abcdefghijklmnop"),
    **keys.SEEDS,
    **policies.SEEDS,
}
