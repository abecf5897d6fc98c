"""A time as somebody types it in, the time in UTC out."""

from __future__ import annotations

from datetime import UTC, datetime

from journeyman.errors import SettingsError


def moment(option: str, text: str | None) -> datetime | None:
    """Return the time that ``text`` names in ISO 8601; without a time zone it is UTC, without a time midnight.

    Raises:
        SettingsError: it names none.
    """
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        detail = f"{option} {text[:100]!r} is not a time; write 2027-01-31 or 2027-01-31T12:00:00Z"
        raise SettingsError(detail) from None
