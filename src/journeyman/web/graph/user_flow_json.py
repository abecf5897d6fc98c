"""User flows and what they collect: JSON in, objects of the model out; and the other way round.

What Graph does not know of a user flow stands in members that begin with ``x_``, which SDKs pass over.
Source: graph-api.md §4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Final, TypeVar

from journeyman.management.user_attributes import shown_attribute_id
from journeyman.settings.identity import (
    AttributeAssignment,
    AttributeOption,
    ConnectorStep,
    FlowPage,
    FlowSession,
    InputType,
    LocalAccounts,
    PasswordComplexity,
    PasswordRules,
    TokenLifetimes,
    UserFlow,
    UserFlowType,
)
from journeyman.web.graph.answers import Entity
from journeyman.web.graph.members import Members
from journeyman.web.graph.references import referenced
from journeyman.web.graph.route import Schema
from journeyman.web.graph.schema import FLAG, INTEGER, NUMBER, TEXT, array, one_of, or_null
from journeyman.web.graph.schema import entity as schema_of

_Part = TypeVar("_Part", TokenLifetimes, FlowSession, PasswordRules)

_VALUE: Final[Schema] = schema_of(("value",), name=TEXT, value=TEXT, isDefault=FLAG)
_INPUT_TYPE: Final[Schema] = one_of([each.value for each in InputType])
ASSIGNMENT: Final[Schema] = schema_of(
    ("id", "displayName", "isOptional", "requiresVerification", "userInputType", "userAttributeValues"),
    id=TEXT,
    displayName=TEXT,
    isOptional=FLAG,
    requiresVerification=FLAG,
    userInputType=_INPUT_TYPE,
    userAttributeValues=array(_VALUE),
)
ASSIGNMENT_CHANGE: Final[Schema] = schema_of(
    (),
    displayName=TEXT,
    isOptional=FLAG,
    requiresVerification=FLAG,
    userInputType=TEXT,
    userAttributeValues=array(_VALUE),
)
NEW_ASSIGNMENT: Final[Schema] = schema_of(
    ("userAttribute",),
    userAttribute=schema_of(("id",), id=TEXT),
    displayName=TEXT,
    isOptional=FLAG,
    requiresVerification=FLAG,
    userInputType=TEXT,
    userAttributeValues=array(_VALUE),
)
_EXTENSIONS: Final[Mapping[str, Schema]] = {
    "x_localAccounts": one_of([each.value for each in LocalAccounts]),
    "x_claims": array(TEXT),
    "x_tokens": schema_of(
        (),
        accessTokenMinutes=INTEGER,
        idTokenMinutes=INTEGER,
        refreshTokenDays=INTEGER,
        slidingWindowDays=or_null(INTEGER),
    ),
    "x_session": schema_of((), lifetimeMinutes=INTEGER, absolute=FLAG, scope=TEXT, keepSignedInDays=INTEGER),
    "x_passwordComplexity": one_of([each.value for each in PasswordComplexity]),
    "x_passwordRules": schema_of((), minLength=INTEGER, maxLength=INTEGER, characterClasses=INTEGER),
    "x_selfServicePasswordReset": FLAG,
    "x_emailVerification": FLAG,
    "x_javascript": FLAG,
    "x_template": TEXT,
    "x_pages": schema_of(()),
    "x_languages": array(TEXT),
    "x_texts": schema_of(()),
    "x_legacyPolicyClaim": FLAG,
}
FLOW: Final[Schema] = schema_of(
    ("id", "userFlowType", "userFlowTypeVersion"),
    id=TEXT,
    userFlowType=one_of([each.value for each in UserFlowType]),
    userFlowTypeVersion=NUMBER,
    isLanguageCustomizationEnabled=FLAG,
    defaultLanguageTag=or_null(TEXT),
    apiConnectorConfiguration=schema_of(()),
    **_EXTENSIONS,
)
NEW_FLOW: Final[Schema] = schema_of(
    ("id", "userFlowType", "userFlowTypeVersion"),
    id=TEXT,
    userFlowType=TEXT,
    userFlowTypeVersion=NUMBER,
    isLanguageCustomizationEnabled=FLAG,
    defaultLanguageTag=TEXT,
    identityProviders=array(schema_of((), id=TEXT)),
    userAttributeAssignments=array(NEW_ASSIGNMENT),
    apiConnectorConfiguration=schema_of(()),
    **_EXTENSIONS,
)
FLOW_CHANGE_MEMBERS: Final = ("isLanguageCustomizationEnabled", "defaultLanguageTag", *_EXTENSIONS)
FLOW_CHANGE: Final[Schema] = schema_of((), isLanguageCustomizationEnabled=FLAG, defaultLanguageTag=TEXT, **_EXTENSIONS)

_PAGES_LIMIT: Final = 50
_LANGUAGES_LIMIT: Final = 100
_ASSIGNMENTS_LIMIT: Final = 200
# Attributes are assigned after a flow is made, and one that edits profiles cannot be without any.
_FIRST_ATTRIBUTES: Final = {UserFlowType.PROFILE_UPDATE: (AttributeAssignment("displayName"),)}
_READ_ONLY: Final = "AADB2C99014"


def new_flow(body: Members) -> UserFlow:
    """Return the user flow that a request describes. Raises InvalidError that names the member."""
    kind = body.one_of("userFlowType", UserFlowType)
    if kind is None:
        raise body.wrong("userFlowType", "is missing")
    version = body.number("userFlowTypeVersion")
    if version is None:
        raise body.wrong("userFlowTypeVersion", "is missing")
    flow = UserFlow(body.text("id", max_length=128), kind, type_version=version)
    return changed_flow(
        replace(
            flow,
            identity_providers=_providers(body),
            connectors=_connectors(body),
            attributes=_assignments(body) or _FIRST_ATTRIBUTES.get(kind, ()),
        ),
        body,
    )


def changed_flow(flow: UserFlow, body: Members) -> UserFlow:
    """Return the flow with what a request changes of it."""
    complexity = body.one_of("x_passwordComplexity", PasswordComplexity)
    return replace(
        flow,
        language_customization=_flag(body, "isLanguageCustomizationEnabled", present=flow.language_customization),
        default_language=body.optional_text("defaultLanguageTag") or flow.default_language,
        local_accounts=body.one_of("x_localAccounts", LocalAccounts) or flow.local_accounts,
        claims=_texts(body, "x_claims", flow.claims),
        tokens=_overlaid(body.inner("x_tokens"), flow.tokens),
        session=_overlaid(body.inner("x_session"), flow.session),
        password_complexity=complexity or flow.password_complexity,
        password_rules=_overlaid(body.inner("x_passwordRules"), flow.password_rules),
        self_service_password_reset=_flag(body, "x_selfServicePasswordReset", present=flow.self_service_password_reset),
        email_verification=_flag(body, "x_emailVerification", present=flow.email_verification),
        javascript=_flag(body, "x_javascript", present=flow.javascript),
        template=body.optional_text("x_template") or flow.template,
        pages=_mapped(body, "x_pages", flow.pages, _page, _PAGES_LIMIT),
        languages=_texts(body, "x_languages", flow.languages),
        texts=_mapped(body, "x_texts", flow.texts, _texts_of_language, _LANGUAGES_LIMIT),
        legacy_policy_claim=_flag(body, "x_legacyPolicyClaim", present=flow.legacy_policy_claim),
    )


def refuse_fixed(flow: UserFlow, body: Members) -> None:
    """Refuse another value of what a user flow keeps for good; the same value again is none of our business."""
    kind, version = body.one_of("userFlowType", UserFlowType), body.number("userFlowTypeVersion")
    sent = body.optional_text("id")
    for name, wrong in (
        ("userFlowType", kind not in {None, flow.type}),
        ("userFlowTypeVersion", version not in {None, flow.type_version}),
        ("id", sent is not None and sent.casefold() != flow.id.casefold()),
    ):
        if wrong:
            raise body.wrong(name, "cannot be changed; create another user flow", service_code=_READ_ONLY)


def flow_shown(flow: UserFlow) -> Entity:
    """Return what answers say of a user flow."""
    version = flow.type_version
    return {
        "id": flow.id,
        "userFlowType": flow.type.value,
        "userFlowTypeVersion": int(version) if float(version).is_integer() else version,
        "isLanguageCustomizationEnabled": flow.language_customization,
        "defaultLanguageTag": flow.default_language,
        # Relations are shown where they are asked for, never in the flow itself.
        "apiConnectorConfiguration": {},
        "x_localAccounts": flow.local_accounts.value,
        "x_claims": [*flow.claims],
        "x_tokens": _shown(flow.tokens),
        "x_session": _shown(flow.session),
        "x_passwordComplexity": flow.password_complexity.value,
        "x_passwordRules": _shown(flow.password_rules),
        "x_selfServicePasswordReset": flow.self_service_password_reset,
        "x_emailVerification": flow.email_verification,
        "x_javascript": flow.javascript,
        "x_template": flow.template,
        "x_pages": {name: {"uri": page.uri, "layout": page.layout} for name, page in flow.pages.items()},
        "x_languages": [*flow.languages],
        "x_texts": {tag: dict(texts) for tag, texts in flow.texts.items()},
        "x_legacyPolicyClaim": flow.legacy_policy_claim,
    }


def new_assignment(body: Members) -> AttributeAssignment:
    """Return what a request lets a user flow collect."""
    attribute = referenced(body.required_inner("userAttribute"), "userFlowAttributes")
    if attribute is None:
        raise body.wrong("userAttribute/id", "is missing")
    return changed_assignment(AttributeAssignment(attribute), body)


def changed_assignment(assignment: AttributeAssignment, body: Members) -> AttributeAssignment:
    """Return an assignment with what a request changes of it."""
    values = body.inners("userAttributeValues")
    return replace(
        assignment,
        display_name=_or(body.optional_text("displayName"), assignment.display_name),
        optional=_flag(body, "isOptional", present=assignment.optional),
        requires_verification=_flag(body, "requiresVerification", present=assignment.requires_verification),
        input_type=body.one_of("userInputType", InputType) or assignment.input_type,
        options=assignment.options if values is None else tuple(map(_option, values)),
    )


def assignment_shown(assignment: AttributeAssignment, display_name: str) -> Entity:
    """Return what answers say of an assignment; ``display_name`` is that of its attribute."""
    return {
        "id": shown_attribute_id(assignment.attribute),
        "displayName": assignment.display_name or display_name,
        "isOptional": assignment.optional,
        "requiresVerification": assignment.requires_verification,
        "userInputType": assignment.input_type.value,
        "userAttributeValues": [
            {"name": each.name, "value": each.value, "isDefault": each.is_default} for each in assignment.options
        ],
    }


def step_of(name: str) -> ConnectorStep | None:
    """Return the step of this name, in any case; None when there is none."""
    return next((each for each in ConnectorStep if each.value.lower() == name.lower()), None)


def _providers(body: Members) -> tuple[str, ...]:
    found: list[str] = []
    for name in ("identityProviders", "userFlowIdentityProviders"):
        for each in body.inners(name, max_items=100) or ():
            provider = referenced(each, "identityProviders")
            if provider is None:
                raise each.wrong("id", "is missing")
            found.append(provider)
    return tuple(found)


def _assignments(body: Members) -> tuple[AttributeAssignment, ...]:
    return tuple(map(new_assignment, body.inners("userAttributeAssignments", max_items=_ASSIGNMENTS_LIMIT) or ()))


def _connectors(body: Members) -> Mapping[ConnectorStep, str]:
    configuration = body.inner("apiConnectorConfiguration")
    if configuration is None:
        return {}
    found: dict[ConnectorStep, str] = {}
    for step in ConnectorStep:
        relation = configuration.inner(step.value)
        connector = None if relation is None else referenced(relation, "apiConnectors")
        if connector is not None:
            found[step] = connector
    return found


def _option(members: Members) -> AttributeOption:
    value = members.text("value", blank=True)
    return AttributeOption(members.optional_text("name") or value, value, members.flag("isDefault") or False)


def _page(members: Members) -> FlowPage:
    return FlowPage(members.optional_text("uri") or "", members.optional_text("layout") or "")


def _texts_of_language(members: Members) -> Mapping[str, str]:
    return {name: members.text(name, blank=True) for name in members.values}


_Value = TypeVar("_Value")


def _mapped(
    body: Members, name: str, present: Mapping[str, _Value], read: Callable[[Members], _Value], limit: int
) -> Mapping[str, _Value]:
    inner = body.inner(name)
    if inner is None:
        return present
    if len(inner.values) > limit:
        raise body.wrong(name, f"has more than {limit} members")
    return {key: read(inner.required_inner(key)) for key in inner.values}


def _overlaid(members: Members | None, present: _Part) -> _Part:
    """Return a part of a flow with the members that were sent; null clears what may be without a value."""
    if members is None:
        return present
    changed: dict[str, object] = {}
    for field in fields(present):
        name, value = _camel(field.name), getattr(present, field.name)
        sent: object = members.integer(name) if _is_number(field.type) else None
        if isinstance(value, bool):
            sent = members.flag(name)
        elif isinstance(value, str):
            sent = members.optional_text(name)
        if sent is not None or (members.is_null(name) and "None" in str(field.type)):
            changed[field.name] = sent
    return replace(present, **changed)  # type: ignore[arg-type]  # each was read as the type of its field


def _is_number(annotation: object) -> bool:
    return str(annotation).startswith("int")


def _shown(part: TokenLifetimes | FlowSession | PasswordRules) -> Entity:
    return {_camel(field.name): getattr(part, field.name) for field in fields(part)}


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(each.title() for each in rest)


def _texts(body: Members, name: str, present: tuple[str, ...]) -> tuple[str, ...]:
    return _or(body.texts(name), present)


def _flag(body: Members, name: str, *, present: bool) -> bool:
    return _or(body.flag(name), present)


def _or(sent: _Value | None, present: _Value) -> _Value:
    return present if sent is None else sent
