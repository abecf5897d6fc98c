"""Read policy XML: a file in, a tree of elements and diagnostics out. The only place that parses XML.

The expat of the standard library is driven directly, because it knows line and column. A document type
declaration is refused, so there are no entities; depth, elements, attributes and bytes are limited.
The encoding that the XML declaration names is ignored: the bytes must be UTF-8.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.parsers import expat

from journeyman.diagnostics import Diagnostic, Location
from journeyman.policy import rules
from journeyman.policy.element import POLICY_NAMESPACE, Element
from journeyman.policy.problems import Problems
from journeyman.policy.substitution import SubstitutedText, Substitutions, substitute

_MIB: Final = 1024 * 1024
_MAX_BYTES: Final = 4 * _MIB
_MAX_DEPTH: Final = 100
_MAX_ELEMENTS: Final = 50_000
_MAX_ATTRIBUTES: Final = 100
_SEPARATOR: Final = " "
_PREFIX: Final = POLICY_NAMESPACE + _SEPARATOR
_ANY_CONTENT: Final = "Extensions"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def read_policy_file(path: Path, name: str) -> tuple[bytes | None, tuple[Diagnostic, ...]]:
    """Read a policy file; ``name`` is its path in diagnostics.

    Returns:
        The bytes, or None and the reason when there is no such file, it may not be read, or is larger than 4 MiB.
    """
    problems = Problems(name)
    try:
        # Opening a pipe would wait for a writer for ever.
        if path.exists() and not path.is_file():
            problems.report(rules.UNREADABLE, Location(name), reason="it is not a file")
            return None, problems.found
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        problems.report(rules.UNREADABLE, Location(name), reason=error.strerror or "the system refused it")
        return None, problems.found
    if len(data) > _MAX_BYTES:
        problems.report(rules.FILE_TOO_LARGE, Location(name), limit=_MAX_BYTES // _MIB)
        return None, problems.found
    return data, ()


def parse_source(data: bytes, name: str, substitutions: Substitutions) -> tuple[Element | None, tuple[Diagnostic, ...]]:
    """Parse the bytes of a policy file after replacing its placeholders.

    Args:
        data: UTF-8, with or without a byte order mark.
        name: the path of the file in diagnostics.
        substitutions: what placeholders stand for.

    Returns:
        The root element, or None when the file is refused; then an error among the diagnostics says why.
        Lines and columns are those of the file as written, both from 1.
    """
    problems = Problems(name)
    text = _decode(data, problems)
    if text is None:
        return None, problems.found
    substituted = substitute(text, substitutions, limit=_MAX_BYTES, problems=problems)
    if substituted is None:
        return None, problems.found
    root = _parse(substituted, problems)
    return root, problems.found


def _decode(data: bytes, problems: Problems) -> str | None:
    if len(data) > _MAX_BYTES:
        problems.report(rules.FILE_TOO_LARGE, Location(problems.path), limit=_MAX_BYTES // _MIB)
        return None
    if data.startswith(_UTF16_MARKS):
        problems.report(rules.ENCODING, Location(problems.path, 1, 1), reason="it is UTF-16")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", errors="replace")
        reason = f"the byte 0x{error.object[error.start]:02X} is not UTF-8"
        problems.report(rules.ENCODING, _end_of(before, problems.path), reason=reason)
        return None
    if "\0" in text:
        # expat would take such bytes for UTF-16, whatever encoding it is told.
        before = text.partition("\0")[0]
        problems.report(rules.ENCODING, _end_of(before, problems.path), reason="it holds the character U+0000")
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _end_of(text: str, path: str) -> Location:
    """Return the place of the character behind ``text``, the beginning of a file."""
    return Location(path, text.count("\n") + 1, len(text) - text.rfind("\n"))


class _RefusedError(Exception):
    """Parsing stops; the reason has been reported."""


@dataclass(slots=True)
class _Open:
    """An element whose end tag has not been read."""

    name: str
    attributes: dict[str, str]
    location: Location
    children: list[Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


def _parse(source: SubstitutedText, problems: Problems) -> Element | None:
    parser = expat.ParserCreate("utf-8", _SEPARATOR)
    parser.buffer_text = True
    builder = _TreeBuilder(parser, source, problems)
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    try:
        parser.Parse(source.text.encode("utf-8", errors="surrogatepass"), True)  # noqa: FBT003 - no keyword there
    except expat.ExpatError as error:
        column = source.original_column(error.lineno, error.offset) + 1
        reason = expat.ErrorString(error.code) or "it is not well-formed"
        problems.report(rules.NOT_WELL_FORMED, Location(problems.path, error.lineno, column), reason=reason)
        return None
    except _RefusedError:
        return None
    return builder.root


class _TreeBuilder:
    """Takes the events of expat and builds the elements."""

    def __init__(self, parser: expat.XMLParserType, source: SubstitutedText, problems: Problems) -> None:
        self.root: Element | None = None
        self._parser = parser
        self._source = source
        self._problems = problems
        self._open: list[_Open] = []
        self._elements = 0
        self._ignored_depth = 0

    def doctype(self, _name: str, _system: str | None, _public: str | None, _internal: bool) -> None:  # noqa: FBT001 - the signature of expat
        """Refuse the document type declaration."""
        # The event of expat stands behind the name.
        before = self._source.text.encode("utf-8", errors="surrogatepass")[: self._parser.CurrentByteIndex]
        start = before[: before.rfind(b"<!DOCTYPE")].decode("utf-8", errors="replace")
        self._problems.report(rules.DOCTYPE, _end_of(start, self._problems.path))
        raise _RefusedError

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Open an element, unless it stands in one that is ignored."""
        self._check_limits(attributes)
        if self._ignored_depth:
            self._ignored_depth += 1
            return
        if not name.startswith(_PREFIX):
            self._foreign(name)
            return
        if any(_SEPARATOR in key for key in attributes):
            attributes = {key: value for key, value in attributes.items() if _SEPARATOR not in key}
        local_name = name[len(_PREFIX) :]
        self._open.append(_Open(local_name, attributes, self._location()))
        if local_name == _ANY_CONTENT:
            self._ignored_depth = 1

    def end(self, _name: str) -> None:
        """Close the innermost element."""
        if self._ignored_depth:
            self._ignored_depth -= 1
            if self._ignored_depth or self._open[-1].name != _ANY_CONTENT:
                return
        closed = self._open.pop()
        text = "".join(closed.texts)
        if closed.children and not text.isspace() and text:
            self._problems.report(rules.STRAY_TEXT, closed.location, name=closed.name)
        element = Element(closed.name, closed.attributes, tuple(closed.children), text, closed.location)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element

    def characters(self, text: str) -> None:
        """Add character data to the innermost element."""
        if not self._ignored_depth:
            self._open[-1].texts.append(text)

    def _foreign(self, name: str) -> None:
        local_name = name.rpartition(_SEPARATOR)[2]
        if self._open:
            self._problems.report(rules.FOREIGN_ELEMENT, self._location(), name=local_name)
            self._ignored_depth = 1
            return
        if local_name == "TrustFrameworkPolicy":
            self._problems.report(rules.ROOT_NAMESPACE, self._location(), namespace=POLICY_NAMESPACE)
        else:
            self._problems.report(rules.NOT_A_POLICY, self._location(), name=local_name)
        raise _RefusedError

    def _check_limits(self, attributes: dict[str, str]) -> None:
        self._elements += 1
        reason = ""
        if len(self._open) + self._ignored_depth >= _MAX_DEPTH:
            reason = f"its elements are nested more than {_MAX_DEPTH} deep"
        elif self._elements > _MAX_ELEMENTS:
            reason = f"it has more than {_MAX_ELEMENTS} elements"
        elif len(attributes) > _MAX_ATTRIBUTES:
            reason = f"an element has more than {_MAX_ATTRIBUTES} attributes"
        if reason:
            self._problems.report(rules.XML_LIMIT, self._location(), reason=reason)
            raise _RefusedError

    def _location(self) -> Location:
        line = self._parser.CurrentLineNumber
        column = self._source.original_column(line, self._parser.CurrentColumnNumber)
        return Location(self._problems.path, line, column + 1)
