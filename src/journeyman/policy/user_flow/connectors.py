"""The API connectors of a user flow: connectors and attributes in, what their technical profiles say out.

Source: rest-connectors.md §15.2-§15.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from journeyman.policy.connector_profile import connector_items
from journeyman.policy.user_flow.attributes import BUILT_IN, EMAIL, FlowAttribute
from journeyman.policy.user_flow.steps import EXCHANGES, FEDERATED, reachable_steps
from journeyman.settings.identity import ApiConnector, ConnectorStep, LocalAccounts, UserFlow

_NAMES: Final = ("displayName", "givenName", "surname")
_FEDERATED_IDENTITY: Final = (
    ("identityProvider", "identities.federated.issuer"),
    ("issuerUserId", "identities.federated.issuerAssignedId"),
)
_KNOWN_IDENTITIES: Final = (
    ("signInNames.emailAddress", "identities.emailAddress"),
    ("signInNames.userName", "identities.userName"),
    ("userIdentities", "identities"),
)


@dataclass(frozen=True, slots=True)
class ConnectorCall:
    """An API connector at a step of a user flow, as a technical profile.

    Attributes:
        inputs: (claim type, name on the wire), in the order of the request.
        outputs: likewise for what the answer may set.
    """

    step: ConnectorStep
    profile_id: str
    display_name: str
    metadata: Mapping[str, str]
    keys: Mapping[str, str]
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a connector may see and set; the client id is that of the extensions application, without dashes."""

    flow: UserFlow
    collected: Sequence[FlowAttribute]
    returned: Sequence[FlowAttribute]
    app: str

    def inputs(self, step: ConnectorStep, *, federated: bool) -> Iterator[tuple[str, str]]:
        """Yield what is sent, the identities last; ``federated`` is about the step before the account is made."""
        names = [BUILT_IN[name.casefold()] for name in _NAMES]
        match step:
            case ConnectorStep.POST_FEDERATION_SIGNUP:
                yield from self._wired([EMAIL, *names])
                yield from _FEDERATED_IDENTITY
            case ConnectorStep.POST_ATTRIBUTE_COLLECTION:
                yield from self._wired([EMAIL, *(names if federated else ()), *self.collected])
                yield from _FEDERATED_IDENTITY if federated else (self._local_identity(),)
            case ConnectorStep.PRE_TOKEN_ISSUANCE:
                yield "objectId", "objectId"
                yield from self._wired([EMAIL, *(each for each in (*self.collected, *self.returned) if each.read)])
                yield from _KNOWN_IDENTITIES

    def outputs(self, step: ConnectorStep) -> Iterator[tuple[str, str]]:
        """Yield what an answer may set; an address that was proved is not among it, nor what no page asks for."""
        of_token = step is ConnectorStep.PRE_TOKEN_ISSUANCE
        settable = [each for each in (self.returned if of_token else self.collected) if each.collected]
        yield from self._wired([each for each in settable if each is not EMAIL])

    def _local_identity(self) -> tuple[str, str]:
        if self.flow.local_accounts is LocalAccounts.USER_NAME:
            return "signInName", "identities.userName"
        return "email", "identities.emailAddress"

    def _wired(self, attributes: Iterable[FlowAttribute]) -> Iterator[tuple[str, str]]:
        for each in dict.fromkeys(attributes):
            name = each.claim.removeprefix("extension_")
            yield each.claim, f"extension_{self.app}_{name}" if each.custom else each.claim


def connector_calls(
    flow: UserFlow,
    connectors: Iterable[ApiConnector],
    collected: Sequence[FlowAttribute],
    returned: Sequence[FlowAttribute],
    *,
    extensions_app: str,
) -> tuple[ConnectorCall, ...]:
    """Return the calls of a user flow in the order of the steps.

    Args:
        collected: the attributes that its pages ask for.
        returned: the attributes that its tokens carry.
        extensions_app: the client id of the extensions application.
    """
    known = {each.id.casefold(): each for each in connectors}
    seen = _Seen(flow, collected, returned, extensions_app.replace("-", "").lower())
    return tuple(
        call
        for step in reachable_steps(flow)
        if step in flow.connectors
        for call in _calls(seen, step, known[flow.connectors[step].casefold()])
    )


def _calls(seen: _Seen, step: ConnectorStep, connector: ApiConnector) -> Iterator[ConnectorCall]:
    items, outputs = connector_items(connector, step), tuple(seen.outputs(step))
    for profile_id, federated in _profiles(seen.flow, step):
        inputs = tuple(seen.inputs(step, federated=federated))
        yield ConnectorCall(step, profile_id, connector.display_name, items.metadata, items.keys, inputs, outputs)


def _profiles(flow: UserFlow, step: ConnectorStep) -> Iterator[tuple[str, bool]]:
    """Yield the profiles of a step: before an account is made, what is known differs with where it comes from."""
    if step is not ConnectorStep.POST_ATTRIBUTE_COLLECTION:
        yield EXCHANGES[step], False
        return
    if flow.local_accounts is not LocalAccounts.NONE:
        yield EXCHANGES[step], False
    if flow.identity_providers:
        yield EXCHANGES[step] + FEDERATED, True
