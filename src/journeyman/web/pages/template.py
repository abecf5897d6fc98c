"""Custom page templates: the text of a template and a page's fragment in, one merged document out.

The element with ``id="api"`` receives the fragment, everything else is kept (pages.md §2). The
document is written anew from what the parser read, every attribute value escaped, so that nothing
reads differently in a browser than it did here. Our choices: comments, frames, ``<base>`` and
refreshing ``<meta>`` never survive; without ScriptExecution no script, event handler or script URL does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

from journeyman.errors import JourneymanError

LIMIT_CHARACTERS: Final = 1_000_000
_VOID: Final = frozenset(
    {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)
_DROPPED: Final = frozenset({"iframe", "frame", "frameset", "object", "applet", "noframes", "noembed", "xmp"})
_DROPPED_VOID: Final = frozenset({"base", "embed", "frame"})
_URL_ATTRIBUTES: Final = frozenset(
    {"href", "src", "action", "formaction", "xlink:href", "data", "poster", "background", "to", "from", "values"}
)
_ELEMENT_NAME: Final = re.compile(r"[a-z][a-z0-9:-]*")
_RAW: Final = frozenset({"script", "style"})

Attributes = list[tuple[str, str | None]]


class TemplateError(JourneymanError):
    """A custom page template cannot be used; the page is shown as an error."""

    code = "JM6101"


@dataclass(frozen=True, slots=True)
class Insertion:
    """What goes into a template."""

    fragment: str
    head: str
    data_name: str
    comment: str
    language: str
    right_to_left: bool
    nonce: str
    script_allowed: bool


def merge_template(template: str, insertion: Insertion) -> str:
    """Return the template with the page in it.

    Raises:
        TemplateError: no element has the id ``api``, more than one has, or the template is too long.
    """
    if len(template) > LIMIT_CHARACTERS:
        raise TemplateError(f"the page template is longer than {LIMIT_CHARACTERS} characters")
    parser = _TemplateParser(insertion)
    parser.feed(template)
    parser.close()
    return parser.document()


def template_sources(template: str, template_url: str) -> tuple[str, ...]:
    """Return the origins that a template loads from, its own first, for the Content-Security-Policy."""
    parser = _SourceParser()
    parser.feed(template[:LIMIT_CHARACTERS])
    parser.close()
    found = dict.fromkeys(origin for url in (template_url, *parser.urls) if (origin := _origin(url)))
    return tuple(found)


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} and parts.netloc else ""


class _SourceParser(HTMLParser):
    """Collects the addresses of style sheets, scripts and media."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.urls: list[str] = []

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if tag in {"link", "script", "img", "source", "video", "audio", "image"}:
            self.urls += [value for name, value in attrs if name in {"href", "src"} and value]


class _TemplateParser(HTMLParser):
    """Writes the document; the standard library's parser can only be used by inheriting from it."""

    def __init__(self, insertion: Insertion) -> None:
        super().__init__(convert_charrefs=False)
        self._insertion = insertion
        self._parts: list[str] = []
        self._dropping: str | None = None  # the element whose content is left out
        self._depth = 0  # open elements of its name
        self._inserted = False
        self._has_head = False
        self._after_html: int | None = None
        self._raw: str | None = None

    def document(self) -> str:
        """Return what was written."""
        if not self._inserted:
            raise TemplateError('the page template has no element with id="api"')
        parts = list(self._parts)
        if not self._has_head:
            parts.insert(self._after_html or 0, f"<head>\n{self._insertion.head}</head>")
        if self._after_html is None:
            parts.insert(0, self._start("html", [], is_api=False))
        return f"<!DOCTYPE html>\n<!-- {self._insertion.comment} -->\n{''.join(parts)}"

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if self._dropping is not None:
            self._depth += tag == self._dropping and tag not in _VOID
            return
        if tag in _DROPPED_VOID or _is_refresh(tag, attrs) or not _ELEMENT_NAME.fullmatch(tag):
            return
        if self._is_dropped(tag):
            self._dropping, self._depth = tag, 1
            return
        is_api = ("id", "api") in attrs
        if is_api and self._inserted:
            raise TemplateError('the page template has more than one element with id="api"')
        self._raw = tag if tag in _RAW else None
        self._parts.append(self._start(tag, attrs, is_api=is_api))
        self._fill(tag, is_api=is_api)

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        # In HTML a slash closes void elements only; a browser reads <div/> as a start tag.
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._dropping is not None:
            self._depth -= tag == self._dropping
            if self._depth <= 0:
                self._dropping = None
            return
        self._raw = None
        if tag not in _VOID and not self._is_dropped(tag) and _ELEMENT_NAME.fullmatch(tag):
            self._parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self._dropping is None:
            self._parts.append(data if self._raw else escape(data, quote=False))

    def handle_entityref(self, name: str) -> None:
        if self._dropping is None:
            self._parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        if self._dropping is None:
            self._parts.append(f"&#{name};")

    def _is_dropped(self, tag: str) -> bool:
        return tag in _DROPPED or (tag == "script" and not self._insertion.script_allowed)

    def _fill(self, tag: str, *, is_api: bool) -> None:
        if tag == "html":
            self._after_html = len(self._parts)
        elif tag == "head" and not self._has_head:
            self._has_head = True
            self._parts.append(self._insertion.head)
        if is_api:
            self._insert(tag)

    def _insert(self, tag: str) -> None:
        self._inserted = True
        self._parts.append(f"\n{self._insertion.fragment}\n</{tag}>")
        if tag not in _VOID:
            self._dropping, self._depth = tag, 1

    def _start(self, tag: str, attrs: Attributes, *, is_api: bool) -> str:
        kept = [(name, value) for name, value in attrs if self._is_kept(name, value)]
        if tag == "html":
            kept = [pair for pair in kept if pair[0] not in {"lang", "dir"}]
            kept.append(("lang", self._insertion.language))
            kept += [("dir", "rtl")] if self._insertion.right_to_left else []
        if tag == "script":
            kept = [pair for pair in kept if pair[0] != "nonce"] + [("nonce", self._insertion.nonce)]
        if is_api:
            kept = [pair for pair in kept if pair[0] != "data-name"] + [("data-name", self._insertion.data_name)]
        return f"<{tag}{''.join(_attribute(name, value) for name, value in kept)}>"

    def _is_kept(self, name: str, value: str | None) -> bool:
        if not _is_attribute_name(name) or name == "srcdoc":
            return False
        if self._insertion.script_allowed:
            return True
        return not name.startswith("on") and not (name in _URL_ATTRIBUTES and _is_script_url(value or ""))


def _attribute(name: str, value: str | None) -> str:
    return f" {name}" if value is None else f' {name}="{escape(value)}"'


def _is_attribute_name(name: str) -> bool:
    return bool(name) and not any(character in name for character in "\"'<>=/`") and name.isprintable()


def _is_refresh(tag: str, attrs: Attributes) -> bool:
    return tag == "meta" and any(name == "http-equiv" for name, _ in attrs)


def _is_script_url(value: str) -> bool:
    plain = "".join(character for character in unescape(value) if character.isprintable() and not character.isspace())
    return plain.casefold().startswith(("javascript:", "vbscript:", "data:text/html", "data:image/svg"))
