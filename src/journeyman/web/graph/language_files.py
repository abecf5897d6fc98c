"""The file of texts of one page in one language: a user flow in, the published JSON out; and the other way round.

An entry counts when its ``Override`` is true, so that a default file can be sent back with some of its texts changed.
Source: pages.md §10, §13.2 (languages).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from journeyman.journey.page import PageApi
from journeyman.policy.user_flow.attributes import claim_of
from journeyman.policy.user_flow.pages import Page, pages_of
from journeyman.settings.identity import UserFlow
from journeyman.web.graph.answers import Entity
from journeyman.web.graph.members import Members
from journeyman.web.pages.texts import DEFAULTS

_OPTION: Final = ".option."
_OF_ELEMENT: Final = {"displayname", "userhelptext", "patternhelptext"}
_MAX_ITEMS: Final = 1000
_KINDS: Final[Mapping[str, PageApi]] = {
    "unifiedssp": PageApi.COMBINED,
    "selfasserted": PageApi.SELF_ASSERTED,
    "providerselection": PageApi.PROVIDER_SELECTION,
}


def page_of_flow(flow: UserFlow, name: str) -> Page | None:
    """Return the page of this name, in any case; None when the flow has none."""
    return next((page for page in pages_of(flow) if page.name.casefold() == name.casefold()), None)


def default_file(flow: UserFlow, page: Page) -> Entity:
    """Return the built-in texts of a page; they are English in every language."""
    element = page.data_uri.split(":")[-2]
    kind = _KINDS.get(element)
    texts = {**({} if kind is None else DEFAULTS[kind]), **dict(page.texts)}
    strings = [_entry("UxElement", "", name, text, override=False) for name, text in texts.items()]
    if element == "selfasserted":
        strings += [
            _entry("ClaimType", claim_of(each.attribute), "DisplayName", each.display_name, override=False)
            for each in flow.attributes
        ]
    return {"LocalizedStrings": strings}


def overrides_file(flow: UserFlow, page: Page, language: str) -> Entity:
    """Return the texts that replace the built-in ones on a page."""
    found = _texts_of(flow, language)
    mine = {name.partition("/")[2]: text for name, text in found.items() if _is_of(name, page)}
    strings = [_string(name, text) for name, text in mine.items() if _OPTION not in name]
    collections: dict[str, list[Entity]] = {}
    for name, text in mine.items():
        owner, option, value = name.partition(_OPTION)
        if option:
            collections.setdefault(owner, []).append({"Name": text, "Value": value})
    shown: dict[str, object] = {"LocalizedStrings": strings}
    if collections:
        shown["LocalizedCollections"] = [
            {
                "ElementType": "ClaimType",
                "ElementId": owner,
                "TargetCollection": "Restriction",
                "Override": True,
                "Items": items,
            }
            for owner, items in collections.items()
        ]
    return shown


def with_overrides(flow: UserFlow, page: Page, language: str, file: Members) -> UserFlow:
    """Return the flow with the texts of a file in place of those that the page had. Raises InvalidError."""
    present = _texts_of(flow, language)
    others = {name: text for name, text in present.items() if not _is_of(name, page)}
    sent = {f"{page.name}/{name}": text for name, text in (*_strings(file), *_options(file))}
    texts = {tag: found for tag, found in flow.texts.items() if tag.casefold() != language.casefold()}
    return replace(flow, texts={**texts, language: {**others, **sent}})


def overridden_pages(flow: UserFlow, language: str) -> tuple[Page, ...]:
    """Return the pages whose texts are replaced."""
    names = _texts_of(flow, language)
    return tuple(page for page in pages_of(flow) if any(_is_of(name, page) for name in names))


def _strings(file: Members) -> Iterator[tuple[str, str]]:
    for each in file.inners("LocalizedStrings", max_items=_MAX_ITEMS) or ():
        if each.flag("Override") is False:
            continue
        kind, owner = (each.optional_text("ElementType") or "UxElement").casefold(), each.optional_text("ElementId")
        name, text = each.text("StringId"), each.text("Value", blank=True)
        yield (f"{owner}.{name}" if owner and kind in {"claimtype", "predicate"} else name), text


def _options(file: Members) -> Iterator[tuple[str, str]]:
    for each in file.inners("LocalizedCollections", max_items=_MAX_ITEMS) or ():
        if each.flag("Override") is False:
            continue
        owner = each.text("ElementId")
        for item in each.inners("Items", max_items=_MAX_ITEMS) or ():
            yield f"{owner}{_OPTION}{item.text('Value', blank=True)}", item.text("Name", blank=True)


def _string(name: str, text: str) -> Entity:
    owner, _, last = name.rpartition(".")
    if owner and last.casefold() in _OF_ELEMENT:
        return _entry("ClaimType", owner, last, text, override=True)
    if owner and last.casefold() == "helptext":
        return _entry("Predicate", owner, last, text, override=True)
    message = name.casefold().startswith("usermessageif") or name.casefold() == "defaultmessage"
    return _entry("ErrorMessage" if message else "UxElement", "", name, text, override=True)


def _entry(kind: str, owner: str, name: str, text: str, *, override: bool) -> Entity:
    return {"ElementType": kind, "ElementId": owner or None, "StringId": name, "Override": override, "Value": text}


def _texts_of(flow: UserFlow, language: str) -> Mapping[str, str]:
    return next((texts for tag, texts in flow.texts.items() if tag.casefold() == language.casefold()), {})


def _is_of(name: str, page: Page) -> bool:
    of_page, slash, _ = name.partition("/")
    return bool(slash) and of_page.casefold() == page.name.casefold()
