"""Write a user flow as TrustFrameworkPolicy XML: its plan in, text out.

Whatever comes from the settings is escaped as one step, so that no name, label or address becomes markup,
a placeholder of the policy language (``{Settings:Name}``) or a character that XML does not know.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from journeyman.policy.user_flow.plan import FlowPlan

EMAIL_PATTERN: Final = (
    r"^[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$"
)
USER_NAME_PATTERN: Final = r"^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$"
CHARACTER_CLASSES: Final = (
    ("LowercaseLetter", "a-z", "a lowercase letter"),
    ("UppercaseLetter", "A-Z", "an uppercase letter"),
    ("Digit", "0-9", "a digit"),
    ("Symbol", r"""@#$%^&*\-_+=[]{}|\\:',.?/`~"();!<>""", "a symbol"),
)
"""Id, characters and text of the predicates of a new password."""

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WRITTEN: Final = {ord("\t"): "&#9;", ord("\n"): "&#10;", ord("\r"): "&#13;"}
_PLACEHOLDER: Final = re.compile(r"\{(?=[A-Za-z])")


def render_flow(plan: FlowPlan) -> str:
    """Return the policy of a user flow."""
    provider_claims = ("displayName", "givenName", "surname", *(field.claim for field in plan.fields))
    values = {"plan": plan, "flow": plan.flow, "provider_claims": _without_email(provider_claims)}
    text = _environment().get_template("policy.xml").render(values)
    # A value never holds a line break, so every empty line is one between the parts of templates.
    return "\n".join(line for line in text.split("\n") if line.strip()) + "\n"


def _without_email(claims: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(claim for claim in claims if claim != "email"))


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(f"{__file__.rpartition('/')[0]}/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        finalize=_written,
    )
    made.globals.update(
        email_pattern=EMAIL_PATTERN,
        user_name_pattern=USER_NAME_PATTERN,
        character_classes=CHARACTER_CLASSES,
        resolver=_resolver,
    )
    return made


def _written(value: object) -> object:
    """Return a value as XML writes it; what templates made themselves stays as it is."""
    if isinstance(value, Markup):
        return value
    text = _NOT_XML.sub("", str(value))
    written = str(escape(text)).translate(_WRITTEN)
    return Markup(_PLACEHOLDER.sub("&#123;", written))  # noqa: S704  escaped on the line before


def _resolver(name: str) -> Markup:
    """Return a claims resolver of the template itself."""
    return Markup("{%s}") % name
