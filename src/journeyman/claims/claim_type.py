"""A claim type as the compiler made it: everything that a value, a field or a token needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from journeyman.claims.predicates import PredicateValidation
from journeyman.claims.restriction import Mask, Option, Pattern
from journeyman.claims.values import DataType


class Sensitivity(Enum):
    """What a record may show of a claim: everything, only with a flag, or length and keyed hash."""

    PLAIN = "plain"
    PERSONAL = "personal"
    SECRET = "secret"  # noqa: S105  # the name of a class of claims


class UserInputType(Enum):
    """The control that a page draws for a claim."""

    TEXT_BOX = "TextBox"
    EMAIL_BOX = "EmailBox"
    PASSWORD = "Password"  # noqa: S105  # the name of a control
    DATE_TIME_DROPDOWN = "DateTimeDropdown"
    DROPDOWN_SINGLE_SELECT = "DropdownSingleSelect"
    RADIO_SINGLE_SELECT = "RadioSingleSelect"
    CHECKBOX_MULTI_SELECT = "CheckboxMultiSelect"
    READONLY = "Readonly"
    PARAGRAPH = "Paragraph"
    BUTTON = "Button"


@dataclass(frozen=True, slots=True)
class ClaimType:
    """A claim type; ``id`` has the declared spelling and is the key in the claims bag."""

    id: str
    data_type: DataType = DataType.STRING
    display_name: str = ""
    user_help_text: str = ""
    user_input_type: UserInputType | None = None
    options: tuple[Option, ...] = ()
    pattern: Pattern | None = None
    predicate_validation: PredicateValidation | None = None
    mask: Mask | None = None
    partner_names: Mapping[str, str] = field(default_factory=dict)  # protocol name in lower case -> wire name
    sensitivity: Sensitivity = Sensitivity.PLAIN
