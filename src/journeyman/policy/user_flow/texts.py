"""The texts of a user flow: its overrides in, localized resources of its pages out.

A key of the overrides names what it replaces:

    heading, button_continue, ...        a string of the pages (pages.md §9)
    UserMessageIf..., DefaultMessage     a message
    city.DisplayName, city.UserHelpText, city.PatternHelpText, LowercaseLetter.HelpText
    city.option.london                   the option of an attribute with this value
    <id of an identity provider>         the text of its button
    LocalAccountSignupExchange           the text of the button that leads to the form of a sign-up flow

With ``<page>/`` before it, the text is for this page only. Source: pages.md §10.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from journeyman.policy.user_flow.attributes import claim_of
from journeyman.policy.user_flow.identity_providers import ProviderFragment
from journeyman.policy.user_flow.pages import Page
from journeyman.policy.user_flow.steps import SIGN_UP
from journeyman.settings.identity import AttributeAssignment, UserFlow

_OF_CLAIM: Final = {each.casefold(): each for each in ("DisplayName", "UserHelpText", "PatternHelpText")}
_OPTION: Final = ".option."


@dataclass(frozen=True, slots=True)
class LocalizedString:
    """``<LocalizedString>``."""

    element_type: str
    element_id: str
    string_id: str
    text: str


@dataclass(frozen=True, slots=True)
class LocalizedOptions:
    """``<LocalizedCollection>`` of the options of a claim: (text, value, selected at the start)."""

    claim: str
    items: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Resources:
    """The texts of one page in one language."""

    page: str
    language: str
    strings: tuple[LocalizedString, ...]
    options: tuple[LocalizedOptions, ...]

    @property
    def id(self) -> str:
        """The id of the localized resources."""
        return f"api.{self.page}.{self.language}"


def languages_of(flow: UserFlow) -> tuple[str, ...]:
    """Return the languages of a flow, the default one first."""
    chosen = flow.languages if flow.language_customization else ()
    known = {flow.default_language.casefold(): flow.default_language}
    for tag in chosen:
        known.setdefault(tag.casefold(), tag)
    return tuple(known.values())


def resources_of(flow: UserFlow, pages: Iterable[Page], providers: Sequence[ProviderFragment]) -> tuple[Resources, ...]:
    """Return the texts of the flow's pages in its languages; a page without texts of its own has none."""
    named = {language.casefold(): texts for language, texts in flow.texts.items()}
    found = [
        _resources(page.name, language, named.get(language.casefold(), {}), flow, providers)
        for page in pages
        for language in languages_of(flow)
    ]
    return tuple(each for each in found if each.strings or each.options)


def _resources(
    page: str, language: str, texts: Mapping[str, str], flow: UserFlow, providers: Sequence[ProviderFragment]
) -> Resources:
    here = dict(_for_page(texts, page))
    exchanges = dict(zip(flow.identity_providers, (each.exchange_id for each in providers), strict=True))
    exchanges[SIGN_UP] = SIGN_UP
    strings = tuple(_string(name, text, exchanges) for name, text in here.items() if _OPTION not in name)
    options = tuple(_options(each, here) for each in flow.attributes if _has_options(each, here))
    return Resources(page, language, strings, options)


def _for_page(texts: Mapping[str, str], page: str) -> Iterator[tuple[str, str]]:
    """Yield the texts of all pages, then those of this page, which win."""
    yield from ((name, text) for name, text in texts.items() if "/" not in name)
    for name, text in texts.items():
        of_page, slash, rest = name.partition("/")
        if slash and of_page.casefold() == page:
            yield rest, text


def _string(name: str, text: str, exchanges: Mapping[str, str]) -> LocalizedString:
    if name in exchanges:
        return LocalizedString("ClaimsProvider", "", exchanges[name], text)
    owner, _, last = name.rpartition(".")
    if owner and last.casefold() in _OF_CLAIM:
        return LocalizedString("ClaimType", claim_of(owner), _OF_CLAIM[last.casefold()], text)
    if owner and last.casefold() == "helptext":
        return LocalizedString("Predicate", owner, "HelpText", text)
    if name.casefold().startswith("usermessageif") or name.casefold() == "defaultmessage":
        return LocalizedString("ErrorMessage", "", name, text)
    return LocalizedString("UxElement", "", name, text)


def _has_options(assignment: AttributeAssignment, texts: Mapping[str, str]) -> bool:
    return any(_option_text(assignment, option.value, texts) for option in assignment.options)


def _options(assignment: AttributeAssignment, texts: Mapping[str, str]) -> LocalizedOptions:
    return LocalizedOptions(
        claim_of(assignment.attribute),
        tuple(
            (_option_text(assignment, each.value, texts) or each.name, each.value, each.is_default)
            for each in assignment.options
        ),
    )


def _option_text(assignment: AttributeAssignment, value: str, texts: Mapping[str, str]) -> str | None:
    wanted = claim_of(assignment.attribute).casefold()
    for name, text in texts.items():
        owner, option, of_value = name.partition(_OPTION)
        if option and claim_of(owner).casefold() == wanted and of_value == value:
            return text
    return None
