"""Session management profiles: the journey applies them (journey/session.py); here the compiler learns of them."""

from __future__ import annotations

from typing import Final

from journeyman.compiler.handlers import (
    SESSION_DEFAULT,
    SESSION_EXTERNAL_LOGIN,
    SESSION_NOOP,
    SESSION_OAUTH,
    SESSION_SAML,
)
from journeyman.compiler.spec import HandlerSpec

SESSION_SPECS: Final = (
    HandlerSpec(handler=SESSION_NOOP),
    HandlerSpec(handler=SESSION_DEFAULT, metadata=frozenset({"AlwaysFetchClaimsFromProvider"})),
    HandlerSpec(handler=SESSION_OAUTH),
    HandlerSpec(
        handler=SESSION_EXTERNAL_LOGIN,
        metadata=frozenset({"AlwaysFetchClaimsFromProvider"}),
    ),
    HandlerSpec(
        handler=SESSION_SAML,
        metadata=frozenset({"RegisterServiceProviders", "IncludeSessionIndex"}),
        runs=False,
        reason="SAML sessions are not built yet",
    ),
)
