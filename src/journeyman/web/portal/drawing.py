"""Draw a template of the portal: values in, HTML out. Everything is escaped, and what is invisible is made visible."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup, escape

from journeyman.web.pages.jinja import environment, page_templates
from journeyman.web.portal.wording import OUTCOMES, PHASES, body_text, milliseconds, visible


def draw(name: str, values: Mapping[str, object]) -> str:
    """Draw a template."""
    text = _templates().get_template(name).render(values)
    # Claims may hold unpaired surrogates out of JSON, which cannot be sent as UTF-8.
    return text.encode("utf-8", "replace").decode()


def moment(at: datetime) -> Markup:
    """Return a time element; the page's script rewrites its text in the person's time zone."""
    utc = at.astimezone(UTC)
    text = f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    return Markup('<time datetime="{}">{}</time>').format(escape(utc.isoformat()), escape(text))


@cache
def _templates() -> Environment:
    made = environment(Path(__file__).parent / "templates", page_templates())
    made.globals.update(
        show=visible,
        moment=moment,
        outcomes=OUTCOMES,
        phase_names=PHASES,
        body_text=body_text,
        milliseconds=milliseconds,
    )
    return made
