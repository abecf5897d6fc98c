"""The page with which an API ends a journey: its message in, a whole HTML document out.

Source: rest-connectors.md §15.4 (ShowBlockPage); the markup and the two texts around the message are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup

from journeyman.web.pages.jinja import render
from journeyman.web.pages.render import comment_text, design, is_right_to_left
from journeyman.web.pages.template import Insertion, merge_template

DATA_NAME: Final = "GlobalException"
TEXTS: Final[Mapping[str, str]] = {
    "blockpage_title": "You cannot continue",
    "blockpage_close": "You can close this page.",
}
"""UxElement string id -> the built-in text."""


def render_block(
    message: str,
    *,
    language: str,
    texts: Mapping[str, str],
    correlation_id: str,
    template_url: str,
    nonce: str,
    brand: str,
    template: str | None = None,
) -> str:
    """Return the document.

    Args:
        message: what the API says to the person; nothing in it is read as markup.
        texts: UxElement string id in lower case -> text of the policy.
        template: the text of the custom template at ``template_url``; None for ours.

    Raises:
        TemplateError: ``template`` has no element with the id ``api``.
    """
    values: dict[str, object] = {
        "correlation_id": comment_text(correlation_id),
        "language": language,
        "direction": "rtl" if is_right_to_left(language) else "ltr",
        "design": design(template_url),
        "data_name": DATA_NAME,
        "brand": brand,
        "nonce": nonce,
        "heading": texts.get("blockpage_title", TEXTS["blockpage_title"]),
        "close": texts.get("blockpage_close", TEXTS["blockpage_close"]),
        "message": message,
    }
    values["fragment"] = Markup(render("block_fragment.html", values))  # noqa: S704 - escaped by Jinja
    if template is None:
        return render("block.html", values)
    insertion = Insertion(
        fragment=str(values["fragment"]),
        head=render("block_head.html", values),
        data_name=DATA_NAME,
        comment=f"CorrelationId: {values['correlation_id']}",
        language=language,
        right_to_left=is_right_to_left(language),
        nonce=nonce,
        script_allowed=False,
    )
    return merge_template(template, insertion)
