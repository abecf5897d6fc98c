"""The composition root: settings in, a wired engine out. Only here are stores, clients and registries made.

What is named here is imported when it is first asked for: commands that only need the store of a tenant
folder (``tenant_store``, ``key_files``) would else wait for the HTTP client and the compiler.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from journeyman.engine.assembly import open_engine
    from journeyman.engine.engine import Engine, Tenant
    from journeyman.engine.policies import PolicySet, ServedPolicy

__all__ = ["Engine", "PolicySet", "ServedPolicy", "Tenant", "open_engine"]

_MODULES = {
    "Engine": "engine",
    "PolicySet": "policies",
    "ServedPolicy": "policies",
    "Tenant": "engine",
    "open_engine": "assembly",
}


def __getattr__(name: str) -> object:
    """Import what is asked for (PEP 562)."""
    if name not in _MODULES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
