"""The self-asserted provider: a page of fields out, checked claims in."""

from journeyman.providers.self_asserted.provider import SELF_ASSERTED_SPEC, SelfAssertedProvider, build_self_asserted

__all__ = ["SELF_ASSERTED_SPEC", "SelfAssertedProvider", "build_self_asserted"]
