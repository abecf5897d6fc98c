"""Draw a page: a Page and its transaction in, a whole HTML document out.

Source: pages.md §2 to §7. The markup inside ``#api`` is the newest contract for every version that a
content definition may ask for; one design serves all built-in templates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from markupsafe import Markup

from journeyman.claims.claim_type import UserInputType
from journeyman.journey.page import Field, Page, PageApi, ProviderOption
from journeyman.web.pages import fields as controls
from journeyman.web.pages.jinja import render
from journeyman.web.pages.safe_html import safe_html
from journeyman.web.pages.script_globals import page_globals
from journeyman.web.pages.template import Insertion, merge_template
from journeyman.web.pages.texts import control_texts, identifier_label, page_texts
from journeyman.web.pages.transaction import Transaction

_TEMPLATES: Final[Mapping[PageApi, str]] = {
    PageApi.COMBINED: "combined.html",
    PageApi.SELF_ASSERTED: "self_asserted.html",
    PageApi.PROVIDER_SELECTION: "provider_selection.html",
}
DATA_NAMES: Final[Mapping[PageApi, str]] = {
    PageApi.COMBINED: "Unified",
    PageApi.SELF_ASSERTED: "SelfAsserted",
    PageApi.PROVIDER_SELECTION: "IdpSelections",
}
_CONTAINERS: Final[Mapping[PageApi, str]] = {
    PageApi.COMBINED: "unified_container",
    PageApi.SELF_ASSERTED: "self_asserted_container",
    PageApi.PROVIDER_SELECTION: "idp_selector_container",
}
_RIGHT_TO_LEFT: Final = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})


def render_page(page: Page, transaction: Transaction, *, nonce: str, template: str | None = None) -> str:
    """Return the document of a page.

    Args:
        nonce: stands in the Content-Security-Policy of the same response (``security.new_nonce``).
        template: the text of the custom template that the content definition names; None for ours.

    Raises:
        TemplateError: ``template`` has no element with the id ``api``.
    """
    values = _values(page, transaction, nonce)
    values["fragment"] = Markup(render(_TEMPLATES[page.api], values))  # noqa: S704 - escaped by Jinja
    if template is None:
        return render("page.html", values)
    insertion = Insertion(
        fragment=str(values["fragment"]),
        head=render("page_scripts_for_template.html", values),
        data_name=DATA_NAMES[page.api],
        comment=f"CorrelationId: {values['correlation_id']}",
        language=page.language,
        right_to_left=is_right_to_left(page.language),
        nonce=nonce,
        script_allowed=page.script_allowed,
    )
    return merge_template(template, insertion)


def is_right_to_left(language: str) -> bool:
    """Say whether a language is written from right to left."""
    return language.split("-", maxsplit=1)[0].casefold() in _RIGHT_TO_LEFT


def design(template_url: str) -> str:
    """Return the class of the body: which built-in design the policy asks for."""
    found = re.search(r"/templates/(AzureBlue|MSA)/", template_url, re.IGNORECASE)
    if found is None:
        return "default"
    return "MSA" if found.group(1).casefold() == "msa" else "AzureBlue"


def comment_text(text: str) -> str:
    """Return a text that cannot end an HTML comment."""
    return re.sub(r"[^0-9A-Za-z._-]", "", text).replace("--", "-")


def _values(page: Page, transaction: Transaction, nonce: str) -> dict[str, object]:
    texts = page_texts(page)
    shown = tuple(_field(field, page, texts) for field in page.fields if controls.is_shown(field))
    options = tuple((option, _option(option, page, transaction)) for option in page.options)
    return {
        "correlation_id": comment_text(transaction.correlation_id),
        "language": page.language,
        "direction": "rtl" if is_right_to_left(page.language) else "ltr",
        "design": design(page.template_url),
        "container_class": _CONTAINERS[page.api],
        "data_name": DATA_NAMES[page.api],
        "brand": transaction.brand_name,
        "nonce": nonce,
        "globals": page_globals(page, transaction, texts),
        "texts": texts,
        "message": page.message,
        "fields": shown,
        "items": _items(page, shown),
        "verify_needed": any(field.verify or field.control for field in page.fields),
        "buttons": tuple(values for option, values in options if not option.as_link),
        **_links(page, transaction, options),
        "show_continue": page.show_continue,
        "show_cancel": page.show_cancel,
        "sign_up": page.sign_up,
        "remember_me": page.remember_me,
        "forgot": page.forgot_password.value,
    }


def _items(page: Page, shown: tuple[dict[str, object], ...]) -> tuple[dict[str, object], ...]:
    """Return what stands on the page in its order: fields, and display controls with their fields."""
    controls = {control.id: control for control in page.controls}
    found: list[dict[str, object]] = []
    for field in shown:
        control = controls.pop(str(field["control"]), None)
        if control is not None:
            fields = tuple(each for each in shown if each["control"] == control.id)
            found.append({"control": {"id": control.id, "texts": control_texts(control, page), "fields": fields}})
        elif not field["control"]:
            found.append({"control": None, "field": field})
    return tuple(found)


def _links(
    page: Page, transaction: Transaction, options: tuple[tuple[ProviderOption, dict[str, str]], ...]
) -> dict[str, object]:
    listed = page.content.metadata.get("setting.bottomUnderFormClaimsProviderSelections") or ""
    below = {exchange.strip().casefold() for exchange in listed.split(",")}
    links = [(option.exchange_id.casefold(), values) for option, values in options if option.as_link]
    return {
        "top_links": tuple(values for exchange, values in links if exchange not in below),
        "bottom_links": tuple(values for exchange, values in links if exchange in below),
        "forgot_href": transaction.link(page.api, "forgotPassword"),
        "sign_up_href": transaction.link(page.api, "unified", local="signup"),
        "cancel_href": transaction.link(page.api, "cancelled"),
    }


def _option(option: ProviderOption, page: Page, transaction: Transaction) -> dict[str, str]:
    parameter = "social" if page.api is PageApi.COMBINED else "claimsprovider"
    href = transaction.link(page.api, "unified", **{parameter: option.exchange_id})
    return {"exchange_id": option.exchange_id, "text": option.text, "href": href}


def _field(field: Field, page: Page, texts: Mapping[str, str]) -> dict[str, object]:
    kind = controls.rendered_type(field)
    secret = kind is UserInputType.PASSWORD
    combined = page.api is PageApi.COMBINED
    return {
        "id": field.claim_id,
        "kind": kind.value,
        "is_password": secret,
        "html_type": controls.html_input_type(field),
        "label": field.label if secret or not combined else identifier_label(page),
        "title": controls.title(field),
        "help_text": field.help_text,
        "required": field.required,
        "value": "" if secret else field.value,
        "paragraph": safe_html(field.value) if kind is UserInputType.PARAGRAPH else "",
        "options": field.options,
        "chosen": controls.chosen_values(field),
        "pattern": field.pattern,
        "verify": field.verify,
        "control": field.control,
        "is_code": controls.is_code(field),
        "autocomplete": "current-password" if secret and combined else controls.autocomplete(field),
        "item_class": controls.item_class(field, page.content.version),
        "date_parts": controls.date_parts(field, texts) if kind is UserInputType.DATE_TIME_DROPDOWN else (),
    }
