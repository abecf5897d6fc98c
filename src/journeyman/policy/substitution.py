"""Replace the build-time placeholders of a policy file before it is parsed.

``{Settings:Name}`` becomes the value of the setting, everywhere but in comments and processing
instructions. The documentation's tenant, ``yourtenant.onmicrosoft.com``, becomes the tenant name;
``yourtenant`` alone becomes its first label where it is a whole value or the first label of a sign-in
host. Any other text is left as it is.

Sources are silent on ``{Settings:Tenant}`` without a setting of that name: it is the tenant name.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from journeyman.diagnostics import Location
from journeyman.policy import rules
from journeyman.policy.problems import Problems

_DOCUMENTED_TENANT: Final = "yourtenant.onmicrosoft.com"
_MAX_CANDIDATES: Final = 50_000
_CDATA: Final = "<![CDATA["
_CDATA_END: Final = "]]>"
_ENDS: Final[Mapping[str, str]] = {"<!--": "-->", "<?": "?>"}
# Every branch begins with one literal character, because only then is the search fast.
_CANDIDATE: Final = re.compile(r"<(?:!--|\?|!\[CDATA\[)|\]\]>|\{(?i:settings:)|y(?i:ourtenant)|Y(?i:ourtenant)")
_PLACEHOLDER: Final = re.compile(
    r"\{settings:(?P<setting>[^{}<>\"'&\n]{1,128})\}"
    r"|(?<![\w.\-])(?P<tenant>yourtenant\.onmicrosoft\.com)(?![\w\-])"
    r"|(?<![\w.\-])(?P<host>yourtenant)(?=\.(?:b2clogin|ciamlogin)\.com(?![\w\-]))"
    r"|(?<=[\"'>])(?P<value>yourtenant)(?=[\"'<])",
    re.IGNORECASE,
)
_ESCAPES: Final = {ord(char): f"&#{ord(char)};" for char in "&<>\"'\t\n\r"}


@dataclass(frozen=True, slots=True)
class Substitutions:
    """What placeholders stand for; ``tenant_name`` None leaves the documentation's tenant as it is."""

    settings: Mapping[str, str] = field(default_factory=dict)
    tenant_name: str | None = None


@dataclass(frozen=True, slots=True)
class Replacement:
    """One replaced placeholder: columns from 0, in the new line and in the line as written."""

    new_start: int
    new_end: int
    old_start: int
    old_end: int


@dataclass(frozen=True, slots=True)
class SubstitutedText:
    """A text with the values in it; ``replacements`` are by line number, in the order of columns."""

    text: str
    replacements: Mapping[int, list[Replacement]]

    def original_column(self, line: int, column: int) -> int:
        """Return the column in the file for a column of ``text``, both from 0."""
        replacements = self.replacements.get(line, [])
        index = bisect_right(replacements, column, key=lambda replacement: replacement.new_start)
        if index == 0:
            return column
        last = replacements[index - 1]
        return last.old_start if column < last.new_end else column - last.new_end + last.old_end


def substitute(text: str, substitutions: Substitutions, *, limit: int, problems: Problems) -> SubstitutedText | None:
    """Replace the placeholders in ``text``, whose lines end in LF.

    A value can never become markup: it is escaped, line breaks included, so that lines stay lines.

    Returns:
        The text; None when it is longer than ``limit`` characters or holds too many placeholders, which is reported.
    """
    if not _has_placeholder(text, substitutions):
        return SubstitutedText(text, {})
    writer = _Writer(text, limit)
    values = _values(substitutions)
    for count, (match, inside_cdata) in enumerate(_placeholders(text)):
        if count == _MAX_CANDIDATES:
            reason = f"it has more than {_MAX_CANDIDATES} comments and placeholders"
            problems.report(rules.XML_LIMIT, Location(problems.path), reason=reason)
            return None
        if writer.is_full:
            break
        if match is not None:
            _replace(match, values, writer, problems, inside_cdata=inside_cdata)
    substituted = writer.finish()
    if writer.is_full:
        reason = f"with the values of its placeholders it is longer than {limit} characters"
        problems.report(rules.XML_LIMIT, Location(problems.path), reason=reason)
        return None
    return substituted


