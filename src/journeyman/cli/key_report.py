"""What commands print of a policy key: a key set in; JSON or lines without a secret out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from journeyman.cli.terminal import utc_text
from journeyman.engine.key_files import KnownKeySet
from journeyman.errors import NoActiveKeyError
from journeyman.keys.certificate import describe
from journeyman.keys.keyset import Key, Stage
from journeyman.keys.names import is_backup


def key_set_json(known: KnownKeySet, now: datetime) -> dict[str, Any]:
    """Return a key set as ``--json`` prints it."""
    keys = known.key_set.keys
    return {
        "id": known.key_set.id,
        "kty": keys[0].kty if keys else None,
        "use": keys[0].use if keys else None,
        "state": _state(known, now),
        "source": "store" if known.stored else "file",
        "keys": [_key_json(key, known, now) for key in keys],
    }


def key_set_line(known: KnownKeySet, now: datetime) -> str:
    """Return a key set in one line: id, type, use, number of keys, whether one is active, and until when."""
    keys = known.key_set.keys
    count = f"{len(keys)} key{'' if len(keys) == 1 else 's'}"
    parts = [known.key_set.id, keys[0].kty if keys else "-", keys[0].use if keys else "-", count, _state(known, now)]
    active = _active(known, now)
    if active is not None and active.expires_at is not None:
        parts.append(f"until {utc_text(active.expires_at)}")
    if not known.stored:
        parts.append("in keys/, taken over at the next start")
    return "  ".join(parts)


def key_set_lines(known: KnownKeySet, now: datetime) -> Iterator[str]:
    """Yield a key set in full."""
    yield key_set_line(known, now)
    for key in known.key_set.keys:
        yield f"  kid {key.kid}  {_status(key, known, now)}"
        for name, value in _key_json(key, known, now).items():
            if name not in {"kid", "kty", "use", "status", "certificate"} and value is not None:
                yield f"    {name:<16} {str(value).lower() if isinstance(value, bool) else value}"
        for name, value in (_certificate_json(key) or {}).items():
            yield f"    certificate {name:<18} {', '.join(value) if isinstance(value, list) else value}"


def _key_json(key: Key, known: KnownKeySet, now: datetime) -> dict[str, Any]:
    return {
        "kid": key.kid,
        "kty": key.kty,
        "use": key.use,
        "status": _status(key, known, now),
        "not_before": utc_text(key.not_before),
        "expires_at": utc_text(key.expires_at),
        "added_at": utc_text(key.added_at) if known.stored else None,
        "has_private_key": key.private_key is not None if key.kty == "RSA" else None,
        "length_bytes": None if key.secret is None else len(key.secret),
        # Of every secret a record shows this hash, so a call can be compared with the key that it used.
        "fingerprint": known.fingerprints.get(key.kid),
        "certificate": _certificate_json(key),
    }


def _certificate_json(key: Key) -> dict[str, Any] | None:
    if not key.certificates:
        return None
    shown = describe(key.certificates[0])
    return {
        "subject": shown.subject,
        "issuer": shown.issuer,
        "names": list(shown.names),
        "not_after": utc_text(shown.not_after),
        "sha1_thumbprint": shown.sha1_thumbprint,
        "sha256_thumbprint": shown.sha256_thumbprint,
    }


def _active(known: KnownKeySet, now: datetime) -> Key | None:
    try:
        return known.key_set.active(now)
    except NoActiveKeyError:
        return None


def _state(known: KnownKeySet, now: datetime) -> str:
    if is_backup(known.key_set.id):
        return "deleted"
    return "active" if _active(known, now) is not None else "no active key"


def _status(key: Key, known: KnownKeySet, now: datetime) -> str:
    if not key.enabled:
        return "disabled"
    if key.stage is not Stage.IN_USE:
        return str(key.stage.value)
    if not key.good(now):
        return "expired"
    if not key.active(now):
        return "future"
    return "active" if key is _active(known, now) else "superseded"
