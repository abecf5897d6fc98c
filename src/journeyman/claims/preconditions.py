"""The test of a ClaimEquals precondition: a claim and a literal in, equal or not out."""

from __future__ import annotations

from journeyman.claims.values import ClaimValue, UserIdentity, to_text


def equals_test(value: ClaimValue | None, literal: str) -> bool | None:
    """Compare the text of a claim with a literal, ordinal and case-sensitive.

    Returns:
        None when the claim is absent: the precondition is then ignored. A collection or an identity
        never equals a literal.

    Source: policy-language.md §5.3; its silence on collections and identities is this project's decision.
    """
    if value is None:
        return None
    if isinstance(value, tuple | UserIdentity):
        return False
    return to_text(value) == literal
