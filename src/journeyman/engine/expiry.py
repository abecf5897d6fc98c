"""What ends and when: policy keys, certificates and client secrets in; days left, who uses it, what to warn of out.

A key that another one of its set outlives is listed and not warned of, because that one takes over (policy-keys.md §4).
The days of the warnings are this project's decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Final

from cryptography import x509

from journeyman.applications.registry import ApplicationRegistry, SecretDates
from journeyman.engine.key_uses import KeyUse, uses_of
from journeyman.keys.certificate import may_issue
from journeyman.keys.keyset import Key, KeySet, Stage
from journeyman.settings import Settings

WARN_DAYS: Final = (60, 30, 14, 7, 1)

_YEAR: Final = timedelta(days=365)


class Kind(Enum):
    """What it is that ends."""

    SECRET = "secret"  # noqa: S105  a word, no secret
    KEY = "key pair"
    CERTIFICATE = "certificate"
    AUTHORITY = "certificate authority"
    CLIENT_SECRET = "client secret"  # noqa: S105  a word, no secret
    FILE = "certificate file"


@dataclass(frozen=True, slots=True)
class Expiring:
    """One thing that ends.

    Attributes:
        id: the policy key, the client id, or the file.
        version: the ``kid`` of the key, the id of the client secret, the serial number in a file.
        subject: of a certificate; the name of the application of a client secret.
        users: who uses it.
        covered: whether another version takes over in time.
    """

    kind: Kind
    id: str
    version: str
    subject: str
    ends: datetime
    users: tuple[str, ...] = ()
    covered: bool = False

    def days_left(self, now: datetime) -> int:
        """Return whole days until it ends; negative when it has."""
        return (self.ends - now).days

    def level(self, now: datetime) -> int | None:
        """Return the warning that it has reached: 60, 30, 14, 7 or 1 days, 0 when it has ended, None for none."""
        if self.covered:
            return None
        left = self.ends - now
        if left <= timedelta(0):
            return 0
        return next((days for days in reversed(WARN_DAYS) if left <= timedelta(days=days)), None)

    def share_left(self, now: datetime) -> float:
        """Return what is left as a share of a year, from 0 to 1, so that bars can be compared with each other."""
        return min(1.0, max(0.0, (self.ends - now) / _YEAR))


@dataclass(frozen=True, slots=True)
class Readiness:
    """What readiness may tell to anybody: numbers, and no names."""

    soonest_days: int | None
    within: Mapping[int, int]
    expired: int


def expiring(
    key_sets: Iterable[KeySet], uses: tuple[KeyUse, ...], secrets: Iterable[SecretDates], settings: Settings
) -> tuple[Expiring, ...]:
    """Return everything of a tenant that ends, soonest first."""
    found = [*_of_files(settings)]
    for key_set in key_sets:
        found += _of_key_set(key_set, uses_of(uses, key_set.id))
    found += _of_client_secrets(tuple(secrets))
    return tuple(sorted(found, key=lambda one: (one.ends, one.id, one.version)))


async def expiring_of(
    key_sets: Iterable[KeySet], uses: tuple[KeyUse, ...], applications: ApplicationRegistry, settings: Settings
) -> tuple[Expiring, ...]:
    """Return everything of a tenant that ends, client secrets from the store included."""
    return expiring(key_sets, uses, await applications.secret_dates(), settings)


def readiness(found: Sequence[Expiring], now: datetime) -> Readiness:
    """Return what readiness tells of it."""
    warned = [one for one in found if one.level(now) is not None]
    good = [one for one in warned if one.level(now) != 0]
    return Readiness(
        soonest_days=min((one.days_left(now) for one in good), default=None),
        within={days: sum(one.ends - now <= timedelta(days=days) for one in good) for days in WARN_DAYS},
        expired=len(warned) - len(good),
    )


def warning(one: Expiring, now: datetime) -> str:
    """Return the sentence for the log."""
    subject = f" ({one.subject})" if one.subject else ""
    users = f"; used by {', '.join(one.users)}" if one.users else ""
    when = f"expires in {_days(one.days_left(now))}" if one.ends > now else f"expired {_ago((now - one.ends).days)}"
    return f"{one.kind.value} {one.id}{subject} {when}, at {one.ends:%Y-%m-%dT%H:%M:%SZ}{users}"


def _days(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'}"


def _ago(days: int) -> str:
    return f"{_days(days)} ago" if days else "today"


def _of_key_set(key_set: KeySet, uses: tuple[KeyUse, ...]) -> Iterable[Expiring]:
    usable = [key for key in key_set.keys if key.usable]
    users = tuple(dict.fromkeys(use.user for use in uses))
    for key in usable:
        if key.expires_at is not None:
            covered = key.stage is Stage.STAGED or any(_outlives(other, key) for other in usable)
            yield Expiring(_kind(key), key_set.id, key.kid, _subject(key), key.expires_at, users, covered)
        yield from _of_chain(key_set.id, key, users)


def _of_chain(id: str, key: Key, users: tuple[str, ...]) -> Iterable[Expiring]:
    """Yield the certificates above a leaf that end before it does, because then the chain is broken."""
    for certificate in key.certificates[1:]:
        if key.expires_at is not None and certificate.not_valid_after_utc < key.expires_at:
            yield _of_certificate(Kind.AUTHORITY, id, certificate, users)


def _outlives(other: Key, key: Key) -> bool:
    """Whether another key of the set takes over when this one ends."""
    if other is key or other.stage is not Stage.IN_USE or key.expires_at is None:
        return False
    begins_in_time = other.not_before is None or other.not_before <= key.expires_at
    longer = other.expires_at is None or (other.expires_at, other.sequence) > (key.expires_at, key.sequence)
    return begins_in_time and longer


def _of_client_secrets(secrets: tuple[SecretDates, ...]) -> Iterable[Expiring]:
    for one in secrets:
        if one.ends_at is not None:
            others = [other for other in secrets if other.client_id == one.client_id and other is not one]
            covered = any(other.ends_at is None or other.ends_at > one.ends_at for other in others)
            yield Expiring(
                Kind.CLIENT_SECRET,
                one.client_id,
                one.key_id,
                one.name,
                one.ends_at,
                (one.name,),
                covered,
            )


def _of_files(settings: Settings) -> Iterable[Expiring]:
    server = settings.server.tls_certificate
    places: list[tuple[Path, str]] = [] if server is None else [(server, "this engine's own TLS")]
    places += [(path, "[egress] trust") for path in settings.egress.trust]
    for path, user in places:
        for certificate in _certificates(path):
            yield _of_certificate(Kind.FILE, path.name, certificate, (user,))


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        # The server and the client report a file that they cannot read; there is no date in it.
        return []


def _of_certificate(kind: Kind, id: str, certificate: x509.Certificate, users: tuple[str, ...]) -> Expiring:
    return Expiring(
        kind,
        id,
        f"{certificate.serial_number:X}",
        certificate.subject.rfc4514_string(),
        certificate.not_valid_after_utc,
        users,
    )


def _kind(key: Key) -> Kind:
    if key.certificates:
        return Kind.AUTHORITY if may_issue(key.certificates[0]) else Kind.CERTIFICATE
    return Kind.SECRET if key.kty == "oct" else Kind.KEY


def _subject(key: Key) -> str:
    return key.certificates[0].subject.rfc4514_string() if key.certificates else ""
