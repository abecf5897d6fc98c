"""Claims on a page: a Field of the journey in, what its markup and ``SA_FIELDS`` need out.

Source: pages.md §4, §6 and §7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from journeyman.claims.claim_type import UserInputType
from journeyman.claims.predicates import parse_character_set
from journeyman.journey.page import Field, PageControl, RuleGroup, ValueRule

ScriptValue = str | bool | int | list["ScriptValue"] | dict[str, "ScriptValue"]

VERIFICATION_CONTROL: Final = "VerificationControl"
_NO_VALUE: Final = frozenset({UserInputType.READONLY, UserInputType.PARAGRAPH, UserInputType.BUTTON})
_INPUT_TYPES: Final[Mapping[UserInputType, str]] = {
    UserInputType.EMAIL_BOX: "email",
    UserInputType.PASSWORD: "password",
}
_NEW_PASSWORDS: Final = frozenset({"newpassword", "reenterpassword"})
_AUTOCOMPLETE: Final[Mapping[str, str]] = {
    "email": "email",
    "givenname": "given-name",
    "surname": "family-name",
    "displayname": "name",
    "streetaddress": "street-address",
    "city": "address-level2",
    "postalcode": "postal-code",
    "jobtitle": "organization-title",
}


@dataclass(frozen=True, slots=True)
class DatePart:
    """One of the three lists of a date."""

    name: str  # "day", "month" or "year"
    label: str
    options: tuple[tuple[str, str], ...]  # value, text
    selected: str


def rendered_type(field: Field) -> UserInputType:
    """Return the type that is drawn: a verified e-mail address is an EmailBox whatever the policy says."""
    if field.verify and field.input_type is UserInputType.TEXT_BOX:
        return UserInputType.EMAIL_BOX
    return field.input_type


def is_code(field: Field) -> bool:
    """Say whether a field takes the code of a verification control."""
    return field.role == "verificationcode"


def is_shown(field: Field) -> bool:
    """Say whether a field has markup; the sources know no Button claim, so it has none."""
    return field.input_type is not UserInputType.BUTTON


def html_input_type(field: Field) -> str:
    """Return the ``type`` of the input element of a one-line field."""
    return _INPUT_TYPES.get(rendered_type(field), "text")


def autocomplete(field: Field) -> str:
    """Return what the browser may fill in; the second password of a sign-up is a new one, too."""
    claim = field.claim_id.casefold()
    if is_code(field):
        return "one-time-code"
    if rendered_type(field) is UserInputType.PASSWORD:
        return "new-password" if claim in _NEW_PASSWORDS else "current-password"
    if rendered_type(field) is UserInputType.EMAIL_BOX:
        return "email"
    return _AUTOCOMPLETE.get(claim, "off" if claim.endswith("code") else "on")


def item_class(field: Field, version: tuple[int, int, int]) -> str:
    """Return the classes of a list item; the class of the claim came with version 2.1.8."""
    kind = rendered_type(field).value
    if field.control:
        return f"{kind} {field.claim_id}_li {'VerificationCode' if is_code(field) else field.claim_id}"
    return f"{kind} {field.claim_id}_li" if version >= (2, 1, 8) else kind


def title(field: Field) -> str:
    """Return the tooltip: how the value must look, else what the claim is, else its name."""
    return field.pattern_help or field.help_text or field.label


def chosen_values(field: Field) -> frozenset[str]:
    """Return the option values that are chosen at the start; several are joined by commas."""
    if field.value:
        values = field.value.split(",") if field.input_type is UserInputType.CHECKBOX_MULTI_SELECT else [field.value]
        return frozenset(value.strip() for value in values)
    selected = [option.value for option in field.options if option.selected]
    several = field.input_type is UserInputType.CHECKBOX_MULTI_SELECT
    return frozenset(selected if several else selected[:1])


def date_parts(field: Field, texts: Mapping[str, str]) -> tuple[DatePart, ...]:
    """Return the lists of a date; the page script adds the years around today's."""
    year, month, day = _date(field.value)
    months = [name.strip() for name in texts["months"].split(",")]
    numbered = tuple((str(index), name) for index, name in enumerate(months, start=1))
    days = tuple((str(number), str(number)) for number in range(1, 32))
    years = ((year, year),) if year else ()
    return (
        DatePart("day", texts["day"], days, day),
        DatePart("month", texts["month"], numbered, month),
        DatePart("year", texts["year"], years, year),
    )


