"""Merge the building blocks of a base and of a derived file, element by element.

Source: policy-language.md §2.3. An id keeps the spelling of its first declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final, TypeVar

from journeyman.policy import rules
from journeyman.policy.keyed import derived_first, merge_keyed, prefer
from journeyman.policy.merge_technical_profile import claim_key, display_claim_key
from journeyman.policy.model import (
    ClaimsTransformation,
    ClaimType,
    ContentDefinition,
    DisplayControl,
    Localization,
    LocalizedResources,
    LocalizedResourcesReference,
    Restriction,
    key,
)
from journeyman.policy.problems import Problems

Value = TypeVar("Value")

_APPEND: Final = "Append"
_PREPEND: Final = "Prepend"


def merge_claim_type(base: ClaimType, child: ClaimType, problems: Problems) -> ClaimType:
    """Merge a claim type child element by child element; another DataType is allowed and reported."""
    if base.data_type and child.data_type and key(base.data_type) != key(child.data_type):
        problems.report(
            rules.DATA_TYPE_CHANGED,
            child.location,
            element=base.id,
            id=base.id,
            base=base.data_type,
            child=child.data_type,
        )
    return ClaimType(
        id=base.id,
        location=child.location,
        display_name=prefer(child.display_name, base.display_name),
        data_type=prefer(child.data_type, base.data_type),
        default_partner_claim_types={**base.default_partner_claim_types, **child.default_partner_claim_types},
        mask=prefer(child.mask, base.mask),
        admin_help_text=prefer(child.admin_help_text, base.admin_help_text),
        user_help_text=prefer(child.user_help_text, base.user_help_text),
        user_input_type=prefer(child.user_input_type, base.user_input_type),
        restriction=_merge_restriction(base.restriction, child.restriction),
        input_validation=prefer(child.input_validation, base.input_validation),
        predicate_validation=prefer(child.predicate_validation, base.predicate_validation),
        parts={**base.parts, **child.parts},
    )


def _merge_restriction(base: Restriction | None, child: Restriction | None) -> Restriction | None:
    if base is None or child is None:
        return prefer(child, base)
    if child.merge_behavior not in (_APPEND, _PREPEND) or base.pattern or child.pattern:
        return child
    joined = base.enumerations, child.enumerations
    first, second = joined if child.merge_behavior == _APPEND else reversed(joined)
    return Restriction(child.merge_behavior, first + second, None, child.location)


def merge_claims_transformation(base: ClaimsTransformation, child: ClaimsTransformation) -> ClaimsTransformation:
    """Merge a claims transformation: a section that stands in the child replaces the whole section."""
    return ClaimsTransformation(
        id=base.id,
        location=child.location,
        method=prefer(child.method, base.method),
        input_claims=prefer(child.input_claims, base.input_claims),
        input_parameters=prefer(child.input_parameters, base.input_parameters),
        output_claims=prefer(child.output_claims, base.output_claims),
        parts={**base.parts, **child.parts},
    )


def merge_content_definition(base: ContentDefinition, child: ContentDefinition) -> ContentDefinition:
    """Merge a content definition: addresses replace, metadata by key, resources by their MergeBehavior."""
    return ContentDefinition(
        id=base.id,
        location=child.location,
        load_uri=prefer(child.load_uri, base.load_uri),
        recovery_uri=prefer(child.recovery_uri, base.recovery_uri),
        data_uri=prefer(child.data_uri, base.data_uri),
        metadata={**base.metadata, **child.metadata},
        localized_resources=_merge_list(
            base.localized_resources,
            child.localized_resources,
            child.localized_resources_merge_behavior,
            _resources_key,
        ),
        localized_resources_merge_behavior=prefer(
            child.localized_resources_merge_behavior, base.localized_resources_merge_behavior
        ),
        parts={**base.parts, **child.parts},
    )


def _resources_key(reference: LocalizedResourcesReference) -> Hashable:
    resources = key(reference.resources.id) if reference.resources else ""
    return key(reference.language), resources, reference.url


def _merge_list(
    base: tuple[Value, ...] | None,
    child: tuple[Value, ...] | None,
    merge_behavior: str | None,
    key_of: Callable[[Value], Hashable],
) -> tuple[Value, ...] | None:
    """Merge by MergeBehavior, ReplaceAll when it is absent; an entry of both stands once, where it counts more."""
    if base is None or child is None:
        return prefer(child, base)
    if merge_behavior == _PREPEND:
        return derived_first(base, child, key_of)
    if merge_behavior == _APPEND:
        return derived_first(child, base, key_of)
    return child


def merge_localization(base: Localization | None, child: Localization | None) -> Localization | None:
    """Merge languages by their MergeBehavior and localized resources by their id."""
    if base is None or child is None:
        return prefer(child, base)
    behavior = child.supported_languages_merge_behavior
    return Localization(
        enabled=prefer(child.enabled, base.enabled),
        default_language=prefer(child.default_language, base.default_language),
        policy_language=prefer(child.policy_language, base.policy_language),
        supported_languages=_merge_list(base.supported_languages, child.supported_languages, behavior, key),
        supported_languages_merge_behavior=prefer(behavior, base.supported_languages_merge_behavior),
        resources=merge_keyed(base.resources, child.resources, _merge_resources),
        parts={**base.parts, **child.parts},
    )


def _merge_resources(base: LocalizedResources, child: LocalizedResources) -> LocalizedResources:
    return LocalizedResources(
        id=base.id,
        location=child.location,
        strings={**base.strings, **child.strings},
        collections={**base.collections, **child.collections},
    )


def merge_display_control(base: DisplayControl, child: DisplayControl) -> DisplayControl:
    """Merge a display control: claims as those of a technical profile, a matched action is replaced."""
    return DisplayControl(
        id=base.id,
        location=child.location,
        control_type=prefer(child.control_type, base.control_type),
        input_claims=derived_first(base.input_claims, child.input_claims, claim_key),
        display_claims=derived_first(base.display_claims, child.display_claims, display_claim_key),
        output_claims=derived_first(base.output_claims, child.output_claims, claim_key),
        actions={**base.actions, **child.actions},
        parts={**base.parts, **child.parts},
    )
