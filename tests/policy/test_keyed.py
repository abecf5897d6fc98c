from __future__ import annotations

from journeyman.policy.keyed import derived_first, merge_keyed, overlay, prefer


def test_a_keyed_map_keeps_the_parents_items_and_merges_the_matched_ones():
    merged = merge_keyed({"a": "1", "b": "2"}, {"b": "3", "c": "4"}, lambda base, child: base + child)

    assert list(merged.items()) == [("a", "1"), ("b", "23"), ("c", "4")]


def test_a_list_has_all_derived_entries_first_and_then_the_inherited_ones_that_are_not_named():
    assert derived_first(("A", "b", "c"), ("c", "a", "a"), str.lower) == ("c", "a", "a", "b")


def test_a_list_keeps_duplicates_of_one_file():
    assert derived_first((), ("a", "a"), str) == ("a", "a")
    assert derived_first(("a", "a"), (), str) == ("a", "a")


def test_what_the_derived_side_says_wins_even_when_it_is_false_or_empty():
    assert prefer(False, True) is False
    assert prefer("", "base") == ""
    assert prefer(None, "base") == "base"


def test_an_overlay_without_a_child_is_the_base_itself():
    base = {"a": "1", "b": "2"}

    assert overlay(base, {}) is base
    assert overlay({}, base) is base
    assert overlay(base, {"b": "3"}) == {"a": "1", "b": "3"}
