"""Languages and content definitions: which page, which version, which template, which texts.

Source: policy-language.md §3.5, §3.6, pages.md §1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from journeyman.claims.resolvers import compile_template
from journeyman.compiler import rules
from journeyman.compiler.compiled import ContentDefinition, Languages, LocalizedTexts, Metadata, PageType
from journeyman.compiler.draft import Draft
from journeyman.compiler.link import resolve
from journeyman.policy import model
from journeyman.policy.model import key

_DATA_URI: Final = re.compile(
    r"urn:com:microsoft:aad:b2c:elements:(?P<contract>contract:)?(?P<page>[a-z]+):(?P<version>\d+\.\d+\.\d+)",
    re.IGNORECASE,
)
_PAGES: Final = {page.value: page for page in PageType} | {"idpselection": PageType.PROVIDER_SELECTION}


def compile_languages(draft: Draft) -> None:
    """Read which languages the policy speaks; without ``<Localization>`` or with it off, none are listed."""
    localization = draft.policy.localization
    if localization is None or localization.enabled is False:
        return
    default = localization.default_language or "en"
    listed = localization.supported_languages or ()
    # A list that is appended has the service's own languages before it; here those for which there are texts.
    appended = key(localization.supported_languages_merge_behavior or "") in {"append", "prepend"}
    more = _languages_with_texts(draft, listed) if appended and listed else ()
    draft.languages = Languages(default, (*listed, *more))


def _languages_with_texts(draft: Draft, listed: tuple[str, ...]) -> tuple[str, ...]:
    known = {key(tag) for tag in listed}
    references = (
        reference
        for definition in draft.policy.content_definitions.values()
        for reference in definition.localized_resources or ()
    )
    found = {key(reference.language): reference.language for reference in references}
    return tuple(found[tag] for tag in sorted(found.keys() - known))


def compile_content_definitions(draft: Draft) -> None:
    """Compile every content definition whose page is known."""
    texts = _all_texts(draft)
    for name, definition in draft.policy.content_definitions.items():
        compiled = _content_definition(draft, definition, texts)
        if compiled is not None:
            draft.content_definitions[name] = compiled


def _all_texts(draft: Draft) -> Mapping[str, LocalizedTexts]:
    localization = draft.policy.localization
    if localization is None or localization.enabled is False:
        return {}
    return {name: _texts(resources) for name, resources in localization.resources.items()}


def _texts(resources: model.LocalizedResources) -> LocalizedTexts:
    return LocalizedTexts(
        strings={name: string.text for name, string in resources.strings.items()},
        collections={
            name: tuple((item.text, item.value, item.select_by_default) for item in collection.items)
            for name, collection in resources.collections.items()
        },
    )


def _content_definition(
    draft: Draft, definition: model.ContentDefinition, texts: Mapping[str, LocalizedTexts]
) -> ContentDefinition | None:
    localized = _localized(draft, definition, texts)
    load_uri = (definition.load_uri or "").strip()
    if not load_uri:
        draft.report(rules.LOAD_URI_MISSING.at(definition.location, element=definition.id))
    data_uri = (definition.data_uri or "").strip()
    if not data_uri:
        draft.report(rules.DATA_URI_MISSING.at(definition.location, element=definition.id))
        return None
    found = _DATA_URI.fullmatch(data_uri)
    page_type = _PAGES.get(found["page"].lower()) if found else None
    if found is None or page_type is None:
        draft.report(rules.DATA_URI.at(definition.location, element=definition.id, value=data_uri))
        return None
    major, minor, patch = (int(number) for number in found["version"].split("."))
    return ContentDefinition(
        id=definition.id,
        page_type=page_type,
        version=(major, minor, patch),
        contract=found["contract"] is not None,
        load_uri=compile_template(load_uri, resolve=True),
        metadata=Metadata({item.key: item.value.strip() for item in definition.metadata.values()}),
        texts=localized,
    )


def _localized(
    draft: Draft, definition: model.ContentDefinition, texts: Mapping[str, LocalizedTexts]
) -> dict[str, LocalizedTexts]:
    localization = draft.policy.localization
    resources = localization.resources if localization else {}
    found: dict[str, LocalizedTexts] = {}
    for reference in definition.localized_resources or ():
        if reference.resources is None:
            rule = rules.LOCALIZED_RESOURCES_URL
            draft.report(rule.at(definition.location, element=definition.id, language=reference.language))
            continue
        named = resolve(draft, resources, reference.resources, kind="LocalizedResources", element=definition.id)
        if named is not None and key(named.id) in texts:
            # Of several references for a language the first one counts: a child prepends to override.
            found.setdefault(key(reference.language), texts[key(named.id)])
    return found
