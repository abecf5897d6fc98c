"""An uploaded file in, the keys that it holds out; the suffix of its name tells what it is.

Source: policy-keys.md §3.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import Final

from journeyman.errors import KeyStoreError
from journeyman.keys.creation import certificate_key, pfx_key
from journeyman.keys.jwk import keys_from_jwks
from journeyman.keys.keyset import Key
from journeyman.secret import Secret

JWKS_SUFFIXES: Final = frozenset({".jwks", ".json"})
PFX_SUFFIXES: Final = frozenset({".pfx", ".p12"})
CERTIFICATE_SUFFIXES: Final = frozenset({".pem", ".cer", ".crt"})


def uploaded_keys(
    name: str, content: bytes, password: Secret, *, use: str | None, now: datetime, apart: bool = False
) -> tuple[Key, ...]:
    """Return the keys of a file.

    Args:
        name: the name of the file.
        use: the use of the set that the keys are meant for; None lets the certificate decide.
        apart: whether a process of its own opens a PFX file: for files that come over the network.

    Raises:
        KeyStoreError: what it holds cannot be used, or its name ends in a suffix that is not known.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix in JWKS_SUFFIXES:
        return keys_from_jwks(content, now=now)
    if suffix in PFX_SUFFIXES:
        return (pfx_key(content, password, now=now, use=use, apart=apart),)
    if suffix in CERTIFICATE_SUFFIXES:
        return (certificate_key(content, now=now, use=use),)
    raise KeyStoreError(f"{name}: the name ends in none of .pfx, .p12, .pem, .cer, .crt, .jwks; rename the file")
