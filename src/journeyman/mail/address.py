"""Addresses to which a code may be mailed, and how they are compared."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_ADDRESS: Final = re.compile(r"[^@\s\x00-\x1f\x7f,;<>]{1,64}@[^@\s\x00-\x1f\x7f,;<>]{1,189}")
_ASCII_LOWER: Final = str.maketrans({chr(upper): chr(upper + 32) for upper in range(ord("A"), ord("Z") + 1)})


def is_address(text: str) -> bool:
    """Whether a code can be mailed to ``text``.

    Two addresses that only look alike to software (``ſam@…``, a Kelvin sign for a k, ß for ss) must
    never count as one, wherever they are compared without regard to case: such letters are refused.
    """
    plain = text.casefold() == ascii_lower(text) and unicodedata.is_normalized("NFKC", text)
    return plain and _ADDRESS.fullmatch(text) is not None


def ascii_lower(text: str) -> str:
    """Return a text with A to Z in lower case and every other letter as it is."""
    return text.translate(_ASCII_LOWER)
