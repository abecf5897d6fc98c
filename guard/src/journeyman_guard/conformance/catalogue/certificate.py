"""Client certificates that are not the right one, each with its own private key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from cryptography import x509

from journeyman_guard.conformance.case import Case
from journeyman_guard.conformance.certificates import Certificates, Wanted
from journeyman_guard.conformance.subject import Subject
from journeyman_guard.conformance.wire import Identity

_NONE: Final = "The handshake asks for no certificate, or nobody looks at it."
_CHAIN: Final = "The chain is not verified: anyone can make a certificate with the right names."
_DATES: Final = "The dates are not checked: a certificate that leaked once is good for ever."
_USE: Final = (
    "The purpose is not checked: any certificate of the authority opens the API, such as that of a web server."
)
_NARROW: Final = (
    "Every certificate of the authority gets in. Right only where the authority issues to your callers alone."
)


def certificate_cases(subject: Subject) -> Iterator[Case]:
    """Return the cases; without TLS there are none."""
    if not subject.tls:
        return
    yield Case("certificate/none", "no client certificate", _NONE, subject.bare())
    right = None
    if subject.identity is not None:
        right = x509.load_pem_x509_certificate(subject.identity.chain)
    made = Certificates(right)
    for wanted in _foreign():
        yield _case(subject, wanted, made.foreign(wanted))
    if right is not None:
        yield _case(
            subject,
            Wanted("issued-by-right", "issued by the right certificate itself", _CHAIN),
            made.below(subject.identity),
        )
    if subject.issuer is not None:
        for wanted in _of_the_right_authority():
            yield _case(subject, wanted, made.issued(wanted, subject.issuer))


def _foreign() -> tuple[Wanted, ...]:
    return (
        Wanted("self-signed", "self-signed", _CHAIN, subject="CN=attacker"),
        Wanted("twin", "self-signed with the names of the right one", _CHAIN),
        Wanted("twin-serial", "self-signed with names and serial number of the right one", _CHAIN, same_serial=True),
        Wanted("other-authority", "of another authority", _CHAIN, authority="CN=Another authority"),
        Wanted("authority-twin", "of an authority with the name of the right one", _CHAIN, authority="same"),
        Wanted("self-signed-authority", "self-signed, says that it is an authority", _CHAIN, is_authority=True),
        Wanted("self-signed-expired", "self-signed and expired", _DATES, days=(-20, -10)),
        Wanted("self-signed-future", "self-signed and not valid yet", _DATES, days=(10, 20)),
        Wanted("no-names", "self-signed with an empty subject", _CHAIN, subject=""),
    )


def _of_the_right_authority() -> tuple[Wanted, ...]:
    return (
        Wanted("expired", "of the right authority, expired", _DATES, days=(-20, -10)),
        Wanted("expired-yesterday", "of the right authority, expired yesterday", _DATES, days=(-20, -1)),
        Wanted("not-yet", "of the right authority, not valid yet", _DATES, days=(10, 20)),
        Wanted("for-servers", "of the right authority, for servers", _USE, purposes=("server",)),
        Wanted("for-mail", "of the right authority, for signing mail", _USE, purposes=("mail",)),
        Wanted("no-signatures", "of the right authority, its key is not for signatures", _USE, signs=False),
        Wanted("authority", "of the right authority, an authority itself", _USE, is_authority=True),
        Wanted("weak", "of the right authority, RSA of 1024 bits", _USE, bits=1_024),
    )


def _case(subject: Subject, wanted: Wanted, identity: Identity) -> Case:
    return Case(f"certificate/{wanted.name}", wanted.title, wanted.meaning, replace(subject.bare(), identity=identity))
