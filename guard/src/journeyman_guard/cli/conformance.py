"""``journeyman-guard conformance``: attack an API with wrong credentials and print what got in."""

from __future__ import annotations

import argparse
import asyncio
import os
import ssl
import sys
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from journeyman_guard.cli.terminal import DONE, WRONG, note, read_file, read_secret, say, say_json
from journeyman_guard.conformance.case import Case
from journeyman_guard.conformance.catalogue import catalogue
from journeyman_guard.conformance.report import as_json, as_junit, text_lines
from journeyman_guard.conformance.run import RATE, Report, Runner
from journeyman_guard.conformance.subject import Subject, subject_of_url
from journeyman_guard.conformance.wire import Identity, Wire
from journeyman_guard.errors import MisconfiguredError

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line asks for; see its help."""

    url: str
    auth: str
    user: str | None = None
    secret_file: Path | None = None
    secret_env: str | None = None
    header: str = "x-functions-key"
    query: str | None = None
    certificate: Path | None = None
    key: Path | None = None
    method: str = "GET"
    body: Path | None = None
    ca: Path | None = None
    signing_key: Path | None = None
    public_keys: tuple[Path, ...] = ()
    issuer_certificate: Path | None = None
    issuer_key: Path | None = None
    only: tuple[str, ...] = ()
    rate: float = RATE
    timeout_s: float = 10.0
    json: bool = False
    junit: Path | None = None
    all: bool = False
    list: bool = False


def run(order: Order) -> int:
    """Run a catalogue and print the report. Raises MisconfiguredError."""
    subject = read_subject(order, dict(os.environ))
    cases = chosen(catalogue(subject), order.only)
    if order.list:
        _list(cases, as_json=order.json)
        return DONE
    wire = Wire(subject.host, subject.port, subject.tls, order.ca, order.timeout_s)
    report = _attack(Runner(wire, subject, order.rate, _progress(len(cases))), cases, subject)
    if order.junit is not None:
        _write_junit(order.junit, report)
    if order.json:
        say_json(as_json(report))
    else:
        for line in text_lines(report, everything=order.all):
            say(line)
    return DONE if report.passed else WRONG


def read_subject(order: Order, environment: dict[str, str]) -> Subject:
    """Read the credential and its companions. Raises MisconfiguredError."""
    subject = subject_of_url(order.url, order.auth)
    if order.method not in _METHODS:
        raise MisconfiguredError(f"--method is one of {', '.join(_METHODS)}")
    if order.rate < 0 or order.timeout_s <= 0:
        raise MisconfiguredError("--rate is 0 or more, --timeout more than 0")
    body = b"" if order.body is None else read_file(order.body, "the body")
    subject = replace(subject, method=order.method, body=body, header=order.header, query=order.query)
    if order.auth == "client-certificate":
        return _with_identity(subject, order)
    secret = read_secret(order.secret_file, order.secret_env, environment)
    if order.auth == "basic" and not order.user:
        raise MisconfiguredError("--auth basic needs --user")
    if not secret.isprintable() or (order.auth != "basic" and not secret.isascii()):
        raise MisconfiguredError("the secret holds characters that no header can hold")
    if order.auth != "jwt":
        return replace(subject, user=order.user or "", secret=secret)
    return _with_token(replace(subject, secret=secret), order)


def chosen(cases: tuple[Case, ...], only: tuple[str, ...]) -> tuple[Case, ...]:
    """Return the cases of the families and ids in ``only``; all without them. Raises MisconfiguredError."""
    unknown = [name for name in only if not any(name in (case.family, case.id) for case in cases)]
    if unknown:
        families = ", ".join(dict.fromkeys(case.family for case in cases))
        raise MisconfiguredError(f"there is no case or family {unknown[0]!r}; the families are {families}")
    return tuple(case for case in cases if not only or case.family in only or case.id in only)


def _with_token(subject: Subject, order: Order) -> Subject:
    subject.claims()
    signing_key = None if order.signing_key is None else read_file(order.signing_key, "the signing key")
    return replace(subject, signing_key=signing_key, public_keys=tuple(_public_pem(path) for path in order.public_keys))


def _public_pem(path: Path) -> bytes:
    try:
        key = load_pem_public_key(read_file(path, "the public key"))
    except ValueError as error:
        raise MisconfiguredError(f"{path} is not a PEM file with a public key") from error
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _with_identity(subject: Subject, order: Order) -> Subject:
    if not subject.tls:
        raise MisconfiguredError("a client certificate needs an https URL")
    if order.certificate is None or order.key is None:
        raise MisconfiguredError("--auth client-certificate needs --certificate and --key")
    identity = Identity(read_file(order.certificate, "the certificate"), read_file(order.key, "the key"))
    try:
        x509.load_pem_x509_certificate(identity.chain)
        load_pem_private_key(identity.key, None)
        subject = replace(subject, identity=identity)
        if order.issuer_certificate is None or order.issuer_key is None:
            return subject
        authority = x509.load_pem_x509_certificate(read_file(order.issuer_certificate, "the issuer"))
        key = load_pem_private_key(read_file(order.issuer_key, "the issuer's key"), None)
    except (ValueError, TypeError) as error:
        raise MisconfiguredError("certificates and keys are PEM files, keys without a password") from error
    return replace(subject, issuer=(authority, key))  # type: ignore[arg-type]  # a key that cannot sign raises there


def _attack(runner: Runner, cases: tuple[Case, ...], subject: Subject) -> Report:
    try:
        return asyncio.run(runner.run(cases))
    except ssl.SSLCertVerificationError as error:
        raise MisconfiguredError(
            f"the certificate of {subject.authority} is not trusted: {error.verify_message}; name its authority with --ca"
        ) from error
    except OSError as error:
        raise MisconfiguredError(
            f"{subject.authority} cannot be reached: {error.strerror or type(error).__name__}"
        ) from error


def _list(cases: tuple[Case, ...], *, as_json: bool) -> None:
    if as_json:
        say_json([{"id": case.id, "sent": case.title, "meaning": case.meaning} for case in cases])
        return
    for case in cases:
        say(f"{case.id:<42} {case.title}")
    say(f"{len(cases)} cases")


def _write_junit(path: Path, report: Report) -> None:
    try:
        path.write_bytes(as_junit(report))
    except OSError as error:
        raise MisconfiguredError(f"{path} cannot be written: {error.strerror}") from error


class _Progress:
    """A line that counts, on a terminal only."""

    def __init__(self, total: int) -> None:
        self._total = total

    def __call__(self, done: int) -> None:
        end = "\n" if done == self._total else "\r"
        sys.stderr.write(f"{done} of {self._total}{end}")
        sys.stderr.flush()


def _progress(total: int) -> _Progress | None:
    if not sys.stderr.isatty():
        note(f"{total} requests")
        return None
    return _Progress(total)


def run_options(options: argparse.Namespace) -> int:
    """Run with the arguments of ``journeyman-guard``. Raises MisconfiguredError."""
    names = {found.name for found in fields(Order)} - {"timeout_s", "public_keys", "only"}
    given = {name: getattr(options, name) for name in names}
    order = Order(timeout_s=options.timeout, public_keys=tuple(options.public_key), only=tuple(options.only), **given)
    return run(order)
