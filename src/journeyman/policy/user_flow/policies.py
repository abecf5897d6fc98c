"""User flows as policies: the identity settings of a tenant in, one policy text for each flow out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from journeyman.diagnostics import Location
from journeyman.policy.load import PolicyText
from journeyman.policy.user_flow.check import check_flow, without_unknown
from journeyman.policy.user_flow.plan import plan_flow
from journeyman.policy.user_flow.render import render_flow
from journeyman.settings.identity import ConnectorStep, IdentitySettings, UserFlow

NAME: Final = "user flow "
"""What stands before the id of a user flow where diagnostics name the file of a policy."""


@dataclass(frozen=True, slots=True)
class WrittenFlows:
    """The policies that were written of an identity the last time, in the order of its user flows."""

    identity: IdentitySettings
    texts: tuple[PolicyText, ...]

    def still_good(self, identity: IdentitySettings) -> dict[str, PolicyText]:
        """Return the policies of flows that are what they were, beside the same other objects, by the ids of the flows."""
        if replace(self.identity, user_flows=()) != replace(identity, user_flows=()):
            return {}
        written = {flow.id: (flow, text) for flow, text in zip(self.identity.user_flows, self.texts, strict=True)}
        return {
            flow.id: written[flow.id][1] for flow in identity.user_flows if written.get(flow.id, (None,))[0] == flow
        }


def user_flow_policies(
    identity: IdentitySettings, *, tenant: str, extensions_app: str, before: WrittenFlows | None = None
) -> tuple[PolicyText, ...]:
    """Return the policies of all user flows of a tenant; each carries what is wrong with its flow.

    Args:
        tenant: its name.
        extensions_app: the client id of its extensions application.
        before: what was written for the same tenant the last time: flows that have not changed are taken over.
    """
    kept = {} if before is None else before.still_good(identity)
    return tuple(
        kept.get(flow.id) or user_flow_policy(flow, identity, tenant=tenant, extensions_app=extensions_app)
        for flow in identity.user_flows
    )


def user_flow_policy(
    flow: UserFlow, identity: IdentitySettings, *, tenant: str, extensions_app: str, policy_id: str = ""
) -> PolicyText:
    """Return the policy of one user flow; ``policy_id`` is another id than that of the flow."""
    name = f"{NAME}{flow.id}"
    problems = check_flow(flow, identity, Location(name))
    providers, connectors = without_unknown(flow, identity)
    # What is unknown is reported; without it there is still a policy to speak of.
    usable = replace(
        flow,
        identity_providers=providers,
        connectors={ConnectorStep(step): connector for step, connector in connectors.items()},
    )
    plan = plan_flow(usable, identity, tenant=tenant, extensions_app=extensions_app, policy_id=policy_id or flow.id)
    return PolicyText(name, render_flow(plan).encode(), problems, of_user_flow=True)
