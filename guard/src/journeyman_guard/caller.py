"""Who calls, once a check has accepted it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    Attributes:
        subject: the name of the credential, the subject of the token or of the certificate.
        methods: how it proved that, for example ``("basic",)``.
        claims: the verified claims of a token; empty for the other methods.
    """

    subject: str
    methods: tuple[str, ...]
    claims: Mapping[str, object] = field(default_factory=dict, repr=False)
