"""The two primitive merges of policy files, and what both need.

Source: policy-language.md §2.2.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def merge_keyed(
    base: Mapping[Key, Value], child: Mapping[Key, Value], merge: Callable[[Value, Value], Value]
) -> Mapping[Key, Value]:
    """Keep what only one side has, and merge what both have; the order of the base, then what is new."""
    if not base or not child:
        return child or base
    merged = dict(base)
    for name, value in child.items():
        inherited = merged.get(name)
        merged[name] = value if inherited is None else merge(inherited, value)
    return merged


def overlay(base: Mapping[Key, Value], child: Mapping[Key, Value]) -> Mapping[Key, Value]:
    """Return the entries of both, those of the child over those of the base; the base itself when that is all."""
    return {**base, **child} if base and child else child or base


def derived_first(
    base: tuple[Value, ...], derived: tuple[Value, ...], key_of: Callable[[Value], Hashable]
) -> tuple[Value, ...]:
    """Return all derived entries, then those of the base whose key the derived ones do not name."""
    if not base or not derived:
        return derived or base
    named = {key_of(entry) for entry in derived}
    return derived + tuple(entry for entry in base if key_of(entry) not in named)


def prefer(derived: Value | None, base: Value | None) -> Value | None:
    """Return what the derived side says, or what the base says when it says nothing."""
    return base if derived is None else derived
