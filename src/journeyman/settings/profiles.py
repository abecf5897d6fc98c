"""``[profiles."REST-GetProfile"]``: what the XML of a technical profile cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from journeyman.settings.bearer import read_bearer
from journeyman.settings.limits import response_limit_bytes, retries, seconds
from journeyman.settings.model import ProfileSettings
from journeyman.settings.rehearsal import rehearsal
from journeyman.settings.server import existing_files
from journeyman.settings.table import Table
from journeyman.settings.values import pin


def read_profiles(table: Table, folder: Path) -> Mapping[str, ProfileSettings]:
    """Return profile id in lower case -> its settings."""
    found: dict[str, ProfileSettings] = {}
    for name, profile in table.subtables():
        if name.lower() in found:
            table.problem(name, f"the profile {name!r} stands there twice, but for case; keep one")
        found[name.lower()] = _read_profile(profile, folder)
        profile.finish()
    return found


def _read_profile(table: Table, folder: Path) -> ProfileSettings:
    bearer = table.table("bearer")
    return ProfileSettings(
        timeout_s=seconds(table, "timeout_s"),
        retries=retries(table),
        response_limit_bytes=response_limit_bytes(table),
        total_timeout_s=seconds(table, "total_timeout_s"),
        trust=existing_files(table, "trust", folder),
        pins=table.all_checked("pins", pin),
        idempotency_key=table.flag("idempotency_key") or False,
        traceparent=table.flag("traceparent") or False,
        send_bearer_claim=table.flag("send_bearer_claim") or False,
        cache_token=table.flag("cache_token") or False,
        bearer=read_bearer(bearer) if "bearer" in table.values else None,
        rehearsal=table.checked("rehearsal", rehearsal),
    )
