"""Every kind of user flow is a policy without a fault, and nothing that it is made of becomes markup."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.user_flow.conftest import CONNECTOR, PROVIDER, texts_of

from journeyman.policy.load import load_policies
from journeyman.policy.user_flow.policies import WrittenFlows, user_flow_policies
from journeyman.settings.identity import (
    AttributeAssignment,
    AttributeOption,
    ConnectorStep,
    FlowPage,
    IdentitySettings,
    LocalAccounts,
    UserAttribute,
    UserFlow,
    UserFlowType,
)

ATTRIBUTES = (
    AttributeAssignment("City"),
    AttributeAssignment("extension_Vip", optional=True),
    AttributeAssignment(f"extension_{'a' * 32}_Tier"),
)
CLAIMS = ("City", "displayName", "emails", "objectId", "extension_Tier", "extension_Vip")
NEEDS_PASSWORD = {UserFlowType.PASSWORD_RESET, UserFlowType.RESOURCE_OWNER}
KINDS = [
    (kind, local, providers)
    for kind in UserFlowType
    for local in LocalAccounts
    for providers in ((), (PROVIDER.id,))
    if local is not LocalAccounts.NONE or (providers and kind not in NEEDS_PASSWORD)
]


@pytest.mark.parametrize(("kind", "local", "providers"), KINDS)
def test_every_kind_of_flow_compiles_without_a_warning(compile_flow, kind, local, providers):
    flow = UserFlow(
        "B2C_1_x", kind, local_accounts=local, identity_providers=providers, attributes=ATTRIBUTES, claims=CLAIMS
    )

    result = compile_flow(flow)

    assert [str(each) for each in result.diagnostics if each.code != "JM1181"] == []
    assert result.policies["b2c_1_x"].relying_party is not None


@pytest.mark.parametrize(("kind", "local", "providers"), KINDS)
def test_every_kind_of_flow_compiles_with_a_connector_at_every_step(compile_flow, kind, local, providers):
    flow = UserFlow(
        "B2C_1_x",
        kind,
        local_accounts=local,
        identity_providers=providers,
        attributes=ATTRIBUTES,
        claims=CLAIMS,
        connectors=dict.fromkeys(ConnectorStep, CONNECTOR.id),
    )

    result = compile_flow(flow)

    assert [str(each) for each in result.diagnostics if each.code not in {"JM1181", "JM1502"}] == []


HOSTILE = """"><Evil a='1'/>&lt;]]>{Settings:Secret}\x00\x1b\ud800 yourtenant<!-- -->\n{OIDC:LoginHint}"""


def hostile_tenant():
    connector = replace(CONNECTOR, display_name=HOSTILE, target_url=f"https://api.example/{HOSTILE}")
    provider = replace(PROVIDER, display_name=HOSTILE, client_id=HOSTILE, scope=HOSTILE, domain_hint=HOSTILE)
    attribute = UserAttribute("extension_Tier", HOSTILE, description=HOSTILE)
    flow = UserFlow(
        "B2C_1_hostile",
        UserFlowType.SIGN_UP_OR_SIGN_IN,
        identity_providers=(provider.id,),
        attributes=(
            AttributeAssignment("extension_Tier", display_name=HOSTILE, options=(AttributeOption(HOSTILE, HOSTILE),)),
        ),
        claims=("extension_Tier",),
        pages={"signuporsignin": FlowPage(f"https://cdn.example/{HOSTILE}")},
        language_customization=True,
        default_language=HOSTILE,
        texts={HOSTILE: {"heading": HOSTILE, f"{HOSTILE}.DisplayName": HOSTILE}},
    )
    tenant = IdentitySettings(api_connectors=(connector,), identity_providers=(provider,), user_attributes=(attribute,))
    return flow, tenant


