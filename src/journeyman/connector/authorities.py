"""The certificate authorities of the operating system: a TLS context in, the same with them trusted.

OpenSSL takes about 20 ms and 0.8 MB to read all of them into a context, and every client certificate needs a context of
its own. Many systems also keep a directory in which an authority is found by the hash of its name; from there OpenSSL
reads only those that the API at hand needs.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_HASHED_NAME: Final = re.compile(r"[0-9a-f]{8}\.[0-9]+")


def trust_system(
    context: ssl.SSLContext,
    paths: ssl.DefaultVerifyPaths | None = None,
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Trust the authorities of the system; ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` name others, as OpenSSL has it."""
    paths = paths or ssl.get_default_verify_paths()
    named = {paths.openssl_cafile_env, paths.openssl_capath_env} & environment.keys()
    # Where only one of the two is named, the other does not belong to it.
    directory = None if len(named) == 1 else _complete_directory(paths)
    if directory is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        context.load_verify_locations(capath=directory)


def _complete_directory(paths: ssl.DefaultVerifyPaths) -> str | None:
    """Return the directory when it has a hashed name for every authority of the file, else None."""
    if not paths.capath or not paths.cafile:
        return None
    try:
        in_file = Path(paths.cafile).read_bytes().count(b"-----BEGIN CERTIFICATE-----")
        by_hash = sum(_HASHED_NAME.fullmatch(name) is not None for name in os.listdir(paths.capath))  # noqa: PTH208  # names only, for every new credential
    except OSError:
        return None
    return paths.capath if 0 < in_file <= by_hash else None
