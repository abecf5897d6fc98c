"""Values of a user flow that no policy could be made of: a flow in, the refusal of the first wrong member out.

Members are named as the management API names them. Source: pages.md §13.2, graph-api.md §4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from journeyman.management.errors import InvalidError
from journeyman.management.texts import https_url, one_line
from journeyman.settings.identity import (
    USER_FLOW_PREFIX,
    AttributeAssignment,
    ConnectorStep,
    PasswordComplexity,
    PasswordRules,
    UserFlow,
    UserFlowType,
)

TEMPLATES: Final = ("oceanBlue", "slateGray", "classic")
SESSION_SCOPES: Final = ("Tenant", "Application", "Policy", "Suppressed")

_ID: Final = re.compile(r"B2C_1_[A-Za-z0-9_-]{1,64}")
_LANGUAGE: Final = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,4}")
_LAYOUT: Final = re.compile(r"([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})?")
_RESOLVER: Final = re.compile(r"\{[A-Za-z:0-9-]{1,64}\}")
_CUSTOM_POLICY: Final = "b2c_1a_"
_ITEMS: Final = 200
_TEXT: Final = 4000
_SIGN_UP: Final = frozenset({UserFlowType.SIGN_UP_OR_SIGN_IN, UserFlowType.SIGN_UP})
_DUPLICATE: Final = "AADB2C99022"


def flow_id(name: str) -> str:
    """Return the id of a new user flow: the prefix is added where it is missing. Raises InvalidError."""
    if name.lower().startswith(_CUSTOM_POLICY):
        raise InvalidError("id begins with B2C_1A_, which custom policies have; leave it out", member="id")
    bare = name[len(USER_FLOW_PREFIX) :] if name.upper().startswith(USER_FLOW_PREFIX) else name
    if not _ID.fullmatch(USER_FLOW_PREFIX + bare):
        raise InvalidError("id has 1 to 64 letters, digits, '_' and '-' after B2C_1_", member="id")
    return USER_FLOW_PREFIX + bare


def language_tag(text: str, member: str) -> str:
    """Return a language tag. Raises InvalidError."""
    if not _LANGUAGE.fullmatch(text):
        raise InvalidError(f"{member} is not a language tag; write one like en or pt-BR", member=member)
    return text


def steps_of(kind: UserFlowType) -> tuple[ConnectorStep, ...]:
    """Return the steps at which a user flow of a kind calls API connectors (rest-connectors.md §15.2)."""
    if kind in _SIGN_UP:
        return tuple(ConnectorStep)
    return (ConnectorStep.PRE_TOKEN_ISSUANCE,) if kind is UserFlowType.SIGN_IN else ()


def refuse_wrong(flow: UserFlow) -> None:
    """Raise InvalidError when a value of the flow is wrong whatever else there is in the tenant."""
    for wrong in (*_wrong_connectors(flow), *_wrong_numbers(flow), *_wrong_choices(flow)):
        raise wrong
    _refuse_wrong_lists(flow)
    _refuse_wrong_languages(flow)
    for name, page in flow.pages.items():
        _refuse_wrong_page(name, page.uri, page.layout)
    for index, assignment in enumerate(flow.attributes):
        _refuse_wrong_assignment(assignment, f"userAttributeAssignments/{index}")


def _wrong_connectors(flow: UserFlow) -> Iterator[InvalidError]:
    allowed = steps_of(flow.type)
    for step in flow.connectors:
        if step not in allowed:
            member = f"apiConnectorConfiguration/{step.value}"
            known = ", ".join(each.value for each in allowed) or "none"
            detail = f"{member} cannot be set: a user flow of the type {flow.type.value} has these steps: {known}"
            yield InvalidError(detail, member=member)


def _wrong_numbers(flow: UserFlow) -> Iterator[InvalidError]:
    tokens, session, rules = flow.tokens, flow.session, flow.password_rules
    window = 1 if tokens.sliding_window_days is None else tokens.sliding_window_days
    for member, value, least, most in (
        ("userFlowTypeVersion", flow.type_version, 1, 99),
        ("x_tokens/accessTokenMinutes", tokens.access_token_minutes, 5, 1440),
        ("x_tokens/idTokenMinutes", tokens.id_token_minutes, 5, 1440),
        ("x_tokens/refreshTokenDays", tokens.refresh_token_days, 1, 90),
        ("x_tokens/slidingWindowDays", window, 1, 365),
        ("x_session/lifetimeMinutes", session.lifetime_minutes, 15, 1440),
        ("x_session/keepSignedInDays", session.keep_signed_in_days, 0, 90),
        ("x_passwordRules/minLength", rules.min_length, 4, 64),
        ("x_passwordRules/maxLength", rules.max_length, rules.min_length, 256),
        ("x_passwordRules/characterClasses", rules.character_classes, 0, 4),
    ):
        if not least <= value <= most:
            yield InvalidError(f"{member} lies between {least} and {most}", member=member)


def _wrong_choices(flow: UserFlow) -> Iterator[InvalidError]:
    for member, value, known in (
        ("x_template", flow.template, TEMPLATES),
        ("x_session/scope", flow.session.scope, SESSION_SCOPES),
    ):
        if value not in known:
            yield InvalidError(f"{member} is not one of {', '.join(known)}", member=member)
    if flow.password_complexity is not PasswordComplexity.CUSTOM and flow.password_rules != PasswordRules():
        yield InvalidError(
            'x_passwordRules has no effect; set x_passwordComplexity to "custom"', member="x_passwordRules"
        )


def _refuse_wrong_lists(flow: UserFlow) -> None:
    for member, items in (
        ("identityProviders", flow.identity_providers),
        ("userAttributeAssignments", [each.attribute for each in flow.attributes]),
        ("x_claims", flow.claims),
        ("x_languages", flow.languages),
    ):
        if len(items) > _ITEMS:
            raise InvalidError(f"{member} has at most {_ITEMS} items", member=member)
        twice = _twice(items)
        if twice is not None:
            detail = f"{member} names {twice!r} twice"
            raise InvalidError(detail, service_code=_DUPLICATE, member=member)


def _refuse_wrong_languages(flow: UserFlow) -> None:
    language_tag(flow.default_language, "defaultLanguageTag")
    for each in flow.languages:
        language_tag(each, "x_languages")
    for tag, texts in flow.texts.items():
        language_tag(tag, "x_texts")
        for name, text in texts.items():
            one_line(name, f"x_texts/{tag}")
            one_line(text.replace("\n", " "), f"x_texts/{tag}/{name}", limit=_TEXT, empty=True)


def _refuse_wrong_page(name: str, uri: str, layout: str) -> None:
    member = f"x_pages/{name}"
    one_line(name, "x_pages")
    if uri:
        # What a claims resolver stands for is not known here; the rest must be a URL.
        https_url(_RESOLVER.sub("x", uri), f"{member}/uri", plain_http=lambda _: True)
    if not _LAYOUT.fullmatch(layout):
        raise InvalidError(
            f"{member}/layout is not the version of a page layout, like 2.1.29", member=f"{member}/layout"
        )


def _refuse_wrong_assignment(assignment: AttributeAssignment, member: str) -> None:
    one_line(assignment.display_name, f"{member}/displayName", empty=True)
    values = f"{member}/userAttributeValues"
    if len(assignment.options) > _ITEMS:
        raise InvalidError(f"{values} has at most {_ITEMS} items", member=values)
    for option in assignment.options:
        one_line(option.name, f"{values}/name")
        one_line(option.value, f"{values}/value")
        if "," in option.value:
            raise InvalidError(
                f"{values}/value holds a comma, which stands between chosen values", member=f"{values}/value"
            )
    twice = _twice([option.value for option in assignment.options])
    if twice is not None:
        raise InvalidError(f"{values} has the value {twice!r} twice", member=values)


def _twice(items: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for each in items:
        if each.casefold() in seen:
            return each
        seen.add(each.casefold())
    return None
