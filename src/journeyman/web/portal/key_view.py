"""What the pages of policy keys show: key sets, uses and what ends in; rows without a secret out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from journeyman.engine.expiry import Expiring, Kind
from journeyman.engine.key_uses import KeyUse, UseKind, uses_of
from journeyman.keys.certificate import CertificateDescription, describe
from journeyman.keys.certificate_reading import Finding, findings, role_of
from journeyman.keys.development import PLATFORM_SIGNING
from journeyman.keys.keyset import Key, KeySet, Stage
from journeyman.keys.rotation import Rotation, rotation_of

TYPES: Final[Mapping[str, str]] = {"oct": "Secret", "RSA": "RSA"}
USAGES: Final[Mapping[str, str]] = {"sig": "Signature", "enc": "Encryption"}
_CERTIFICATE_KEYS: Final = frozenset({"clientcertificate", "samlmessagesigning", "samlassertionsigning"})


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of days left; ``width`` is hundredths of the lifetime, ``words`` what stands beside it."""

    width: float
    tone: str
    words: str
    ends: datetime
    what: str
    covered: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One policy key in the list."""

    id: str
    type: str
    usage: str
    label: str
    tone: str
    bars: tuple[Bar, ...]
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A policy key that policies name and nobody has added; ``way`` is how it is best added."""

    id: str
    way: str
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One key of a set, in full but for its secret."""

    key: Key
    label: str
    tone: str
    certificate: CertificateDescription | None
    findings: tuple[Finding, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """One policy key.

    Attributes:
        signs: whether it signs tokens: a version that is added by hand signs at once, before clients have read it.
    """

    row: Row
    versions: tuple[Version, ...]
    uses: tuple[KeyUse, ...]
    rotation: Rotation
    signs: bool


def rows(
    key_sets: Iterable[KeySet], uses: tuple[KeyUse, ...], found: Sequence[Expiring], now: datetime
) -> tuple[Row, ...]:
    """Return the list: what ends soonest first, then by name."""
    made = [_row(key_set, uses, found, now) for key_set in key_sets]
    return tuple(
        sorted(made, key=lambda row: (not any(bar.tone in {"bad", "warn"} for bar in row.bars), row.id.lower()))
    )


def missing(key_sets: Iterable[KeySet], uses: tuple[KeyUse, ...]) -> tuple[Missing, ...]:
    """Return the policy keys that policies name and that are not there."""
    there = {key_set.id.lower() for key_set in key_sets}
    named = {use.set_id.lower(): use.set_id for use in uses if use.set_id.lower() not in there}
    return tuple(_missing(named[name], uses_of(uses, name)) for name in sorted(named))


def others(found: Sequence[Expiring], now: datetime) -> tuple[tuple[Expiring, Bar], ...]:
    """Return what ends and is no policy key: client secrets, and certificate files of the settings."""
    return tuple((one, bar(one, now)) for one in found if one.kind in {Kind.CLIENT_SECRET, Kind.FILE})


def detail(key_set: KeySet, uses: tuple[KeyUse, ...], found: Sequence[Expiring], now: datetime) -> Detail:
    """Return one policy key, its newest version first."""
    versions = tuple(_version(key, key_set, found, now) for key in reversed(key_set.keys))
    own = uses_of(uses, key_set.id)
    signs = any(use.kind in {UseKind.ISSUER, UseKind.TOKEN_ENDPOINT} for use in own)
    return Detail(_row(key_set, uses, found, now), versions, own, rotation_of(key_set), signs)


def _row(key_set: KeySet, uses: tuple[KeyUse, ...], found: Sequence[Expiring], now: datetime) -> Row:
    first = key_set.keys[0] if key_set.keys else None
    label, tone = _state(key_set, now)
    bars = tuple(bar(one, now) for one in found if one.id == key_set.id and not one.covered)
    certificate = any(key.certificates for key in key_set.keys)
    users = [use.user for use in uses_of(uses, key_set.id)]
    if key_set.id == PLATFORM_SIGNING.id and not users:
        users = ["this engine"]
    return Row(
        id=key_set.id,
        type="Certificate" if certificate else TYPES.get(first.kty, first.kty) if first else "Empty",
        usage=USAGES.get(first.use, first.use) if first else "",
        label=label,
        tone=tone,
        bars=bars,
        users=tuple(dict.fromkeys(users)),
    )


def _state(key_set: KeySet, now: datetime) -> tuple[str, str]:
    rotation = rotation_of(key_set)
    if not any(key.active(now) for key in key_set.keys):
        return "No active key", "bad"
    if rotation.staged is not None:
        return "Next version staged", "warn"
    if key_set.fallback(now) is not None:
        return "Rotated, previous version kept", "warn"
    return "Active", "good"


def _version(key: Key, key_set: KeySet, found: Sequence[Expiring], now: datetime) -> Version:
    label, tone = _status(key, key_set, now)
    chain = key.certificates
    return Version(
        key=key,
        label=label,
        tone=tone,
        certificate=describe(chain[0]) if chain else None,
        findings=findings(chain, now, role_of(chain[0])) if chain else (),
        bars=tuple(bar(one, now) for one in found if one.id == key_set.id and one.version == key.kid),
    )


def _status(key: Key, key_set: KeySet, now: datetime) -> tuple[str, str]:
    if not key.enabled:
        return "Disabled", "neutral"
    if key.stage is Stage.STAGED:
        return "Staged", "warn"
    if key.stage is Stage.RETIRED:
        return "Retired", "neutral"
    if not key.good(now):
        return "Expired", "bad"
    if not key.active(now):
        return "Not yet active", "neutral"
    return ("Active", "good") if key is key_set.active(now) else ("Superseded", "neutral")


def bar(one: Expiring, now: datetime) -> Bar:
    """Return what is left of something that ends, for the bar of its days."""
    days, level = one.days_left(now), one.level(now)
    words = f"{days} day{'' if days == 1 else 's'} left" if one.ends > now else "has ended"
    tone = "good" if level is None else "bad" if level <= 7 else "warn"
    return Bar(round(one.share_left(now) * 100, 1), tone, words, one.ends, one.subject or one.kind.value, one.covered)


def _missing(id: str, uses: tuple[KeyUse, ...]) -> Missing:
    certificate = any(use.key_name.casefold() in _CERTIFICATE_KEYS for use in uses)
    issuer = any(use.kind is UseKind.ISSUER for use in uses)
    way = "upload" if certificate else "generate" if issuer else "manual"
    return Missing(id, way, tuple(dict.fromkeys(f"{use.user}: {use.key_name}" for use in uses)))
