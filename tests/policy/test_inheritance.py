from __future__ import annotations

from dataclasses import replace

import pytest

from journeyman.policy.inheritance import index_policies, resolve_chain


@pytest.fixture
def policy(clean):
    def make(policy_id, base="", *, tenant="contoso.onmicrosoft.com"):
        made = clean(policy_id=policy_id, base=base, path=f"{policy_id}.xml")
        return replace(made, tenant_id=tenant)

    return make


def ids(chain):
    return [each.policy_id for each in chain]


def test_a_chain_begins_with_the_root_base_and_ends_with_the_policy(policy):
    rp, ext, base = policy("B2C_1A_RP", "B2C_1A_Ext"), policy("B2C_1A_Ext", "B2C_1A_Base"), policy("B2C_1A_Base")
    chain, diagnostics = resolve_chain(rp, index_policies([rp, base, ext]))

    assert ids(chain) == ["B2C_1A_Base", "B2C_1A_Ext", "B2C_1A_RP"]
    assert diagnostics == ()


def test_a_base_is_found_without_regard_to_case(policy):
    rp, base = policy("B2C_1A_RP", "b2c_1a_BASE"), policy("B2C_1A_Base", tenant="Contoso.onmicrosoft.com")
    chain, diagnostics = resolve_chain(rp, index_policies([rp, base]))

    assert ids(chain) == ["B2C_1A_Base", "B2C_1A_RP"]
    assert diagnostics == ()


def test_a_missing_parent_is_an_error_naming_both_ids(policy):
    rp = policy("B2C_1A_RP", "B2C_1A_Missing")
    chain, diagnostics = resolve_chain(rp, index_policies([rp]))

    assert chain is None
    assert [str(each) for each in diagnostics] == [
        (
            "B2C_1A_RP.xml:2:82: error JM1040 [B2C_1A_RP] Policy with 'policyId': B2C_1A_Missing cannot be found; "
            "it is the base policy of B2C_1A_RP."
        )
    ]


def test_a_missing_grandparent_is_reported_at_the_file_that_names_it(policy):
    rp, ext = policy("B2C_1A_RP", "B2C_1A_Ext"), policy("B2C_1A_Ext", "B2C_1A_Missing")
    chain, diagnostics = resolve_chain(rp, index_policies([rp, ext]))

    assert chain is None
    assert [(each.code, each.location.path) for each in diagnostics] == [("JM1040", "B2C_1A_Ext.xml")]


def test_bases_that_go_round_in_a_circle_are_an_error_naming_them(policy):
    a, b, c = policy("B2C_1A_A", "B2C_1A_B"), policy("B2C_1A_B", "B2C_1A_C"), policy("B2C_1A_C", "B2C_1A_B")
    chain, diagnostics = resolve_chain(a, index_policies([a, b, c]))

    assert chain is None
    assert [each.message for each in diagnostics] == [
        "The base policies go round in a circle: B2C_1A_B → B2C_1A_C → B2C_1A_B."
    ]


def test_a_policy_that_is_its_own_base_is_an_error(policy):
    a = policy("B2C_1A_A", "b2c_1a_a")

    assert resolve_chain(a, index_policies([a]))[1][0].code == "JM1041"


def test_the_base_of_the_named_tenant_wins_over_one_of_the_same_id(policy):
    other = replace(policy("B2C_1A_Base", tenant="a.onmicrosoft.com"), files=("other",))
    base = replace(policy("B2C_1A_Base"), files=("own",))
    rp = policy("B2C_1A_RP", "B2C_1A_Base")
    chain, diagnostics = resolve_chain(rp, index_policies([other, base, rp]))

    assert chain[0].files == ("own",)
    assert diagnostics == ()


def test_a_base_of_another_tenant_is_taken_with_a_warning(policy):
    rp, base = policy("B2C_1A_RP", "B2C_1A_Base"), policy("B2C_1A_Base", tenant="yourtenant.onmicrosoft.com")
    chain, diagnostics = resolve_chain(rp, index_policies([rp, base]))

    assert ids(chain) == ["B2C_1A_Base", "B2C_1A_RP"]
    assert [(each.code, each.severity.value) for each in diagnostics] == [("JM1042", "warning")]


def test_the_chain_does_not_depend_on_the_order_in_which_files_were_read(policy):
    rp = policy("B2C_1A_RP", "B2C_1A_Base", tenant="z.onmicrosoft.com")
    one = policy("B2C_1A_Base", tenant="a.onmicrosoft.com")
    two = policy("B2C_1A_Base", tenant="b.onmicrosoft.com")

    assert resolve_chain(rp, index_policies([rp, one, two])) == resolve_chain(rp, index_policies([two, one, rp]))
    assert resolve_chain(rp, index_policies([two, one, rp]))[0][0].tenant_id == "a.onmicrosoft.com"


def test_more_than_ten_files_are_allowed_with_a_warning(policy):
    files = [policy("B2C_1A_P0")] + [policy(f"B2C_1A_P{n}", f"B2C_1A_P{n - 1}") for n in range(1, 11)]
    ten, no_warning = resolve_chain(files[9], index_policies(files))
    eleven, warning = resolve_chain(files[10], index_policies(files))

    assert (len(ten), no_warning) == (10, ())
    assert len(eleven) == 11
    assert [(each.code, each.severity.value) for each in warning] == [("JM1043", "warning")]
