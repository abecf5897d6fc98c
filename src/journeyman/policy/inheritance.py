"""Find the files that a policy derives from: a policy in, its chain from the root base downwards out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from journeyman.diagnostics import Diagnostic, Location
from journeyman.policy import rules
from journeyman.policy.model import BasePolicy, Policy, key
from journeyman.policy.problems import Problems

_SERVICE_LIMIT: Final = 10
_MAX_NAMED: Final = 10


@dataclass(frozen=True, slots=True)
class PolicyIndex:
    """Policy files by tenant and policy id, and by policy id alone; keys as ``key`` makes them."""

    by_tenant: dict[tuple[str, str], Policy]
    by_id: dict[str, Policy]

    def find(self, base: BasePolicy) -> Policy | None:
        """Return the policy that ``base`` names: of its tenant, else of any."""
        wanted = key(base.policy_id)
        return self.by_tenant.get((key(base.tenant_id), wanted)) or self.by_id.get(wanted)


def index_policies(policies: Iterable[Policy]) -> PolicyIndex:
    """Index policy files; of two with one id, the first by tenant and path is found, in whatever order they come."""
    by_tenant: dict[tuple[str, str], Policy] = {}
    by_id: dict[str, Policy] = {}
    for policy in sorted(policies, key=lambda each: (key(each.tenant_id), each.location)):
        by_tenant.setdefault((key(policy.tenant_id), key(policy.policy_id)), policy)
        by_id.setdefault(key(policy.policy_id), policy)
    return PolicyIndex(by_tenant, by_id)


def resolve_chain(policy: Policy, index: PolicyIndex) -> tuple[tuple[Policy, ...] | None, tuple[Diagnostic, ...]]:
    """Return the files that ``policy`` is merged from, the root base first and itself last.

    A base is found by tenant and policy id, both without regard to case, and by policy id alone where the
    tenant has no such file; that is reported, because the real service would not find it.

    Returns:
        The chain, or None when a base is missing or the bases go round in a circle, and the diagnostics.
    """
    problems = Problems(policy.location.path)
    chain = [policy]
    # Files are told apart by their place: comparing whole policies would take for ever in a long circle.
    places = {policy.location: 0}
    while (base := chain[-1].base) is not None:
        found = _step(base, chain, places, index, problems)
        if found is None:
            return None, problems.found
        places[found.location] = len(chain)
        chain.append(found)
    if len(chain) > _SERVICE_LIMIT:
        problems.report(
            rules.CHAIN_LENGTH, policy.location, element=policy.policy_id, id=policy.policy_id, length=len(chain)
        )
    return tuple(reversed(chain)), problems.found


def _step(
    base: BasePolicy, chain: list[Policy], places: Mapping[Location, int], index: PolicyIndex, problems: Problems
) -> Policy | None:
    child = chain[-1]
    found = index.find(base)
    if found is None:
        problems.report(
            rules.MISSING_BASE, base.location, element=child.policy_id, base=base.policy_id, child=child.policy_id
        )
        return None
    if found.location in places:
        circle = [each.policy_id for each in [*chain[places[found.location] :][:_MAX_NAMED], found]]
        whole = len(chain) - places[found.location] <= _MAX_NAMED
        text = " → ".join(circle if whole else [*circle[:-1], "…"])
        problems.report(rules.BASE_CYCLE, base.location, element=child.policy_id, path=text)
        return None
    if key(found.tenant_id) != key(base.tenant_id):
        problems.report(
            rules.BASE_TENANT,
            base.location,
            element=child.policy_id,
            base=found.policy_id,
            wanted=base.tenant_id,
            found=found.tenant_id,
        )
    return found
