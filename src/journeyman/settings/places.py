"""Where something stands in ``journeyman.toml``, for what is found after the settings were loaded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath

from journeyman.settings.load import FILE_NAME
from journeyman.settings.positions import Path, Position, locate


def places_of(folder: FilePath) -> Mapping[Path, Position]:
    """Return the places in a file that was loaded from this folder; none when it is gone meanwhile."""
    try:
        return locate((folder / FILE_NAME).read_text(encoding="utf-8-sig"))
    except OSError:
        return {}


def nearest(places: Mapping[Path, Position], path: Path) -> Position:
    """Return the place of a key, or of the nearest table around it."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path, (0, 0))
