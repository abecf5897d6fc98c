"""Where the parts of an element come from: the places of its attributes and children, by their XML names.

A merge keeps for each part the place of the value that won, so a merged element can say for every
part from which file and line it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from journeyman.diagnostics import Location

Parts = Mapping[str, Location]

NOWHERE: Final = Location("")
"""The place of what was not read from a file."""


def language_part(language: str) -> str:
    """Return under what the place of a supported language stands among the parts of ``Localization``."""
    return f"SupportedLanguage {language.strip().casefold()}"
