"""Texts of a policy that may hold markup: any text in, a small safe subset of HTML out.

Paragraph claims carry links to terms of use (pages.md §7). Which elements may stand in one is not
documented; ours is a closed list, and everything else is shown as text.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

from markupsafe import Markup

_ELEMENTS: Final = frozenset({"a", "b", "strong", "i", "em", "u", "p", "ul", "ol", "li", "span"})
_VOID: Final = frozenset({"br"})
_SCHEMES: Final = frozenset({"http", "https", "mailto"})


def safe_html(text: str) -> Markup:
    """Return ``text`` with its safe elements kept and everything else escaped; every element is closed."""
    parser = _SafeParser()
    parser.feed(text)
    parser.close()
    return Markup("".join(parser.finish()))  # noqa: S704 - built from escaped parts alone


class _SafeParser(HTMLParser):
    """Collects escaped parts; an inheritance that the standard library's parser demands."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            self._parts.append(f"<{tag}>")
        elif tag in _ELEMENTS:
            self._open.append(tag)
            self._parts.append(f"<{tag}{_link(attrs) if tag == 'a' else ''}>")

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            return
        while self._open:
            closed = self._open.pop()
            self._parts.append(f"</{closed}>")
            if closed == tag:
                return

    def handle_data(self, data: str) -> None:
        self._parts.append(escape(data))

    def finish(self) -> list[str]:
        """Close what is open and return the parts."""
        closing = [f"</{tag}>" for tag in reversed(self._open)]
        self._open.clear()
        return [*self._parts, *closing]


def _link(attrs: list[tuple[str, str | None]]) -> str:
    target = next((value for name, value in attrs if name == "href" and value), None)
    if target is None or not _is_safe(target):
        return ""
    return f' href="{escape(target)}" target="_blank" rel="noopener noreferrer"'


def _is_safe(target: str) -> bool:
    try:
        return urlsplit(target.strip()).scheme.lower() in _SCHEMES
    except ValueError:
        return False
