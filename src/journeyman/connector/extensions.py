"""Metadata items of ours: what the real service ignores, so that a policy with them still loads there.

``JourneymanHttpMethod`` replaces the method, ``JourneymanHeaderClaims`` sends some input claims as headers
beside the body, ``JourneymanTimeoutSeconds`` sets the time limit of one try. ``journeyman.toml`` wins over
the last one, because the operator answers for it.
"""

from __future__ import annotations

import re
from typing import Final

from journeyman.compiler.compiled import Metadata, TechnicalProfile
from journeyman.connector.request import SendClaimsIn

METHOD_ITEM: Final = "JourneymanHttpMethod"
HEADERS_ITEM: Final = "JourneymanHeaderClaims"
TIMEOUT_ITEM: Final = "JourneymanTimeoutSeconds"
EXTENSIONS: Final = (METHOD_ITEM, HEADERS_ITEM, TIMEOUT_ITEM)

METHODS: Final = ("POST", "PUT", "PATCH", "DELETE", "GET")
_NUMBER: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})?")


def http_method(metadata: Metadata, mode: SendClaimsIn) -> str | None:
    """Return the method of the item, None when it is not set. Raises ValueError, saying why it cannot be."""
    text = (metadata.get(METHOD_ITEM) or "").strip().upper()
    if METHOD_ITEM not in metadata:
        return None
    if text not in METHODS:
        raise ValueError("it is not known")
    if text == "GET" and mode in {SendClaimsIn.BODY, SendClaimsIn.FORM}:
        raise ValueError(f"a GET has no body, and SendClaimsIn is {mode.value}")
    return text


def header_claims(metadata: Metadata) -> tuple[str, ...]:
    """Return the claim type ids of the item, as they are written."""
    return tuple(re.split(r"[\s,]+", (metadata.get(HEADERS_ITEM) or "").strip(" ,\t\r\n"))) if _listed(metadata) else ()


def header_claim_ids(profile: TechnicalProfile) -> frozenset[str]:
    """Return the claims of the item in their declared spelling; what is no input claim is left out."""
    wanted = {name.casefold() for name in header_claims(profile.metadata)}
    return frozenset(one.claim.id for one in profile.input_claims if one.claim.id.casefold() in wanted)


def timeout_s(metadata: Metadata) -> float | None:
    """Return the seconds of the item, None when it is not set. Raises ValueError."""
    if TIMEOUT_ITEM not in metadata:
        return None
    text = (metadata.get(TIMEOUT_ITEM) or "").strip()
    if not _NUMBER.fullmatch(text) or not 0.001 <= float(text) <= 600:
        raise ValueError(text)
    return float(text)


def _listed(metadata: Metadata) -> bool:
    return bool((metadata.get(HEADERS_ITEM) or "").strip(" ,\t\r\n"))
