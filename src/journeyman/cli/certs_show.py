"""``journeyman certs show``: a file or a policy key in; what it is and what is wrong with it, in words, out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509

from journeyman.cli.certificate_lines import Trusted, lines_for
from journeyman.cli.certs import chosen_servers, file_stem, read_certificate_and_password, say_lines
from journeyman.cli.keys import checked_name
from journeyman.cli.terminal import WRONG, end, errors_in_words, say, say_json, utc_text
from journeyman.clock import SystemClock
from journeyman.engine.key_files import known_key_sets
from journeyman.errors import KeySetNotFoundError, KeyStoreError, SettingsError
from journeyman.keys.certificate import describe, pem
from journeyman.keys.certificate_file import CertificateFile, read_certificate_file
from journeyman.keys.certificate_reading import Finding, Role, findings, key_words, role_of
from journeyman.keys.keyset import Key, KeySet
from journeyman.keys.rotation import rotation_of
from journeyman.settings import load_settings


@dataclass(frozen=True, slots=True)
class Shown:
    """What is to be read: a file, or the active key of a policy key."""

    file: Path | None
    key: str | None
    password_file: Path | None
    folder: Path
    staged: bool = False


def show(shown: Shown, role_name: str | None, servers: tuple[str, ...], *, as_json: bool, as_pem: bool) -> None:
    """Print a chain and its findings; end with 1 when one of them is an error."""
    with errors_in_words():
        servers = chosen_servers(servers)
        read, now = _read(shown), SystemClock().now()
        if as_pem:
            say(pem(read.chain).decode().rstrip("\n"))
            return
        role = _role(role_name, read.chain[0])
        found = findings(read.chain, now, role)
        lines = {name: lines_for(name, _trusted(read.chain, shown)) for name in servers}
        if as_json:
            say_json(_json(read, role, found, lines, now))
        else:
            _say(read, role, found, now)
            say_lines(lines)
        if any(finding.error for finding in found):
            end(WRONG)


def _read(shown: Shown) -> CertificateFile:
    if (shown.file is None) == (shown.key is None):
        raise SettingsError("what shall be read? name a FILE, or a policy key with --key NAME")
    if shown.file is None:
        return _of_policy_key(shown.key or "", shown.folder, staged=shown.staged)
    if shown.staged:
        raise SettingsError("--staged belongs to --key")
    content, password = read_certificate_and_password(shown.file, shown.password_file)
    try:
        return read_certificate_file(content, shown.file, password)
    except KeyStoreError as error:
        raise KeyStoreError(f"{shown.file}: {error}") from error


def _of_policy_key(name: str, folder: Path, *, staged: bool) -> CertificateFile:
    clock, key_id = SystemClock(), checked_name(name)
    known = asyncio.run(known_key_sets(load_settings(folder, environment=os.environ), clock))
    found = next((one.key_set for one in known if one.key_set.id.lower() == key_id.lower()), None)
    if found is None:
        raise KeySetNotFoundError(f"there is no policy key {key_id}; `journeyman keys list` shows those there are")
    key = rotation_of(found).staged if staged else _current(found, clock.now())
    if key is None or not key.certificates:
        what = "has no staged certificate" if staged else "holds no certificate"
        raise KeyStoreError(f"{found.id} {what}; `journeyman keys show {found.id}` tells what it holds")
    return CertificateFile(key.certificates, key.private_key)


def _current(key_set: KeySet, now: datetime) -> Key | None:
    """Return the active key; an expired certificate is what one wants to look at, so else the one added last."""
    usable = any(key.active(now) for key in key_set.keys)
    return key_set.active(now) if usable else next(iter(reversed(key_set.keys)), None)


def _role(name: str | None, leaf: x509.Certificate) -> Role:
    if name is None:
        return role_of(leaf)
    found = next((role for role in Role if role.value == name.lower()), None)
    if found is None:
        raise SettingsError(f"--as {name[:20]!r} is unknown; write client, server or ca")
    return found


def _trusted(chain: Sequence[x509.Certificate], shown: Shown) -> Trusted:
    leaf = chain[0]
    issued = leaf.issuer != leaf.subject
    stem = file_stem(shown.key or "") if shown.file is None else shown.file.name.removesuffix(shown.file.suffix)
    return Trusted(leaf, f"{stem}.ca.pem" if issued else f"{stem}.pem", issued=issued)


def _say(read: CertificateFile, role: Role, found: Sequence[Finding], now: datetime) -> None:
    for number, certificate in enumerate(read.chain):
        say(f"{'certificate' if number == 0 else 'issued by'} {describe(certificate).subject}")
        for name, value in _certificate_json(certificate, now).items():
            if name != "subject" and value not in (None, []):
                say(f"  {name:<18} {', '.join(value) if isinstance(value, list) else value}")
    private = "with its private key" if read.private_key is not None else "without private key"
    say(f"read as {role.value}, {private}")
    for finding in found:
        say(f"{'error' if finding.error else 'warning'}: {finding.text}")
    if not found:
        say("nothing is wrong with it")


def _json(
    read: CertificateFile, role: Role, found: Sequence[Finding], lines: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    return {
        "role": role.value,
        "has_private_key": read.private_key is not None,
        "chain": [_certificate_json(certificate, now) for certificate in read.chain],
        "findings": [{"severity": "error" if one.error else "warning", "text": one.text} for one in found],
        "lines": dict(lines),
    }


def _certificate_json(certificate: x509.Certificate, now: datetime) -> dict[str, Any]:
    shown = describe(certificate)
    return {
        "subject": shown.subject,
        "issuer": shown.issuer,
        "names": list(shown.names),
        "key": key_words(certificate),
        "serial_number": shown.serial_number,
        "not_before": utc_text(shown.not_before),
        "not_after": utc_text(shown.not_after),
        "days_left": shown.days_left(now),
        "sha256_thumbprint": shown.sha256_thumbprint,
        "sha1_thumbprint": shown.sha1_thumbprint,
    }
