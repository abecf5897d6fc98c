"""The composition root: settings in, a wired engine out. Only here are stores, clients and registries made."""

from journeyman.engine.assembly import open_engine
from journeyman.engine.engine import Engine, Tenant
from journeyman.engine.policies import PolicySet, ServedPolicy

__all__ = ["Engine", "PolicySet", "ServedPolicy", "Tenant", "open_engine"]
