"""The language of a journey, and the texts that its policy has in it.

Order of look-up of a message (technical-profiles.md §26): the localized string of the page, the
metadata of the page's profile, the metadata of the profile that failed, the built-in default.
"""

from __future__ import annotations

from journeyman.compiler.compiled import ContentDefinition, LocalizedTexts, Metadata
from journeyman.user_messages import Texts


def texts_for(content: ContentDefinition | None, language: str, *metadata: Metadata) -> Texts:
    """Return the look-up of message ids for a page and the profiles that take part, the page's first."""
    localized = localized_texts(content, language) if content else LocalizedTexts()

    def look_up(message_id: str) -> str | None:
        found = localized.strings.get(("errormessage", "", message_id.casefold()))
        if found is not None:
            return found
        for items in metadata:
            found = items.get(message_id)
            if found:
                return found
        return None

    return look_up


def localized_texts(content: ContentDefinition, language: str) -> LocalizedTexts:
    """Return the texts of a page: of the exact language, else of the neutral one, else none."""
    tag = language.casefold()
    return content.texts.get(tag) or content.texts.get(tag.split("-")[0]) or LocalizedTexts()


def choose_language(wanted: str, accepted: str, *, supported: tuple[str, ...], default: str) -> str:
    """Choose the language of a journey.

    Args:
        wanted: ``ui_locales`` of the request.
        accepted: the Accept-Language header.
        supported: the languages of the policy; when it lists none every language counts.
    """
    tags = [*wanted.split(), *_by_quality(accepted)]
    known = {tag.casefold(): tag for tag in supported}
    for tag in tags:
        if not supported and _is_tag(tag):
            return tag
        found = known.get(tag.casefold()) or known.get(tag.split("-")[0].casefold())
        if found:
            return found
    return default


def _by_quality(header: str) -> list[str]:
    ranked: list[tuple[float, str]] = []
    for part in header[:1000].split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            ranked.append((-float(quality or "1"), tag.strip()))
        except ValueError:
            continue
    return [tag for _, tag in sorted(ranked, key=lambda pair: pair[0]) if tag]


def _is_tag(tag: str) -> bool:
    parts = tag.split("-")
    return len(tag) <= 35 and parts[0].isalpha() and 2 <= len(parts[0]) <= 3 and all(part.isalnum() for part in parts)
