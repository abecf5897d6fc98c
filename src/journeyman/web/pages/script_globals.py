"""The variables that custom scripts and scripted clients read from a page: SETTINGS, CONTENT, SA_FIELDS, CP.

Each is one statement on a line of its own, in compact JSON, as clients look for ``"csrf":"…"`` with
regular expressions (pages.md §4 and §14).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from markupsafe import Markup

from journeyman.journey.page import Page, PageApi
from journeyman.web.pages.fields import ScriptValue, is_shown, script_control, script_field
from journeyman.web.pages.transaction import Transaction


def page_globals(page: Page, transaction: Transaction, texts: Mapping[str, str]) -> Markup:
    """Return the statements, ready for a script element."""
    variables: dict[str, ScriptValue] = {
        "SETTINGS": _settings(page, transaction),
        "CONTENT": dict(texts),
    }
    if page.api is not PageApi.PROVIDER_SELECTION:
        variables["SA_FIELDS"] = {"AttributeFields": _attribute_fields(page)}
    variables["CP"] = {"list": [{"id": option.exchange_id, "description": option.text} for option in page.options]}
    lines = [f"var {name} = {script_json(value)};" for name, value in variables.items()]
    return Markup("\n".join(lines))  # noqa: S704 - script_json leaves no character that could end the element


def _attribute_fields(page: Page) -> list[ScriptValue]:
    """Return the fields in the order of the page, each display control in the place of its first claim."""
    controls = {control.id: control for control in page.controls}
    found: list[ScriptValue] = []
    for field in page.fields:
        control = controls.pop(field.control, None)
        if control is not None:
            found.append(script_control(control, page.fields))
        elif is_shown(field) and not field.control:
            found.append(script_field(field))
    return found


def script_json(value: ScriptValue) -> str:
    """Return compact JSON that cannot leave a script element: ``<`` and ``>`` are written as escapes."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e")


def _settings(page: Page, transaction: Transaction) -> dict[str, ScriptValue]:
    language, _, country = page.language.partition("-")
    return {
        "remoteResource": page.template_url,
        "trimSpacesInPassword": True,
        "api": page.api.value,
        "csrf": transaction.csrf,
        "transId": transaction.tx,
        "pageViewId": transaction.page_view_id,
        "config": _config(page),
        "hosts": {"tenant": transaction.base_path, "policy": transaction.policy, "static": "/static/"},
        "locale": {"lang": language, "country": country},
    }


def _config(page: Page) -> dict[str, ScriptValue]:
    return {
        "showContinueButton": page.show_continue,
        "showCancelButton": page.show_cancel,
        "showSignupLink": page.sign_up,
        "enableRememberMe": page.remember_me,
        "forgotPasswordLinkLocation": page.forgot_password.value,
        "inputVerificationDelayTimeInMilliseconds": page.input_delay_ms,
        "passwordMismatchInline": page.content.version >= (2, 1, 19),  # ours
    }