def script_control(control: PageControl, fields: Sequence[Field]) -> dict[str, ScriptValue]:
    """Return the object of a display control in ``SA_FIELDS``; its claims stand in ``DISPLAY_FIELDS``."""
    return {
        "UX_INPUT_TYPE": VERIFICATION_CONTROL,
        "USER_INPUT_TYPE": "DisplayControl",
        "ID": control.id,
        "DN": "",
        "IS_REQ": False,
        "DISPLAY_FIELDS": [script_field(field) for field in fields if field.control == control.id],
    }


def script_field(field: Field) -> dict[str, ScriptValue]:
    """Return the object of a field in ``SA_FIELDS``."""
    kind = rendered_type(field)
    role: dict[str, ScriptValue] = (
        {"CONTROL_CLAIM": "VerificationCode" if is_code(field) else ""} if field.control else {}
    )
    rules: dict[str, ScriptValue] = {"PREDICATES": [_group(group) for group in field.rules]} if field.rules else {}
    return {
        **role,
        **rules,
        "UX_INPUT_TYPE": kind.value,
        "USER_INPUT_TYPE": field.input_type.value,
        "IS_TEXT": kind is UserInputType.TEXT_BOX,
        "IS_EMAIL": kind is UserInputType.EMAIL_BOX,
        "IS_PASSWORD": kind is UserInputType.PASSWORD,
        "IS_DATE": kind is UserInputType.DATE_TIME_DROPDOWN,
        "IS_RADIO": kind is UserInputType.RADIO_SINGLE_SELECT,
        "IS_DROP": kind is UserInputType.DROPDOWN_SINGLE_SELECT,
        "IS_TEXT_IN_PARAGRAPH": kind is UserInputType.PARAGRAPH,
        "IS_CHECK_MULTI": kind is UserInputType.CHECKBOX_MULTI_SELECT,
        "IS_LINK": False,
        "VERIFY": field.verify,
        "DN": field.label,
        "ID": field.claim_id,
        "U_HELP": field.help_text,
        "DAY_PRE": "0",
        "MONTH_PRE": "0",
        "YEAR_PRE": "0",
        "PAT": field.pattern or "",
        "PAT_DESC": field.pattern_help,
        "IS_REQ": field.required and kind not in _NO_VALUE,
        "IS_RDO": kind is UserInputType.READONLY,
        "PRE": "" if kind is UserInputType.PASSWORD else field.value,
        "OPTIONS": [{"VAL": option.value, "DISP": option.text} for option in field.options],
    }


def _group(group: RuleGroup) -> dict[str, ScriptValue]:
    return {
        "TEXT": group.text,
        "MIN": group.match_at_least,
        "REJECT": group.reject,
        "RULES": [_rule(rule) for rule in group.rules],
    }


def _rule(rule: ValueRule) -> dict[str, ScriptValue]:
    """Return what the page needs to test a value: ours, because the sources know no such member."""
    method = rule.method.strip().lower()
    values: dict[str, ScriptValue] = {name.upper(): value for name, value in rule.parameters.items()}
    if method == "includescharacters":
        values = {"SET": [first + last for first, last in parse_character_set(rule.parameters["characterset"])]}
    return {"METHOD": method, "TEXT": rule.text, **values}


def _date(value: str) -> tuple[str, str, str]:
    parts = value[:10].split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return "", "", ""
    year, month, day = (str(int(part)) for part in parts)
    return year, month, day
