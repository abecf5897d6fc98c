"""Changes of one part of a user flow: a flow in, the changed flow or a refusal out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from journeyman.management.errors import ConflictingError, InvalidError, NotFoundError
from journeyman.settings.identity import AttributeAssignment, ConnectorStep, UserFlow


def with_connector(flow: UserFlow, step: ConnectorStep, connector_id: str | None) -> UserFlow:
    """Call a connector at a step; none when it is None."""
    others = {each: bound for each, bound in flow.connectors.items() if each is not step}
    return replace(flow, connectors=others if connector_id is None else {**others, step: connector_id})


def assignment_of(flow: UserFlow, attribute: str) -> AttributeAssignment:
    """Return what a flow says of an attribute. Raises NotFoundError when it does not collect it."""
    found = next((each for each in flow.attributes if each.attribute.casefold() == attribute.casefold()), None)
    if found is None:
        raise NotFoundError(f"the user flow {flow.id!r} does not collect the attribute {attribute[:200]!r}")
    return found


def with_assignment(flow: UserFlow, assignment: AttributeAssignment) -> UserFlow:
    """Collect one attribute more, after the others."""
    if any(each.attribute.casefold() == assignment.attribute.casefold() for each in flow.attributes):
        detail = f"the user flow {flow.id!r} collects the attribute {assignment.attribute!r} already"
        raise ConflictingError(detail, service_code="AADB2C99022", member="userAttribute/id")
    return replace(flow, attributes=(*flow.attributes, assignment))


def with_changed_assignment(flow: UserFlow, assignment: AttributeAssignment) -> UserFlow:
    """Put an assignment in the place of the one of the same attribute."""
    present = assignment_of(flow, assignment.attribute)
    return replace(flow, attributes=tuple(assignment if each is present else each for each in flow.attributes))


def without_assignment(flow: UserFlow, attribute: str) -> UserFlow:
    """Collect an attribute no longer."""
    present = assignment_of(flow, attribute)
    return replace(flow, attributes=tuple(each for each in flow.attributes if each is not present))


def in_order(flow: UserFlow, attributes: Sequence[str], member: str) -> UserFlow:
    """Collect the attributes in another order, which names each of them once."""
    wanted = [each.casefold() for each in attributes]
    if sorted(wanted) != sorted(each.attribute.casefold() for each in flow.attributes):
        known = ", ".join(each.attribute for each in flow.attributes) or "none"
        raise InvalidError(f"{member} must name each attribute of the user flow once: {known}", member=member)
    return replace(flow, attributes=tuple(assignment_of(flow, each) for each in attributes))


def with_provider(flow: UserFlow, provider_id: str) -> UserFlow:
    """Offer one identity provider more; one that is offered already stays where it is."""
    if any(each.casefold() == provider_id.casefold() for each in flow.identity_providers):
        return flow
    return replace(flow, identity_providers=(*flow.identity_providers, provider_id))


def without_provider(flow: UserFlow, provider_id: str) -> UserFlow:
    """Offer an identity provider no longer. Raises NotFoundError when it is not offered."""
    kept = tuple(each for each in flow.identity_providers if each.casefold() != provider_id.casefold())
    if len(kept) == len(flow.identity_providers):
        raise NotFoundError(f"the user flow {flow.id!r} does not offer the identity provider {provider_id[:200]!r}")
    return replace(flow, identity_providers=kept)


def with_language(flow: UserFlow, tag: str) -> UserFlow:
    """Let a person choose one language more."""
    if any(each.casefold() == tag.casefold() for each in flow.languages):
        return flow
    return replace(flow, languages=(*flow.languages, tag))


def without_language(flow: UserFlow, tag: str) -> UserFlow:
    """Let a person choose a language no longer; its texts go as well."""
    kept = tuple(each for each in flow.languages if each.casefold() != tag.casefold())
    texts = {each: found for each, found in flow.texts.items() if each.casefold() != tag.casefold()}
    if len(kept) == len(flow.languages):
        raise NotFoundError(f"the user flow {flow.id!r} does not offer the language {tag[:64]!r}")
    return replace(flow, languages=kept, texts=texts)
