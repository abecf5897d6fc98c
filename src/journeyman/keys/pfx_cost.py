"""Refuse a PFX file that would take too long to open, before it is opened.

A file names itself how often its password is to be hashed; a hostile one asks for thousands of
millions of rounds. The numbers stand in clear, but for those of keys inside an encrypted part,
which only somebody who knows the password can put there: what comes over the network is therefore opened apart
(``pfx_apart.py``). Source: RFC 7292 §4, RFC 8018 §A.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from journeyman.errors import KeyStoreError

ROUNDS_LIMIT: Final = 2_000_000  # about a second; three times the 600000 that are advised today

_INTEGER: Final = 0x02
_OCTET_STRING: Final = 0x04
_SEQUENCE: Final = 0x30
_CONSTRUCTED: Final = 0x20
_DEPTH_LIMIT: Final = 32
_SCRYPT: Final = bytes.fromhex("06092b06010401da47040b")  # 1.3.6.1.4.1.11591.4.11


def refuse_costly(data: bytes) -> None:
    """Raise KeyStoreError when the file asks for more than two million rounds in sum, or for scrypt."""
    if _SCRYPT in data:
        raise KeyStoreError("the PFX file derives its keys with scrypt; export it with PBKDF2")
    rounds = sum(_rounds(data, 0, len(data), 0))
    if rounds > ROUNDS_LIMIT:
        detail = f"the PFX file asks for {rounds:.2g} rounds of key derivation; at most {ROUNDS_LIMIT} are done"
        raise KeyStoreError(detail)


def _rounds(data: bytes, start: int, end: int, depth: int) -> Iterator[int]:
    """Yield every INTEGER that follows an OCTET STRING, as a count of rounds follows its salt."""
    previous = 0
    for tag, first, last in _elements(data, start, end):
        if tag == _INTEGER and previous == _OCTET_STRING:
            yield int.from_bytes(data[first:last], "big")
        if depth < _DEPTH_LIMIT and (tag & _CONSTRUCTED or _holds_sequence(data, tag, first, last)):
            yield from _rounds(data, first, last, depth + 1)
        previous = tag


def _holds_sequence(data: bytes, tag: int, first: int, last: int) -> bool:
    if tag != _OCTET_STRING or last - first < 2 or data[first] != _SEQUENCE:
        return False
    return next(((end == last) for _, _, end in _elements(data, first, last)), False)


def _elements(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield tag, start and end of the content of each DER element; stop where it is not DER."""
    while start + 2 <= end:
        tag, length, first = data[start], data[start + 1], start + 2
        if length & 0x80:
            octets = length & 0x7F
            if not 1 <= octets <= 4 or first + octets > end:
                return
            length, first = int.from_bytes(data[first : first + octets], "big"), first + octets
        if first + length > end:
            return
        yield tag, first, first + length
        start = first + length
