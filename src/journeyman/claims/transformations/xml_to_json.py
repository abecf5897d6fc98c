"""XmlStringToJsonString: XML text in, JSON text in the shape of Json.NET out (claims.md B.7).

Elements become members, repeated siblings an array, attributes ``@name``, text beside them ``#text``, the
declaration ``?xml``. Comments and processing instructions are left out. Document types are refused.
"""

from __future__ import annotations

from typing import Final
from xml.parsers import expat  # document types, and with them entities, are refused below

from journeyman.claims.json_text import MAX_DEPTH, MAX_TEXT, JsonTextError, compact
from journeyman.claims.transformations.arguments import failure, text_of
from journeyman.claims.transformations.contract import Inputs, Method, Outputs, Parameters, Surroundings
from journeyman.claims.values import Json

_TEXT: Final = "#text"


def _convert(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    text = text_of(inputs, "xml")
    if text is None:
        raise failure("the input claim xml has no value")
    try:
        return {"json": compact(_Document().read(text))}
    except (expat.ExpatError, JsonTextError, UnicodeEncodeError):
        # The parser's message may quote the text.
        raise failure("the XML cannot be read") from None


class _Document:
    """One document while it is read; the innermost open element is the last of ``_open``."""

    __slots__ = ("_data", "_open", "_parser")

    def __init__(self) -> None:
        self._open: list[dict[str, Json]] = [{}]
        self._data = b""
        # The text is no longer bytes, so what its declaration says of an encoding does not count.
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.ordered_attributes = True
        self._parser.XmlDeclHandler = self._declaration
        self._parser.StartDoctypeDeclHandler = self._document_type
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def read(self, text: str) -> Json:
        if len(text) > MAX_TEXT:
            raise failure(f"the XML is longer than {MAX_TEXT} characters")
        self._data = text.encode()
        self._parser.Parse(self._data, True)  # noqa: FBT003  # the parser's own signature
        return self._open[0]

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        declared: dict[str, Json] = {"@version": version}
        if encoding is not None:
            declared["@encoding"] = encoding
        if standalone >= 0:
            declared["@standalone"] = "yes" if standalone else "no"
        self._open[0]["?xml"] = declared

    def _document_type(self, *_declared: object) -> None:
        raise failure("the XML has a document type")

    def _start(self, _name: str, attributes: list[str]) -> None:
        if len(self._open) > MAX_DEPTH // 2:
            raise failure("the XML is nested too deep")
        self._open.append({f"@{name}": value for name, value in zip(attributes[::2], attributes[1::2], strict=True)})

    def _end(self, name: str) -> None:
        element = self._open.pop()
        # Json.NET makes null of <a/> and an empty text of <a></a>.
        empty_tag = not self._data.startswith(b"</", self._parser.CurrentByteIndex)
        _add(self._open[-1], name, _content(element, empty_tag=empty_tag))

    def _characters(self, text: str) -> None:
        if text.strip():
            _add(self._open[-1], _TEXT, text)


def _content(element: dict[str, Json], *, empty_tag: bool) -> Json:
    if not element:
        return None if empty_tag else ""
    return element[_TEXT] if list(element) == [_TEXT] else element


def _add(parent: dict[str, Json], name: str, value: Json) -> None:
    """Add a member; from the second of its name on they are an array."""
    if name not in parent:
        parent[name] = value
        return
    held = parent[name]
    # An element is never a list itself, so a list here is what this function made.
    parent[name] = [*held, value] if isinstance(held, list) else [held, value]


METHODS: Final = (Method("XmlStringToJsonString", _convert, inputs=frozenset({"xml"}), outputs=frozenset({"json"})),)
