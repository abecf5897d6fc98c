"""The forms of a user flow: fields in, edits of the flow out. Each form is about one part and leaves the others alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, TypeVar

from journeyman.management.errors import InvalidError
from journeyman.policy.user_flow.attributes import FlowAttribute, attribute_table, claim_of, find
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
    UserAttribute,
    UserFlow,
    UserFlowType,
)
from journeyman.web.portal.form import Form

E = TypeVar("E", bound=Enum)

_LONGEST_NUMBER: Final = 6

INPUTS: Final[Mapping[InputType, str]] = {
    InputType.TEXT_BOX: "One line of text",
    InputType.EMAIL_BOX: "E-mail address",
    InputType.DATE_TIME_DROPDOWN: "Date",
    InputType.RADIO_SINGLE_SELECT: "One of several, all visible",
    InputType.DROPDOWN_SINGLE_SELECT: "One of several, in a list",
    InputType.CHECKBOX_MULTI_SELECT: "Any of several",
}


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """An attribute on the form: whether the flow collects it, at which place, and whether tokens carry it."""

    id: str
    known: FlowAttribute
    place: int | None
    returned: bool
    assignment: AttributeAssignment | None

    @property
    def collected(self) -> bool:
        """Whether the flow asks for it."""
        return self.place is not None


def chosen(kind: type[E], text: str, member: str) -> E:
    """Return the choice that a field holds. Raises InvalidError when it is none of those on the form."""
    found = next((one for one in kind if one.value == text), None)
    if found is None:
        raise InvalidError(f"{member}: choose one of those on the form", member=member)
    return found


def new_flow(form: Form) -> UserFlow:
    """Return the flow of the form for a new one, with what its kind usually has."""
    kind = chosen(UserFlowType, form.text("type"), "type")
    local = chosen(LocalAccounts, form.text("localAccounts") or LocalAccounts.EMAIL.value, "localAccounts")
    collected = [AttributeAssignment(one) for one in form.all("collect")]
    return UserFlow(
        id=form.text("id"),
        type=kind,
        local_accounts=local,
        attributes=tuple(collected),
        claims=form.all("return"),
        identity_providers=form.all("provider"),
    )


def with_properties(flow: UserFlow, form: Form) -> UserFlow:
    """Take over the form of properties. Raises InvalidError."""
    ends = form.flag("windowEnds")
    return replace(
        flow,
        local_accounts=chosen(LocalAccounts, form.text("localAccounts"), "localAccounts"),
        identity_providers=form.all("provider"),
        email_verification=form.flag("emailVerification"),
        self_service_password_reset=form.flag("selfServicePasswordReset"),
        password_complexity=chosen(PasswordComplexity, form.text("passwordComplexity"), "passwordComplexity"),
        password_rules=PasswordRules(
            number(form, "minLength"), number(form, "maxLength"), number(form, "characterClasses")
        ),
        tokens=TokenLifetimes(
            number(form, "accessTokenMinutes"),
            number(form, "idTokenMinutes"),
            number(form, "refreshTokenDays"),
            number(form, "slidingWindowDays") if ends else None,
        ),
        session=FlowSession(
            number(form, "lifetimeMinutes"),
            form.flag("absolute"),
            form.text("scope"),
            number(form, "keepSignedInDays"),
        ),
        legacy_policy_claim=form.flag("legacyPolicyClaim"),
    )


def with_pages(flow: UserFlow, form: Form, names: Iterable[str]) -> UserFlow:
    """Take over the form of pages and languages. Raises InvalidError."""
    pages = {name: FlowPage(form.text(f"uri-{name}"), form.text(f"layout-{name}")) for name in names}
    languages = tuple(form.text("languages").replace(",", " ").split())
    texts = {tag: found for tag in languages if (found := _texts(form.text(f"texts-{tag}"), f"texts-{tag}"))}
    return replace(
        flow,
        template=form.text("template"),
        javascript=form.flag("javascript"),
        pages={name: page for name, page in pages.items() if page != FlowPage()},
        default_language=form.text("defaultLanguage"),
        language_customization=bool(languages),
        languages=languages,
        texts=texts,
    )


def with_attributes(flow: UserFlow, form: Form) -> UserFlow:
    """Take over which attributes are collected, in which order, and which tokens carry. Raises InvalidError."""
    kept = {claim_of(one.attribute).casefold(): one for one in flow.attributes}
    collected = [kept.get(claim_of(one).casefold(), AttributeAssignment(one)) for one in form.all("collect")]
    places = {one: number(form, f"place-{one}", empty=999) for one in form.all("collect")}
    ordered = sorted(zip(form.all("collect"), collected, strict=True), key=lambda pair: places[pair[0]])
    return replace(flow, attributes=tuple(one for _, one in ordered), claims=form.all("return"))


def with_connectors(flow: UserFlow, form: Form, steps: Sequence[ConnectorStep]) -> UserFlow:
    """Take over which API connector is called at which step."""
    bound = {step: form.text(step.value) for step in steps}
    return replace(flow, connectors={step: name for step, name in bound.items() if name})


def assignment(attribute: str, form: Form) -> AttributeAssignment:
    """Return what the form says of one attribute that the flow collects. Raises InvalidError."""
    return AttributeAssignment(
        attribute=attribute,
        display_name=form.text("displayName"),
        optional=form.flag("optional"),
        requires_verification=form.flag("requiresVerification"),
        input_type=chosen(InputType, form.text("inputType"), "inputType"),
        options=tuple(_option(line) for line in form.lines("options")),
    )


def attribute_rows(flow: UserFlow, attributes: Iterable[UserAttribute]) -> list[AttributeRow]:
    """Return every attribute of the tenant as the form shows it, those that the flow collects first, in its order."""
    places = {claim_of(one.attribute).casefold(): (at, one) for at, one in enumerate(flow.attributes, 1)}
    returned = {claim_of(one).casefold() for one in flow.claims}
    known = attribute_table(attributes)
    rows = []
    for name, one in known.items():
        place, assigned = places.get(name, (None, None))
        rows.append(AttributeRow(one.claim, one, place, name in returned, assigned))
    return sorted(rows, key=lambda row: (row.place is None, row.place or 0, row.known.label.casefold()))


def label_of(attributes: Iterable[UserAttribute], attribute: str) -> str:
    """Return how an attribute is called."""
    found = find(attribute_table(attributes), attribute)
    return found.label if found is not None else attribute


def number(form: Form, name: str, *, empty: int | None = None) -> int:
    """Return a whole number. Raises InvalidError; bounds are those of the management operations."""
    text = form.text(name)
    if not text and empty is not None:
        return empty
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        raise InvalidError(f"{name} is not a whole number", member=name)
    return int(text)


def option_lines(options: Iterable[AttributeOption]) -> str:
    """Return options as the form shows them: one a line, a star before the one that is chosen at first."""
    return "\n".join(f"{'*' if one.is_default else ''}{one.value} = {one.name}" for one in options)


def text_lines(texts: Mapping[str, str]) -> str:
    """Return texts as the form shows them: one a line."""
    return "\n".join(f"{name} = {text}" for name, text in texts.items())


def _option(line: str) -> AttributeOption:
    value, equals, name = line.removeprefix("*").partition("=")
    if not value.strip():
        raise InvalidError(f"options: {line[:100]!r} has no value; write value = text", member="options")
    return AttributeOption((name if equals else value).strip(), value.strip(), line.startswith("*"))


def _texts(text: str, member: str) -> dict[str, str]:
    found = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip():
            raise InvalidError(f"{member}: {line[:100]!r} is not NAME = TEXT", member=member)
        found[name.strip()] = value.strip()
    return found
