"""The merged policy is the same whatever the order in which its files are read."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from journeyman.policy.load import LoadedPolicies
from journeyman.policy.model import key
from journeyman.policy.parse import parse_policy
from journeyman.policy.source import parse_source
from journeyman.policy.substitution import Substitutions

NAMESPACE = "http://schemas.microsoft.com/online/cpim/schemas/2013/06"
TENANT = "contoso.onmicrosoft.com"
NAMES = st.sampled_from(["alpha", "Alpha", "beta", "gamma"])
TEXTS = st.sampled_from(["one", "two", ""])
BEHAVIORS = st.sampled_from(["Append", "Prepend", "ReplaceAll"])


def element(name, id, inner):
    return st.builds(lambda key, body: f'<{name} Id="{key}">{body}</{name}>', id, inner)


def some(inner, size=3):
    return st.lists(inner, max_size=size).map("".join)


OPTIONS = some(st.builds(lambda value: f'<Enumeration Text="{value}" Value="{value}" />', TEXTS))
RESTRICTIONS = st.builds(
    lambda behavior, options: f'<Restriction MergeBehavior="{behavior}">{options}</Restriction>', BEHAVIORS, OPTIONS
)
CLAIMS = some(
    element("ClaimType", NAMES, st.builds(lambda text: f"<DisplayName>{text}</DisplayName>", TEXTS) | RESTRICTIONS)
)
ITEMS = some(st.builds(lambda name, text: f'<Item Key="{name}">{text}</Item>', NAMES, TEXTS))
INCLUDES = st.just("") | st.builds(lambda name: f'<IncludeTechnicalProfile ReferenceId="{name}" />', NAMES)
OUTPUTS = some(st.builds(lambda name: f'<OutputClaim ClaimTypeReferenceId="{name}" />', NAMES))
PROFILES = some(
    element(
        "TechnicalProfile",
        NAMES,
        st.builds(
            lambda items, outputs, include: (
                f"<Metadata>{items}</Metadata><OutputClaims>{outputs}</OutputClaims>{include}"
            ),
            ITEMS,
            OUTPUTS,
            INCLUDES,
        ),
    )
)


@st.composite
def chains(draw):
    """A base, an extensions file, two relying parties of it and one of the base; all parsed once."""
    parents = {"base": "", "extensions": "base", "one": "extensions", "two": "extensions", "three": "base"}
    return [parsed(name, parent, draw(CLAIMS), draw(PROFILES)) for name, parent in parents.items()]


def parsed(name, parent, claims, profiles):
    base = (
        f"<BasePolicy><TenantId>{TENANT}</TenantId><PolicyId>B2C_1A_{parent}</PolicyId></BasePolicy>" if parent else ""
    )
    text = (
        f'<TrustFrameworkPolicy xmlns="{NAMESPACE}" PolicySchemaVersion="0.3.0.0" TenantId="{TENANT}" '
        f'PolicyId="B2C_1A_{name}" PublicPolicyUri="http://{TENANT}/B2C_1A_{name}">{base}<BuildingBlocks><ClaimsSchema>'
        f"{claims}</ClaimsSchema></BuildingBlocks><ClaimsProviders><ClaimsProvider><TechnicalProfiles>{profiles}"
        "</TechnicalProfiles></ClaimsProvider></ClaimsProviders></TrustFrameworkPolicy>"
    )
    root, _ = parse_source(text.encode(), f"{name}.xml", Substitutions())
    return parse_policy(root, f"{name}.xml")[0]


def merged(policies, asked):
    loaded = LoadedPolicies({key(policy.policy_id): policy for policy in policies}, ())
    return {name: loaded.merged(name) for name in asked}


@settings(max_examples=60, database=None, deadline=None)
@given(chains(), st.permutations(range(5)), st.permutations(range(5)))
def test_the_merged_policies_depend_neither_on_the_order_of_the_files_nor_on_that_of_the_questions(
    policies, files, questions
):
    ids = [policy.policy_id for policy in policies]
    first = merged(policies, ids)
    second = merged([policies[number] for number in files], [ids[number] for number in questions])

    assert first == second
    assert repr(sorted(first.items())) == repr(sorted(second.items()))
