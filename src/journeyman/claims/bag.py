"""The claims bag: what one journey knows, by claim type id."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, MutableMapping
from typing import Self, TypeVar

from journeyman.claims.claim_type import ClaimType
from journeyman.claims.values import ClaimValue, Json, decode_state, encode_state

T = TypeVar("T")


# The one base class that is no exception: a type checker takes nothing else for a mapping.
class ClaimsBag(MutableMapping[str, ClaimValue]):
    """Hold the claims of a journey; keys are the declared spellings, null and absent are the same.

    Source: policy-language.md §7. Its repr shows ids, never values.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, ClaimValue] | None = None) -> None:
        self._values: dict[str, ClaimValue] = dict(values) if values else {}

    def set(self, claim_id: str, value: ClaimValue | None) -> None:
        """Write a claim; None removes it."""
        if value is None:
            self._values.pop(claim_id, None)
        else:
            self._values[claim_id] = value

    def remove(self, claim_id: str) -> None:
        """Remove a claim, if it is there."""
        self._values.pop(claim_id, None)

    def copy(self) -> Self:
        """Return a bag of its own with the same claims."""
        return type(self)(self._values)

    def overlay(self, values: Mapping[str, ClaimValue | None]) -> Self:
        """Return a copy over which ``values`` were written; None removes a claim from the copy."""
        copied = self.copy()
        for claim_id, value in values.items():
            copied.set(claim_id, value)
        return copied

    def to_json(self) -> dict[str, Json]:
        """Write all claims so that ``from_json`` gives them back."""
        return {claim_id: encode_state(value) for claim_id, value in self._values.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Json], claim_types: Mapping[str, ClaimType]) -> Self:
        """Read what ``to_json`` wrote; a claim that the policy no longer declares is left out.

        Raises:
            ConversionError: a claim type has another data type by now.
        """
        known = ((claim_types[claim_id], state) for claim_id, state in data.items() if claim_id in claim_types)
        return cls({claim_type.id: decode_state(state, claim_type.data_type) for claim_type, state in known})

    def get(self, claim_id: str, default: T | None = None) -> ClaimValue | T | None:  # type: ignore[override]  # a narrower default
        """Return the value of a claim, else ``default``."""
        return self._values.get(claim_id, default)

    def items(self) -> ItemsView[str, ClaimValue]:
        """Return the view of the dict inside: each step of a journey reads all claims, and the inherited one is slow."""
        return self._values.items()

    def __getitem__(self, claim_id: str) -> ClaimValue:
        return self._values[claim_id]

    def __setitem__(self, claim_id: str, value: ClaimValue) -> None:
        self._values[claim_id] = value

    def __delitem__(self, claim_id: str) -> None:
        del self._values[claim_id]

    def __contains__(self, claim_id: object) -> bool:
        return claim_id in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"ClaimsBag({', '.join(self._values)})"
