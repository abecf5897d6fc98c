"""Secrets that come back: an API may repeat what it was sent; texts in, texts without the secrets out."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from typing import Final
from urllib.parse import quote, quote_plus

SHORTEST: Final = 4
"""A secret of fewer characters is not looked for: it would be found in any text."""
PLACEHOLDER: Final = "(secret)"

_UNRESERVED: Final = re.compile(r"[A-Za-z0-9_.~-]*")
"""What JSON, URLs and forms write as it is."""


def written_forms(texts: Iterable[str], *, shortest: int = SHORTEST) -> frozenset[str]:
    """Return the texts that are long enough to be looked for, also as JSON, JSON in JSON, URLs and forms write them."""
    found: set[str] = set()
    for text in texts:
        if len(text) >= shortest:
            found.add(text)
            if not _UNRESERVED.fullmatch(text):
                found.update(_escaped(text))
    return frozenset(found)


def concealed(text: str, secrets: Collection[str]) -> str:
    """Return a text without the secrets in it."""
    hits = [secret for secret in secrets if secret in text]
    if not hits:
        return text
    # The longest first: a secret may be a part of another one.
    for secret in sorted(hits, key=len, reverse=True):
        text = text.replace(secret, PLACEHOLDER)
    return text


def _escaped(text: str) -> Iterable[str]:
    for ascii_only in (True, False):
        once = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield once
        yield json.dumps(once, ensure_ascii=ascii_only)[1:-1]
    encodable = text.encode("utf-8", "replace")
    yield from (quote(encodable, safe=""), quote(encodable), quote_plus(encodable))
