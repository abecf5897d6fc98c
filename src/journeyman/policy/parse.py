"""A tree of elements in, one policy file as data and diagnostics out.

Children may stand in any order. What the schema does not know is reported and ignored; an element that
lacks something it needs is reported and left out. Parsing goes on to the end of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from journeyman.diagnostics import Diagnostic, Location
from journeyman.policy import rules
from journeyman.policy.element import Element
from journeyman.policy.model import BasePolicy, Localization, Policy, RelyingParty, TechnicalProfile
from journeyman.policy.node import Node, insert, require_child, shape
from journeyman.policy.parse_building_blocks import (
    parse_claim_type,
    parse_claims_transformation,
    parse_client_definition,
    parse_content_definition,
)
from journeyman.policy.parse_display_control import parse_display_control
from journeyman.policy.parse_journey import parse_sub_journey, parse_user_journey
from journeyman.policy.parse_localization import parse_localization
from journeyman.policy.parse_predicates import parse_input_validation, parse_predicate, parse_predicate_validation
from journeyman.policy.parse_relying_party import parse_relying_party
from journeyman.policy.parse_technical_profile import parse_claims_provider
from journeyman.policy.problems import Problems

SCHEMA_VERSION: Final = "0.3.0.0"
_PREFIX: Final = "B2C_1A_"
_POLICY_ID: Final = re.compile(r"[A-Za-z0-9_.\-]{0,255}[A-Za-z0-9_\-]")
_TENANT_ID: Final = re.compile(r"[A-Za-z0-9.\-]{3,63}")
_POLICY: Final = shape(
    required="PolicySchemaVersion TenantId PolicyId PublicPolicyUri",
    optional="TenantObjectId DeploymentMode UserJourneyRecorderEndpoint StateTableName",
    once="BasePolicy Contacts DocumentReferences BuildingBlocks ClaimsProviders UserJourneys SubJourneys RelyingParty",
    unsupported="PolicyConstraints",
)
_BASE_POLICY: Final = shape(once="TenantId PolicyId")
_BUILDING_BLOCKS: Final = shape(
    once="ClaimsSchema Predicates InputValidations PredicateValidations ClaimsTransformations ClientDefinitions"
    " ContentDefinitions Localization DisplayControls"
)


class Keyed(Protocol):
    """An element that has an id."""

    @property
    def id(self) -> str:
        """The declared spelling."""
        ...

    @property
    def location(self) -> Location:
        """Where it stands."""
        ...


Item = TypeVar("Item", bound=Keyed)


def parse_policy(root: Element, path: str) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
    """Parse one policy file.

    Args:
        root: ``<TrustFrameworkPolicy>``.
        path: the path of the file in diagnostics.

    Returns:
        The policy, and everything that is wrong with it. None when the root is another element, when it
        is of another schema version, or has no usable PolicyId.
    """
    problems = Problems(path)
    policy = _parse_root(root, problems)
    return policy, problems.found


def _parse_root(root: Element, problems: Problems) -> Policy | None:
    if root.name != "TrustFrameworkPolicy":
        problems.report(rules.NOT_A_POLICY, root.location, name=root.name)
        return None
    node = Node(root, _POLICY, problems, root.attributes.get("PolicyId", "").strip())
    version = node.identifier("PolicySchemaVersion")
    if version and version != SCHEMA_VERSION:
        problems.report(rules.SCHEMA_VERSION, root.location, value=version)
        return None
    policy = _policy(node, version, problems.path)
    return policy if _has_policy_id(node) else None


def _policy(node: Node, version: str, path: str) -> Policy:
    blocks = _building_blocks(node)
    tenant_id = node.identifier("TenantId")
    _check_tenant_id(node, tenant_id, node.location)
    return Policy(
        location=node.location,
        tenant_id=tenant_id,
        policy_id=node.identifier("PolicyId"),
        public_policy_uri=node.attribute("PublicPolicyUri"),
        schema_version=version,
        tenant_object_id=node.identifier("TenantObjectId") or None,
        deployment_mode=node.identifier("DeploymentMode") or None,
        journey_recorder_endpoint=node.identifier("UserJourneyRecorderEndpoint") or None,
        base=_base_policy(node),
        trust_framework_tenant_id=tenant_id,
        files=(path,),
        claim_types=_table(blocks, "ClaimsSchema", "ClaimType", parse_claim_type),
        predicates=_table(blocks, "Predicates", "Predicate", parse_predicate),
        predicate_validations=_table(blocks, "PredicateValidations", "PredicateValidation", parse_predicate_validation),
        input_validations=_table(blocks, "InputValidations", "InputValidation", parse_input_validation),
        claims_transformations=_table(
            blocks, "ClaimsTransformations", "ClaimsTransformation", parse_claims_transformation
        ),
        client_definitions=_table(blocks, "ClientDefinitions", "ClientDefinition", parse_client_definition),
        content_definitions=_table(blocks, "ContentDefinitions", "ContentDefinition", parse_content_definition),
        localization=_localization(blocks),
        display_controls=_table(blocks, "DisplayControls", "DisplayControl", parse_display_control),
        technical_profiles=_technical_profiles(node),
        user_journeys=_table(node, "UserJourneys", "UserJourney", parse_user_journey),
        sub_journeys=_table(node, "SubJourneys", "SubJourney", parse_sub_journey),
        relying_party=_relying_party(node),
        parts=node.parts(),
    )


def _has_policy_id(node: Node) -> bool:
    policy_id = node.identifier("PolicyId")
    if not policy_id:
        return False
    if not _POLICY_ID.fullmatch(policy_id):
        node.problems.report(rules.POLICY_ID, node.location, value=policy_id)
        return False
    if not policy_id.upper().startswith(_PREFIX):
        node.problems.report(rules.POLICY_ID_PREFIX, node.location, element=policy_id, value=policy_id)
    uri = (node.attribute("PublicPolicyUri") or "").strip()
    if uri and uri.rpartition("/")[2].casefold() != policy_id.casefold():
        expected = f"http://{node.identifier('TenantId')}/{policy_id}"
        node.problems.report(rules.PUBLIC_POLICY_URI, node.location, element=policy_id, value=uri, expected=expected)
    return True


def _check_tenant_id(node: Node, tenant_id: str, location: Location) -> None:
    if tenant_id and not _TENANT_ID.fullmatch(tenant_id):
        node.problems.report(rules.TENANT_ID, location, element=node.owner, value=tenant_id)


def _base_policy(node: Node) -> BasePolicy | None:
    element = node.child("BasePolicy")
    if element is None:
        return None
    base = Node(element, _BASE_POLICY, node.problems, node.owner)
    tenant_id, policy_id = require_child(base, "TenantId"), require_child(base, "PolicyId")
    _check_tenant_id(node, tenant_id, element.location)
    # Without its base the policy would be another one: an empty id is kept and found to be missing.
    return BasePolicy(tenant_id, policy_id, element.location)


def _building_blocks(node: Node) -> Node:
    element = node.child("BuildingBlocks")
    if element is None:
        element = Element("BuildingBlocks", {}, (), "", node.location)
    return Node(element, _BUILDING_BLOCKS, node.problems, node.owner)


def _localization(blocks: Node) -> Localization | None:
    element = blocks.child("Localization")
    return parse_localization(element, blocks.problems) if element else None


def _table(node: Node, section: str, name: str, parse: Callable[[Element, Problems], Item | None]) -> dict[str, Item]:
    table: dict[str, Item] = {}
    for element in node.section(section, name) or ():
        item = parse(element, node.problems)
        if item is not None:
            insert(table, item.id, item, node, kind=name)
    return table


def _technical_profiles(node: Node) -> dict[str, TechnicalProfile]:
    table: dict[str, TechnicalProfile] = {}
    for element in node.section("ClaimsProviders", "ClaimsProvider") or ():
        for profile in parse_claims_provider(element, node.problems):
            insert(table, profile.id, profile, node, kind="TechnicalProfile")
    return table


def _relying_party(node: Node) -> RelyingParty | None:
    element = node.child("RelyingParty")
    return parse_relying_party(element, node.problems) if element else None
