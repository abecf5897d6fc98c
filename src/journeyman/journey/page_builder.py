"""Build the page of a step: the fields of its profile, the provider buttons, the policy's texts.

Source: pages.md §10-§11, technical-profiles.md §2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from journeyman.claims.claim_type import ClaimType, UserInputType
from journeyman.claims.resolvers import Resolution
from journeyman.compiler.compiled import (
    CompiledPolicy,
    ContentDefinition,
    LocalizedTexts,
    Metadata,
    Step,
    StepType,
    TechnicalProfile,
)
from journeyman.journey.messages import localized_texts
from journeyman.journey.page import (
    Field,
    ForgotPasswordLink,
    Page,
    PageApi,
    PageControl,
    ProviderOption,
    RuleGroup,
    ValueRule,
)
from journeyman.journey.selection import Options
from journeyman.journey.steps import same_id
from journeyman.technical_profile import Shown, offered_options

_APIS: Final = {
    StepType.COMBINED_SIGN_IN_AND_SIGN_UP: PageApi.COMBINED,
    StepType.CLAIMS_PROVIDER_SELECTION: PageApi.PROVIDER_SELECTION,
}


def page_api(step: Step) -> PageApi:
    """Return the page endpoint of a step."""
    return _APIS.get(step.type, PageApi.SELF_ASSERTED)


def build_page(
    policy: CompiledPolicy,
    step: Step,
    content: ContentDefinition,
    *,
    profile: TechnicalProfile | None,
    shown: tuple[Shown, ...],
    prefill: Mapping[str, str],
    options: Options,
    resolution: Resolution,
) -> Page:
    """Build a page.

    Args:
        profile: the profile whose form it shows, None for a page of provider buttons alone.
        prefill: claim id -> text of its field.
        options: (exchange id, profile) of each provider button.
    """
    texts = localized_texts(content, resolution.culture, default=policy.languages.default)
    metadata = profile.metadata if profile else Metadata({})
    inline = _inline_labels(metadata, resolution.culture)
    combined = page_api(step) is PageApi.COMBINED
    relying_party = policy.relying_party
    return Page(
        api=page_api(step),
        content=content,
        language=resolution.culture,
        profile_id=profile.id if profile else "",
        fields=tuple(_field(item, prefill.get(item.claim.id, ""), texts, inline) for item in shown),
        controls=_controls(policy, shown, texts),
        options=tuple(_option(exchange, target, texts) for exchange, target in _buttons(options, metadata)),
        texts=_element_texts(content, metadata, texts),
        show_continue=metadata.flag("setting.showContinueButton", default=True),
        show_cancel=metadata.flag("setting.showCancelButton", default=True) and not combined,
        sign_up=combined and "SignUpTarget" in metadata and metadata.flag("setting.showSignupLink", default=True),
        forgot_password=_forgot_password(metadata) if combined else ForgotPasswordLink.NONE,
        remember_me=bool(
            combined
            and metadata.flag("setting.enableRememberMe")
            and relying_party
            and relying_party.session.keep_alive_days > 0
        ),
        input_delay_ms=_number(metadata, "setting.inputVerificationDelayTimeInMilliseconds", 2000),
        template_url=_template_url(policy, content, resolution),
        script_allowed=bool(relying_party and relying_party.script_allowed and content.contract),
    )


def _inline_labels(metadata: Metadata, language: str) -> dict[str, str]:
    """Return the labels that older policies write as ``claimType.<claim>.DisplayName.<language>``, by claim id."""
    suffixes = [f".displayname.{tag}" for tag in (language.casefold().split("-")[0], language.casefold())]
    return {
        name.removeprefix("claimtype.").removesuffix(suffix): metadata.get(name) or ""
        for suffix in suffixes
        for name in metadata.names()
        if name.startswith("claimtype.") and name.endswith(suffix)
    }


def _field(item: Shown, value: str, texts: LocalizedTexts, inline: Mapping[str, str]) -> Field:
    claim = item.claim
    input_type = claim.user_input_type or UserInputType.TEXT_BOX
    secret = input_type is UserInputType.PASSWORD

    def text(string_id: str, fallback: str) -> str:
        return texts.strings.get(("claimtype", claim.id.casefold(), string_id)) or fallback

    return Field(
        claim_id=claim.id,
        input_type=input_type,
        label=text("displayname", inline.get(claim.id.casefold()) or claim.display_name or claim.id),
        help_text=text("userhelptext", claim.user_help_text),
        required=item.required,
        value="" if secret else _shown_value(claim, value),
        options=offered_options(claim, texts),
        pattern=claim.pattern.expression if claim.pattern else None,
        pattern_help=text("patternhelptext", claim.pattern.help_text) if claim.pattern else "",
        verify=item.verify,
        control=item.control,
        role=item.role,
        rules=_rules(claim, texts),
    )


def _rules(claim: ClaimType, texts: LocalizedTexts) -> tuple[RuleGroup, ...]:
    validation = claim.predicate_validation
    if validation is None:
        return ()

    def text(element: str, element_id: str, string_id: str, fallback: str) -> str:
        return texts.strings.get((element, element_id.casefold(), string_id.casefold())) or fallback

    return tuple(
        RuleGroup(
            rules=tuple(
                ValueRule(each.method, each.parameters, text("predicate", each.id, "helptext", each.help_text))
                for each in group.predicates
            ),
            match_at_least=group.match_at_least,
            text=text("inputvalidation", validation.id, group.id, group.help_text),
            reject=group.reject,
        )
        for group in validation.groups
    )


def _controls(policy: CompiledPolicy, shown: tuple[Shown, ...], texts: LocalizedTexts) -> tuple[PageControl, ...]:
    names = dict.fromkeys(item.control for item in shown if item.control)
    return tuple(
        PageControl(
            id=name,
            kind=policy.display_controls[name].control_type,
            texts={
                string_id: text
                for (element, element_id, string_id), text in texts.strings.items()
                if element == "displaycontrol" and element_id == name.casefold()
            },
        )
        for name in names
    )


def _shown_value(claim: ClaimType, value: str) -> str:
    read_only = claim.user_input_type in {UserInputType.READONLY, UserInputType.PARAGRAPH}
    return claim.mask.apply(value) if claim.mask and read_only else value


def _buttons(options: Options, metadata: Metadata) -> Options:
    """Leave out the exchange behind the link of a forgotten password: policies list it, and it is that link."""
    link = metadata.get("setting.forgotPasswordLinkOverride") or ""
    return tuple(each for each in options if not same_id(each[0], link))


def _option(exchange_id: str, profile: TechnicalProfile, texts: LocalizedTexts) -> ProviderOption:
    text = texts.strings.get(("claimsprovider", "", exchange_id.casefold()))
    as_link = (profile.metadata.get("ClaimsProviderSelectionDisplayType") or "").casefold() == "textlink"
    return ProviderOption(exchange_id, text or profile.display_name or profile.id, as_link=as_link)


def _element_texts(content: ContentDefinition, metadata: Metadata, texts: LocalizedTexts) -> dict[str, str]:
    merged: dict[str, str] = {}
    for items in (content.metadata, metadata):
        for name in items.names():
            if name.startswith("language."):
                merged[name.removeprefix("language.")] = items.get(name) or ""
    merged.update(
        (string_id, text) for (element, _, string_id), text in texts.strings.items() if element == "uxelement"
    )
    return merged


def _forgot_password(metadata: Metadata) -> ForgotPasswordLink:
    wanted = (metadata.get("setting.forgotPasswordLinkLocation") or "AfterLabel").strip().casefold()
    return next(
        (link for link in ForgotPasswordLink if link.value.casefold() == wanted), ForgotPasswordLink.AFTER_LABEL
    )


def _number(metadata: Metadata, name: str, default: int) -> int:
    text = (metadata.get(name) or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else default


def _template_url(policy: CompiledPolicy, content: ContentDefinition, resolution: Resolution) -> str:
    url = content.load_uri.resolve_url(resolution) or ""
    parameters = policy.relying_party.content_parameters if policy.relying_party else ()
    for name, template in parameters:
        separator = "&" if "?" in url else "?"
        url = f"{url}{separator}{quote(name, safe='')}={template.resolve_url(resolution) or ''}"
    return url
