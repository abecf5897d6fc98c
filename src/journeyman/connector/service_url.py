"""``ServiceUrl``: the metadata item in, a URL or a template of one out.

Source: rest-connectors.md §2, §3.1, §7. Percent-encoding, the look-up order of placeholders and the
refusal of dot segments are this project's decisions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from yarl import URL

from journeyman.claims.resolvers import Resolution, Resolver, compile_template
from journeyman.claims.values import ClaimValue, to_wire_text
from journeyman.compiler.compiled import ClaimMapping
from journeyman.connector.egress import parse_url
from journeyman.connector.errors import RequestRefusedError
from journeyman.connector.host_name import with_ascii_host
from journeyman.connector.limits import URL_LIMIT_BYTES

_ORIGIN: Final = re.compile(r"https?://[^/?#{}\s\\]+(?=[/?#]|$)", re.IGNORECASE)
_PLACEHOLDER: Final = re.compile(r"\{([^{}:\s]{1,256})\}")
_POSITIONAL: Final = re.compile(r"claim([0-9]{1,3})", re.IGNORECASE)
_KEPT: Final = "%/:?#[]@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A ``{name}`` that an input claim fills; ``name`` is that claim's name on the wire."""

    name: str


Part = str | Placeholder | Resolver


@dataclass(frozen=True, slots=True)
class ServiceUrl:
    """Where a call goes: ``fixed`` when every call goes to the same URL, else made from ``parts``.

    ``sample`` is the URL without what the claims bring; its origin is that of every call.
    """

    sample: URL
    fixed: URL | None
    parts: tuple[Part, ...]

    @property
    def template(self) -> str:
        """The URL as a template: what claims and resolvers bring reads ``{name}``."""
        return "".join(_written(part) for part in self.parts)

    def uses(self, name: str) -> bool:
        """Whether the claim of this name on the wire fills a placeholder."""
        return Placeholder(name) in self.parts

    def fill(self, values: Mapping[str, ClaimValue], resolution: Resolution) -> URL:
        """Return the URL of one call.

        Args:
            values: input claims by their name on the wire; a missing one is empty.

        Raises:
            RequestRefusedError: the URL would be too long, or a value would step out of its path segment.
        """
        if self.fixed is not None:
            return self.fixed
        text = "".join(_filled(part, values, resolution) for part in self.parts)
        if len(text) > URL_LIMIT_BYTES:
            detail = f"the URL of the call is longer than {URL_LIMIT_BYTES} bytes"
            raise RequestRefusedError(detail)
        path = text.partition("?")[0]
        if any(segment in {".", ".."} for segment in path.split("/")):
            # Servers take dot segments away, percent-encoded or not, and would answer for another resource.
            detail = "a claim would put '.' or '..' as a segment into the path of ServiceUrl"
            raise RequestRefusedError(detail)
        return URL(text, encoded=True)


def compile_service_url(
    text: str, inputs: Sequence[ClaimMapping], *, placeholders: bool, resolvers: bool
) -> ServiceUrl:
    """Read a ``ServiceUrl``.

    Args:
        inputs: the input claims, in document order.
        placeholders: whether ``{name}`` is filled: ``SendClaimsIn`` is ``Url``.
        resolvers: whether ``{Namespace:Name}`` is filled: ``ClaimResolverUrlFormatting``.

    Raises:
        EgressRefusedError: it is not an absolute URL that may be called.
    """
    text = with_ascii_host(text.strip().partition("#")[0])
    parts: list[Part] = []
    origin = _ORIGIN.match(text)
    end = origin.end() if origin else len(text)
    parts.append(text[:end])
    for piece in compile_template(text[end:], resolve=resolvers).parts:
        parts.extend(_claims_found(piece, inputs) if placeholders and isinstance(piece, str) else [piece])
    escaped = tuple(quote(part, safe=_KEPT) if isinstance(part, str) else part for part in parts)
    sample = parse_url("".join(part for part in escaped if isinstance(part, str)))
    dynamic = any(not isinstance(part, str) for part in escaped)
    return ServiceUrl(sample, None if dynamic else sample, escaped)


def without_secrets(text: str) -> str:
    """Return a URL as it was written without query and user name: both may hold a key."""
    scheme, separator, rest = text.partition("://")
    authority, slash, path = rest.partition("?")[0].partition("#")[0].partition("/")
    return f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}" if separator else text.partition("?")[0]


def placeholders_in_origin(text: str) -> bool:
    """Whether scheme, host or port of a ``ServiceUrl`` depend on a claim or resolver."""
    scheme, separator, rest = text.strip().partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return bool(separator) and "{" in scheme + authority


def unmatched_placeholders(text: str, inputs: Sequence[ClaimMapping]) -> tuple[str, ...]:
    """Return the placeholders that no input claim fills; they are sent as they stand."""
    return tuple(found[0] for found in _PLACEHOLDER.finditer(text) if mapping_for(found[1], inputs) is None)


def mapping_for(name: str, inputs: Sequence[ClaimMapping]) -> ClaimMapping | None:
    """Return the input claim of a placeholder: by its name on the wire, its id, or ``claim1`` its position."""
    wanted = name.casefold()
    by_name = next((mapping for mapping in inputs if mapping.name.casefold() == wanted), None)
    by_id = next((mapping for mapping in inputs if mapping.claim.id.casefold() == wanted), None)
    found = by_name or by_id
    position = _POSITIONAL.fullmatch(name)
    if found is None and position is not None and 1 <= int(position[1]) <= len(inputs):
        found = inputs[int(position[1]) - 1]
    return found


def _claims_found(text: str, inputs: Sequence[ClaimMapping]) -> list[Part]:
    parts: list[Part] = []
    end = 0
    for found in _PLACEHOLDER.finditer(text):
        mapping = mapping_for(found[1], inputs)
        if mapping is None:
            continue
        parts += [text[end : found.start()], Placeholder(mapping.name)]
        end = found.end()
    return [*parts, text[end:]]


def _written(part: Part) -> str:
    match part:
        case str():
            return part
        case Placeholder():
            return f"{{{part.name}}}"
        case Resolver():
            return part.text


def _filled(part: Part, values: Mapping[str, ClaimValue], resolution: Resolution) -> str:
    match part:
        case str():
            return part
        case Placeholder():
            return quote(to_wire_text(values.get(part.name, "")), safe="")
        case Resolver():
            return quote(part.value(resolution) or "", safe="") if part.known else quote(part.text, safe=_KEPT)
