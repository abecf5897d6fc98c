"""The language of a journey, and the texts that its policy has in it.

Order of look-up of a message (technical-profiles.md §26): the localized string of the page, the
metadata of the page's profile, the metadata of the profile that failed, the built-in default.
"""

from __future__ import annotations

import re
from typing import Final

from journeyman.compiler.compiled import ContentDefinition, LocalizedTexts, Metadata
from journeyman.user_messages import Texts

NO_TEXTS: Final = LocalizedTexts()

_ACCEPTED: Final = re.compile(r"\s*([A-Za-z0-9-]{1,35})\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?")
_HEADER_LIMIT: Final = 1000


def texts_for(localized: LocalizedTexts, *metadata: Metadata) -> Texts:
    """Return the look-up of message ids for the texts of a page and the profiles that take part, the page's first."""

    def look_up(message_id: str) -> str | None:
        found = localized.strings.get(("errormessage", "", message_id.casefold()))
        if found is not None:
            return found
        return next((text for items in metadata if (text := items.get(message_id))), None)

    return look_up


def localized_texts(content: ContentDefinition | None, language: str, *, default: str = "") -> LocalizedTexts:
    """Return the texts of a page: of the exact language, the neutral one, the policy's default one, else none.

    Source: pages.md §10.
    """
    if content is None or not content.texts:
        return NO_TEXTS
    tag = language.casefold()
    wanted = (tag, tag.split("-")[0], default.casefold())
    return next((content.texts[name] for name in wanted if name in content.texts), NO_TEXTS)


def choose_language(wanted: str, accepted: str, *, supported: tuple[str, ...], default: str) -> str:
    """Choose the language of a journey.

    Args:
        wanted: ``ui_locales`` of the request.
        accepted: the Accept-Language header.
        supported: the languages of the policy; when it lists none every language counts.
    """
    known = {tag.casefold(): tag for tag in supported}
    for tag in (*wanted[:_HEADER_LIMIT].split(), *_by_quality(accepted)):
        if not supported and _is_tag(tag):
            return tag
        found = known.get(tag.casefold()) or known.get(tag.split("-")[0].casefold())
        if found:
            return found
    return default


def _by_quality(header: str) -> list[str]:
    """Return the tags of an Accept-Language header, the best first; those with quality 0 are not acceptable."""
    found = (_ACCEPTED.fullmatch(part) for part in header[:_HEADER_LIMIT].split(","))
    ranked = [(float(match[2] or "1"), match[1]) for match in found if match is not None]
    return [tag for quality, tag in sorted(ranked, key=lambda pair: -pair[0]) if quality > 0]


def _is_tag(tag: str) -> bool:
    parts = tag.split("-")
    return (
        len(tag) <= 35
        and tag.isascii()
        and parts[0].isalpha()
        and 2 <= len(parts[0]) <= 3
        and all(part.isalnum() for part in parts)
    )
