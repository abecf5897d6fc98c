"""The Jinja environment of the pages: a folder of templates in, everything escaped out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from journeyman.web.pages.static_files import asset_path


@cache
def environment(*folders: Path) -> Environment:
    """Return an environment over folders, the first found wins; ``asset`` gives a static file's address."""
    made = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["asset"] = asset_path
    return made


def page_templates() -> Path:
    """Return the folder of the templates of the pages."""
    return Path(__file__).parent / "templates"


def render(name: str, values: Mapping[str, object], *folders: Path) -> str:
    """Render a template; the folder of the pages is always among the folders."""
    text = environment(*folders, page_templates()).get_template(name).render(values)
    # Claims may hold unpaired surrogates out of JSON, which cannot be sent as UTF-8.
    return text.encode("utf-8", "replace").decode()