def _placeholders(text: str) -> Iterator[tuple[re.Match[str] | None, bool]]:
    """Yield what may be a placeholder and whether it stands in a CDATA section; None for what is something else."""
    inside_cdata = False
    position = 0
    while candidate := _CANDIDATE.search(text, position):
        found = candidate.group()
        position = candidate.end()
        match = None
        if found in _ENDS and not inside_cdata:
            end = text.find(_ENDS[found], position)
            position = len(text) if end < 0 else end
        elif found in (_CDATA, _CDATA_END):
            inside_cdata = found == _CDATA
        elif match := _PLACEHOLDER.match(text, candidate.start()):
            position = match.end()
        yield match, inside_cdata


def _replace(
    match: re.Match[str], values: Mapping[str, str], writer: _Writer, problems: Problems, *, inside_cdata: bool
) -> None:
    kind = match.lastgroup or ""
    name = f"setting:{match.group(kind).strip().casefold()}" if kind == "setting" else kind
    value = values.get(name)
    if value is not None:
        escaped = value.translate(_ESCAPES)
        writer.put(match, f"]]>{escaped}{_CDATA}" if inside_cdata else escaped)
    elif kind == "setting":
        line, column = writer.place(match.start())
        location = Location(problems.path, line, column + 1)
        placeholder = match.group()
        problems.report(
            rules.UNRESOLVED_SETTING, location, placeholder=placeholder, name=match.group("setting").strip()
        )


def _has_placeholder(text: str, substitutions: Substitutions) -> bool:
    lowered = text.lower()
    tenant = substitutions.tenant_name
    return "{settings:" in lowered or (bool(tenant) and tenant != _DOCUMENTED_TENANT and "yourtenant" in lowered)


def _values(substitutions: Substitutions) -> Mapping[str, str]:
    values = {}
    tenant = substitutions.tenant_name
    if tenant:
        label = tenant.partition(".")[0]
        values = {"tenant": tenant, "host": label, "value": label, "setting:tenant": tenant}
    for name, value in substitutions.settings.items():
        values[f"setting:{name.strip().casefold()}"] = value
    return values


class _Writer:
    """Builds the new text and remembers, line by line, what was put where."""

    def __init__(self, text: str, limit: int) -> None:
        self._text = text
        self._limit = limit
        self._parts: list[str] = []
        self._copied = 0
        self._length = 0
        self._line = 1
        self._line_start = 0
        self._counted = 0
        self._shift = 0
        self._replacements: dict[int, list[Replacement]] = {}

    @property
    def is_full(self) -> bool:
        """Whether the new text is longer than it may be."""
        return self._length > self._limit

    def place(self, position: int) -> tuple[int, int]:
        """Return line (from 1) and column (from 0) of a position at or after the last one."""
        breaks = self._text.count("\n", self._counted, position)
        if breaks:
            self._line += breaks
            self._line_start = self._text.rindex("\n", self._counted, position) + 1
            self._shift = 0
        self._counted = position
        return self._line, position - self._line_start

    def put(self, match: re.Match[str], value: str) -> None:
        """Write ``value`` instead of the match."""
        line, column = self.place(match.start())
        new_start = column + self._shift
        length = len(match.group())
        self._shift += len(value) - length
        replacement = Replacement(new_start, new_start + len(value), column, column + length)
        self._replacements.setdefault(line, []).append(replacement)
        self._write(self._text[self._copied : match.start()])
        self._write(value)
        self._copied = match.end()

    def finish(self) -> SubstitutedText:
        """Copy the rest."""
        self._write(self._text[self._copied :])
        return SubstitutedText("".join(self._parts), self._replacements)

    def _write(self, part: str) -> None:
        self._length += len(part)
        self._parts.append(part)