def test_no_value_of_the_settings_becomes_an_element_or_leaves_its_place():
    flow, tenant = hostile_tenant()
    (text,) = texts_of(flow, tenant=tenant)

    root = ET.fromstring(text.data)

    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert "Evil" not in names
    assert not any(name in element.attrib for element in root.iter() for name in ("a", "Evil"))
    labels = [element.text for element in root.iter() if element.tag.endswith("}DisplayName")]
    assert """"><Evil a='1'/>&lt;]]>{Settings:Secret} yourtenant<!-- -->\n{OIDC:LoginHint}""" in labels


@given(text=st.text(max_size=40), key=st.text(max_size=20), language=st.text(min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_any_text_comes_back_as_it_was_given(text, key, language):
    flow = UserFlow(
        "B2C_1_x",
        UserFlowType.SIGN_UP_OR_SIGN_IN,
        attributes=(AttributeAssignment("city", display_name=text, options=(AttributeOption(text, text),)),),
        language_customization=True,
        languages=(language,),
        texts={language: {key: text, "city.DisplayName": text}},
        pages={"signuporsignin": FlowPage(f"https://x.example/{text}")},
    )
    (made,) = texts_of(flow)

    root = ET.fromstring(made.data)
    known = "".join(
        char
        for char in text
        if char in "\t\n\r" or 0x20 <= ord(char) <= 0xD7FF or 0xE000 <= ord(char) <= 0xFFFD or ord(char) > 0xFFFF
    )
    (city,) = (each for each in root.iter() if each.attrib.get("Id") == "city")
    (option,) = (each for each in city.iter() if each.tag.endswith("}Enumeration"))
    (uri,) = (each.text for each in root.iter() if (each.text or "").startswith("https://x.example/"))
    assert (city[0].text or "") == (known if text else "City")
    assert (option.attrib["Text"], option.attrib["Value"]) == (known, known)
    assert uri == f"https://x.example/{known}"


def test_a_placeholder_in_a_value_is_not_filled():
    flow, tenant = hostile_tenant()
    texts = texts_of(flow, tenant=tenant)

    loaded = load_policies((), settings={"Secret": "LEAKED"}, tenant_name="contoso.onmicrosoft.com", texts=texts)

    policy = loaded.policies["b2c_1_hostile"]
    assert "LEAKED" not in repr(policy) + repr(loaded.diagnostics)
    assert "{Settings:Secret}" in (policy.claim_types["extension_tier"].display_name or "")


def test_a_tenant_without_flows_has_no_texts():
    assert texts_of() == ()


def test_flows_with_and_without_references_are_each_named(compile_flow):
    good = UserFlow("B2C_1_good", UserFlowType.SIGN_IN)
    broken = UserFlow("B2C_1_broken", UserFlowType.SIGN_IN, identity_providers=("Gogle",))

    result = compile_flow(good, broken)

    assert set(result.policies) == {"b2c_1_good"}
    assert [(each.code, each.location.path) for each in result.diagnostics if each.code.startswith("JM150")] == [
        ("JM1500", "user flow B2C_1_broken")
    ]


def flows_of(*flows, **others):
    return IdentitySettings(user_flows=flows, **others)


def written(identity, before=None):
    return user_flow_policies(identity, tenant="contoso.onmicrosoft.com", extensions_app="0" * 32, before=before)


def test_a_flow_that_has_not_changed_is_not_written_again():
    one, two = (UserFlow(f"B2C_1_{name}", UserFlowType.SIGN_IN) for name in ("one", "two"))
    first = flows_of(one, two)
    texts = written(first)

    again = written(flows_of(two, replace(one, claims=("city",))), WrittenFlows(first, texts))

    assert again[0] is texts[1]
    assert again[1] != texts[0]
    assert again == written(flows_of(two, replace(one, claims=("city",))))


def test_every_flow_is_written_again_when_something_beside_the_flows_has_changed():
    flow = UserFlow("B2C_1_one", UserFlowType.SIGN_UP, attributes=(AttributeAssignment("extension_Level"),))
    first = flows_of(flow)
    texts = written(first)
    level = UserAttribute("extension_Level", "Level")

    again = written(flows_of(flow, user_attributes=(level,)), WrittenFlows(first, texts))

    assert again != texts
    assert again == written(flows_of(flow, user_attributes=(level,)))
