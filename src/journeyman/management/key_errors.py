"""What the store of policy keys refuses: its error in, the refusal of a management operation out."""

from __future__ import annotations

import re
from typing import Final

from journeyman.errors import KeyStoreError
from journeyman.management.errors import ConflictingError, InvalidError, ManagementError

_CODED: Final = re.compile(r"(AADB2C[0-9]{5}): (.+)", re.DOTALL)
_CONFLICTS: Final = frozenset({"AADB2C95053", "AADB2C95028"})


def refused_key(error: KeyStoreError, member: str) -> ManagementError:
    """Return the refusal, with the code of the real service where it has one."""
    found = _CODED.fullmatch(str(error))
    if found is None:
        return InvalidError(f"{member}: {error}" if member else str(error), member=member)
    kind = ConflictingError if found[1] in _CONFLICTS else InvalidError
    return kind(found[2], service_code=found[1], member=member)
