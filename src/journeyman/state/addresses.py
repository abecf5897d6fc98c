"""A kind and a bearer id in, the hash under which a store keeps the value out."""

from __future__ import annotations

import hashlib

from journeyman.state.store import Kind


def id_hash(kind: Kind, id: str) -> bytes:
    """Return the SHA-256 of kind and id.

    Ids are random and long, so a plain hash is enough: who reads the database cannot guess an id.
    """
    return hashlib.sha256(f"{kind.value}\0{id}".encode()).digest()


def seal_context(kind: Kind, hashed: bytes) -> str:
    """Return the place to which a sealed value is bound: ``state/<kind>/<hash in hex>``."""
    return f"state/{kind.value}/{hashed.hex()}"
