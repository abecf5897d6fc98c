"""Open a PFX file in a process of its own: a file and its password in, the same file without a password out.

While the library hashes a password no other thread of its process runs. A file says how often, and says it a second time
in an encrypted part, where only somebody who knows the password can look before. What is secret goes through pipes,
never through arguments or files.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12

from journeyman.errors import KeyStoreError

TIMEOUT_S: Final = 20.0
CPU_LIMIT_S: Final = 5  # two million rounds take about one

_LENGTH_BYTES: Final = 4
_REFUSED: Final = 3
_PROGRAM: Final = "from journeyman.keys.pfx_apart import main; raise SystemExit(main())"


def without_password(data: bytes, password: bytes, *, timeout_s: float = TIMEOUT_S) -> bytes:
    """Return the file with its content in clear.

    Raises:
        ValueError: it cannot be opened; the words are the library's.
        KeyStoreError: it takes too long to open.
    """
    message = len(password).to_bytes(_LENGTH_BYTES, "big") + password + data
    command = [sys.executable, "-I", "-c", _PROGRAM]
    try:
        done = subprocess.run(command, input=message, capture_output=True, timeout=timeout_s, check=False)  # noqa: S603 - this very program
    except subprocess.TimeoutExpired:
        raise KeyStoreError("the PFX file takes too long to open; export it anew") from None
    if done.returncode == _REFUSED:
        raise ValueError(done.stderr.decode(errors="replace"))
    if done.returncode != 0:
        # Ended by the limit of its time.
        raise KeyStoreError("the PFX file takes too long to open; export it anew")
    return done.stdout


def opened(message: bytes) -> bytes:
    """Return the file of a message without its password: what the other process does. Raises ValueError."""
    end = _LENGTH_BYTES + int.from_bytes(message[:_LENGTH_BYTES], "big")
    password, data = message[_LENGTH_BYTES:end], message[end:]
    try:
        found = pkcs12.load_pkcs12(data, password or None)
        leaf = None if found.cert is None else found.cert.certificate
        others = [each.certificate for each in found.additional_certs]
        return pkcs12.serialize_key_and_certificates(None, found.key, leaf, others or None, NoEncryption())  # type: ignore[arg-type]  # a key that cannot be written is a TypeError
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(str(error)) from error


def main() -> int:
    """Read a message, write the file."""
    _yield_to_others()
    try:
        sys.stdout.buffer.write(opened(sys.stdin.buffer.read()))
    except ValueError as error:
        sys.stderr.write(str(error))
        return _REFUSED
    return 0


def _yield_to_others() -> None:
    if sys.platform != "win32":
        import resource

        os.nice(10)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT_S, CPU_LIMIT_S))
