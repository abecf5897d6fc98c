"""Cultures: a language tag in; language, region and Windows locale id out (claims.md A.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

UNKNOWN_LCID: Final = 4096
"""LOCALE_CUSTOM_UNSPECIFIED: what .NET reports for a culture without an id of its own."""

# fmt: off
_LCIDS: Final[Mapping[str, int]] = {
    "ar-SA": 1025, "ar-AE": 14337, "ar-EG": 3073, "af-ZA": 1078, "bg-BG": 1026, "ca-ES": 1027, "cs-CZ": 1029,
    "cy-GB": 1106, "da-DK": 1030, "de-DE": 1031, "de-AT": 3079, "de-CH": 2055, "el-GR": 1032, "en-US": 1033,
    "en-GB": 2057, "en-AU": 3081, "en-CA": 4105, "en-IE": 6153, "en-IN": 16393, "en-NZ": 5129, "en-SG": 18441,
    "en-ZA": 7177, "es-ES": 3082, "es-AR": 11274, "es-CL": 13322, "es-CO": 9226, "es-MX": 2058, "es-PE": 10250,
    "et-EE": 1061, "eu-ES": 1069, "fa-IR": 1065, "fi-FI": 1035, "fr-FR": 1036, "fr-BE": 2060, "fr-CA": 3084,
    "fr-CH": 4108, "fr-LU": 5132, "ga-IE": 2108, "gl-ES": 1110, "gu-IN": 1095, "he-IL": 1037, "hi-IN": 1081,
    "hr-HR": 1050, "hu-HU": 1038, "id-ID": 1057, "is-IS": 1039, "it-IT": 1040, "it-CH": 2064, "ja-JP": 1041,
    "kk-KZ": 1087, "kn-IN": 1099, "ko-KR": 1042, "lt-LT": 1063, "lv-LV": 1062, "mk-MK": 1071, "ml-IN": 1100,
    "mr-IN": 1102, "ms-MY": 1086, "nb-NO": 1044, "nl-NL": 1043, "nl-BE": 2067, "nn-NO": 2068, "pa-IN": 1094,
    "pl-PL": 1045, "pt-BR": 1046, "pt-PT": 2070, "ro-RO": 1048, "ru-RU": 1049, "sk-SK": 1051, "sl-SI": 1060,
    "sq-AL": 1052, "sv-SE": 1053, "sv-FI": 2077, "sw-KE": 1089, "ta-IN": 1097, "te-IN": 1098, "th-TH": 1054,
    "tr-TR": 1055, "uk-UA": 1058, "ur-PK": 1056, "vi-VN": 1066, "zh-CN": 2052, "zh-HK": 3076, "zh-SG": 4100,
    "zh-TW": 1028,
}
# fmt: on
_NEUTRAL_LCIDS: Final[Mapping[str, int]] = {"nb": 31764, "nn": 30740, "no": 20, "zh-hans": 4, "zh-hant": 31748}
_DEFAULT_REGIONS: Final[Mapping[str, str]] = {"no": "NO", "zh-hans": "CN", "zh-hant": "TW"}
_BY_TAG: Final[Mapping[str, int]] = {tag.lower(): lcid for tag, lcid in _LCIDS.items()}


def language_name(culture: str) -> str:
    """Return the two-letter language of a tag: ``en`` of ``en-US``."""
    return culture.split("-", maxsplit=1)[0].lower()


def region_name(culture: str) -> str | None:
    """Return the two-letter region of a tag; a neutral tag has the region that is usual for its language."""
    regions = [part.upper() for part in culture.split("-")[1:] if len(part) == 2 and part.isalpha()]
    return regions[0] if regions else _default_region(culture.lower())


def lcid(culture: str) -> int:
    """Return the Windows locale id of a tag: 1033 of ``en-US``, 9 of ``en``."""
    tag = culture.lower()
    if tag in _BY_TAG:
        return _BY_TAG[tag]
    if tag in _NEUTRAL_LCIDS:
        return _NEUTRAL_LCIDS[tag]
    specific = _first_specific(tag)
    # The low ten bits of a locale id are the id of the language.
    return _LCIDS[specific] & 0x3FF if specific else UNKNOWN_LCID


def _default_region(tag: str) -> str | None:
    if tag in _DEFAULT_REGIONS:
        return _DEFAULT_REGIONS[tag]
    specific = _first_specific(tag)
    return specific.split("-")[1] if specific else None


def _first_specific(language: str) -> str | None:
    return next((tag for tag in _LCIDS if tag.startswith(f"{language}-")), None)
