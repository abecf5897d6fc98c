"""Predicates and predicate validations: a value in, the texts of what it fails out.

Source: policy-language.md §3.2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Predicate:
    """One predicate, compiled: ``holds`` tests a value."""

    id: str
    help_text: str
    method: str
    holds: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class PredicateGroup:
    """A group of predicates of which at least ``match_at_least`` must hold."""

    id: str
    help_text: str
    match_at_least: int
    predicates: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class PredicateValidation:
    """A value is valid when every group passes."""

    id: str
    groups: tuple[PredicateGroup, ...]
